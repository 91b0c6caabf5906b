"""Importing: what an OpenAPI document describes becomes an HTTP API.

What has a name that it had before (a route, an authorizer) keeps its id.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-open-api.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from fogline.aws.call import Call
from fogline.aws.errors import AwsError
from fogline.aws.members import given
from fogline.aws.openapi import Api, InvalidDocument, path_in_api, read_api
from fogline.aws.openapi.api import Authorizer, Integration, Method
from fogline.services.apigatewayv2.api_settings import change_settings, check_cors
from fogline.services.apigatewayv2.authorizers import add_authorizer
from fogline.services.apigatewayv2.errors import BadRequestException
from fogline.services.apigatewayv2.integrations import add_integration
from fogline.services.apigatewayv2.lookup import Request
from fogline.services.apigatewayv2.routes import add_route
from fogline.services.apigatewayv2.service import ApiGatewayV2
from fogline.services.apigatewayv2.tag_rules import check_count, read_tags

_MODES = ("ignore", "prepend", "split")
_INTEGRATION_TYPES = ("AWS_PROXY", "HTTP_PROXY")
_CORS = {
    name[:1].lower() + name[1:]: name
    for name in (
        "AllowCredentials",
        "AllowHeaders",
        "AllowMethods",
        "AllowOrigins",
        "ExposeHeaders",
        "MaxAge",
    )
}
_TEXTS = {"AllowHeaders", "AllowMethods", "AllowOrigins", "ExposeHeaders"}
_DEFAULT_PATHS = ("/$default", "$default")
_AUTHORIZATION = {"AWS_IAM": "AWS_IAM", "CUSTOM": "CUSTOM", "JWT": "JWT"}
_NOTES_MAX = 100
"""Warnings, and again notes on what is ignored, that one import tells; AWS names no number."""


def read_described(request: Request, call: Call) -> Api:
    """The API that a request's body describes. Raises BadRequestException."""
    variables = {
        "AWS::AccountId": call.account,
        "AWS::Partition": "aws",
        "AWS::Region": call.region,
        "AWS::URLSuffix": "amazonaws.com",
    }
    try:
        described = read_api(request["Body"], variables)
    except InvalidDocument as error:
        raise BadRequestException(str(error)) from None
    if not described.specification.startswith("3.0"):
        raise BadRequestException(
            f"Unsupported OpenAPI version '{described.specification[:20]}'. HTTP APIs support OpenAPI 3.0."
        )
    if not described.name:
        raise BadRequestException("The API definition needs a title to name the API.")
    return described


