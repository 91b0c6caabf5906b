"""Checks of single values: what a field may hold, refused in AWS's words where they are known.

Known from recorded answers and from messages people publish: "Minimum value is ..", "Maximum value is ..",
"Value must be a valid JSONPath.", "Value is not a Reference Path ..", "String does not match RFC3339 timestamp",
"The value for the field '..' must be a valid JSONPath or a valid intrinsic function call". The others are ours.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fogline.aws import jsonata
from fogline.aws.states.machine.diagnostic import Code, Findings
from fogline.aws.states.machine.expressions import (
    INVALID_PATH,
    is_expression,
    is_path,
    jsonata_problems,
    looks_like_expression,
    reference_problem,
    result_path_problem,
)
from fogline.aws.states.machine.limits import VARIABLE_NAME_CHARS_MAX
from fogline.aws.states.machine.model import QueryLanguage
from fogline.aws.states.timestamps import find_nanoseconds


@dataclass(frozen=True, slots=True)
class Setting:
    """Where a check happens: who collects, in which language the state speaks, what the machine may do."""

    findings: Findings
    language: QueryLanguage
    machine_language: QueryLanguage
    is_express: bool = False

    @property
    def is_jsonata(self) -> bool:
        return self.language is QueryLanguage.JSONATA

    def speaking(self, language: QueryLanguage) -> Setting:
        return replace(self, language=language)

    def running_as(self, is_express: bool) -> Setting:
        return replace(self, language=self.machine_language, is_express=is_express)


Check = Callable[[Setting, Any, str], None]
"""Looks at a value at a location, and reports what is wrong."""


def anything(setting: Setting, value: Any, location: str) -> None:
    """A value that is taken as it stands."""


def text(setting: Setting, value: Any, location: str) -> None:
    if not isinstance(value, str):
        setting.findings.schema("Expected value of type String", location)


def boolean(setting: Setting, value: Any, location: str) -> None:
    if not isinstance(value, bool):
        setting.findings.schema("Expected value of type Boolean", location)


def mapping(setting: Setting, value: Any, location: str) -> None:
    if not isinstance(value, dict):
        setting.findings.schema("Expected value of type Object", location)


def one_of(*allowed: str) -> Check:
    def check(setting: Setting, value: Any, location: str) -> None:
        if not isinstance(value, str):
            text(setting, value, location)
        elif value not in allowed:
            setting.findings.schema(f"Value must be one of [{', '.join(allowed)}]", location)

    return check


def list_of(check_item: Check, *, items_min: int = 1) -> Check:
    def check(setting: Setting, value: Any, location: str) -> None:
        if not isinstance(value, list):
            setting.findings.schema("Expected value of type Array", location)
            return
        if len(value) < items_min:
            setting.findings.schema(f"Array must have at least {items_min} items", location)
        for index, item in enumerate(value):
            check_item(setting, item, f"{location}[{index}]")

    return check


def integer(minimum: int, maximum: int | None = None) -> Check:
    """An integer; in a JSONata state also a text that gives one."""

    def check(setting: Setting, value: Any, location: str) -> None:
        if setting.is_jsonata and jsonata.is_expression(value):
            expression(setting, value, location)
        elif type(value) is not int:
            setting.findings.schema("Expected value of type Integer", location)
        else:
            _range(setting, value, minimum, maximum, location)

    return check


def number(minimum: float, maximum: float | None = None) -> Check:
    """Any number; AWS prints its bounds with a decimal point (measured: "Minimum value is 0.0")."""

    def check(setting: Setting, value: Any, location: str) -> None:
        if setting.is_jsonata and jsonata.is_expression(value):
            expression(setting, value, location)
        elif isinstance(value, bool) or not isinstance(value, (int, float)):
            setting.findings.schema("Expected value of type Number", location)
        else:
            _range(setting, value, minimum, maximum, location)

    return check


def _range(
    setting: Setting, value: float, minimum: float, maximum: float | None, location: str
) -> None:
    if value < minimum:
        setting.findings.schema(f"Minimum value is {minimum}", location)
    if maximum is not None and value > maximum:
        setting.findings.schema(f"Maximum value is {maximum}", location)


def plain(check_value: Check) -> Check:
    """A value that no language of queries may compute, as in Retry."""

    def check(setting: Setting, value: Any, location: str) -> None:
        check_value(setting.speaking(QueryLanguage.JSONPATH), value, location)

    return check


def timestamp(setting: Setting, value: Any, location: str) -> None:
    if setting.is_jsonata and jsonata.is_expression(value):
        expression(setting, value, location)
    elif not isinstance(value, str):
        text(setting, value, location)
    elif find_nanoseconds(value) is None:
        setting.findings.schema("String does not match RFC3339 timestamp", location)
        _warn_of_path(setting, value, location)


def expression(setting: Setting, value: Any, location: str) -> None:
    """JSON in which every text `{% .. %}` is an expression."""
    if isinstance(value, dict):
        for name, member in value.items():
            expression(setting, member, f"{location}/{name}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            expression(setting, item, f"{location}[{index}]")
    else:
        for _, code in jsonata.expressions_in(value):
            for kind, message in jsonata_problems(code):
                setting.findings.add(kind, message, location)


def words(setting: Setting, value: Any, location: str) -> None:
    """A text, or in JSONata an expression that gives one."""
    text(setting, value, location)
    if setting.is_jsonata:
        expression(setting, value, location)
    else:
        _warn_of_path(setting, value, location)


def _warn_of_path(setting: Setting, value: Any, location: str) -> None:
    if looks_like_expression(value):
        message = "Field value looks like a path, but field name does not end with 'Path'."
        setting.findings.warn(Code.NO_PATH, message, location)


def path(setting: Setting, value: Any, location: str) -> None:
    """InputPath and OutputPath: null takes everything away."""
    if value is not None and not (isinstance(value, str) and is_path(value)):
        setting.findings.schema(INVALID_PATH, location)


def items_path(setting: Setting, value: Any, location: str) -> None:
    _reference(setting, value, location, may_read_context=True)


def reference(setting: Setting, value: Any, location: str) -> None:
    _reference(setting, value, location, may_read_context=False)


def comparand(setting: Setting, value: Any, location: str) -> None:
    """What a Choice compares: a place in the input, in the context object or in a variable."""
    _reference(setting, value, location, may_read_context=True)


def _reference(setting: Setting, value: Any, location: str, *, may_read_context: bool) -> None:
    if not isinstance(value, str):
        text(setting, value, location)
        return
    problem = reference_problem(value, may_read_context=may_read_context)
    if problem:
        setting.findings.schema(problem, location)


def result_path(setting: Setting, value: Any, location: str) -> None:
    if value is None:
        return
    if not isinstance(value, str):
        text(setting, value, location)
        return
    problem = result_path_problem(value)
    if problem:
        setting.findings.schema(problem, location)


def path_or_function(setting: Setting, value: Any, location: str) -> None:
    """ErrorPath, CausePath and the waits: a path anywhere, or an intrinsic function."""
    if not is_expression(value):
        setting.findings.schema(INVALID_PATH, location)


def template(setting: Setting, value: Any, location: str) -> None:
    """A payload template in JSONPath, JSON with expressions in JSONata."""
    if setting.is_jsonata:
        expression(setting, value, location)
    elif isinstance(value, dict):
        for name, member in value.items():
            _member(setting, name, member, location)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            template(setting, item, f"{location}[{index}]")


def _member(setting: Setting, name: str, value: Any, location: str) -> None:
    if name.endswith(".$"):
        if not is_expression(value):
            # Measured: the location is that of the object, the field is named in the sentence.
            setting.findings.schema(
                f"The value for the field '{name}' must be a valid JSONPath or a valid intrinsic function call",
                location,
            )
        return
    if looks_like_expression(value):
        message = "No .$ on a field that appears to be a JSONPath or Intrinsic Function."
        setting.findings.warn(Code.NO_DOLLAR, message, f"{location}/{name}")
    template(setting, value, f"{location}/{name}")


def result(setting: Setting, value: Any, location: str) -> None:
    """The result of a Pass is what it says, and never computed."""
    if any(looks_like_expression(one) for one in _leaves(value)):
        message = "Attempt to use a path in the result of a pass state."
        setting.findings.warn(Code.PASS_RESULT_IS_STATIC, message, location)


def _leaves(value: Any) -> Sequence[Any]:
    if isinstance(value, dict):
        return [leaf for member in value.values() for leaf in _leaves(member)]
    if isinstance(value, list):
        return [leaf for item in value for leaf in _leaves(item)]
    return [value]


_VARIABLE = re.compile(r"[^\W\d]\w*")


def assignment(setting: Setting, value: Any, location: str) -> None:
    """Assign: names of variables, each with a value. `states` is reserved ("Reserved variable: $states")."""
    if not isinstance(value, dict):
        mapping(setting, value, location)
        return
    for written in value:
        name = written if setting.is_jsonata else written.removesuffix(".$")
        if name == "states":
            setting.findings.schema("The variable name 'states' is reserved", location)
        elif len(name) > VARIABLE_NAME_CHARS_MAX or not _VARIABLE.fullmatch(name):
            setting.findings.schema(f"'{name}' is not a valid variable name", location)
    template(setting, value, location)
