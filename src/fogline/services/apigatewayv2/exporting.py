"""Exporting: an HTTP API as an OpenAPI 3.0 document, which makes the same API when it is imported.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-export.html
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from fogline.aws.members import given

_X = "x-amazon-apigateway-"
_INTEGRATIONS = f"{_X}integrations"
_SIGNED = {
    "type": "apiKey",
    "name": "Authorization",
    "in": "header",
    f"{_X}authtype": "awsSigv4",
}
_INTEGRATION = {
    "payloadFormatVersion": "PayloadFormatVersion",
    "integrationSubtype": "IntegrationSubtype",
    "httpMethod": "IntegrationMethod",
    "uri": "IntegrationUri",
    "credentials": "CredentialsArn",
    "connectionType": "ConnectionType",
    "connectionId": "ConnectionId",
    "requestParameters": "RequestParameters",
    "responseParameters": "ResponseParameters",
    "timeoutInMillis": "TimeoutInMillis",
}


class Export:
    """One document of one API, as it is or as it was deployed."""

    def __init__(
        self, api: Mapping[str, Any], stage: str, region: str, *, has_extensions: bool
    ) -> None:
        self._api = api
        self._about = api["api"]
        self._stage = "" if stage == "$default" else stage
        self._region = region
        self._has_extensions = has_extensions
        uses = Counter(route.get("Target") for route in api["routes"].values())
        self._shared: dict[str, Any] = {
            target: {} for target, count in uses.items() if target and count > 1
        }
        """Integrations of more than one route, by their targets; described once, where the first needs them."""
        self._schemes: dict[str, Any] = {}

    def document(self) -> dict[str, Any]:
        """The document. What it needs of components is known once its paths are written."""
        paths = self._paths()
        components = {
            "securitySchemes": self._schemes or None,
            _INTEGRATIONS: {
                target.removeprefix("integrations/"): described
                for target, described in self._shared.items()
            }
            if self._has_extensions
            else None,
        }
        document = {
            "openapi": "3.0.1",
            "info": self._info(),
            "servers": [self._server()],
            "tags": self._tags() or None,
            "paths": paths,
            "components": {name: value for name, value in components.items() if value} or None,
        }
        if self._has_extensions:
            document[f"{_X}cors"] = self._cors()
            document[f"{_X}importexport-version"] = "1.0"
        return given(document)

    def _info(self) -> dict[str, Any]:
        created = datetime.fromtimestamp(self._about["CreatedDate"] / 1000, UTC)
        return given(
            {
                "title": self._about["Name"],
                "description": self._about.get("Description") or None,
                "version": self._about.get("Version") or f"{created:%Y-%m-%d %H:%M:%SUTC}",
            }
        )

    def _server(self) -> dict[str, Any]:
        host = f"{self._about['ApiId']}.execute-api.{self._region}.amazonaws.com"
        server: dict[str, Any] = {
            "url": f"https://{host}/{{basePath}}",
            "variables": {"basePath": {"default": self._stage}},
        }
        if self._has_extensions and self._about["DisableExecuteApiEndpoint"]:
            server[f"{_X}endpoint-configuration"] = {"disableExecuteApiEndpoint": True}
        return server

    def _tags(self) -> list[dict[str, str]]:
        if not self._has_extensions:
            return []
        return [
            {"name": name, f"{_X}tag-value": value}
            for name, value in sorted(self._about["Tags"].items())
            if not name.startswith("aws:")
        ]

    def _cors(self) -> dict[str, Any] | None:
        cors = self._about.get("CorsConfiguration") or {}
        return {name[:1].lower() + name[1:]: value for name, value in cors.items()} or None

    # ---- routes

    def _paths(self) -> dict[str, Any]:
        paths: dict[str, Any] = {}
        for route in sorted(self._api["routes"].values(), key=lambda one: one["RouteKey"]):
            key = route["RouteKey"]
            verb, _, path = key.partition(" ")
            if key == "$default":
                verb, path = "ANY", "/$default"
            name = f"{_X}any-method" if verb == "ANY" else verb.lower()
            paths.setdefault(path, {})[name] = self._operation(route)
        return dict(sorted(paths.items()))

    def _operation(self, route: Mapping[str, Any]) -> dict[str, Any]:
        key = route["RouteKey"]
        operation: dict[str, Any] = given(
            {
                "operationId": route.get("OperationName") or None,
                "isDefaultRoute": True if key == "$default" else None,
                "responses": {"default": {"description": f"Default response for {key}"}},
                "security": self._security(route),
            }
        )
        names = [part[1:-1] for part in key.split("/") if part.startswith("{")]
        if names:
            operation["parameters"] = [_path_parameter(name.removesuffix("+")) for name in names]
        target = route.get("Target")
        if target and self._has_extensions:
            operation[f"{_X}integration"] = self._integration(target)
        return operation

    def _integration(self, target: str) -> dict[str, Any]:
        id = target.removeprefix("integrations/")
        described = _integration(self._api["integrations"].get(id, {}))
        if target not in self._shared:
            return described
        self._shared[target] = described
        return {"$ref": f"#/components/{_INTEGRATIONS}/{id}"}

    def _security(self, route: Mapping[str, Any]) -> list[dict[str, Any]] | None:
        kind = route["AuthorizationType"]
        if kind == "AWS_IAM":
            self._schemes["sigv4"] = _SIGNED if self._has_extensions else _bare(_SIGNED)
            return [{"sigv4": []}]
        authorizer = self._api["authorizers"].get(route.get("AuthorizerId", ""))
        if authorizer is None:
            return None
        scheme = _scheme(authorizer)
        self._schemes[authorizer["Name"]] = scheme if self._has_extensions else _bare(scheme)
        return [{authorizer["Name"]: list(route.get("AuthorizationScopes", ()))}]


def _path_parameter(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "path",
        "description": f"Generated path parameter for {name}",
        "required": True,
        "schema": {"type": "string"},
    }


def _integration(integration: Mapping[str, Any]) -> dict[str, Any]:
    described = given({name: integration.get(member) for name, member in _INTEGRATION.items()})
    described["type"] = integration.get("IntegrationType", "").lower()
    name = integration.get("TlsConfig", {}).get("ServerNameToVerify")
    if name:
        described["tlsConfig"] = {"serverNameToVerify": name}
    return described


def _scheme(authorizer: Mapping[str, Any]) -> dict[str, Any]:
    sources = ", ".join(authorizer.get("IdentitySource", ()))
    if authorizer["AuthorizerType"] == "JWT":
        jwt = authorizer.get("JwtConfiguration", {})
        described: dict[str, Any] = {
            "type": "jwt",
            "identitySource": sources,
            "jwtConfiguration": given(
                {"audience": jwt.get("Audience"), "issuer": jwt.get("Issuer")}
            ),
        }
        return {"type": "oauth2", "flows": {}, f"{_X}authorizer": described}
    described = given(
        {
            "type": "request",
            "identitySource": sources or None,
            "authorizerUri": authorizer.get("AuthorizerUri"),
            "authorizerCredentials": authorizer.get("AuthorizerCredentialsArn"),
            "authorizerPayloadFormatVersion": authorizer.get("AuthorizerPayloadFormatVersion"),
            "authorizerResultTtlInSeconds": authorizer.get("AuthorizerResultTtlInSeconds"),
            "enableSimpleResponses": authorizer.get("EnableSimpleResponses"),
        }
    )
    return {"type": "apiKey", "name": "Authorization", "in": "header", f"{_X}authorizer": described}


def _bare(scheme: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in scheme.items() if not name.startswith(_X)}