class Import:
    """One import into one API, which it changes: what is described, and no parts besides."""

    def __init__(
        self, gateway: ApiGatewayV2, call: Call, api: dict[str, Any], request: Request
    ) -> None:
        self._gateway = gateway
        self._call = call
        self._api = api
        self._mode = request.get("Basepath") or "ignore"
        if self._mode not in _MODES:
            raise BadRequestException(
                f"Invalid base path mode specified. Valid options are [{', '.join(_MODES)}]"
            )
        self._fails_on_warnings = request.get("FailOnWarnings") is True
        self._warnings: list[str] = []
        self._notes: list[str] = []

    def bring(self, described: Api) -> None:
        """Raises BadRequestException; then the API is not to be kept."""
        api = self._api
        before = {name: api[name] for name in ("routes", "integrations", "authorizers")}
        api |= {"routes": {}, "integrations": {}, "authorizers": {}}
        self._warnings += described.warnings
        self._bring_settings(described)
        authorizers = self._bring_authorizers(described, before["authorizers"])
        self._bring_routes(described, authorizers, before)
        warnings = self._warnings[:_NOTES_MAX]
        if warnings and self._fails_on_warnings:
            listed = "".join(f"\n\t{warning}" for warning in warnings)
            raise BadRequestException(f"Warnings found during import:{listed}")
        about = api["api"]
        for name, told in (("Warnings", warnings), ("ImportInfo", self._notes[:_NOTES_MAX])):
            about.pop(name, None)
            if told:
                about[name] = told

    # ---- the API as a whole

    def _bring_settings(self, described: Api) -> None:
        about = self._api["api"]
        for name in ("CorsConfiguration", "Description", "Version"):
            about.pop(name, None)
        settings = given(
            {
                "Name": described.name,
                "Description": described.description or None,
                "Version": described.version or None,
                "DisableExecuteApiEndpoint": described.has_disabled_endpoint is True,
                "CorsConfiguration": self._cors(described),
                "IpAddressType": described.ip_address_type,
            }
        )
        if described.ip_address_type not in (None, "ipv4", "dualstack"):
            raise BadRequestException(
                "Invalid IP address type. Valid options are [ipv4, dualstack]"
            )
        with _reporting("Unable to update the API"):
            tags = read_tags(described.tags, self._call, self._gateway.limits)
            if tags:
                settings["Tags"] = {**about.get("Tags", {}), **tags}
                check_count(settings["Tags"], self._gateway.limits)
            change_settings(self._api, settings)

    def _cors(self, described: Api) -> dict[str, Any] | None:
        """The configuration; one that makes no sense is left out with a warning."""
        if described.cors is None:
            return None
        cors: dict[str, Any] = {}
        for name, value in described.cors.items():
            member = _CORS.get(name)
            if member is None or not _is_cors(member, value):
                self._warnings.append("CORS Scheme is malformed, ignoring.")
                return None
            cors[member] = value
        with _reporting("Invalid CORS configuration"):
            check_cors(cors)
        return cors

    # ---- authorizers

    def _bring_authorizers(self, described: Api, before: Mapping[str, Any]) -> dict[str, Any]:
        """The authorizers by their names."""
        ids = {one["Name"]: id for id, one in before.items()}
        found = {}
        for authorizer in described.authorizers:
            if authorizer.type not in ("JWT", "REQUEST"):
                self._warnings.append(
                    f"Unsupported authorizer type '{authorizer.type[:50]}' of security scheme "
                    f"'{authorizer.name[:100]}', ignoring. HTTP APIs support 'jwt' and 'request'."
                )
                continue
            with _reporting(f"Unable to create authorizer '{authorizer.name[:100]}'"):
                made = add_authorizer(self._gateway, self._api, _authorizer(authorizer))
            found[authorizer.name] = self._keep_id(
                "authorizers", "AuthorizerId", made, ids.get(authorizer.name)
            )
        return found

    # ---- routes and integrations

    def _bring_routes(
        self, described: Api, authorizers: Mapping[str, Any], before: Mapping[str, Any]
    ) -> None:
        routes = {one["RouteKey"]: one for one in before["routes"].values()}
        made: dict[int, str] = {}
        """Targets by the identity of what they were described by: routes may share an integration."""
        for method in described.methods:
            key = self._route_key(method, described)
            known = routes.get(key, {})
            self._note_ignored(method, key)
            members = {"RouteKey": key, **self._authorization(method, key, authorizers)}
            if method.operation_name:
                members["OperationName"] = method.operation_name
            integration = method.integration
            if integration is not None and self._is_supported(integration, key):
                if id(integration) not in made:
                    made[id(integration)] = self._target(integration, key, known.get("Target"))
                members["Target"] = made[id(integration)]
            with _reporting(f"Unable to create route '{key[:200]}'"):
                route = add_route(self._gateway, self._api, members)
            self._keep_id("routes", "RouteId", route, known.get("RouteId"))

    def _route_key(self, method: Method, described: Api) -> str:
        if method.path in _DEFAULT_PATHS:
            return "$default"
        return f"{method.http_method} {path_in_api(method.path, described.base_path, self._mode)}"

    def _authorization(
        self, method: Method, key: str, authorizers: Mapping[str, Any]
    ) -> dict[str, Any]:
        if method.authorization_count > 1:
            raise BadRequestException(
                f"Errors found during import:\n\tRoute '{key[:200]}' has more than one kind of "
                "authorization. A route can have one of IAM authorization, a Lambda authorizer or "
                "a JWT authorizer."
            )
        if method.authorizer is None:
            return {"AuthorizationType": _AUTHORIZATION.get(method.authorization_type, "NONE")}
        authorizer = authorizers.get(method.authorizer)
        if authorizer is None:
            # An open route in place of one that was to be guarded would be the wrong thing to make.
            raise BadRequestException(
                f"Errors found during import:\n\tRoute '{key[:200]}' needs the authorizer "
                f"'{method.authorizer[:100]}', which HTTP APIs do not support."
            )
        scopes = list(method.authorization_scopes) if authorizer["AuthorizerType"] == "JWT" else []
        return {
            "AuthorizationType": "JWT" if authorizer["AuthorizerType"] == "JWT" else "CUSTOM",
            "AuthorizerId": authorizer["AuthorizerId"],
            **({"AuthorizationScopes": scopes} if scopes else {}),
        }

    def _is_supported(self, integration: Integration, key: str) -> bool:
        if integration.type in _INTEGRATION_TYPES:
            return True
        self._warnings.append(
            f"Unsupported integration type '{integration.type[:50]}' for route '{key[:200]}', "
            "ignoring. HTTP APIs support 'aws_proxy' and 'http_proxy'."
        )
        return False

    def _target(self, integration: Integration, key: str, before: str | None) -> str:
        """The target of a route: an integration, made with the id that it had, if that is free."""
        with _reporting(f"Unable to create integration for route '{key[:200]}'"):
            made = add_integration(self._gateway, self._api, _integration(integration))
        id = before.removeprefix("integrations/") if before else None
        made = self._keep_id("integrations", "IntegrationId", made, id)
        return f"integrations/{made['IntegrationId']}"

    def _keep_id(self, parts: str, member: str, made: dict[str, Any], id: str | None) -> Any:
        """What has just been made, under the id of what it replaces."""
        known = self._api[parts]
        if id and id not in known:
            del known[made[member]]
            made[member] = id
            known[id] = made
        return made

    def _note_ignored(self, method: Method, key: str) -> None:
        has_models = any(response.models for response in method.responses)
        for is_there, what in (
            (bool(method.request_models), "request models"),
            (has_models, "response models"),
            (method.request_validator is not None, "the request validator"),
            (method.is_api_key_required, "the requirement of an API key"),
        ):
            if is_there:
                self._notes.append(
                    f"Ignoring {what} for route '{key[:200]}': not supported for HTTP APIs."
                )


