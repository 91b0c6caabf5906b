"""Lambda's front page: what it stands on, and every operation by its file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fogline.background.lineage import Lineage
from fogline.background.loop import Loop
from fogline.background.outbox import Outbox
from fogline.background.stream_consumer import StreamParts
from fogline.ports.api import Api
from fogline.ports.functions import Functions
from fogline.ports.logs import LogLines
from fogline.ports.metrics import Metrics
from fogline.ports.service import Service
from fogline.ports.sources import Sources
from fogline.ports.targets import Targets
from fogline.services.lambda_.limits import Limits
from fogline.services.lambda_.tables import Tables
from fogline.store.store import Store
from fogline.world.clock import Clock
from fogline.world.ids import Ids

if TYPE_CHECKING:
    from fogline.services.lambda_.concurrency import Slots
    from fogline.services.lambda_.packages import Packages
    from fogline.services.lambda_.specs import Specs


@dataclass(frozen=True, slots=True, kw_only=True)
class Lambda:
    """What every operation of Lambda is handed."""

    store: Store
    tables: Tables
    clock: Clock
    ids: Ids
    limits: Limits
    api: Api
    functions: Functions
    logs: LogLines
    metrics: Metrics
    lineage: Lineage
    outbox: Outbox
    targets: Targets
    sources: Sources
    packages: Packages
    specs: Specs
    slots: Slots
    streams: StreamParts
    endpoint: Callable[[], str]


OPERATIONS: Mapping[str, Sequence[str]] = {
    "functions": (
        "create_function",
        "delete_function",
        "get_function",
        "get_function_code_signing_config",
        "get_function_configuration",
        "list_functions",
        "update_function_code",
        "update_function_configuration",
    ),
    "event_invoke_configs": (
        "delete_function_event_invoke_config",
        "get_function_event_invoke_config",
        "list_function_event_invoke_configs",
        "put_function_event_invoke_config",
        "update_function_event_invoke_config",
    ),
    "event_source_mappings": (
        "create_event_source_mapping",
        "delete_event_source_mapping",
        "get_event_source_mapping",
        "list_event_source_mappings",
        "update_event_source_mapping",
    ),
    "invocations": ("invoke", "invoke_async", "invoke_with_response_stream"),
    "versions": ("list_versions_by_function", "publish_version"),
    "aliases": ("create_alias", "delete_alias", "get_alias", "list_aliases", "update_alias"),
    "concurrency": (
        "delete_function_concurrency",
        "get_account_settings",
        "get_function_concurrency",
        "put_function_concurrency",
    ),
    "layers": (
        "add_layer_version_permission",
        "delete_layer_version",
        "get_layer_version",
        "get_layer_version_by_arn",
        "get_layer_version_policy",
        "list_layer_versions",
        "list_layers",
        "publish_layer_version",
        "remove_layer_version_permission",
    ),
    "permissions": ("add_permission", "get_policy", "remove_permission"),
    "function_urls": (
        "create_function_url_config",
        "delete_function_url_config",
        "get_function_url_config",
        "list_function_url_configs",
        "update_function_url_config",
    ),
    "provisioned_concurrency": (
        "delete_provisioned_concurrency_config",
        "get_provisioned_concurrency_config",
        "list_provisioned_concurrency_configs",
        "put_provisioned_concurrency_config",
    ),
    "recursion": ("get_function_recursion_config", "put_function_recursion_config"),
    "runtime_management": ("get_runtime_management_config", "put_runtime_management_config"),
    "tags": ("list_tags", "tag_resource", "untag_resource"),
}


def make_service(lambda_: Lambda, loops: Sequence[Loop] = ()) -> Service:
    """Lambda as the platform takes it in."""
    return Service(
        name="lambda",
        package="fogline.services.lambda_",
        stands_on=lambda_,
        operations=OPERATIONS,
        loops=loops,
    )
