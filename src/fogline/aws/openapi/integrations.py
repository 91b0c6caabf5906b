"""`x-amazon-apigateway-integration`: what a method calls, and what becomes of the answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.aws.openapi.api import Integration, IntegrationResponse
from fogline.aws.openapi.errors import InvalidDocument
from fogline.aws.openapi.fields import find_number, find_text, members_of, text_list, texts_of


def read_integration(value: Any, path: str) -> Integration:
    where = f"integration at path {path}"
    given = members_of(value, where)
    kind = find_text(given.get("type"), where)
    if kind is None:
        raise InvalidDocument(f"Unable to parse API definition because of a malformed {where}")
    # REST APIs name responses by the pattern that selects them and say their status; HTTP APIs name them by status.
    responses = members_of(given.get("responses"), where)
    changes = members_of(given.get("responseParameters"), where)
    tls = given.get("tlsConfig")
    return Integration(
        type=kind.upper(),
        http_method=find_text(given.get("httpMethod"), where),
        uri=find_text(given.get("uri"), where),
        subtype=find_text(given.get("integrationSubtype", given.get("subtype")), where),
        credentials=find_text(given.get("credentials"), where),
        connection_type=find_text(given.get("connectionType"), where),
        connection_id=find_text(given.get("connectionId"), where),
        request_parameters=texts_of(given.get("requestParameters"), where),
        request_templates=texts_of(given.get("requestTemplates"), where),
        passthrough_behavior=_upper(given.get("passthroughBehavior"), where),
        content_handling=_upper(given.get("contentHandling"), where),
        timeout_milliseconds=find_number(given.get("timeoutInMillis"), where),
        cache_namespace=find_text(given.get("cacheNamespace"), where),
        cache_key_parameters=text_list(given.get("cacheKeyParameters"), where),
        payload_format_version=find_text(given.get("payloadFormatVersion"), where),
        response_transfer_mode=_upper(given.get("responseTransferMode"), where),
        integration_target=find_text(given.get("integrationTarget"), where),
        tls_config=members_of(tls, where) if tls is not None else None,
        responses=tuple(
            _response(pattern, members_of(response, where), where)
            for pattern, response in responses.items()
        ),
        response_parameters={status: texts_of(one, where) for status, one in changes.items()},
    )


def _response(pattern: str, given: Mapping[str, Any], where: str) -> IntegrationResponse:
    return IntegrationResponse(
        selection_pattern=None if pattern == "default" else pattern,
        status_code=find_text(given.get("statusCode"), where),
        parameters=texts_of(given.get("responseParameters"), where),
        templates=texts_of(given.get("responseTemplates"), where),
        content_handling=_upper(given.get("contentHandling"), where),
    )


def _upper(value: Any, where: str) -> str | None:
    text = find_text(value, where)
    return text.upper() if text else None
