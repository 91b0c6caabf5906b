"""Values as JSONata sees them: JSON, plus 'nothing', sequences and functions."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any

from fogline.aws.jsonata.errors import EvaluationFailed
from fogline.aws.jsonata.limits import (
    CHARACTERS_PER_STEP,
    PURSE_STEPS_MAX,
    RESULT_NESTING_MAX,
    STEPS_MAX,
)


class _Missing:
    """Nothing at all, which is not null."""

    def __repr__(self) -> str:
        return "MISSING"

    def __bool__(self) -> bool:
        return False


MISSING: Any = _Missing()


class Sequence(list[Any]):
    """What a path found: one item is that item, none is nothing, unless `[]` asked to keep the list."""

    __slots__ = ("is_kept", "is_tuples", "is_wrapper")

    def __init__(self, items: Any = ()) -> None:
        super().__init__(items)
        self.is_kept = False
        self.is_tuples = False
        """The items are bindings made by `@`, `#` or `%`; the value is under `@`."""
        self.is_wrapper = False


class Constructed(list[Any]):
    """An array written as a step of a path: the path does not flatten it away."""

    __slots__ = ()


class Purse:
    """The steps that several evaluations may cost together."""

    __slots__ = ("steps",)

    def __init__(self, steps: int = PURSE_STEPS_MAX) -> None:
        self.steps = steps


class Run:
    """One evaluation: what it may still cost, and the world as it was handed in."""

    __slots__ = ("new_id", "next_chance", "now", "root", "steps")

    def __init__(
        self,
        root: Any,
        now: int,
        next_chance: Callable[[], float],
        new_id: Callable[[], str],
        steps: int = STEPS_MAX,
    ) -> None:
        self.root = root
        self.now = now
        self.next_chance = next_chance
        self.new_id = new_id
        self.steps = steps

    def charge(self, steps: int = 1) -> None:
        self.steps -= steps
        if self.steps < 0:
            raise EvaluationFailed("D1012", value=STEPS_MAX)

    def charge_text(self, length: int) -> None:
        self.steps -= 1 + length // CHARACTERS_PER_STEP
        if self.steps < 0:
            raise EvaluationFailed("D1012", value=STEPS_MAX)


class Frame:
    """The variables of a block or a call."""

    __slots__ = ("parent", "run", "variables")

    def __init__(self, parent: Frame | None, run: Run, variables: dict[str, Any]) -> None:
        self.parent = parent
        self.run = run
        self.variables = variables

    def lookup(self, name: str) -> Any:
        frame: Frame | None = self
        while frame is not None:
            if name in frame.variables:
                return frame.variables[name]
            frame = frame.parent
        return MISSING


Node = Callable[[Any, Frame], Any]


class Function:
    """Something that can be called."""

    __slots__ = ()

    arity: int

    def call(self, args: list[Any], context: Any, run: Run) -> Any:
        raise NotImplementedError


def unwrapped(value: Any) -> Any:
    """A sequence as the value it stands for."""
    if type(value) is Sequence and not value.is_tuples:
        if not value:
            return MISSING
        if len(value) == 1 and not value.is_kept:
            return value[0]
    return value


def appended(first: Any, second: Any, run: Run) -> Any:
    """Both, one after the other, in one list."""
    if first is MISSING:
        return second
    if second is MISSING:
        return first
    left = first if isinstance(first, list) else [first]
    right = second if isinstance(second, list) else [second]
    run.charge(len(left) + len(right))
    joined = Sequence(left) if not isinstance(first, list) else list(left)
    joined.extend(right)
    return joined


_EXACT_MAX = 2**53


def number(value: int | float) -> int | float:
    """A number as JSON shows it: whole numbers have no fraction, and nothing exceeds a double."""
    if type(value) is int and -_EXACT_MAX <= value <= _EXACT_MAX:
        return value
    try:
        value = float(value)
    except OverflowError:
        raise EvaluationFailed("D1001", value="Infinity") from None
    if not math.isfinite(value):
        raise EvaluationFailed("D1001", value="NaN" if value != value else "Infinity")
    return int(value) if value.is_integer() and abs(value) < 1e21 else value


def is_number(value: Any) -> bool:
    kind = type(value)
    return kind is int or kind is float


def is_true(value: Any, run: Run) -> bool:
    """What a condition makes of any value."""
    kind = type(value)
    if kind is bool:
        return bool(value)
    if value is None or value is MISSING or isinstance(value, Function):
        return False
    if isinstance(value, list):
        run.charge(len(value))
        return any(is_true(item, run) for item in value)
    return bool(value)


def is_equal(left: Any, right: Any, run: Run) -> bool:
    """True for the same JSON, whatever the order of names."""
    kind = type(left)
    if kind is str or kind is bool or left is None:
        return type(right) is kind and bool(left == right)
    if kind is int or kind is float:
        return is_number(right) and bool(left == right)
    if isinstance(left, list):
        if not isinstance(right, list) or len(left) != len(right):
            return False
        run.charge(1 + len(left))
        return all(is_equal(a, b, run) for a, b in zip(left, right, strict=True))
    if kind is dict:
        if type(right) is not dict or left.keys() != right.keys():
            return False
        run.charge(1 + len(left))
        return all(is_equal(value, right[name], run) for name, value in left.items())
    return left is right


def number_text(value: int | float) -> str:
    """A number in JavaScript's notation, to fifteen digits where it is not whole."""
    if type(value) is int:
        if abs(value) < 10**21:
            return str(value)
        value = float(value)
    value = float(f"{value:.15g}")
    size = abs(value)
    if value == 0:
        return "0"
    if 1e-6 <= size < 1e21:
        text = repr(value)
        if "e" in text:
            text = f"{Decimal(text):f}"
        return text.removesuffix(".0").removesuffix(".")
    mantissa, _, exponent = repr(value).partition("e")
    return f"{mantissa.removesuffix('.0')}e{int(exponent):+d}"


