"""Constraints of the models: required members, lengths, ranges, patterns and enums, in AWS's words.

Validation runs in two gears. While a request is read, each value is checked by a closure that knows nothing of
where it stands (`constrained`); it raises `Violation` and says no more. Only then is the request read again
without constraints (so a wrong type is still answered first, as AWS does) and walked by `violations`, which
finds every breach and spells its path and text.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from fogline.aws.errors import AwsError, ValidationException
from fogline.gateway.models import Operation, Shape

Reader = Callable[[Any], Any]

_VIOLATIONS_MAX = 10
_PATTERN_CHARACTERS_MAX = 4_096


class Violation(Exception):
    """Somewhere in the request a constraint is broken. Never leaves the gateway."""


class ValidationError(AwsError):
    """How the services of the query protocol name a broken constraint."""


class BadRequestException(AwsError):
    """How HTTP and WebSocket APIs refuse what the model does not allow."""


class InvalidParameterException(AwsError):
    """How CloudWatch Logs names a broken constraint."""


class MissingParameter(AwsError):
    """How EC2 names a missing member."""

    message = "The request must contain the parameter {name}."


class MissingRequiredParameterException(AwsError):
    """The same, as SQS has named it since it speaks JSON."""

    legacy_code = "MissingParameter"
    message = "The request must contain the parameter {name}."


@dataclass(frozen=True, slots=True)
class ValidationStyle:
    """How one service refuses what breaks its model.

    `model` holds requests to every constraint of the model; `types-only` leaves them to the service, which has
    texts of its own. `missing` makes the error for a missing required member of the request (its wire name is
    given) where a service reports those one by one, before anything else. With `prefixes_body`, paths into the
    body begin with the operation's name (`putIntegrationInput.type`). With `is_terse_on_enums`, neither the value
    nor what is allowed is told.
    """

    validation: Literal["model", "types-only"] = "model"
    error: type[AwsError] = ValidationException
    missing: Callable[[str], AwsError] | None = None
    prefixes_body: bool = False
    is_terse_on_enums: bool = False


_QUERY_STYLE = ValidationStyle(error=ValidationError)
_JSON_STYLE = ValidationStyle()

_STYLES: Mapping[str, ValidationStyle] = {
    "apigateway": ValidationStyle(prefixes_body=True),
    "apigatewayv2": ValidationStyle(error=BadRequestException),
    "cloudwatch": _QUERY_STYLE,
    "iam": ValidationStyle(error=ValidationError, is_terse_on_enums=True),
    "ec2": ValidationStyle("types-only", missing=lambda name: MissingParameter(name=name)),
    "logs": ValidationStyle(error=InvalidParameterException),
    "s3": ValidationStyle("types-only"),
    "sqs": ValidationStyle(
        "types-only", missing=lambda name: MissingRequiredParameterException(name=name)
    ),
}


def style_of(service: str, protocol: str) -> ValidationStyle:
    """The style of a service, else that of its protocol's family."""
    style = _STYLES.get(service)
    if style is None:
        style = _QUERY_STYLE if protocol in ("query", "ec2") else _JSON_STYLE
    return style


def constrained(shape: Shape, read: Reader | None) -> Reader | None:
    """`read` followed by a check of the shape's own constraints; `read` itself where there are none.

    A reader that is None takes the value as it is.
    """
    check = _check_of(shape)
    if check is None:
        return read
    if read is None:
        return check
    inner = read

    def read_and_check(value: Any) -> Any:
        return check(inner(value))

    return read_and_check


def require(result: Mapping[str, Any], required: tuple[str, ...]) -> None:
    """Raises `Violation` unless all required members are there."""
    for name in required:
        if name not in result:
            raise Violation


def refusal(operation: Operation, style: ValidationStyle, value: Mapping[str, Any]) -> AwsError:
    """The error for an input that breaks its model, all breaches told."""
    shape = operation.input
    assert shape is not None
    texts = []
    for text in violations(operation, style, value):
        if style.is_terse_on_enums:
            text = _SHOWN_VALUE.sub("Value at '", _ENUM_BREACH.sub(r"Value at \1", text))
        texts.append(text)
        if len(texts) == _VIOLATIONS_MAX:
            break
    assert texts, f"a check failed that the walk of {operation} did not find"
    plural = "" if len(texts) == 1 else "s"
    # Newer operations of a service may model the error, whatever their elders do.
    is_modelled = any(each.name == "ValidationException" for each in operation.errors)
    error = ValidationException if is_modelled else style.error
    return error(f"{len(texts)} validation error{plural} detected: {'; '.join(texts)}")


