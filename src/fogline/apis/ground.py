"""The ground that running APIs stand on, whatever their kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any

from fogline.apis.authorizer_cache import AuthorizerCache
from fogline.apis.token_buckets import TokenBuckets
from fogline.apis.token_keys import TokenKeys
from fogline.background.lineage import Lineage
from fogline.background.outgoing import Outgoing
from fogline.ports.api import Api
from fogline.ports.aws_requests import AwsRequests
from fogline.ports.logs import LogLines
from fogline.ports.metrics import Metrics
from fogline.ports.principals import Principals
from fogline.store.store import Store
from fogline.world.clock import Clock
from fogline.world.ids import Ids


@dataclass(frozen=True, slots=True)
class Ground:
    """What every request to an API is handed. The runtimes of the kinds of APIs add what is theirs."""

    store: Store
    clock: Clock
    ids: Ids
    api: Api
    aws: AwsRequests
    outgoing: Outgoing
    logs: LogLines
    metrics: Metrics
    lineage: Lineage
    principals: Principals
    endpoint: Callable[[], str]
    token_keys: TokenKeys
    buckets: TokenBuckets = field(default_factory=TokenBuckets)
    """Accounts have one for all their APIs in a region."""
    authorizers: AuthorizerCache = field(default_factory=AuthorizerCache)

    def parts(self) -> dict[str, Any]:
        """The members by their names, for a runtime that stands on the same ground."""
        return {each.name: getattr(self, each.name) for each in fields(Ground)}
