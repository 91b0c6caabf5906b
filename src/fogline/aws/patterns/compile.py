"""From the text of a pattern to its compiled form, refusing what AWS refuses in AWS's words."""

from __future__ import annotations

import ipaddress
import json
import math
from collections.abc import Callable, Hashable, Mapping
from functools import lru_cache
from typing import Any, NoReturn

from fogline.aws.patterns.operators import (
    AnythingBut,
    AnythingButValues,
    Cidr,
    Condition,
    EqualsIgnoreCase,
    NumericRange,
    Operator,
    Prefix,
    PrefixIgnoreCase,
    Present,
    Suffix,
    SuffixIgnoreCase,
    Wildcard,
    key_of,
)
from fogline.aws.patterns.pattern import Pattern

COMPILED_MAX = 4_096
DEPTH_MAX = 100
ALTERNATIVES_MAX = 1_000
"""How many combinations all `$or`s of a pattern may unfold into."""
WILDCARDS_MAX = 5
"""Asterisks in one value. AWS refuses by the size of its automaton, which it does not publish."""

_OR = "$or"
_RESERVED_IN_OR = frozenset(
    {
        "exactly",
        "prefix",
        "suffix",
        "equals-ignore-case",
        "wildcard",
        "numeric",
        "anything-but",
        "exists",
        "cidr",
    }
)
_TOO_COMPLEX = (
    "Rule is too complex - try using fewer wildcard characters or fewer repeating character "
    "sequences after a wildcard character"
)
_ONE_KEY = "Only one key allowed in match expression"
_TOO_MANY = "Too many elements in numeric expression"

_Rule = dict[str, Condition]


