"""The JSON that services of the query protocol answer to those who accept nothing else, as API Gateway."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from fogline.aws.errors import AwsError
from fogline.gateway.models import Operation, Shape
from fogline.gateway.protocols.xml import query_code


def result_document(
    operation: Operation, result: Mapping[str, Any], request_id: str
) -> dict[str, Any]:
    """`{"SendMessageResponse": {"SendMessageResult": {...}, "ResponseMetadata": {...}}}`; what is absent is null."""
    content: dict[str, Any] = {}
    output = operation.output
    if output is not None:
        wrapper = operation.output_trait.get("resultWrapper") or f"{operation.name}Result"
        content[str(wrapper)] = _structure(output, result)
    content["ResponseMetadata"] = {"RequestId": request_id}
    return {f"{operation.name}Response": content}


def error_document(error: AwsError, request_id: str) -> dict[str, Any]:
    """A refusal."""
    return {
        "Error": {"Code": query_code(error, None), "Message": error.text, "Type": error.fault},
        "RequestId": request_id,
    }


def _structure(shape: Shape, values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _value(member.shape, values.get(name)) for name, member in shape.members.items()}


def _value(shape: Shape, value: Any) -> Any:
    if value is None:
        return None
    if shape.type == "structure":
        return _structure(shape, value)
    if shape.type == "list":
        return [_value(shape.member.shape, each) for each in value]
    if shape.type == "map":
        return {str(key): _value(shape.value.shape, each) for key, each in value.items()}
    if shape.type == "timestamp":
        return value / 1000
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value
