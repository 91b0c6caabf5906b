"""What running APIs stands on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from fogline.apis.authorizer_cache import AuthorizerCache
from fogline.apis.token_buckets import TokenBuckets
from fogline.background.lineage import Lineage
from fogline.background.outgoing import Outgoing
from fogline.ports.api import Api
from fogline.ports.aws_requests import AwsRequests
from fogline.ports.logs import LogLines
from fogline.ports.principals import Principals
from fogline.services.apigateway.limits import Limits
from fogline.services.apigateway.runtime.execution_log import ExecutionLog
from fogline.services.apigateway.runtime.response_cache import ResponseCache
from fogline.services.apigateway.runtime.sites import Sites
from fogline.services.apigateway.runtime.user_pools import PoolKeys
from fogline.services.apigateway.tables import Tables
from fogline.store.store import Store
from fogline.world.clock import Clock
from fogline.world.ids import Ids


@dataclass(frozen=True, slots=True)
class Runtime:
    """What every request to an API is handed."""

    store: Store
    tables: Tables
    clock: Clock
    ids: Ids
    api: Api
    aws: AwsRequests
    outgoing: Outgoing
    logs: LogLines
    lineage: Lineage
    principals: Principals
    endpoint: Callable[[], str]
    sites: Sites
    pool_keys: PoolKeys
    limits: Limits = field(default_factory=Limits)
    buckets: TokenBuckets = field(default_factory=TokenBuckets)
    authorizers: AuthorizerCache = field(default_factory=AuthorizerCache)
    responses: ResponseCache = field(default_factory=ResponseCache)

    def new_log(self, *, has_data: bool, only_errors: bool = False) -> ExecutionLog:
        """An execution log without any line."""
        return ExecutionLog(self.clock, has_data=has_data, only_errors=only_errors)