def violations(
    operation: Operation, style: ValidationStyle, value: Mapping[str, Any]
) -> Iterator[str]:
    """Every breach of the input's constraints, in the order of the model.

    Where paths into the body are told apart, the body comes first.
    """
    shape = operation.input
    assert shape is not None
    prefix = f"{_lower_first(operation.name)}Input." if style.prefixes_body else ""
    members = list(shape.members.items())
    if prefix:
        members.sort(key=lambda item: bool(item[1].location))
    for name, member in members:
        path = ("" if member.location else prefix) + _lower_first(name)
        if name in value:
            yield from _breaches(member.shape, value[name], path)
        elif name in shape.required:
            yield _text(member.shape, None, path, _NOT_NULL)


_NOT_NULL = "Member must not be null"
_SHOWN_VALUE = re.compile(r"\AValue '.*' at '", re.DOTALL)
_ENUM_BREACH = re.compile(
    r"^Value '.*' at ('[^']*' failed to satisfy constraint: Member must satisfy enum value set): .*$",
    re.DOTALL,
)


def _breaches(shape: Shape, value: Any, path: str) -> Iterator[str]:
    for constraint in _broken(shape, value):
        yield _text(shape, value, path, constraint)
    if shape.type == "structure" and isinstance(value, dict):
        for name, member in shape.members.items():
            if name in value:
                yield from _breaches(member.shape, value[name], f"{path}.{_lower_first(name)}")
            elif name in shape.required:
                yield _text(member.shape, None, f"{path}.{_lower_first(name)}", _NOT_NULL)
    elif shape.type == "list":
        element = shape.member.shape
        # AWS reports what simple elements break once, at the list; structures are reported one by one.
        if any(_is_broken(element, each) for each in value):
            told = ", ".join(_constraints(element, shape.are_members_required))
            yield _text(shape, value, path, f"Member must satisfy constraint: [{told}]")
        for index, each in enumerate(value, 1):
            if element.type in ("structure", "list", "map"):
                yield from _inner_breaches(element, each, f"{path}.{index}.member")
    elif shape.type == "map":
        key, element = shape.key.shape, shape.value.shape
        if any(_is_broken(key, each) for each in value):
            yield _text(shape, value, path, f"Map keys must satisfy constraint: [{_joined(key)}]")
        if any(_is_broken(element, each) for each in value.values()):
            told = ", ".join(_constraints(element, shape.are_members_required))
            yield _text(shape, value, path, f"Map value must satisfy constraint: [{told}]")
        for name, each in value.items():
            if element.type in ("structure", "list", "map"):
                yield from _inner_breaches(element, each, f"{path}.{name}.member")


def _inner_breaches(shape: Shape, value: Any, path: str) -> Iterator[str]:
    """What stands inside an element; the element's own constraints were told at its collection."""
    if value is None:
        return
    own = {_text(shape, value, path, constraint) for constraint in _broken(shape, value)}
    yield from (text for text in _breaches(shape, value, path) if text not in own)


def _text(shape: Shape, value: Any, path: str, constraint: str) -> str:
    told = "null" if value is None else f"'{_rendered(shape, value)}'"
    return f"Value {told} at '{path}' failed to satisfy constraint: {constraint}"


def _broken(shape: Shape, value: Any) -> Iterator[str]:
    if value is None:
        return
    for text, holds in _rules(shape):
        if not holds(value):
            yield text


def _is_broken(shape: Shape, value: Any) -> bool:
    return any(True for _ in _broken(shape, value))


def _joined(shape: Shape) -> str:
    return ", ".join(_constraints(shape, False))


def _constraints(shape: Shape, are_required: bool) -> Iterator[str]:
    # Inside a collection AWS names the bounds first and the pattern last.
    rules = [text for text, _ in _rules(shape)]
    yield from sorted(rules, key=lambda text: "pattern" in text)
    if are_required:
        yield _NOT_NULL