class InvalidPattern(ValueError):
    """The pattern is refused; the text is what EventBridge says about it."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"Event pattern is not valid. Reason: {reason}")


def compile_pattern(pattern: str | Mapping[str, Any]) -> Pattern:
    """Compile a pattern given as JSON text, or parsed. Raises InvalidPattern."""
    return _compile_text(pattern) if isinstance(pattern, str) else _compile(pattern)


@lru_cache(COMPILED_MAX)
def _compile_text(text: str) -> Pattern:
    try:
        parsed = json.loads(text, parse_float=_read_float, parse_constant=_refuse_constant)
    except RecursionError:
        _refuse("Pattern is nested too deeply")
    except InvalidPattern:
        raise
    except ValueError as error:
        _refuse(str(error))
    return _compile(parsed)


def _compile(parsed: Any) -> Pattern:
    if not isinstance(parsed, Mapping):
        _refuse("Filter is not an object")
    rules = _read_object([{}], "", parsed, 0, is_in_or=False)
    return Pattern(tuple({path: rule[path] for path in sorted(rule)} for rule in rules))


def _read_object(
    rules: list[_Rule], path: str, given: Mapping[str, Any], depth: int, *, is_in_or: bool
) -> list[_Rule]:
    """What `rules` become when each of them must also meet `given`."""
    if not given:
        _refuse("Empty objects are not allowed")
    if depth > DEPTH_MAX:
        _refuse("Pattern is nested too deeply")
    for name, value in given.items():
        if name == _OR and (is_in_or or _is_or(value)):
            rules = _read_or(rules, path, value, depth)
            continue
        if is_in_or and name in _RESERVED_IN_OR:
            _refuse(f"{name} is Ruler reserved fieldName which cannot be used inside $or.")
        below = f"{path}.{name}" if path else name
        if isinstance(value, Mapping):
            rules = _read_object(rules, below, value, depth + 1, is_in_or=is_in_or)
        elif isinstance(value, list):
            condition = _read_condition(value)
            rules = [{**rule, below: condition} for rule in rules]
        else:
            _refuse(f'"{name}" must be an object or an array')
    return rules


def _is_or(value: Any) -> bool:
    """False where a field happens to be called `$or`: a choice has two objects or more."""
    return (
        isinstance(value, list)
        and len(value) >= 2
        and all(
            isinstance(each, Mapping) and not _RESERVED_IN_OR.intersection(each) for each in value
        )
    )


def _read_or(rules: list[_Rule], path: str, given: Any, depth: int) -> list[_Rule]:
    if not isinstance(given, list):
        _refuse(f"It must be an Array followed with {_OR}.")
    unfolded: list[_Rule] = []
    for each in given:
        if not isinstance(each, Mapping):
            _refuse(f"Only JSON object is allowed in array of {_OR} relationship.")
        unfolded += _read_object(rules, path, each, depth + 1, is_in_or=True)
        if len(unfolded) > ALTERNATIVES_MAX:
            _refuse(f"Rule is too complex - try using fewer {_OR} conditions")
    if len(given) < 2:
        _refuse(f"There must have at least 2 Objects in {_OR} relationship.")
    return unfolded


def _read_condition(given: list[Any]) -> Condition:
    values: set[Hashable] = set()
    operators: list[Operator] = []
    allows_absence = False
    for each in given:
        if isinstance(each, list):
            _refuse("Match value must be String, number, true, false, or null")
        if not isinstance(each, Mapping):
            values.add(key_of(each))
            continue
        name, operand = _only_entry(each, "Match expression name not found")
        if name == "exists":
            if not isinstance(operand, bool):
                _refuse("exists match pattern must be either true or false.")
            if operand:
                operators.append(Present())
            else:
                allows_absence = True
        elif name == "exactly":
            values.add(_text(operand, "exact match pattern must be a string"))
        elif name in _READERS:
            operators.append(_READERS[name](operand))
        else:
            _refuse(f"Unrecognized match type {name}")
        if len(each) > 1:
            _refuse(_TOO_MANY if name in ("numeric", "anything-but") else _ONE_KEY)
    if not given:
        _refuse("Empty arrays are not allowed")
    return Condition(frozenset(values), tuple(operators), allows_absence)


def _read_prefix(operand: Any) -> Operator:
    if isinstance(operand, Mapping):
        return PrefixIgnoreCase(_ignoring_case(operand, "prefix"))
    return Prefix(_text(operand, "prefix match pattern must be a string"))


def _read_suffix(operand: Any) -> Operator:
    if isinstance(operand, Mapping):
        return SuffixIgnoreCase(_ignoring_case(operand, "suffix"))
    return Suffix(_text(operand, "suffix match pattern must be a string"))


def _ignoring_case(operand: Mapping[str, Any], outer: str) -> str:
    name, value = _only_entry(operand, f"{outer.capitalize()} expression name not found")
    if name != "equals-ignore-case":
        _refuse(f"Unsupported {outer} pattern: {name}")
    text = _text(value, "equals-ignore-case match pattern must be a string")
    if len(operand) > 1:
        _refuse(_ONE_KEY)
    return text.lower()


def _read_equals_ignore_case(operand: Any) -> Operator:
    return EqualsIgnoreCase(
        _text(operand, "equals-ignore-case match pattern must be a string").lower()
    )


def _read_wildcard(operand: Any) -> Operator:
    text = _text(operand, "wildcard match pattern must be a string")
    parts = [""]
    at = 0
    while at < len(text):
        letter = text[at]
        if letter == "*":
            # AWS counts bytes from the opening quote on.
            if text[at + 1 : at + 2] == "*":
                _refuse(f"Consecutive wildcard characters at pos {len(text[:at].encode()) + 1}")
            parts.append("")
        elif letter == "\\":
            at += 1
            if text[at : at + 1] not in ("*", "\\"):
                _refuse(f"Invalid escape character at pos {len(text[: at - 1].encode()) + 1}")
            parts[-1] += text[at]
        else:
            parts[-1] += letter
        at += 1
    if len(parts) - 1 > WILDCARDS_MAX:
        _refuse(_TOO_COMPLEX)
    return Wildcard(tuple(parts))


def _read_cidr(operand: Any) -> Operator:
    text = _text(operand, "prefix match pattern must be a string")
    parts = text.split("/")
    if len(parts) != 2:
        _refuse("Malformed CIDR, one '/' required")
    address, mask = parts
    try:
        bits = int(mask)
    except ValueError:
        _refuse("Malformed CIDR, mask bits must be an integer")
    if bits < 0:
        _refuse("Malformed CIDR, mask bits must not be negative")
    try:
        version = ipaddress.ip_address(address).version
    except ValueError:
        _refuse(f"Nonstandard IP address: {address}")
    bits_max = 32 if version == 4 else 128
    if bits > bits_max:
        _refuse(f"IPv{version} mask bits must be < {bits_max}")
    return Cidr(ipaddress.ip_network((address, bits), strict=False))


def _read_numeric(operand: Any) -> Operator:
    if not isinstance(operand, list):
        _refuse("Value of numeric must be an array.")
    terms = iter(operand)
    operator = next(terms, "]")
    if not isinstance(operator, str) or not operand:
        _refuse(f"Invalid member in numeric match: {_spelled(operator)}")
    if operator not in ("=", "<", "<=", ">", ">="):
        _refuse(f"Unrecognized numeric range operator: {operator}")
    first = _number(next(terms, None), "equals" if operator == "=" else operator)
    rest = list(terms)
    if operator in ("=", "<", "<="):
        if rest:
            _refuse(_TOO_MANY)
        if operator == "=":
            return NumericRange(first, first, has_bottom=True, has_top=True)
        return NumericRange(None, first, has_bottom=False, has_top=operator == "<=")
    if not rest:
        return NumericRange(first, None, has_bottom=operator == ">=", has_top=False)
    second = rest[0]
    if not isinstance(second, str):
        _refuse(f"Bad value in numeric range: {_spelled(second)}")
    if second not in ("<", "<="):
        _refuse(f"Bad numeric range operator: {second}")
    top = _number(rest[1] if len(rest) > 1 else None, second)
    if len(rest) > 2:
        _refuse("Too many terms in numeric range expression")
    if first >= top:
        _refuse("Bottom must be less than top")
    return NumericRange(first, top, has_bottom=operator == ">=", has_top=second == "<=")


def _read_anything_but(operand: Any) -> Operator:
    if isinstance(operand, Mapping):
        name, inner = _only_entry(operand, "Anything-But expression name not found")
        if name not in _ANYTHING_BUT_READERS:
            _refuse(f"Unsupported anything-but pattern: {name}")
        if isinstance(inner, Mapping | bool) or inner is None:
            _refuse("Value of anything-but must be an array or single string/number value.")
        each = inner if isinstance(inner, list) else [inner]
        if len(operand) > 1:
            _refuse(_TOO_MANY)
        return AnythingBut(tuple(_ANYTHING_BUT_READERS[name](value) for value in each))
    values = operand if isinstance(operand, list) else [operand]
    if not isinstance(operand, list) and not _is_value(operand):
        _refuse("Value of anything-but must be an array or single string/number value.")
    if not all(_is_value(value) for value in values):
        _refuse("Inside anything but list, start|null|boolean is not supported.")
    if len({isinstance(value, str) for value in values}) != 1:
        _refuse(
            "Inside anything but list, either all values are number or string, "
            "mixed type is not supported"
        )
    return AnythingButValues(frozenset(values))


def _is_value(value: Any) -> bool:
    return isinstance(value, (str, int, float)) and not isinstance(value, bool)


def _affix(operand: Any) -> str:
    text = _text(operand, "prefix/suffix match pattern must be a string")
    if not text:
        _refuse("Null prefix/suffix not allowed")
    return text


def _not_ignoring_case(operand: Any) -> Operator:
    return EqualsIgnoreCase(
        _text(
            operand,
            "Inside anything-but/equals-ignore-case list, number|start|null|boolean "
            "is not supported.",
        ).lower()
    )


_READERS: dict[str, Callable[[Any], Operator]] = {
    "prefix": _read_prefix,
    "suffix": _read_suffix,
    "equals-ignore-case": _read_equals_ignore_case,
    "wildcard": _read_wildcard,
    "numeric": _read_numeric,
    "anything-but": _read_anything_but,
    "cidr": _read_cidr,
}

_ANYTHING_BUT_READERS: dict[str, Callable[[Any], Operator]] = {
    "prefix": lambda operand: Prefix(_affix(operand)),
    "suffix": lambda operand: Suffix(_affix(operand)),
    "equals-ignore-case": _not_ignoring_case,
    "wildcard": _read_wildcard,
}


def _only_entry(given: Mapping[str, Any], otherwise: str) -> tuple[str, Any]:
    for entry in given.items():
        return entry
    _refuse(otherwise)


def _text(operand: Any, otherwise: str) -> str:
    if not isinstance(operand, str):
        _refuse(otherwise)
    return operand


def _number(operand: Any, operator: str) -> int | float:
    if isinstance(operand, bool) or not isinstance(operand, (int, float)):
        _refuse(f"Value of {operator} must be numeric")
    return operand


def _spelled(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _read_float(text: str) -> float:
    """A number with a fraction or an exponent, unless it is too large or too small to be told from others."""
    number = float(text)
    is_lost = number == 0 and any(digit in "123456789" for digit in text.lower().split("e")[0])
    if is_lost or math.isinf(number):
        _refuse(f"Number is out of range: {text[:100]}")
    return number


def _refuse_constant(name: str) -> NoReturn:
    _refuse(f"Non-standard token '{name}': not allowed")


def _refuse(reason: str) -> NoReturn:
    raise InvalidPattern(reason)
