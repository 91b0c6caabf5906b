"""Requests that come from within, from templates and state machines: shaped and held to the model all the same.

A template says `"30"` and `"true"` where the API wants 30 and true, and JSON has no bytes. What comes through
`ports/api.py` is brought into the form that an operation gets from the wire, and refused as it would be there.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from functools import cache
from typing import Any

from fogline.aws.errors import SerializationException, ValidationException
from fogline.gateway.models import Operation, Shape
from fogline.gateway.validate import refusal, style_of, violations

_NESTING_MAX = 100


def accept(
    operation: Operation, request: Mapping[str, Any], *, has_base64: bool = False
) -> dict[str, Any]:
    """The request as the operation expects it.

    With `has_base64`, text where the model has a blob is base64. Raises SerializationException for a value of a
    wrong type, and the service's own refusal (mostly ValidationException) for one that breaks a constraint.
    """
    shape = operation.input
    if shape is None:
        return {}
    value: dict[str, Any] = _shaped(shape, request, has_base64, 0)
    style = style_of(operation.service.name, "")
    if style.validation == "model":
        if next(violations(operation, style, value), None) is not None:
            raise refusal(operation, style, value)
    else:
        for name in shape.required:
            if name not in value:
                error = style.missing(name) if style.missing else None
                raise error or ValidationException(f"Missing required parameter: {name}")
    return value


async def offer(result: Mapping[str, Any]) -> dict[str, Any]:
    """A result as JSON can carry it: blobs as base64 text, and what streams gathered whole."""
    return {
        name: _plain(await _gathered(value)) for name, value in result.items() if value is not None
    }


async def _gathered(value: Any) -> Any:
    if hasattr(value, "__aiter__"):
        parts = [part async for part in value]
        return b"".join(parts) if all(isinstance(part, bytes) for part in parts) else parts
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items() if each is not None}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value


def _shaped(shape: Shape, value: Any, has_base64: bool, depth: int) -> Any:
    if depth > _NESTING_MAX:
        raise SerializationException("The request nests too deeply.")
    if shape.is_document:
        return value
    kind = shape.type
    if kind == "structure":
        if not isinstance(value, Mapping):
            raise _wrong(shape, value)
        shaped = {}
        for name, member in shape.members.items():
            given = value.get(name)
            if given is None:
                # Where an SDK's names are asked for, all of them begin alike: `LogGroupName` for `logGroupName`.
                given = value.get(_other_case(name))
            if given is not None:
                shaped[name] = _shaped(member.shape, given, has_base64, depth + 1)
        return shaped
    if kind == "list":
        if not isinstance(value, list | tuple):
            raise _wrong(shape, value)
        return [_shaped(shape.member.shape, each, has_base64, depth + 1) for each in value]
    if kind == "map":
        if not isinstance(value, Mapping):
            raise _wrong(shape, value)
        return {
            str(name): _shaped(shape.value.shape, each, has_base64, depth + 1)
            for name, each in value.items()
        }
    return _scalar(shape, value, has_base64)


@cache
def _other_case(name: str) -> str:
    return name[:1].swapcase() + name[1:]


def _scalar(shape: Shape, value: Any, has_base64: bool) -> Any:
    kind = shape.type
    try:
        if kind == "string":
            return _text(shape, value)
        if kind == "boolean":
            return _boolean(shape, value)
        if kind in ("integer", "long", "short", "byte"):
            return value if type(value) is int else int(str(value))
        if kind in ("float", "double"):
            return float(value)
        if kind == "timestamp":
            return value if type(value) is int else int(str(value))
        if kind == "blob" and has_base64 and isinstance(value, str):
            return base64.b64decode(value, validate=True)
    except (ValueError, TypeError, OverflowError, binascii.Error):
        raise _wrong(shape, value) from None
    if kind == "blob" and isinstance(value, str):
        return value.encode()
    return value


def _text(shape: Shape, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise _wrong(shape, value)


def _boolean(shape: Shape, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).lower()
    if word not in ("true", "false"):
        raise _wrong(shape, value)
    return word == "true"


def _wrong(shape: Shape, value: Any) -> SerializationException:
    return SerializationException(
        f"{str(value)[:100]!r} is not of type {shape.type} ({shape.name})."
    )
