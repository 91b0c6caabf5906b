"""Bodies: which template one goes through, and when it is binary, base64 or text.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-payload-encodings-workflow.html
"""

from __future__ import annotations

import base64
import binascii

from fogline.services.apigateway.runtime.exchange import Exchange
from fogline.services.apigateway.runtime.faults import UNSUPPORTED_MEDIA_TYPE, Fault, misconfigured
from fogline.services.apigateway.runtime.integration import (
    JSON,
    BodyTemplate,
    Integration,
    IntegrationResponse,
    rendered,
)
from fogline.services.apigateway.runtime.mappings import Reply
from fogline.services.apigateway.runtime.media_types import media_type


def request_body(exchange: Exchange, integration: Integration) -> tuple[bytes, str]:
    """What is sent to an integration, and its content type. Raises Fault."""
    sent_type = exchange.headers.find("content-type")
    body, is_binary = converted(
        exchange.body,
        is_binary=exchange.site.api.binary.has(sent_type),
        handling=integration.content_handling,
    )
    kind = media_type(sent_type) or JSON
    template = _request_template(integration, kind)
    if template is None:
        return body, sent_type or JSON
    if is_binary:
        raise misconfigured("Unable to transform request: the body is binary")
    return rendered(template, exchange, body.decode()).encode("utf-8", "replace"), kind


def _request_template(integration: Integration, kind: str) -> BodyTemplate | None:
    """The template for a content type; None to pass the body through. Raises Fault."""
    templates = integration.templates
    found = templates.get(kind)
    if found is not None:
        return found
    behaviour = integration.passthrough
    if behaviour == "NEVER" or (behaviour == "WHEN_NO_TEMPLATES" and templates):
        raise Fault(UNSUPPORTED_MEDIA_TYPE, f"No template for the content type {kind[:100]}")
    return None


def converted(body: bytes, *, is_binary: bool, handling: str) -> tuple[bytes, bool]:
    """A body as a content handling makes it, and whether it is binary then. Raises Fault.

    What is neither declared binary nor converted is text: bytes that are no UTF-8 are replaced (recorded).
    """
    if handling == "CONVERT_TO_BINARY":
        if is_binary:
            return body, True
        try:
            return base64.b64decode(body, validate=True), True
        except (binascii.Error, ValueError):
            raise misconfigured("Unable to base64 decode the body.") from None
    if is_binary:
        return (base64.b64encode(body), False) if handling == "CONVERT_TO_TEXT" else (body, True)
    return (body if body.isascii() else body.decode("utf-8", "replace").encode()), False


def response_body(
    exchange: Exchange, response: IntegrationResponse, reply: Reply
) -> tuple[bytes, str]:
    """What the caller gets, and its content type. Raises Fault."""
    binary = exchange.site.api.binary
    is_binary = binary.has(reply.headers.find("content-type"))
    accept = exchange.headers.find("accept") or ""
    handling = response.content_handling
    if is_binary and not handling and not binary.has(accept):
        handling = "CONVERT_TO_TEXT"
    body, is_binary = converted(reply.body, is_binary=is_binary, handling=handling)
    chosen = response.template(accept)
    if chosen is None:
        return body, JSON
    kind, template = chosen
    if is_binary:
        raise misconfigured("Unable to transform response: the body is binary")
    return rendered(template, exchange, body.decode()).encode("utf-8", "replace"), kind
