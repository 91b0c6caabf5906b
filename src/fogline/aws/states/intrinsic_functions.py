"""What the intrinsic functions do: `States.Array`, `States.Format` and the others.

https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import orjson

from fogline.aws.jsonpath.comparing import are_equal
from fogline.aws.states.rounding import INTEGER_MAX, INTEGER_MIN, rounded
from fogline.aws.states.scope import Scope
from fogline.aws.states.texts import java_text, json_text

ENCODED_CHARACTERS_MAX = 10_000
RANGE_ELEMENTS_MAX = 1_000
_ALGORITHMS = {
    "MD5": "md5",
    "SHA-1": "sha1",
    "SHA-256": "sha256",
    "SHA-384": "sha384",
    "SHA-512": "sha512",
}


class IntrinsicFailed(Exception):
    """A function can't work with its arguments."""


@dataclass(frozen=True, slots=True)
class Function:
    """A function, and how many arguments it takes (at most: None for any number)."""

    call: Callable[[Scope, Sequence[Any]], Any]
    arguments_min: int
    arguments_max: int | None
    has_growing_result: bool = False
    """True if the result can be larger than all of the arguments, or hold one of them several times."""


# ---- arguments


def _array(value: Any, what: str = "first") -> list[Any]:
    if not isinstance(value, list):
        raise IntrinsicFailed(f"The {what} argument must be an array")
    return value


def _text(value: Any, what: str = "first", characters_max: int | None = None) -> str:
    if not isinstance(value, str):
        raise IntrinsicFailed(f"The {what} argument must be a string")
    if characters_max is not None and len(value) > characters_max:
        raise IntrinsicFailed(f"The {what} argument is longer than {characters_max} characters")
    return value


