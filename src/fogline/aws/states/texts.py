"""Values as text: JSON, and the way that Java writes objects, which AWS's `States.Format` lets through."""

from __future__ import annotations

import json
import math
from typing import Any

import orjson


def json_text(value: Any) -> str:
    """A value as compact JSON."""
    try:
        return orjson.dumps(value).decode()
    except TypeError:  # deeper than it writes, a larger number, or half a character
        try:
            return json.dumps(value, separators=(",", ":"))
        except RecursionError:
            return "..."


def java_text(value: Any) -> str:
    """A value as Java's `toString` gives it: `{Arg1=1, Arg2=[]}` (recorded: test_format_2)."""
    if isinstance(value, str):
        return value
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _java_double(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}={java_text(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(java_text, value)) + "]"
    return str(value)


def _java_double(value: float) -> str:
    """Java writes 1.0E7 where Python writes 10000000.0, and 1.0E-4 for 0.0001."""
    if value == 0 or not math.isfinite(value) or 1e-3 <= abs(value) < 1e7:
        return repr(value)
    sign = "-" if value < 0 else ""
    mantissa, _, exponent = f"{abs(value):e}".partition("e")
    for digits in range(17):
        text = f"{abs(value):.{digits}e}"
        if float(text) == abs(value):
            mantissa, _, exponent = text.partition("e")
            break
    if "." not in mantissa:
        mantissa += ".0"
    return f"{sign}{mantissa}E{int(exponent)}"
