"""The methods of numbers and booleans, among them those that read a text: `$number.parseInt("5")`."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from fogline.aws.velocity.errors import NoSuchMethod, TemplateFailed
from fogline.aws.velocity.run import Run
from fogline.aws.velocity.values import Method, is_number, text_of

_WHOLE = re.compile(r"[+-]?[0-9A-Za-z]{1,64}", re.ASCII)
_DECIMAL = re.compile(r"\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?[dDfF]?\s*")


def _whole(bits: int) -> Method:
    def read(run: Run, value: Any, text: Any, radix: Any = 10) -> int:
        if is_number(text):
            return wrapped(text, bits)
        if not isinstance(text, str) or type(radix) is not int or not 2 <= radix <= 36:
            raise NoSuchMethod
        number = _number(text, radix)
        if number is None or not -(1 << bits - 1) <= number < 1 << bits - 1:
            raise TemplateFailed(f'For input string: "{text[:100]}"')
        return number

    return read


def _number(text: str, radix: int) -> int | None:
    if not _WHOLE.fullmatch(text):
        return None
    try:
        return int(text, radix)
    except ValueError:
        return None


def _decimal(run: Run, value: Any, text: Any) -> float:
    if is_number(text):
        return _double(text)
    if not isinstance(text, str):
        raise NoSuchMethod
    if len(text) > 400 or not _DECIMAL.fullmatch(text):
        raise TemplateFailed(f'For input string: "{text[:100]}"')
    return float(text.strip().rstrip("dDfF"))


def _double(value: int | float) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def wrapped(value: int | float, bits: int) -> int:
    """The number as Java casts it to so many bits."""
    if isinstance(value, float):
        if math.isnan(value):
            return 0
        if math.isinf(value) or abs(value) >= 1 << bits - 1:
            return (1 << bits - 1) - 1 if value > 0 else -(1 << bits - 1)
        return int(value)
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> bits - 1 else value


def _compare(run: Run, value: Any, other: Any) -> int:
    if not is_number(value) or not is_number(other):
        raise NoSuchMethod
    return int(value > other) - int(value < other)


def _pair(choose: Callable[[Any, Any], Any]) -> Method:
    def of(run: Run, value: Any, one: Any, other: Any) -> Any:
        if not is_number(one) or not is_number(other):
            raise NoSuchMethod
        return choose(one, other)

    return of


def _text(run: Run, value: Any, *one: Any) -> str:
    if len(one) > 1:
        raise NoSuchMethod
    return text_of(one[0] if one else value, run)


def _value_of(run: Run, value: float, given: Any) -> Any:
    return (
        _decimal(run, value, given) if isinstance(value, float) else _READ_LONG(run, value, given)
    )


def _hexadecimal(run: Run, value: Any, given: Any) -> str:
    if type(given) is not int:
        raise NoSuchMethod
    return f"{given & 0xFFFFFFFF:x}"


_READ_LONG = _whole(64)

NUMBER: Mapping[str, Method] = {
    "parseInt": _whole(32),
    "parseLong": _READ_LONG,
    "parseDouble": _decimal,
    "parseFloat": _decimal,
    "valueOf": _value_of,
    "toString": _text,
    "toHexString": _hexadecimal,
    "intValue": lambda run, value: wrapped(value, 32),
    "longValue": lambda run, value: wrapped(value, 64),
    "shortValue": lambda run, value: wrapped(wrapped(value, 32), 16),
    "byteValue": lambda run, value: wrapped(wrapped(value, 32), 8),
    "doubleValue": lambda run, value: _double(value),
    "floatValue": lambda run, value: _double(value),
    "isNaN": lambda run, value: value != value,
    "isInfinite": lambda run, value: isinstance(value, float) and math.isinf(value),
    "compareTo": _compare,
    "compare": lambda run, value, one, other: _compare(run, one, other),
    "max": _pair(max),
    "min": _pair(min),
    "sum": _pair(
        lambda one, other: wrapped(one + other, 64) if type(one + other) is int else one + other
    ),
}


def _boolean(run: Run, value: bool, text: Any) -> bool:
    if isinstance(text, bool):
        return text
    if text is not None and not isinstance(text, str):
        raise NoSuchMethod
    return text is not None and text.lower() == "true"


BOOLEAN: Mapping[str, Method] = {
    "booleanValue": lambda run, value: value,
    "parseBoolean": _boolean,
    "valueOf": _boolean,
    "toString": _text,
    "compareTo": lambda run, value, other: int(value) - int(other is True),
}
