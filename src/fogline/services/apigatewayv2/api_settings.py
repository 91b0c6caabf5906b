"""What an API is as a whole: its kind, how its routes are selected, its CORS configuration and its address.

Source: https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from fogline.aws.call import Call
from fogline.aws.members import given, without_empty
from fogline.services.apigatewayv2.errors import BadRequestException
from fogline.services.apigatewayv2.service import ApiGatewayV2
from fogline.world.ids import Ids

SETTINGS = (
    "ApiKeySelectionExpression",
    "CorsConfiguration",
    "Description",
    "DisableExecuteApiEndpoint",
    "DisableSchemaValidation",
    "IpAddressType",
    "Name",
    "RouteSelectionExpression",
    "Version",
)
HTTP_SELECTION = "$request.method $request.path"
_HTTP_SELECTIONS = (HTTP_SELECTION, "${request.method} ${request.path}")
_KEY_SELECTIONS = ("$request.header.x-api-key", "$context.authorizer.usageIdentifierKey")
_OWN_HOSTS = ("localhost.localstack.cloud", "localhost")
_METHODS = frozenset(("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "*"))
_ORIGIN = re.compile(r"\*|https?://\*|[a-zA-Z][a-zA-Z0-9+.-]*://[^\s/?#,]+/?|null")
_HEADER = re.compile(r"\*|[a-zA-Z0-9!#$%&'*+.^_`|~-]{1,255}")


def new_api(ids: Ids, call: Call, protocol: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """An API without any parts. Raises BadRequestException."""
    about: dict[str, Any] = {
        "ApiId": ids.lowers(10),
        "ApiKeySelectionExpression": _KEY_SELECTIONS[0],
        "CreatedDate": call.now,
        "DisableExecuteApiEndpoint": False,
        "IpAddressType": "ipv4",
        "ProtocolType": protocol,
        "Tags": {},
    }
    if protocol == "HTTP":
        about["RouteSelectionExpression"] = HTTP_SELECTION
    else:
        about["DisableSchemaValidation"] = False
    api = {"api": about, "routes": {}, "integrations": {}, "authorizers": {}, "models": {}}
    change_settings(api, settings)
    return api


def change_settings(api: Mapping[str, Any], settings: Mapping[str, Any]) -> None:
    """Change what is said of the API as a whole. Raises BadRequestException."""
    about = api["api"]
    about.update(given({name: settings.get(name) for name in SETTINGS}))
    if settings.get("CorsConfiguration") is not None:
        about["CorsConfiguration"] = given(settings["CorsConfiguration"])
    if settings.get("Tags"):
        about["Tags"] = dict(settings["Tags"])
    _check(about)
    if about["ProtocolType"] == "HTTP":
        about["RouteSelectionExpression"] = HTTP_SELECTION


def _check(about: Mapping[str, Any]) -> None:
    if not 1 <= len(about.get("Name", "").strip()) <= 128:
        raise BadRequestException("API name must have between 1 and 128 characters")
    if len(about.get("Description", "")) > 1_024:
        raise BadRequestException("Description can have at most 1024 characters")
    if not 1 <= len(about.get("Version", "1")) <= 64:
        raise BadRequestException("Version must have between 1 and 64 characters")
    if about["ProtocolType"] == "HTTP":
        _check_http(about)
    else:
        _check_websocket(about)


def _check_http(about: Mapping[str, Any]) -> None:
    if about["RouteSelectionExpression"] not in _HTTP_SELECTIONS:
        raise BadRequestException(
            "Only a route selection expression of '${request.method} ${request.path}' is supported "
            "for protocol type HTTP"
        )
    if about["ApiKeySelectionExpression"] != _KEY_SELECTIONS[0]:
        raise BadRequestException(
            "ApiKeySelectionExpression is not supported for protocol type HTTP"
        )
    if about.get("DisableSchemaValidation"):
        raise BadRequestException("DisableSchemaValidation is not supported for protocol type HTTP")
    if "CorsConfiguration" in about:
        check_cors(about["CorsConfiguration"])


def _check_websocket(about: Mapping[str, Any]) -> None:
    selection = about.get("RouteSelectionExpression", "")
    if not selection:
        raise BadRequestException(
            "RouteSelectionExpression is a required parameter for protocol type WEBSOCKET"
        )
    if "$" not in selection or len(selection) > 512:
        raise BadRequestException(f"Invalid route selection expression: {selection[:512]}")
    if about["ApiKeySelectionExpression"] not in _KEY_SELECTIONS:
        raise BadRequestException(
            "Invalid API key selection expression. Valid options are "
            f"[{', '.join(_KEY_SELECTIONS)}]"
        )
    if "CorsConfiguration" in about:
        raise BadRequestException("CORS is not supported for protocol type WEBSOCKET")


def check_cors(cors: Mapping[str, Any]) -> None:
    """Raises BadRequestException."""
    origins = cors.get("AllowOrigins", ())
    if cors.get("AllowCredentials") and "*" in origins:
        raise BadRequestException("allow-credentials is not supported if 'allow-origin' is *")
    for origin in origins:
        if _ORIGIN.fullmatch(origin) is None:
            raise BadRequestException(
                f"Invalid format for origin {origin[:256]}. Origins must be of the form scheme://host"
            )
    for method in cors.get("AllowMethods", ()):
        if method.upper() not in _METHODS:
            raise BadRequestException(f"Invalid value for allow-methods: {method[:64]}")
    for name in ("AllowHeaders", "ExposeHeaders"):
        for header in cors.get(name, ()):
            if _HEADER.fullmatch(header) is None:
                raise BadRequestException(f"Invalid header name in {name}: {header[:255]}")


def shown_api(gateway: ApiGatewayV2, call: Call, api: Mapping[str, Any]) -> dict[str, Any]:
    """What GetApi shows."""
    about = without_empty(api["api"], "CorsConfiguration", "Description", "Version")
    return {"ApiEndpoint": api_endpoint(gateway, call, about), **about}


def api_endpoint(gateway: ApiGatewayV2, call: Call, about: Mapping[str, Any]) -> str:
    """The address of an API, one at which it answers here."""
    base = urlsplit(call.endpoint or gateway.endpoint())
    host = next((own for own in _OWN_HOSTS if (base.hostname or "").endswith(own)), "localhost")
    port = f":{base.port}" if base.port else ""
    scheme = base.scheme
    if about["ProtocolType"] == "WEBSOCKET":
        scheme = "wss" if scheme == "https" else "ws"
    return f"{scheme}://{about['ApiId']}.execute-api.{call.region}.{host}{port}"
