"""Integrations: what stands behind a route, what one has when its maker says no more, and what it can't be.

Source: https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-integrations.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from fogline.apis.parts import fresh_id
from fogline.aws.members import given, without_empty
from fogline.services.apigatewayv2.errors import (
    BadRequestException,
    ConflictException,
    TooManyRequestsException,
)
from fogline.services.apigatewayv2.limits import Limits
from fogline.services.apigatewayv2.lookup import require_part
from fogline.services.apigatewayv2.parameter_mappings import (
    check_http_request,
    check_http_responses,
    check_http_values,
    check_websocket_request,
)
from fogline.services.apigatewayv2.service import ApiGatewayV2
from fogline.services.apigatewayv2.subtypes import check_subtype

KIND = "Integration"
_MEMBERS = (
    "ConnectionId",
    "ConnectionType",
    "ContentHandlingStrategy",
    "CredentialsArn",
    "Description",
    "IntegrationMethod",
    "IntegrationSubtype",
    "IntegrationType",
    "IntegrationUri",
    "PassthroughBehavior",
    "PayloadFormatVersion",
    "RequestParameters",
    "RequestTemplates",
    "ResponseParameters",
    "TemplateSelectionExpression",
    "TimeoutInMillis",
    "TlsConfig",
)
_PROXIES = ("AWS_PROXY", "HTTP_PROXY")
_OVER_HTTP = ("HTTP", "HTTP_PROXY")
_VERBS = ("GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "HEAD", "ANY")
_VERSIONS = ("1.0", "2.0")
_HTTP = re.compile(
    r"https?://[^\s/$.?#{}].*|https?://\$\{stageVariables\..+|\$\{stageVariables\..+", re.DOTALL
)
_SERVICE = re.compile(r"arn:[a-z0-9-]+:apigateway:[a-z0-9-]+:[a-zA-Z0-9.-]+:(path|action)/.+", re.S)
_FUNCTION = re.compile(
    r"arn:[a-z0-9-]+:apigateway:[a-z0-9-]+:lambda:path/.+|arn:[a-z0-9-]+:lambda:[a-z0-9-]+:.+", re.S
)
_CREDENTIALS = re.compile(
    r"arn:[a-z0-9-]+:iam::(\d{12}|\*):((role|user)/|\$\{stageVariables\.).+", re.DOTALL
)


def add_integration(
    gateway: ApiGatewayV2, api: Mapping[str, Any], members: Mapping[str, Any]
) -> dict[str, Any]:
    """A new integration, in its API. Raises BadRequestException, TooManyRequestsException."""
    integrations = api["integrations"]
    if len(integrations) >= gateway.limits.integrations_max:
        raise TooManyRequestsException(kind="Integrations", scope="API")
    integration: dict[str, Any] = given(members, *_MEMBERS)
    _complete(integration, api["api"]["ProtocolType"], gateway.limits)
    _check(integration, api["api"]["ProtocolType"], gateway.limits)
    id = fresh_id(gateway.ids, integrations, 7)
    integrations[id] = {"IntegrationId": id, **integration, "responses": {}}
    added: dict[str, Any] = integrations[id]
    return added


def change_integration(
    gateway: ApiGatewayV2,
    api: Mapping[str, Any],
    integration: dict[str, Any],
    members: Mapping[str, Any],
) -> None:
    """Change an integration. Raises BadRequestException.

    Request parameters are changed one by one, and removed by an empty text; those of responses by an empty map.
    """
    changed = given(members, *_MEMBERS)
    for name in ("RequestParameters", "ResponseParameters"):
        if name in changed:
            merged = {**integration.get(name, {}), **changed[name]}
            changed[name] = {key: value for key, value in merged.items() if value}
    if (
        changed.get("IntegrationType", integration["IntegrationType"])
        != integration["IntegrationType"]
    ):
        # What followed from the type it had does not follow any more.
        for name in ("IntegrationMethod", "IntegrationResponseSelectionExpression"):
            integration.pop(name, None)
    integration.update(changed)
    for name in ("ConnectionId", "CredentialsArn", "IntegrationSubtype", "ContentHandlingStrategy"):
        if integration.get(name) == "":
            del integration[name]
    if "TlsConfig" in integration and not integration["TlsConfig"]:
        del integration["TlsConfig"]
    _complete(integration, api["api"]["ProtocolType"], gateway.limits)
    _check(integration, api["api"]["ProtocolType"], gateway.limits)


def remove_integration(api: Mapping[str, Any], id: str) -> None:
    """Raises NotFoundException, ConflictException, BadRequestException."""
    integration = require_part(api["integrations"], id, KIND)
    users = [
        route["RouteId"]
        for route in api["routes"].values()
        if route.get("Target") == f"integrations/{id}"
    ]
    if users:
        raise ConflictException(
            "Cannot delete Integration because it is referenced by the following Routes with Ids: "
            f"[{', '.join(users)}]"
        )
    if integration.get("ApiGatewayManaged"):
        raise BadRequestException("Integrations that are managed by API Gateway can't be deleted")
    del api["integrations"][id]


def shown_integration(integration: Mapping[str, Any]) -> dict[str, Any]:
    """What GetIntegration shows."""
    shown = without_empty(
        integration, "RequestParameters", "RequestTemplates", "ResponseParameters", "Description"
    )
    shown.pop("responses")
    return shown


def _complete(integration: dict[str, Any], protocol: str, limits: Limits) -> None:
    """Say what its maker did not."""
    kind = integration["IntegrationType"]
    integration.setdefault("ConnectionType", "INTERNET")
    integration.setdefault("PayloadFormatVersion", "1.0")
    integration.setdefault("TimeoutInMillis", _timeout_max(protocol, limits))
    if kind in ("AWS", "AWS_PROXY") and not integration.get("IntegrationSubtype"):
        integration.setdefault("IntegrationMethod", "POST")
    if protocol == "WEBSOCKET":
        integration.setdefault("PassthroughBehavior", "WHEN_NO_MATCH")
        if kind not in _PROXIES:
            part = "body.errorMessage" if kind == "AWS" else "statuscode"
            integration["IntegrationResponseSelectionExpression"] = (
                f"${{integration.response.{part}}}"
            )


def _timeout_max(protocol: str, limits: Limits) -> int:
    return limits.http_timeout_ms_max if protocol == "HTTP" else limits.websocket_timeout_ms_max


def _check(integration: Mapping[str, Any], protocol: str, limits: Limits) -> None:
    shortest, longest = limits.timeout_ms_min, _timeout_max(protocol, limits)
    if not shortest <= integration["TimeoutInMillis"] <= longest:
        raise BadRequestException(f"Timeout should be between {shortest} ms and {longest} ms")
    if integration["PayloadFormatVersion"] not in _VERSIONS:
        raise BadRequestException(
            f"Invalid PayloadFormatVersion specified. Valid options are [{', '.join(_VERSIONS)}]"
        )
    credentials = integration.get("CredentialsArn")
    if credentials and _CREDENTIALS.fullmatch(credentials) is None:
        raise BadRequestException("Invalid ARN specified in the request")
    if len(integration.get("Description", "")) > 1_024:
        raise BadRequestException("Description can have at most 1024 characters")
    if integration["ConnectionType"] == "VPC_LINK" and not integration.get("ConnectionId"):
        raise BadRequestException("VPC Link ID is required for connection type VPC_LINK")
    if integration["IntegrationType"] in _OVER_HTTP:
        _check_over_http(integration)
    if protocol == "HTTP":
        _check_of_http_api(integration)
    else:
        _check_of_websocket_api(integration, limits)


def _check_over_http(integration: Mapping[str, Any]) -> None:
    verb, uri = integration.get("IntegrationMethod"), integration.get("IntegrationUri")
    if not verb:
        raise BadRequestException("HttpMethod is required for HTTP integrations")
    if verb not in _VERBS:
        raise BadRequestException(
            f"Invalid HttpMethod specified. Valid options are {','.join(_VERBS)}"
        )
    if integration["ConnectionType"] == "VPC_LINK" and (uri or "").startswith("arn:"):
        return  # a listener, or a service of Cloud Map
    if not uri or _HTTP.fullmatch(uri) is None:
        raise BadRequestException("Invalid HTTP endpoint specified for URI")


def _check_of_http_api(integration: Mapping[str, Any]) -> None:
    kind, subtype = integration["IntegrationType"], integration.get("IntegrationSubtype")
    if kind not in _PROXIES:
        raise BadRequestException(
            "Currently, an API with a protocol type of HTTP may only be associated with proxy "
            f"integrations ({', '.join(_PROXIES)})"
        )
    for name in ("ContentHandlingStrategy", "RequestTemplates", "TemplateSelectionExpression"):
        if integration.get(name):
            raise BadRequestException(f"{name} is not supported for protocol type HTTP")
    parameters = integration.get("RequestParameters", {})
    check_http_responses(integration.get("ResponseParameters", {}))
    if subtype:
        if kind != "AWS_PROXY":
            raise BadRequestException(
                "IntegrationSubtype is only supported for integrations of type AWS_PROXY"
            )
        if integration["PayloadFormatVersion"] != "1.0":
            raise BadRequestException(
                f"PayloadFormatVersion must be 1.0 for integration subtype {subtype[:128]}"
            )
        check_subtype(subtype, parameters)
        check_http_values(parameters)
        return
    check_http_request(parameters)
    if kind == "HTTP_PROXY":
        if integration["PayloadFormatVersion"] != "1.0":
            raise BadRequestException(
                "PayloadFormatVersion must be 1.0 for integrations of type HTTP_PROXY"
            )
        return
    uri = integration.get("IntegrationUri")
    if not uri or not uri.startswith("arn:"):
        raise BadRequestException("Invalid ARN specified in the request")
    if _FUNCTION.fullmatch(uri) is None:
        raise BadRequestException(
            "Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose "
            "stream invocations."
        )


def _check_of_websocket_api(integration: Mapping[str, Any], limits: Limits) -> None:
    kind, uri = integration["IntegrationType"], integration.get("IntegrationUri")
    for name in ("IntegrationSubtype", "ResponseParameters", "TlsConfig"):
        if integration.get(name):
            raise BadRequestException(f"{name} is not supported for protocol type WEBSOCKET")
    if integration["PayloadFormatVersion"] != "1.0":
        raise BadRequestException("PayloadFormatVersion must be 1.0 for protocol type WEBSOCKET")
    check_websocket_request(integration.get("RequestParameters", {}))
    for template in integration.get("RequestTemplates", {}).values():
        if len(template) > limits.template_characters_max:
            raise BadRequestException("A template is larger than templates can be")
    if kind in ("AWS", "AWS_PROXY"):
        if not uri or not uri.startswith("arn:"):
            raise BadRequestException("Invalid ARN specified in the request")
        pattern = _FUNCTION if kind == "AWS_PROXY" else _SERVICE
        if pattern.fullmatch(uri) is None and _FUNCTION.fullmatch(uri) is None:
            raise BadRequestException("AWS ARN for integration must contain path or action")
