"""The content of schemas: read from what clients send, held to its format, and written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import orjson

from fogline.aws.json_schema import InvalidSchema, Validator, compile_schema
from fogline.services.schemas.errors import BadRequestException
from fogline.services.schemas.openapi import components_of, draft4_of

OPENAPI = "OpenApi3"
DRAFT_4 = "JSONSchemaDraft4"
TYPES = (OPENAPI, DRAFT_4)

_COMPILED_MAX = 256
_LEVELS_MAX = 250


def write_content(document: Mapping[str, Any]) -> str:
    """A document as the text that is kept and answered. (orjson refuses what is nested beyond 254 levels.)"""
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False)


def read_content(content: str) -> dict[str, Any]:
    """The document that a text spells. Raises BadRequestException."""
    try:
        document = orjson.loads(content)
    except ValueError as broken:
        raise BadRequestException(
            f"The content of the schema is not valid JSON: {broken}"
        ) from None
    if not isinstance(document, dict):
        raise BadRequestException("The content of the schema must be a JSON object.")
    _check_levels(document, _LEVELS_MAX)
    return document


def _check_levels(value: Any, left: int) -> None:
    """Refuse what is nested beyond what anything that reads it could follow. Raises BadRequestException."""
    if not left:
        raise BadRequestException(f"The content may be nested {_LEVELS_MAX} levels deep at most.")
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for each in inner:
        _check_levels(each, left - 1)


def check_content(kind: str, content: str) -> None:
    """Refuse what is no document of that type. Raises BadRequestException."""
    document = read_content(content)
    try:
        if kind == OPENAPI:
            _check_openapi(document)
        else:
            compile_schema(document)
    except InvalidSchema as broken:
        raise BadRequestException(f"The content is not a valid {kind} schema: {broken}.") from None


def _check_openapi(document: Mapping[str, Any]) -> None:
    version = document.get("openapi")
    if not isinstance(version, str) or not version.startswith("3."):
        raise InvalidSchema("the member openapi must name version 3 (as in 3.0.0)")
    info = document.get("info")
    if not isinstance(info, Mapping) or not all(
        isinstance(info.get(name), str) for name in ("title", "version")
    ):
        raise InvalidSchema("the member info must have a title and a version")
    if not isinstance(document.get("paths"), Mapping):
        raise InvalidSchema("the member paths must be an object")
    if components_of(document):
        compile_schema(draft4_of(document))


@lru_cache(_COMPILED_MAX)
def schema_to_check(kind: str, content: str, is_discovered: bool) -> Validator:
    """What an event is held to; compiled once for each content. Raises InvalidSchema.

    In a discovered schema, an array that was always empty says nothing of its items (AWS writes `object`).
    """
    document = orjson.loads(content)
    schema = draft4_of(document) if kind == OPENAPI else document
    return compile_schema(_lenient(schema) if is_discovered else schema)


def _lenient(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_lenient(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: {} if name == "items" and value == {"type": "object"} else _lenient(value)
        for name, value in schema.items()
    }