@contextmanager
def _reporting(where: str) -> Iterator[None]:
    """Raises BadRequestException that says where, for what is refused within."""
    try:
        yield
    except AwsError as refusal:
        raise BadRequestException(
            f"Errors found during import:\n\t{where}: {refusal.text}"
        ) from None


def _is_cors(member: str, value: Any) -> bool:
    if member in _TEXTS:
        return isinstance(value, list) and all(isinstance(one, str) for one in value)
    if member == "MaxAge":
        return isinstance(value, int) and not isinstance(value, bool) and -1 <= value <= 86_400
    return isinstance(value, bool)


def _authorizer(described: Authorizer) -> dict[str, Any]:
    sources = [one.strip() for one in (described.identity_source or "").split(",") if one.strip()]
    if described.type == "JWT":
        return {
            "Name": described.name,
            "AuthorizerType": "JWT",
            "IdentitySource": sources or ["$request.header.Authorization"],
            "JwtConfiguration": given(
                {"Audience": list(described.jwt_audience), "Issuer": described.jwt_issuer}
            ),
        }
    return given(
        {
            "Name": described.name,
            "AuthorizerType": "REQUEST",
            "AuthorizerUri": described.uri,
            "AuthorizerCredentialsArn": described.credentials,
            "AuthorizerPayloadFormatVersion": described.payload_format_version,
            "AuthorizerResultTtlInSeconds": described.result_ttl_seconds,
            "EnableSimpleResponses": described.has_simple_responses,
            "IdentitySource": sources or None,
        }
    )


def _integration(described: Integration) -> dict[str, Any]:
    return given(
        {
            "IntegrationType": described.type,
            "IntegrationSubtype": described.subtype,
            "IntegrationMethod": described.http_method.upper() if described.http_method else None,
            "IntegrationUri": described.uri,
            "PayloadFormatVersion": described.payload_format_version or "1.0",
            "CredentialsArn": described.credentials,
            "ConnectionType": described.connection_type,
            "ConnectionId": described.connection_id,
            "RequestParameters": dict(described.request_parameters) or None,
            "ResponseParameters": {
                status: dict(changes) for status, changes in described.response_parameters.items()
            }
            or None,
            "TimeoutInMillis": described.timeout_milliseconds,
            "TlsConfig": _tls_config(described.tls_config),
        }
    )


def _tls_config(given_config: Mapping[str, Any] | None) -> dict[str, str] | None:
    name = (given_config or {}).get("serverNameToVerify")
    return {"ServerNameToVerify": name} if isinstance(name, str) else None
