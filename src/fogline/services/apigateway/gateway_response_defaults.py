"""What API Gateway answers by itself, where an API does not say otherwise.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

STATUS_CODES: Mapping[str, str | None] = {
    "ACCESS_DENIED": "403",
    "API_CONFIGURATION_ERROR": "500",
    "AUTHORIZER_CONFIGURATION_ERROR": "500",
    "AUTHORIZER_FAILURE": "500",
    "BAD_REQUEST_BODY": "400",
    "BAD_REQUEST_PARAMETERS": "400",
    "DEFAULT_4XX": None,
    "DEFAULT_5XX": None,
    "EXPIRED_TOKEN": "403",
    "INTEGRATION_FAILURE": "504",
    "INTEGRATION_TIMEOUT": "504",
    "INVALID_API_KEY": "403",
    "INVALID_SIGNATURE": "403",
    "MISSING_AUTHENTICATION_TOKEN": "403",
    "QUOTA_EXCEEDED": "429",
    "REQUEST_TOO_LARGE": "413",
    "RESOURCE_NOT_FOUND": "404",
    "THROTTLED": "429",
    "UNAUTHORIZED": "401",
    "UNSUPPORTED_MEDIA_TYPE": "415",
    "WAF_FILTERED": "403",
}
"""Every type, with its status; None leaves the status as it comes."""

_FAMILIES = ("DEFAULT_4XX", "DEFAULT_5XX")
_TEMPLATE = '{"message":$context.error.messageString}'


def default_response(kind: str) -> dict[str, Any]:
    """The response of that type, where nobody has put one."""
    status = STATUS_CODES[kind]
    return {
        "responseType": kind,
        **({"statusCode": status} if status else {}),
        "responseParameters": {},
        "responseTemplates": {"application/json": _TEMPLATE},
        "defaultResponse": True,
    }


def effective_response(api: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """The response of that type that an API gives: its own, else its own for all of that class, else the default.

    What DEFAULT_4XX and DEFAULT_5XX do not say (a status) is as in the default of the type.
    """
    own = api["gatewayResponses"]
    if kind in own:
        return {**default_response(kind), **own[kind], "defaultResponse": False}
    default = default_response(kind)
    family = (
        kind
        if kind in _FAMILIES
        else "DEFAULT_4XX"
        if default["statusCode"] < "500"
        else "DEFAULT_5XX"
    )
    if family in own:
        return {**default, **own[family], "responseType": kind, "defaultResponse": False}
    return default