_ANYTHING = frozenset((".*", r"[\s\S]*", r"^[\s\S]*$", "(?s).*", r"[\S\s]*"))

_Rule = tuple[str, Callable[[Any], bool]]


def _rules(shape: Shape) -> list[_Rule]:
    """The shape's own constraints in the order AWS tells them: pattern, upper bound, lower bound, enum."""
    if shape.type == "string":
        rules: list[_Rule] = []
        matches = _pattern(shape.pattern)
        if matches is not None:
            limit = 2 * (shape.max or _PATTERN_CHARACTERS_MAX)
            rules.append(
                (
                    f"Member must satisfy regular expression pattern: {shape.pattern}",
                    _unless_longer(limit, matches),
                )
            )
        rules += _length_rules(shape)
        if shape.enum:
            told = ", ".join(shape.enum)
            rules.append((f"Member must satisfy enum value set: [{told}]", shape.enum.__contains__))
        return rules
    if shape.type in ("list", "map", "blob"):
        return _length_rules(shape)
    if shape.type in ("integer", "long", "float", "double", "short", "byte"):
        return _range_rules(shape)
    return []


def _unless_longer(limit: float, matches: Callable[[str], bool]) -> Callable[[str], bool]:
    """Much too long a value is refused for its length alone: matching it may take for ever."""
    return lambda value: len(value) > limit or matches(value)


def _length_rules(shape: Shape) -> list[_Rule]:
    rules: list[_Rule] = []
    high, low = shape.max, shape.min
    if high is not None:
        rules.append((f"Member must have length less than or equal to {high}", _at_most(high, len)))
    if low is not None:
        rules.append(
            (f"Member must have length greater than or equal to {low}", _at_least(low, len))
        )
    return rules


def _range_rules(shape: Shape) -> list[_Rule]:
    rules: list[_Rule] = []
    high, low = shape.max, shape.min
    if high is not None:
        rules.append((f"Member must have value less than or equal to {high}", _at_most(high, None)))
    if low is not None:
        rules.append(
            (f"Member must have value greater than or equal to {low}", _at_least(low, None))
        )
    return rules


def _at_most(bound: float, measure: Callable[[Any], int] | None) -> Callable[[Any], bool]:
    if measure is None:
        return lambda value: bool(value <= bound)
    return lambda value: not hasattr(value, "__len__") or measure(value) <= bound


def _at_least(bound: float, measure: Callable[[Any], int] | None) -> Callable[[Any], bool]:
    if measure is None:
        return lambda value: bool(value >= bound)
    return lambda value: not hasattr(value, "__len__") or measure(value) >= bound


def _check_of(shape: Shape) -> Reader | None:
    """One closure for all constraints of a shape, None if it has none that can be broken."""
    if shape.type == "string":
        if shape.enum:
            return _enum_check(frozenset(shape.enum))
        matches = _pattern(shape.pattern)
        if matches is None:
            return _length_check(shape)
        return _pattern_check(shape.min or 0, shape.max, matches)
    if shape.type in ("list", "map"):
        return _length_check(shape)
    rules = [holds for _, holds in _rules(shape)]
    if not rules:
        return None

    def check(value: Any) -> Any:
        for holds in rules:
            if not holds(value):
                raise Violation
        return value

    return check


def _enum_check(allowed: frozenset[str]) -> Reader:
    def check(value: Any) -> Any:
        if value not in allowed:
            raise Violation
        return value

    return check


def _length_check(shape: Shape) -> Reader | None:
    low, high = shape.min or 0, shape.max
    if high is None:
        if low == 0:
            return None

        def check_low(value: Any) -> Any:
            if len(value) < low:
                raise Violation
            return value

        return check_low

    def check(value: Any) -> Any:
        if not low <= len(value) <= high:
            raise Violation
        return value

    return check


def _pattern_check(low: float, high: float | None, matches: Callable[[str], bool]) -> Reader:
    limit = float("inf") if high is None else high

    def check(value: Any) -> Any:
        if not low <= len(value) <= limit or not matches(value):
            raise Violation
        return value

    return check


