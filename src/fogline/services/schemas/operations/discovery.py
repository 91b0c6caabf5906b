"""Discovery on request: the schema of events that the caller shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import orjson

from fogline.aws.call import Call
from fogline.aws.json_schema import InvalidSchema
from fogline.services.schemas import discovered
from fogline.services.schemas.content import DRAFT_4, write_content
from fogline.services.schemas.errors import BadRequestException
from fogline.services.schemas.inference import Shape, TooDeep, infer, merge_all
from fogline.services.schemas.openapi import draft4_of
from fogline.services.schemas.service import Schemas

if TYPE_CHECKING:
    from types_boto3_schemas import type_defs as types

Result = Mapping[str, Any]


def get_discovered_schema(
    schemas: Schemas, call: Call, request: types.GetDiscoveredSchemaRequestTypeDef
) -> Result:
    events = [_read(text) for text in request["Events"]]
    kinds = {_kind(event) for event in events}
    if len(kinds) > 1:
        raise BadRequestException("The events must all be of one source and detail type.")
    try:
        document = _document(kinds.pop(), merge_all(infer(event) for event in events))
        content = draft4_of(document) if request["Type"] == DRAFT_4 else document
        return {"Content": write_content(content)}
    except (TooDeep, RecursionError, InvalidSchema):
        raise BadRequestException("The events are nested too deeply.") from None


def _document(kind: tuple[str, str] | None, shape: Shape) -> Mapping[str, Any]:
    return discovered.write_event(*kind, shape) if kind else discovered.write_value(shape)


def _read(text: str) -> Mapping[str, Any]:
    try:
        event = orjson.loads(text)
    except ValueError:
        raise BadRequestException("Each event must be valid JSON.") from None
    if not isinstance(event, dict):
        raise BadRequestException("Each event must be a JSON object.")
    return event


def _kind(event: Mapping[str, Any]) -> tuple[str, str] | None:
    """Source and detail type, or None for what is no event."""
    return (event["source"], event["detail-type"]) if discovered.is_event(event) else None
