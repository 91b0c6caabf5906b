"""First-class integrations: a request becomes one call of one AWS service, whose answer is the API's."""

from __future__ import annotations

import asyncio

from fogline.apis.causes import cause_of
from fogline.aws.http_events import Reply
from fogline.ports.aws_requests import AwsRequest, NoSuchService
from fogline.services.apigatewayv2.http.asking import SERVICE, failed
from fogline.services.apigatewayv2.http.compiled import Integration
from fogline.services.apigatewayv2.http.exchange import Exchange
from fogline.services.apigatewayv2.http.expressions import (
    expression,
    text_of,
    with_stage_variables,
)
from fogline.services.apigatewayv2.http.refusals import (
    BAD_REQUEST,
    INTERNAL,
    NOT_IMPLEMENTED,
    UNAVAILABLE,
    Refused,
)
from fogline.services.apigatewayv2.http.service_requests import ACTIONS, InvalidParameter
from fogline.services.apigatewayv2.runtime import Runtime
from fogline.services.apigatewayv2.subtypes import SUBTYPES, Subtype

_ANSWER_BYTES_MAX = 10 * 1024 * 1024
_FORM = "application/x-www-form-urlencoded"


async def answer_service(runtime: Runtime, exchange: Exchange, integration: Integration) -> Reply:
    """Raises Refused."""
    action, subtype = ACTIONS.get(integration.subtype), SUBTYPES.get(integration.subtype)
    if action is None or subtype is None:
        message = f"Fogline has no integrations {integration.subtype[:100]}."
        exchange.facts["integrationErrorMessage"] = message
        raise Refused(NOT_IMPLEMENTED, message, message=message)
    parameters = _parameters(exchange, integration, subtype)
    region = parameters.pop("Region", "")
    try:
        body = action.body(parameters)
    except InvalidParameter as invalid:
        raise Refused(BAD_REQUEST, str(invalid), message=str(invalid)) from None
    headers = (("content-type", _FORM),) if action.service == "sqs" else ()
    request = AwsRequest(action.service, action.name, headers=headers, body=body)
    credentials = with_stage_variables(integration.credentials, exchange)
    cause = cause_of(SERVICE, runtime, exchange, credentials, region)
    began = runtime.clock.now()
    try:
        async with asyncio.timeout(integration.timeout_seconds):
            answer = await runtime.aws.send(request, cause, _ANSWER_BYTES_MAX)
    except TimeoutError:
        reason = f"{integration.subtype} took longer than {integration.timeout_seconds:g} s"
        raise failed(exchange, UNAVAILABLE, reason) from None
    except NoSuchService as unknown:
        raise failed(exchange, INTERNAL, str(unknown)) from None
    told = {name.lower(): value for name, value in answer.headers}
    exchange.facts |= {
        "integrationLatency": runtime.clock.now() - began,
        "integrationStatus": answer.status,
        "integration": {"status": answer.status},
        "awsEndpointRequestId": told.get("x-amzn-requestid", ""),
    }
    kind = told.get("content-type")
    return Reply(answer.status, [("content-type", kind)] if kind else [], answer.body)


def _parameters(exchange: Exchange, integration: Integration, subtype: Subtype) -> dict[str, str]:
    """The parameters with their values. Raises Refused where one is missing."""
    given = integration.parameters
    found: dict[str, str] = {}
    for name in (*subtype.required, *subtype.optional):
        source = given.get(name)
        value = None if source is None else text_of(expression(str(source))(exchange, None))
        if value is not None and (value or name not in subtype.required):
            found[name] = value
        elif name in subtype.required:
            message = (
                f"Unable to resolve property {name} from source {source}. "
                "Please make sure that the following path exists in the source"
            )
            raise Refused(BAD_REQUEST, message, message=message)
    return found
