"""What running HTTP and WebSocket APIs stands on."""

from __future__ import annotations

from dataclasses import dataclass, field

from fogline.apis.ground import Ground
from fogline.services.apigatewayv2.limits import Limits
from fogline.services.apigatewayv2.sites import Sites
from fogline.services.apigatewayv2.tables import Tables


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime(Ground):
    """What every request to an HTTP or WebSocket API is handed."""

    tables: Tables
    sites: Sites
    limits: Limits = field(default_factory=Limits)
