"""Mock integrations: the request template names the status, and nobody else is asked."""

from __future__ import annotations

from fogline.apis.fields import Headers
from fogline.apis.mocks import mock_status
from fogline.ports.http import HttpResponse
from fogline.services.apigateway.runtime.bodies import request_body
from fogline.services.apigateway.runtime.exchange import Exchange
from fogline.services.apigateway.runtime.faults import misconfigured
from fogline.services.apigateway.runtime.integration import Integration
from fogline.services.apigateway.runtime.mapped_replies import mapped_reply
from fogline.services.apigateway.runtime.mappings import Reply

_EMPTY = Headers()


def answer_mock(exchange: Exchange, integration: Integration) -> HttpResponse:
    """Raises Fault."""
    if integration.fault:
        raise misconfigured(integration.fault)
    body, _ = request_body(exchange, integration)
    try:
        status = mock_status(body)
    except ValueError:
        raise misconfigured("Unable to parse statusCode. It should be an integer") from None
    return mapped_reply(
        exchange, integration, Reply(status, _EMPTY, b""), str(status), traced=False
    )