def text_of(value: Any, run: Run, is_pretty: bool = False) -> str:
    """A value as `$string` gives it."""
    if type(value) is str:
        return value
    if isinstance(value, Function):
        return ""
    if is_number(value):
        return number_text(value)
    pieces: list[str] = []
    _write(value, pieces, run, "\n" if is_pretty else "")
    return "".join(pieces)


def _write(value: Any, pieces: list[str], run: Run, indent: str) -> None:
    run.charge_text(len(indent))
    if value is None or isinstance(value, bool):
        pieces.append({None: "null", True: "true", False: "false"}[value])
    elif type(value) is str:
        run.charge_text(len(value))
        pieces.append(encode_basestring(value))
    elif is_number(value):
        pieces.append(number_text(value))
    elif isinstance(value, list):
        _write_members(value, "[]", [""] * len(value), pieces, run, indent)
    elif type(value) is dict:
        colon = ": " if indent else ":"
        names = [encode_basestring(name) + colon for name in value]
        _write_members(list(value.values()), "{}", names, pieces, run, indent)
    else:
        pieces.append('""')


def _write_members(
    members: list[Any], brackets: str, names: list[str], pieces: list[str], run: Run, indent: str
) -> None:
    inner = indent + "  " if indent else ""
    pieces.append(brackets[0])
    for place, (name, member) in enumerate(zip(names, members, strict=True)):
        if place:
            pieces.append(",")
        run.charge_text(len(name))
        pieces.append(inner + name)
        _write(member, pieces, run, inner)
    pieces.append((indent if members else "") + brackets[1])


class UnsupportedResult(Exception):
    """A function somewhere in a result: it is no JSON."""


def plain(value: Any, run: Run, depth: int = 0) -> Any:
    """The result as JSON and nothing else."""
    kind = type(value)
    if kind is str or kind is int or kind is bool or kind is float or value is None:
        return value
    if depth > RESULT_NESTING_MAX:
        raise EvaluationFailed("D1011")
    if isinstance(value, list):
        run.charge(1 + len(value))
        return [plain(item, run, depth + 1) for item in value]
    if kind is dict:
        run.charge(1 + len(value))
        return {name: plain(item, run, depth + 1) for name, item in value.items()}
    raise UnsupportedResult