def _integer(value: Any, what: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise IntrinsicFailed(f"The {what} argument must be a number")
    number = rounded(value)
    if not INTEGER_MIN <= number <= INTEGER_MAX:
        raise IntrinsicFailed(
            f"The {what} argument must be between {INTEGER_MIN} and {INTEGER_MAX}"
        )
    return number


# ---- arrays


def _make_array(scope: Scope, arguments: Sequence[Any]) -> Any:
    return list(arguments)


def _array_partition(scope: Scope, arguments: Sequence[Any]) -> Any:
    array, size = _array(arguments[0]), _integer(arguments[1], "second")
    if size < 1:
        raise IntrinsicFailed("The second argument must be a positive number")
    return [array[start : start + size] for start in range(0, len(array), size)]


def _array_contains(scope: Scope, arguments: Sequence[Any]) -> Any:
    wanted = arguments[1]
    return any(
        are_equal(element, wanted, scope.work)
        for element in _array(arguments[0])
        if isinstance(element, str) is isinstance(wanted, str)
    )


def _array_range(scope: Scope, arguments: Sequence[Any]) -> Any:
    first, last, step = (
        _integer(value, what)
        for value, what in zip(arguments, ("first", "second", "third"), strict=True)
    )
    if step == 0:
        raise IntrinsicFailed("The third argument must not be zero")
    elements = range(first, last + (1 if step > 0 else -1), step)
    if len(elements) > RANGE_ELEMENTS_MAX:
        raise IntrinsicFailed(f"The range has more than {RANGE_ELEMENTS_MAX} elements")
    return list(elements)


def _array_get_item(scope: Scope, arguments: Sequence[Any]) -> Any:
    array, index = _array(arguments[0]), _integer(arguments[1], "second")
    if not 0 <= index < len(array):
        raise IntrinsicFailed(f"The index {index} is outside of the array")
    return array[index]


def _array_length(scope: Scope, arguments: Sequence[Any]) -> Any:
    return len(_array(arguments[0]))


def _array_unique(scope: Scope, arguments: Sequence[Any]) -> Any:
    array = _array(arguments[0])
    scope.work.weigh(array)
    unique: dict[str | bytes, Any] = {}
    for element in array:
        unique.setdefault(_sorted_json(element), element)
    return list(unique.values())


def _sorted_json(value: Any) -> str | bytes:
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        return json.dumps(value, sort_keys=True)


# ---- text


def _format(scope: Scope, arguments: Sequence[Any]) -> Any:
    parts = template_parts(_text(arguments[0]))
    if len(parts) != len(arguments):
        raise IntrinsicFailed(
            f"The template has {len(parts) - 1} placeholders for {len(arguments) - 1} arguments"
        )
    filled = [parts[0]]
    for part, value in zip(parts[1:], arguments[1:], strict=True):
        scope.work.weigh(value)
        filled += (java_text(value), part)
    return "".join(filled)


def template_parts(template: str) -> list[str]:
    """The text before, between and behind the placeholders `{}`; `\\{` is a brace."""
    parts: list[str] = []
    letters: list[str] = []
    at = 0
    while at < len(template):
        letter = template[at]
        if letter == "\\" and template[at + 1 : at + 2] in ("\\", "{", "}", "'"):
            at += 1
            letters.append(template[at])
        elif letter == "{" and template[at + 1 : at + 2] == "}":
            at += 1
            parts.append("".join(letters))
            letters.clear()
        else:
            letters.append(letter)
        at += 1
    return [*parts, "".join(letters)]


def _string_split(scope: Scope, arguments: Sequence[Any]) -> Any:
    """Every character of the second argument parts the text, and empty parts are left out.

    Recorded: test_string_split_context_object.
    """
    text, separators = _text(arguments[0]), _text(arguments[1], "second")
    if not separators:
        return [text] if text else []
    return [part for part in re.split(f"[{re.escape(separators)}]", text) if part]


def _base64_encode(scope: Scope, arguments: Sequence[Any]) -> Any:
    text = _text(arguments[0], characters_max=ENCODED_CHARACTERS_MAX)
    return base64.b64encode(text.encode("utf-8", "replace")).decode()


def _base64_decode(scope: Scope, arguments: Sequence[Any]) -> Any:
    text = _text(arguments[0], characters_max=ENCODED_CHARACTERS_MAX)
    try:
        return base64.b64decode(text.encode("ascii"), validate=True).decode("utf-8", "replace")
    except (UnicodeEncodeError, binascii.Error):
        raise IntrinsicFailed("The first argument is not valid Base64") from None


def _hash(scope: Scope, arguments: Sequence[Any]) -> Any:
    data, algorithm = arguments[0], _text(arguments[1], "second")
    if algorithm not in _ALGORITHMS:
        names = ", ".join(_ALGORITHMS)
        raise IntrinsicFailed(f"The second argument must be one of {names}")
    if not isinstance(data, str):
        scope.work.weigh(data)
        data = json_text(data)
    text = _text(data, characters_max=ENCODED_CHARACTERS_MAX)
    return hashlib.new(_ALGORITHMS[algorithm], text.encode("utf-8", "replace")).hexdigest()


def _uuid(scope: Scope, arguments: Sequence[Any]) -> Any:
    return scope.ids.uuid()


# ---- JSON


def _string_to_json(scope: Scope, arguments: Sequence[Any]) -> Any:
    text = _text(arguments[0])
    try:
        return orjson.loads(text)
    except ValueError:
        pass
    try:
        value = json.loads(text, parse_constant=_refuse)
        json.dumps(value, ensure_ascii=False).encode()  # refuses half a character
    except (ValueError, RecursionError):
        raise IntrinsicFailed("The first argument is not valid JSON") from None
    return value


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def _json_to_string(scope: Scope, arguments: Sequence[Any]) -> Any:
    scope.work.weigh(arguments[0])
    return json_text(arguments[0])


def _json_merge(scope: Scope, arguments: Sequence[Any]) -> Any:
    first, second, is_deep = arguments
    if not isinstance(first, dict) or not isinstance(second, dict):
        raise IntrinsicFailed("The first two arguments must be JSON objects")
    if is_deep is not False:
        raise IntrinsicFailed("The third argument must be false: only shallow merging is supported")
    scope.work.spend(len(first) + len(second))
    return {**first, **second}


# ---- numbers


def _math_add(scope: Scope, arguments: Sequence[Any]) -> Any:
    total = _integer(arguments[0], "first") + _integer(arguments[1], "second")
    if not INTEGER_MIN <= total <= INTEGER_MAX:
        raise IntrinsicFailed(f"The sum must be between {INTEGER_MIN} and {INTEGER_MAX}")
    return total


def _math_random(scope: Scope, arguments: Sequence[Any]) -> Any:
    """From the first number up to, not including, the second; with a seed always the same."""
    start, end = _integer(arguments[0], "first"), _integer(arguments[1], "second")
    if start >= end:
        raise IntrinsicFailed("The first argument must be less than the second")
    if len(arguments) == 3:
        seed = str(_integer(arguments[2], "third")).encode()
        fraction = int.from_bytes(hashlib.sha256(seed).digest()[:6], "big") / 2**48
    else:
        fraction = scope.ids.fraction()
    return min(start + int(fraction * (end - start)), end - 1)


FUNCTIONS: dict[str, Function] = {
    "States.Array": Function(_make_array, 0, None, has_growing_result=True),
    "States.ArrayContains": Function(_array_contains, 2, 2),
    "States.ArrayGetItem": Function(_array_get_item, 2, 2),
    "States.ArrayLength": Function(_array_length, 1, 1),
    "States.ArrayPartition": Function(_array_partition, 2, 2),
    "States.ArrayRange": Function(_array_range, 3, 3),
    "States.ArrayUnique": Function(_array_unique, 1, 1),
    "States.Base64Decode": Function(_base64_decode, 1, 1),
    "States.Base64Encode": Function(_base64_encode, 1, 1),
    "States.Format": Function(_format, 1, None),
    "States.Hash": Function(_hash, 2, 2),
    "States.JsonMerge": Function(_json_merge, 3, 3, has_growing_result=True),
    "States.JsonToString": Function(_json_to_string, 1, 1),
    "States.MathAdd": Function(_math_add, 2, 2),
    "States.MathRandom": Function(_math_random, 2, 3),
    "States.StringSplit": Function(_string_split, 2, 2),
    "States.StringToJson": Function(_string_to_json, 1, 1),
    "States.UUID": Function(_uuid, 0, 0),
}
