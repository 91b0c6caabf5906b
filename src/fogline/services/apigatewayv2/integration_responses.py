"""Integration responses: what becomes of what a backend answers to a message.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-integration-responses.html
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
from fogline.services.apigatewayv2.parameter_mappings import check_websocket_response
from fogline.services.apigatewayv2.service import ApiGatewayV2

KIND = "Integration Response"
_MEMBERS = (
    "ContentHandlingStrategy",
    "IntegrationResponseKey",
    "ResponseParameters",
    "ResponseTemplates",
    "TemplateSelectionExpression",
)
_KEY = re.compile(r"\$default|/.{1,510}/", re.DOTALL)


def add_integration_response(
    gateway: ApiGatewayV2,
    api: Mapping[str, Any],
    integration: Mapping[str, Any],
    members: Mapping[str, Any],
) -> dict[str, Any]:
    """A new response, in its integration. Raises what the operation does."""
    responses = integration["responses"]
    if api["api"]["ProtocolType"] != "WEBSOCKET":
        raise BadRequestException(
            "Integration responses are only supported for protocol type WEBSOCKET"
        )
    if len(responses) >= gateway.limits.responses_max:
        raise TooManyRequestsException(kind="Integration Responses", scope="Integration")
    response: dict[str, Any] = given(members, *_MEMBERS)
    _check(integration, response, gateway.limits)
    id = fresh_id(gateway.ids, responses, 7)
    responses[id] = {"IntegrationResponseId": id, **response}
    added: dict[str, Any] = responses[id]
    return added


def change_integration_response(
    gateway: ApiGatewayV2,
    integration: Mapping[str, Any],
    response: dict[str, Any],
    members: Mapping[str, Any],
) -> None:
    """Change a response. Raises BadRequestException, ConflictException.

    Parameters are changed one by one, and removed by an empty text.
    """
    changed: dict[str, Any] = given(members, *_MEMBERS)
    if "ResponseParameters" in changed:
        merged = {**response.get("ResponseParameters", {}), **changed["ResponseParameters"]}
        changed["ResponseParameters"] = {name: value for name, value in merged.items() if value}
    response.update(changed)
    _check(integration, response, gateway.limits)


def shown_integration_response(response: Mapping[str, Any]) -> dict[str, Any]:
    """What GetIntegrationResponse shows."""
    return without_empty(
        response,
        "ContentHandlingStrategy",
        "ResponseParameters",
        "ResponseTemplates",
        "TemplateSelectionExpression",
    )


def _check(integration: Mapping[str, Any], response: Mapping[str, Any], limits: Limits) -> None:
    key, id = response["IntegrationResponseKey"], response.get("IntegrationResponseId")
    if _KEY.fullmatch(key) is None:
        raise BadRequestException(
            "Invalid integration response key specified. It must be $default or an expression between slashes"
        )
    for other in integration["responses"].values():
        if other["IntegrationResponseKey"] == key and other["IntegrationResponseId"] != id:
            raise ConflictException(
                f"Integration response with key {key} already exists for this integration"
            )
    check_websocket_response(response.get("ResponseParameters", {}))
    for template in response.get("ResponseTemplates", {}).values():
        if len(template) > limits.template_characters_max:
            raise BadRequestException("A template is larger than templates can be")
