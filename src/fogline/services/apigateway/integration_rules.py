"""What an integration has when its maker says no more, and what it can't be.

Source: https://docs.aws.amazon.com/apigateway/latest/api/API_PutIntegration.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from fogline.services.apigateway.errors import BadRequestException
from fogline.services.apigateway.limits import Limits
from fogline.services.apigateway.parameters import check_integration_parameters

_PROXIES_OVER_HTTP = ("HTTP", "HTTP_PROXY")
_VERBS = ("GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "HEAD", "ANY")
_HTTP = re.compile(
    r"https?://[^\s/$.?#{}].*|https?://\$\{stageVariables\..+|\$\{stageVariables\..+"
)
_ARN = re.compile(
    r"arn:[a-z0-9-]+:apigateway:[a-z0-9-]+:[a-zA-Z0-9.-]+:(path|action)/.*", re.DOTALL
)
_PROXIED = re.compile(r"arn:[a-z0-9-]+:apigateway:[a-z0-9-]+:(lambda:path/|firehose:).*", re.DOTALL)
_CREDENTIALS = re.compile(r"arn:[a-z0-9-]+:iam::(\d{12}|\*):(role|user)/.+", re.DOTALL)
_CHOICES = {
    "connectionType": ("INTERNET", "VPC_LINK"),
    "passthroughBehavior": ("WHEN_NO_MATCH", "WHEN_NO_TEMPLATES", "NEVER"),
    "contentHandling": ("CONVERT_TO_BINARY", "CONVERT_TO_TEXT"),
    "responseTransferMode": ("BUFFERED", "STREAM"),
}


def with_defaults(integration: Mapping[str, Any], resource_id: str) -> dict[str, Any]:
    """The integration, complete."""
    kind = integration["type"]
    whole = {
        "passthroughBehavior": "WHEN_NO_MATCH",
        "timeoutInMillis": 29_000,
        "cacheNamespace": resource_id,
        "cacheKeyParameters": [],
        "requestParameters": {},
        "requestTemplates": {},
        "integrationResponses": {},
        **({"connectionType": "INTERNET"} if kind in _PROXIES_OVER_HTTP else {}),
        **integration,
    }
    return whole


def check_integration(integration: Mapping[str, Any], limits: Limits) -> None:
    """Raises BadRequestException."""
    for name, choices in _CHOICES.items():
        if name in integration and integration[name] not in choices:
            raise BadRequestException(
                f"Invalid {name} specified. Valid options are [{', '.join(choices)}]"
            )
    if integration["type"] != "MOCK":
        _check_address(integration)
    credentials = integration.get("credentials")
    if credentials and _CREDENTIALS.fullmatch(credentials) is None:
        raise BadRequestException("Invalid ARN specified in the request")
    streams = integration.get("responseTransferMode") == "STREAM"
    if streams and not integration["type"].endswith("_PROXY"):
        raise BadRequestException(
            "Response streaming is supported for integrations of type HTTP_PROXY and AWS_PROXY only"
        )
    longest = limits.streaming_timeout_ms_max if streams else limits.integration_timeout_ms_max
    shortest = limits.integration_timeout_ms_min
    if not shortest <= integration["timeoutInMillis"] <= longest:
        raise BadRequestException(f"Timeout should be between {shortest} ms and {longest} ms")
    check_integration_parameters(integration["requestParameters"])


def _check_address(integration: Mapping[str, Any]) -> None:
    kind, uri, verb = integration["type"], integration.get("uri"), integration.get("httpMethod")
    if not verb:
        raise BadRequestException("Enumeration value for HttpMethod must be non-empty")
    if verb not in _VERBS:
        raise BadRequestException(
            f"Invalid HttpMethod specified. Valid options are {','.join(_VERBS)}"
        )
    if kind in _PROXIES_OVER_HTTP:
        if integration.get("connectionType") == "VPC_LINK" and not integration.get("connectionId"):
            raise BadRequestException("VPC Link ID is required for connection type VPC_LINK")
        if not uri or _HTTP.fullmatch(uri) is None:
            raise BadRequestException("Invalid HTTP endpoint specified for URI")
        return
    if not uri or not uri.startswith("arn:"):
        raise BadRequestException("Invalid ARN specified in the request")
    if _ARN.fullmatch(uri) is None:
        raise BadRequestException("AWS ARN for integration must contain path or action")
    if kind == "AWS_PROXY" and _PROXIED.fullmatch(uri) is None:
        raise BadRequestException(
            "Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose stream invocations."
        )
