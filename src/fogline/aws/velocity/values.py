"""The values of a template: Java's, as Python's: how they are printed, compared and taken for true."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, ClassVar, NamedTuple

import orjson

from fogline.aws.velocity.errors import NoSuchMethod, TemplateFailed
from fogline.aws.velocity.limits import CHARACTERS_PER_STEP, TEXT_CHARACTERS_MAX
from fogline.aws.velocity.run import Run

# What a value is: None, bool, str, int (Integer, Long, BigInteger), float (Double), dict (LinkedHashMap),
# list (an array that came as JSON), JavaList (made by the template), Entry, or an Object.

Method = Callable[..., Any]
"""Takes the run, the value it is called on, and the arguments."""


class JavaList(list[Any]):
    """A list that the template or a method made: printed as `[a, b]`, where one that came as JSON stays JSON.

    Recorded: test_input_path_template_formatting.
    """


class Entry:
    """One pair of a map."""

    __slots__ = ("key", "owner")

    def __init__(self, owner: dict[Any, Any], key: Any) -> None:
        self.owner = owner
        self.key = key

    @property
    def value(self) -> Any:
        return self.owner.get(self.key)


class Object:
    """What is neither text, number, list nor map: it has properties and methods from a closed table."""

    __slots__ = ()
    methods: ClassVar[Mapping[str, Method]] = {}

    def find(self, name: str, run: Run) -> Any:
        """A property; None for what there is not."""
        return None


class _Open(NamedTuple):
    """What is still to be printed: a value, or a piece of punctuation."""

    value: Any
    is_json: bool
    is_punctuation: bool = False


def text_of(value: Any, run: Run) -> str:
    """As Java prints it; nothing for null."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return double_text(value)
    return _printed(value, run, is_json=False)


def json_of(value: Any, run: Run) -> str:
    """As JSON, without white space."""
    return _printed(value, run, is_json=True)


def double_text(value: float) -> str:
    """As `Double.toString` has it."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return repr(value)
    exact = Decimal(repr(abs(value))).normalize()
    digits = "".join(map(str, exact.as_tuple().digits))
    sign = "-" if value < 0 else ""
    return f"{sign}{digits[0]}.{digits[1:] or '0'}E{exact.adjusted()}"


def _printed(value: Any, run: Run, *, is_json: bool) -> str:
    parts: list[str] = []
    length = 0
    waiting = [_Open(value, is_json)]
    while waiting:
        one = waiting.pop()
        if one.is_punctuation:
            parts.append(one.value)
        elif isinstance(one.value, list):
            # A list that came as JSON prints as JSON, whatever it stands in.
            inner = one.is_json or not isinstance(one.value, JavaList)
            run.charge(1 + len(one.value))
            _open_list(waiting, one.value, inner)
        elif isinstance(one.value, dict):
            run.charge(1 + 2 * len(one.value))
            _open_map(waiting, one.value, one.is_json)
        elif isinstance(one.value, Entry) and not one.is_json:
            pair = (one.value.key, "=", one.value.value)
            for at in (2, 1, 0):
                waiting.append(_Open(pair[at], False, at == 1))
        else:
            text = _scalar_json(one.value, run) if one.is_json else _scalar(one.value)
            parts.append(text)
            length += len(text)
            run.charge(1 + len(text) // CHARACTERS_PER_STEP)
            if length > TEXT_CHARACTERS_MAX:
                raise TemplateFailed("The template makes a longer text than a payload may be")
    return "".join(parts)


def _punctuation(text: str) -> _Open:
    return _Open(text, False, True)


def _open_list(waiting: list[_Open], elements: list[Any], is_json: bool) -> None:
    waiting.append(_punctuation("]"))
    separator = _punctuation("," if is_json else ", ")
    for element in reversed(elements):
        waiting.append(_Open(element, is_json))
        waiting.append(separator)
    if elements:
        waiting.pop()
    waiting.append(_punctuation("["))


def _open_map(waiting: list[_Open], members: dict[Any, Any], is_json: bool) -> None:
    waiting.append(_punctuation("}"))
    separator = _punctuation("," if is_json else ", ")
    relation = _punctuation(":" if is_json else "=")
    for key, value in reversed(members.items()):
        waiting.append(_Open(value, is_json))
        waiting.append(relation)
        waiting.append(_Open(_scalar(key) if is_json else key, is_json))
        waiting.append(separator)
    if members:
        waiting.pop()
    waiting.append(_punctuation("{"))


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return double_text(value) if isinstance(value, float) else type(value).__name__


def _scalar_json(value: Any, run: Run) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, float) and not math.isfinite(value):
        return "null"
    if isinstance(value, str):
        run.charge_text(len(value))
    if value is None or isinstance(value, bool | str | float):
        try:
            return orjson.dumps(value).decode()
        except orjson.JSONEncodeError:
            raise TemplateFailed("A text with half a character can't be written as JSON") from None
    return orjson.dumps(_scalar(value)).decode()


def is_true(value: Any) -> bool:
    """What `#if` takes for true: all but null and false, the empty text too."""
    return value is not None and value is not False


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def are_equal(left: Any, right: Any, run: Run) -> bool:
    """`==`: numbers by value, values of one kind by content, others by how they are printed.

    Null is equal to the empty text too (recorded: test_input_path_template_formatting).
    """
    if isinstance(left, str) and isinstance(right, str):
        run.charge_text(min(len(left), len(right)))
        return left == right
    if left is None or right is None:
        return (left is None or left == "") and (right is None or right == "")
    if is_number(left) and is_number(right):
        return bool(left == right)
    if type(left) is type(right) or (isinstance(left, list) and isinstance(right, list)):
        return have_same_content(left, right, run)
    return text_of(left, run) == text_of(right, run)


def have_same_content(left: Any, right: Any, run: Run) -> bool:
    """`equals()`: the same kind, and the same content."""
    pairs = [(left, right)]
    while pairs:
        one, other = pairs.pop()
        run.charge(1)
        if one is other:
            continue
        if isinstance(one, Entry) and isinstance(other, Entry):
            pairs += [(one.key, other.key), (one.value, other.value)]
        elif isinstance(one, dict) and isinstance(other, dict):
            if len(one) != len(other):
                return False
            run.charge(len(one))
            for key, value in one.items():
                if key not in other:
                    return False
                pairs.append((value, other[key]))
        elif isinstance(one, list) and isinstance(other, list):
            if len(one) != len(other):
                return False
            run.charge(len(one))
            pairs.extend(zip(one, other, strict=True))
        elif isinstance(one, str) and isinstance(other, str):
            run.charge_text(min(len(one), len(other)))
            if one != other:
                return False
        elif type(one) is not type(other) or isinstance(one, dict | list) or one != other:
            return False
    return True


def key_of(value: Any) -> Any:
    """The value as the key of a map."""
    if value is None or isinstance(value, str | bool | int | float):
        return value
    raise NoSuchMethod
