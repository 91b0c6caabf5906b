"""How two attribute values compare. Values of different types are never equal and have no order."""

from __future__ import annotations

from typing import Any

from fogline.services.dynamodb.numbers import number
from fogline.services.dynamodb.values import Value

_SETS = frozenset(("SS", "NS", "BS"))


def equal(left: Value, right: Value) -> bool:
    """True when both are of one type and mean the same; sets have no order."""
    if left == right:
        return True
    [(kind, mine)] = left.items()
    if kind not in right:
        return False
    theirs = right[kind]
    if kind in _SETS:
        return len(mine) == len(theirs) and set(mine) == set(theirs)
    if kind == "L":
        return len(mine) == len(theirs) and all(map(equal, mine, theirs))
    if kind == "M":
        return mine.keys() == theirs.keys() and all(
            equal(value, theirs[name]) for name, value in mine.items()
        )
    return False


def rank(left: Value, right: Value) -> tuple[Any, Any] | None:
    """The contents as values Python can order, or None where the two have no order."""
    if "S" in left:
        return (left["S"], right["S"]) if "S" in right else None
    if "N" in left:
        return (number(left["N"]), number(right["N"])) if "N" in right else None
    if "B" in left:
        return (left["B"], right["B"]) if "B" in right else None
    return None


def less(left: Value, right: Value) -> bool:
    pair = rank(left, right)
    return pair is not None and bool(pair[0] < pair[1])


def less_or_equal(left: Value, right: Value) -> bool:
    pair = rank(left, right)
    return pair is not None and bool(pair[0] <= pair[1])


def begins_with(value: Value, prefix: Value) -> bool:
    if "S" in value and "S" in prefix:
        return bool(value["S"].startswith(prefix["S"]))
    if "B" in value and "B" in prefix:
        return bool(value["B"].startswith(prefix["B"]))
    return False


def contains(value: Value, part: Value) -> bool:
    """True when a text or binary has that part, or a set or list has that element."""
    [(kind, content)] = value.items()
    if kind == "L":
        return any(equal(each, part) for each in content)
    [(part_kind, part_content)] = part.items()
    if kind == part_kind:
        return kind in ("S", "B") and part_content in content
    return kind in _SETS and kind[0] == part_kind and part_content in content


def size(value: Value) -> Value | None:
    """Characters of a text, bytes of a binary, elements of anything that has some; else None."""
    [(kind, content)] = value.items()
    if kind in ("N", "BOOL", "NULL"):
        return None
    return {"N": str(len(content))}
