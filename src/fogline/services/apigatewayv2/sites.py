"""Sites: from an address to the stage that answers there, and to the API as it was deployed to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from fogline.apis.addresses import Address
from fogline.services.apigatewayv2.http.compiled import HttpApi
from fogline.services.apigatewayv2.tables import Tables, inside
from fogline.services.apigatewayv2.websocket.compiled import SocketApi
from fogline.store.store import Tx

_DEPLOYED_MAX = 128
DEFAULT_STAGE = "$default"
HTTP = "HTTP"


class Deployed:
    """An API as it was deployed, with what the runtimes make of it: once, when it is first asked for."""

    def __init__(self, document: Mapping[str, Any], id: str) -> None:
        self.document = document
        self.id = id

    @cached_property
    def http(self) -> HttpApi:
        return HttpApi(self.document)

    @cached_property
    def socket(self) -> SocketApi:
        return SocketApi(self.document)


@dataclass(frozen=True, slots=True)
class Site:
    """What a request reached. An HTTP API has a site, and answers, even where it has no such stage."""

    account: str
    region: str
    api_id: str
    protocol: str
    """`HTTP` or `WEBSOCKET`."""
    stage_name: str
    stage: Mapping[str, Any]
    """What GetStage shows; nothing where there is no such stage."""
    deployed: Deployed | None
    path: str
    """Within the stage, percent-encoded."""

    @property
    def variables(self) -> Mapping[str, str]:
        found: Mapping[str, str] = self.stage.get("StageVariables") or {}
        return found

    def route_settings(self, key: str) -> Mapping[str, Any]:
        """What the stage says of all routes, and of the one with that key."""
        default: Mapping[str, Any] = self.stage.get("DefaultRouteSettings") or {}
        own = (self.stage.get("RouteSettings") or {}).get(key)
        return {**default, **own} if own else default


class Sites:
    """Finds sites. Snapshots never change, so what is made of them is kept on any store."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._deployed: dict[tuple[str, str, str, str], Deployed] = {}

    def find(self, tx: Tx, address: Address) -> Site | None:
        """The site; None where there is no such API, or no such stage of a WebSocket API."""
        tables, api = self._tables, address.api
        owner = tables.apis.owner(tx, api)
        found = tables.apis.find(tx, *owner, api) if owner is not None else None
        if owner is None or found is None:
            return None
        account, region = owner
        protocol = found["api"].get("ProtocolType") or HTTP
        name, path, stage = self._stage(tx, account, region, address, protocol == HTTP)
        if stage is None:
            if protocol != HTTP:
                return None
            return Site(account, region, api, protocol, name, {}, None, path)
        deployed = None
        if stage.get("DeploymentId"):
            deployed = self._deployment(tx, account, region, api, stage["DeploymentId"])
        return Site(account, region, api, protocol, name, stage, deployed, path)

    def _stage(
        self, tx: Tx, account: str, region: str, address: Address, has_default: bool
    ) -> tuple[str, str, Mapping[str, Any] | None]:
        """The name of the stage, the path in it, and the stage: the first segment names one, or the rest is left."""
        stages, api = self._tables.stages, address.api
        if address.stage is not None:
            name = address.stage
            return name, address.path, stages.find(tx, account, region, inside(api, name))
        name, _, rest = address.path.lstrip("/").partition("/")
        if name and name != DEFAULT_STAGE:
            stage = stages.find(tx, account, region, inside(api, name))
            if stage is not None:
                return name, f"/{rest}", stage
        if not has_default:
            return name, address.path, None
        stage = stages.find(tx, account, region, inside(api, DEFAULT_STAGE))
        return DEFAULT_STAGE, address.path, stage

    def _deployment(self, tx: Tx, account: str, region: str, api: str, id: str) -> Deployed | None:
        key = (account, region, api, id)
        known = self._deployed.get(key)
        if known is None:
            document = self._tables.snapshots.find(tx, account, region, inside(api, id))
            if document is None:
                return None
            if len(self._deployed) >= _DEPLOYED_MAX:
                # Several threads may be here where the store is shared.
                self._deployed.pop(next(iter(self._deployed)), None)
            known = self._deployed[key] = Deployed(document, id)
        return known
