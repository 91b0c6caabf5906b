"""Input templates and dynamic paths of pipes, and the events that they read.

What the sender of an event wrote (`body` of a message, `data` of a stream's record) is read as JSON on the way:
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-input-transformation.html#input-transform-implicit
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from fogline.aws.dates import iso_milliseconds
from fogline.aws.input_templates import (
    PIPE_VARIABLES,
    InvalidTemplate,
    Template,
    TemplateFailed,
    compile_template,
    find_path,
)
from fogline.services.pipes.errors import ValidationException

__all__ = ["Template", "TemplateFailed", "array_of", "compiled", "parsed", "rendered", "resolved"]


def compiled(text: str | None) -> Template | None:
    """A template ready to be filled in, None for none. Raises ValidationException."""
    if not text:
        return None
    try:
        return compile_template(None, text, PIPE_VARIABLES)
    except InvalidTemplate as invalid:
        raise ValidationException(f"Invalid InputTemplate: {invalid}") from invalid


def parsed(event: Any, source_kind: str) -> Any:
    """The event with what its sender wrote decoded, and read as JSON where it is JSON."""
    if not isinstance(event, dict):
        return event
    if source_kind == "sqs" and isinstance(event.get("body"), str):
        return {**event, "body": _read(event["body"])}
    if source_kind == "kinesis" and isinstance(event.get("data"), str):
        try:
            text = base64.b64decode(event["data"], validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return event
        return {**event, "data": _read(text)}
    return event


def _read(text: str) -> Any:
    if text.lstrip()[:1] not in ("{", "["):
        return text
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text


def rendered(
    template: Template | None,
    event: Any,
    source_kind: str,
    variables: Mapping[str, str],
    now: int,
) -> str:
    """What an enrichment or a target gets for one event. Raises TemplateFailed."""
    if template is None:
        return orjson.dumps(event).decode()
    root = parsed(event, source_kind)
    reserved: dict[str, Any] = dict(variables)
    if "aws.pipes.event.ingestion-time" in template.reserved:
        reserved["aws.pipes.event.ingestion-time"] = iso_milliseconds(now)
    reserved["aws.pipes.event"] = event
    reserved["aws.pipes.event.json"] = root
    return template.render(root, reserved)


def array_of(texts: Sequence[str]) -> str:
    """A batch as one JSON array; what is no JSON becomes a text in it."""
    return f"[{','.join(map(_as_json, texts))}]"


def _as_json(text: str) -> str:
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return orjson.dumps(text).decode()
    return text


def resolved(parameters: Any, root: Any) -> Any:
    """Parameters with each text that is a path (`$.body.id`) replaced by what it leads to, None where to nothing."""
    if isinstance(parameters, str):
        return find_path(root, parameters) if parameters.startswith("$.") else parameters
    if isinstance(parameters, Mapping):
        return {name: resolved(value, root) for name, value in parameters.items()}
    if isinstance(parameters, list):
        return [resolved(value, root) for value in parameters]
    return parameters
