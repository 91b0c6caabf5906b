"""EventBridge Schemas' front page: what it stands on, and every operation by its file."""

from __future__ import annotations

from dataclasses import dataclass

from fogline.ports.api import Api
from fogline.ports.service import Service
from fogline.ports.targets import Targets
from fogline.services.schemas.limits import Limits
from fogline.services.schemas.tables import Tables
from fogline.store.store import Store
from fogline.world.ids import Ids


@dataclass(frozen=True, slots=True)
class Schemas:
    """What every operation of EventBridge Schemas is handed."""

    store: Store
    tables: Tables
    ids: Ids
    api: Api
    targets: Targets
    limits: Limits


OPERATIONS = {
    "registries": (
        "create_registry",
        "delete_registry",
        "describe_registry",
        "list_registries",
        "update_registry",
    ),
    "schemas": (
        "create_schema",
        "delete_schema",
        "describe_schema",
        "export_schema",
        "list_schemas",
        "update_schema",
    ),
    "search": ("search_schemas",),
    "versions": ("delete_schema_version", "list_schema_versions"),
    "discoverers": (
        "create_discoverer",
        "delete_discoverer",
        "describe_discoverer",
        "list_discoverers",
        "start_discoverer",
        "stop_discoverer",
        "update_discoverer",
    ),
    "discovery": ("get_discovered_schema",),
    "code_bindings": ("describe_code_binding", "get_code_binding_source", "put_code_binding"),
    "policies": ("delete_resource_policy", "get_resource_policy", "put_resource_policy"),
    "tags": ("list_tags_for_resource", "tag_resource", "untag_resource"),
}


def make_schemas(
    store: Store, ids: Ids, api: Api, targets: Targets, limits: Limits | None = None
) -> Schemas:
    """EventBridge Schemas on a store."""
    return Schemas(store, Tables(store), ids, api, targets, limits or Limits())


def make_service(schemas: Schemas) -> Service:
    """EventBridge Schemas as the platform takes it in."""
    return Service(
        name="schemas",
        package="fogline.services.schemas",
        stands_on=schemas,
        operations=OPERATIONS,
    )
