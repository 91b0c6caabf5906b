"""How filters compare JSON values: numbers with numeric text too, and never deeper than the work allows."""

from __future__ import annotations

import re
from typing import Any

from fogline.aws.jsonpath.work import Work

_NUMERAL_CHARACTERS_MAX = 64
_NUMERAL = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?")


def are_equal(left: Any, right: Any, work: Work) -> bool:
    """True if both are the same JSON value; a text is also equal to the number or boolean that it spells."""
    if isinstance(left, str) and not isinstance(right, str):
        left = _unspelled(left, right)
    elif isinstance(right, str) and not isinstance(left, str):
        right = _unspelled(right, left)
    return _are_same(left, right, work)


def _are_same(left: Any, right: Any, work: Work) -> bool:
    pairs = [(left, right)]
    while pairs:
        one, other = pairs.pop()
        work.spend(1)
        if isinstance(one, dict):
            if not isinstance(other, dict) or len(one) != len(other):
                return False
            for key, value in one.items():
                if key not in other:
                    return False
                pairs.append((value, other[key]))
        elif isinstance(one, list):
            if not isinstance(other, list) or len(one) != len(other):
                return False
            pairs.extend(zip(one, other, strict=True))
        elif isinstance(one, bool) is not isinstance(other, bool) or one != other:
            return False
    return True


def order_of(left: Any, right: Any) -> int | None:
    """-1, 0 or 1; None for values that have no order."""
    if isinstance(left, str) and not isinstance(right, str):
        left = _unspelled(left, right)
    elif isinstance(right, str) and not isinstance(left, str):
        right = _unspelled(right, left)
    both_text = isinstance(left, str) and isinstance(right, str)
    if not both_text and not (_is_number(left) and _is_number(right)):
        return None
    return int(left > right) - int(left < right)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _unspelled(text: str, other: Any) -> Any:
    """The number or boolean that a text spells, if it is to be compared with one."""
    if isinstance(other, bool):
        return {"true": True, "false": False}.get(text, text)
    if _is_number(other) and len(text) <= _NUMERAL_CHARACTERS_MAX and _NUMERAL.fullmatch(text):
        return int(text) if text.lstrip("+-").isdecimal() else float(text)
    return text
