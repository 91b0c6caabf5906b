"""What running REST APIs stands on."""

from __future__ import annotations

from dataclasses import dataclass, field

from fogline.apis.ground import Ground
from fogline.services.apigateway.limits import Limits
from fogline.services.apigateway.runtime.execution_log import ExecutionLog
from fogline.services.apigateway.runtime.response_cache import ResponseCache
from fogline.services.apigateway.runtime.sites import Sites
from fogline.services.apigateway.tables import Tables


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime(Ground):
    """What every request to a REST API is handed."""

    tables: Tables
    sites: Sites
    limits: Limits = field(default_factory=Limits)
    responses: ResponseCache = field(default_factory=ResponseCache)

    def new_log(self, *, has_data: bool, only_errors: bool = False) -> ExecutionLog:
        """An execution log without any line."""
        return ExecutionLog(self.clock, has_data=has_data, only_errors=only_errors)
