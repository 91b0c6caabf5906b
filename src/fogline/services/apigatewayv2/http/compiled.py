"""An HTTP API as requests ask for it: its routes, integrations and CORS, read once for each deployment."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from fogline.services.apigatewayv2.http.cors import find_cors
from fogline.services.apigatewayv2.http.parameter_mapping import Change, read_changes
from fogline.services.apigatewayv2.http.routes import DEFAULT, Routes

Document = Mapping[str, Any]

_TIMEOUT_MS = 30_000
_NOTHING: Document = {}


class Integration:
    """What a route leads to."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.id: str = document.get("IntegrationId") or ""
        self.kind: str = document.get("IntegrationType") or ""
        self.subtype: str = document.get("IntegrationSubtype") or ""
        self.uri: str = document.get("IntegrationUri") or ""
        self.method: str = document.get("IntegrationMethod") or ""
        self.credentials: str = document.get("CredentialsArn") or ""
        self.format: str = document.get("PayloadFormatVersion") or "1.0"
        self.is_private = document.get("ConnectionType") == "VPC_LINK"
        self.timeout_seconds: float = (document.get("TimeoutInMillis") or _TIMEOUT_MS) / 1000
        parameters = document.get("RequestParameters") or _NOTHING
        self.parameters: Document = parameters if isinstance(parameters, Mapping) else _NOTHING
        self.changes: list[Change] = read_changes(None if self.subtype else self.parameters)
        given = document.get("ResponseParameters")
        self.reply_changes: dict[str, list[Change]] = {
            str(status): read_changes(changes)
            for status, changes in (given if isinstance(given, Mapping) else _NOTHING).items()
        }


class Route:
    """One route."""

    def __init__(self, api: HttpApi, document: Document) -> None:
        self._api = api
        self.key: str = document["RouteKey"]
        self.authorization: str = document.get("AuthorizationType") or "NONE"
        self.authorizer_id: str = document.get("AuthorizerId") or ""
        self.scopes: list[str] = [str(each) for each in document.get("AuthorizationScopes") or ()]
        self._target: str = document.get("Target") or ""

    @property
    def resource(self) -> str:
        """Its path, or `$default`."""
        return self.key if self.key == DEFAULT else self.key.partition(" ")[2]

    @property
    def authorizer(self) -> Document | None:
        found: Document | None = self._api.authorizers.get(self.authorizer_id)
        return found

    @cached_property
    def integration(self) -> Integration | None:
        id = self._target.removeprefix("integrations/")
        found = self._api.integrations.get(id)
        return Integration(found) if found is not None else None


class HttpApi:
    """An API as it was deployed. What cannot be read of it raises KeyError, TypeError or AttributeError."""

    def __init__(self, document: Document) -> None:
        self.settings: Document = document["api"]
        self.integrations: Document = document.get("integrations") or _NOTHING
        self.authorizers: Document = document.get("authorizers") or _NOTHING
        self.cors = find_cors(self.settings)
        self.is_endpoint_disabled = bool(self.settings.get("DisableExecuteApiEndpoint"))
        routes = [Route(self, each) for each in (document.get("routes") or _NOTHING).values()]
        self.routes = Routes((route.key, route) for route in routes)