# Classes of characters that the models write in Java's way and Python's `re` does not know.
_JAVA_CLASSES = {
    r"\p{Alnum}": "a-zA-Z0-9",
    r"\p{Alpha}": "a-zA-Z",
    r"\p{Digit}": "0-9",
    r"\p{Lower}": "a-z",
    r"\p{Upper}": "A-Z",
    r"\p{Punct}": r"!-/:-@\[-`{-~",
    r"\p{Graph}": "!-~",
    r"\p{Print}": " -~",
    r"\p{ASCII}": r"\x00-\x7f",
    r"\p{Space}": r"\s",
}


_BRACKETS = re.compile(r"(?<!\\)[\[\]]")


# Near enough: `\w` also takes the underscore, which every such pattern of the models takes too.
_UNICODE_CLASSES = {r"\p{L}": r"\w", r"\p{N}": r"\d", r"\p{Z}": r"\s", r"\p{IsLatin}": r"\w"}


# Patterns of the models on which a matcher that backtracks may spend ages, and what says the same at once.
_SAFER = {
    r"^[ \t]*[\x20-\x7E]+([ \t]+[\x20-\x7E]+)*[ \t]*$": r"\t*[\x20-\x7E][\t\x20-\x7E]*",
    r"^[ \t]*[^\x00-\x1F:\x7F]+([ \t]+[^\x00-\x1F:\x7F]+)*[ \t]*$": (
        r"\t*[^\x00-\x1F:\x7F](?:\t|[^\x00-\x1F:\x7F])*"
    ),
    r"[ \t]*[\x20-\x7E]+([ \t]+[\x20-\x7E]+)*[ \t]*|(\$(\.[\w/_-]+(\[(\d+|\*)\])*)*)": (
        r"\t*[\x20-\x7E][\t\x20-\x7E]*"
    ),
    r"^[a-z0-9*](?:[._\-/a-z0-9*]?[a-z0-9*]+)*$": r"[a-z0-9*]+(?:[._\-/][a-z0-9*]+)*",
    r"^[a-z0-9A-Z]+[\.\-\w]*[a-z0-9A-Z]+$": r"[a-zA-Z0-9][.\-\w]*[a-zA-Z0-9]",
}


@cache
def _pattern(pattern: str) -> Callable[[str], bool] | None:
    """A test of the whole value; None for no pattern and for one that cannot be said in Python."""
    if not pattern or pattern in _ANYTHING:
        return None
    flags = re.ASCII
    pattern = _SAFER.get(pattern, pattern)
    for java, python in _JAVA_CLASSES.items():
        pattern = _with_class(pattern, java, python)
    for java, python in _UNICODE_CLASSES.items():
        if java in pattern:
            flags = re.NOFLAG
            pattern = pattern.replace(java, python)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore", FutureWarning
            )  # about "[[" in sets, as Java writes them
            match = re.compile(pattern, flags).fullmatch
    except (re.error, RecursionError, OverflowError):
        return None

    def matches(value: str) -> bool:
        return len(value) > _PATTERN_CHARACTERS_MAX or match(value) is not None

    return matches


def _with_class(pattern: str, java: str, python: str) -> str:
    """The pattern with a class of characters written in Python's way, inside of brackets and outside."""
    first, *others = pattern.split(java)
    for each in others:
        is_inside = _BRACKETS.findall(first)[-1:] == ["["]
        first += (python if is_inside else f"[{python}]") + each
    return first


def _rendered(shape: Shape, value: Any) -> str:
    """A value as Java prints it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and shape.type in ("double", "float"):
        return str(float(value))
    if shape.type == "list":
        return f"[{', '.join(_rendered(shape.member.shape, each) for each in value)}]"
    if shape.type == "map":
        element = shape.value.shape
        pairs = (f"{key}={_rendered(element, each)}" for key, each in value.items())
        return f"{{{', '.join(pairs)}}}"
    if shape.type == "structure" and isinstance(value, dict) and not shape.is_document:
        pairs = (
            f"{_lower_first(name)}={_rendered(member.shape, value.get(name))}"
            for name, member in shape.members.items()
        )
        return f"{shape.name}({', '.join(pairs)})"
    if isinstance(value, bytes):
        return f"java.nio.HeapByteBuffer[pos=0 lim={len(value)} cap={len(value)}]"
    return str(value)


def _lower_first(name: str) -> str:
    return name[:1].lower() + name[1:]
