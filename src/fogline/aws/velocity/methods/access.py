"""From a value to its methods, properties and elements. What there is not has no value."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any

from fogline.aws.velocity.errors import NoSuchMethod, TemplateFailed
from fogline.aws.velocity.methods.collections import ENTRY, LIST, MAP
from fogline.aws.velocity.methods.scalars import BOOLEAN, NUMBER
from fogline.aws.velocity.methods.texts import TEXT
from fogline.aws.velocity.run import Run
from fogline.aws.velocity.values import (
    Entry,
    Method,
    Object,
    have_same_content,
    key_of,
    text_of,
)

_ANY: Mapping[str, Method] = {
    "toString": lambda run, value: text_of(value, run),
    "equals": lambda run, value, other: have_same_content(value, other, run),
    "hashCode": lambda run, value: _hash_code(text_of(value, run), run),
}


def _hash_code(text: str, run: Run) -> int:
    run.charge(1 + len(text))
    code = 0
    for letter in text:
        code = (31 * code + ord(letter)) & 0xFFFFFFFF
    return code - (1 << 32) if code >= 1 << 31 else code


def methods_of(value: Any) -> Mapping[str, Method]:
    if isinstance(value, str):
        return TEXT
    if isinstance(value, dict):
        return MAP
    if isinstance(value, list):
        return LIST
    if isinstance(value, bool):
        return BOOLEAN
    if isinstance(value, int | float):
        return NUMBER
    if isinstance(value, Entry):
        return ENTRY
    return value.methods if isinstance(value, Object) else {}


def call_method(value: Any, name: str, arguments: Sequence[Any], run: Run) -> Any:
    """What the method returns; None where there is none of that name for these arguments."""
    method = methods_of(value).get(name) or _ANY.get(name)
    if method is None:
        return None
    if method.__code__.co_argcount != 2 + len(arguments) and not _takes(method, len(arguments)):
        return None
    try:
        return method(run, value, *arguments)
    except NoSuchMethod:
        return None


def _takes(method: Method, count: int) -> bool:
    code = method.__code__
    least = code.co_argcount - len(method.__defaults__ or ())
    has_more = bool(code.co_flags & inspect.CO_VARARGS)
    return least <= 2 + count and (has_more or 2 + count <= code.co_argcount)


def property_of(value: Any, name: str, run: Run) -> Any:
    if isinstance(value, dict):
        if name in value or name != "empty":
            return value.get(name)
        return not value
    if isinstance(value, Entry):
        return {"key": value.key, "value": value.value}.get(name)
    if isinstance(value, str | list):
        return not value if name == "empty" else None
    return value.find(name, run) if isinstance(value, Object) else None


def element_of(value: Any, index: Any) -> Any:
    if isinstance(value, dict):
        return value.get(key_of(index)) if not isinstance(index, dict | list) else None
    if isinstance(value, list):
        return value[require_index(value, index)] if type(index) is int else None
    return None


def set_element(owner: Any, index: Any, value: Any) -> None:
    if isinstance(owner, dict):
        try:
            owner[key_of(index)] = value
        except NoSuchMethod:
            raise TemplateFailed("A list or map can't be the key of a map") from None
    elif isinstance(owner, list) and type(index) is int:
        owner[require_index(owner, index)] = value


def require_index(value: list[Any], index: int) -> int:
    """The index; below zero it counts from the end. Raises TemplateFailed where nothing is there."""
    if not -len(value) <= index < len(value):
        raise TemplateFailed(f"Index: {index}, Size: {len(value)}")
    return index
