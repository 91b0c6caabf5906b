"""Attribute values: what may be stored, in which form, and how large it counts.

A value is AWS's own: a dict of one type and its content (`{"S": "x"}`), binary as bytes. `admit`
checks one and brings its numbers to their normal form where they stand, so that from then on two
values are equal when Python says so (sets apart, which have no order).
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from typing import Any, TypeAlias

from fogline.services.dynamodb import numbers
from fogline.services.dynamodb.errors import ValidationException, invalid_parameters

Value: TypeAlias = dict[str, Any]
Item: TypeAlias = dict[str, Value]

NESTING_MAX = 32

_CONTAINER_BYTES = 3
_ELEMENT_BYTES = 1

TYPE_NAMES = {
    "S": "STRING",
    "N": "NUMBER",
    "B": "BINARY",
    "SS": "STRING_SET",
    "NS": "NUMBER_SET",
    "BS": "BINARY_SET",
    "BOOL": "BOOLEAN",
    "NULL": "NULL",
    "L": "LIST",
    "M": "MAP",
}


def admit_item(item: Item) -> int:
    """Check every attribute, bring it to its normal form, and tell the size of the item in bytes."""
    size = 0
    for name, value in item.items():
        size += text_bytes(name) + admit(value)
    return size


def admit(value: Value, depth: int = 1) -> int:
    """Check a value, bring it to its normal form, and tell its size in bytes."""
    if len(value) != 1:
        raise ValidationException(_WRONG_COUNT[bool(value)])
    [(kind, content)] = value.items()
    if kind == "S":
        return len(content) if content.isascii() else text_bytes(content)
    if kind == "N":
        normal = numbers.normalised(content)
        if normal is not content:
            value["N"] = normal
        return numbers.stored_bytes(normal)
    if kind == "M" or kind == "L":
        return _admit_container(content, depth)
    if kind == "B":
        return len(content)
    if kind == "BOOL":
        return 1
    if kind == "NULL":
        if content is not True:
            raise invalid_parameters("Null attribute value types must have the value of true")
        return 1
    return _admit_set(value, kind, content)


_WRONG_COUNT = (
    "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes",
    "Supplied AttributeValue has more than one datatypes set, "
    "must contain exactly one of the supported datatypes",
)


def _admit_container(content: dict[str, Value] | list[Value], depth: int) -> int:
    if depth > NESTING_MAX:
        raise ValidationException("Nesting Levels have exceeded supported limits")
    size = _CONTAINER_BYTES
    if isinstance(content, dict):
        for name, value in content.items():
            size += _ELEMENT_BYTES + text_bytes(name) + admit(value, depth + 1)
    else:
        for value in content:
            size += _ELEMENT_BYTES + admit(value, depth + 1)
    return size


def _admit_set(value: Value, kind: str, content: list[Any]) -> int:
    if not content:
        raise invalid_parameters(_EMPTY_SET[kind])
    if kind == "NS":
        content = value["NS"] = [numbers.normalised(each) for each in content]
        if len(set(content)) != len(content):
            raise invalid_parameters("Input collection contains duplicates")
        return sum(map(numbers.stored_bytes, content))
    if len(set(content)) != len(content):
        if kind == "SS":
            listed = f"[{', '.join(content)}] contains"
        else:
            listed = (
                f"[{', '.join(b64encode(each).decode() for each in content)}]of type BS contains"
            )
        raise invalid_parameters(f"Input collection {listed} duplicates.")
    return sum(map(text_bytes, content)) if kind == "SS" else sum(map(len, content))


_EMPTY_SET = {
    "SS": "An string set  may not be empty",
    "NS": "An number set  may not be empty",
    "BS": "Binary sets should not be empty",
}


def text_bytes(text: str) -> int:
    """The size of a text in UTF-8."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def item_bytes(item: Item) -> int:
    """The size of an item whose values were admitted before."""
    return sum(text_bytes(name) + value_bytes(value) for name, value in item.items())


def value_bytes(value: Value) -> int:
    """The size of a value that was admitted before."""
    [(kind, content)] = value.items()
    if kind == "S":
        return text_bytes(content)
    if kind == "N":
        return numbers.stored_bytes(content)
    if kind == "M":
        return _CONTAINER_BYTES + sum(
            _ELEMENT_BYTES + text_bytes(name) + value_bytes(each) for name, each in content.items()
        )
    if kind == "L":
        return _CONTAINER_BYTES + sum(_ELEMENT_BYTES + value_bytes(each) for each in content)
    if kind == "B":
        return len(content)
    if kind == "SS":
        return sum(map(text_bytes, content))
    if kind == "NS":
        return sum(map(numbers.stored_bytes, content))
    if kind == "BS":
        return sum(map(len, content))
    return 1


def nesting(values: Iterable[Value]) -> int:
    """How many containers stand one in another at the deepest place."""
    deepest = 0
    for value in values:
        [(kind, content)] = value.items()
        if kind == "M":
            deepest = max(deepest, 1 + nesting(content.values()))
        elif kind == "L":
            deepest = max(deepest, 1 + nesting(content))
    return deepest


def shown(value: Value) -> str:
    """A value as AWS shows it in its messages: `{S:abc}`."""
    [(kind, content)] = value.items()
    if kind == "B":
        content = b64encode(content).decode()
    return f"AttributeValue: {{{kind}:{content}}}"
