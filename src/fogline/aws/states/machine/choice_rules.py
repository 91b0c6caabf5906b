"""The rules of a Choice: comparisons in JSONPath, conditions in JSONata ("Choice workflow state")."""

from __future__ import annotations

from typing import Any

from fogline.aws import jsonata
from fogline.aws.states.choices import DEPTH_MAX, OPERATORS, compile_choice_rule
from fogline.aws.states.failures import InvalidExpression
from fogline.aws.states.machine.shapes import Shape, is_foreign, refuse_language, require
from fogline.aws.states.machine.values import (
    Check,
    Setting,
    assignment,
    boolean,
    comparand,
    expression,
    mapping,
    template,
    text,
    timestamp,
)

_CONNECTIVES = frozenset({"And", "Or", "Not"})
_BESIDE = frozenset({"Variable", "Comment"})
_TOP = frozenset({"Next", "Assign", "Output", "Condition"})


def _condition(setting: Setting, value: Any, location: str) -> None:
    if jsonata.is_expression(value):
        expression(setting, value, location)
    elif not isinstance(value, bool):
        setting.findings.schema("Value must be a boolean or a JSONata expression", location)


_CONDITION = Shape(
    fields={
        "Condition": _condition,
        "Next": text,
        "Assign": assignment,
        "Output": template,
        "Comment": text,
        **dict.fromkeys(OPERATORS, text),
        "Variable": text,
    },
    required=("Condition", "Next"),
)


def choice_rule(setting: Setting, value: Any, location: str) -> None:
    if not isinstance(value, dict):
        mapping(setting, value, location)
    elif setting.is_jsonata:
        _check_condition(setting, value, location)
    else:
        _check_rule(setting, value, location, depth=0)


def _check_condition(setting: Setting, value: dict[str, Any], location: str) -> None:
    foreign = [name for name in value if name in OPERATORS]
    for name in foreign:
        refuse_language(setting, name, location)
    _CONDITION(
        setting, {name: one for name, one in value.items() if name not in OPERATORS}, location
    )


def _check_rule(setting: Setting, value: Any, location: str, *, depth: int) -> None:
    """A rule, or one inside And, Or and Not, which leads nowhere itself."""
    if not isinstance(value, dict) or depth > DEPTH_MAX:
        mapping(setting, value, location)
        return
    is_top = depth == 0
    operators = [name for name in value if name in OPERATORS]
    for name in value:
        if name in _TOP and is_top:
            if is_foreign(name, setting.language):
                refuse_language(setting, name, location)
        elif name not in OPERATORS and name not in _BESIDE:
            setting.findings.schema(f"Field '{name}' is not supported", location)
    if is_top and "Next" not in value:
        # As published with cfn-lint#4077: "These fields are required: [Next] at /States/Choice/Choices[0]".
        require(setting, ["Next"], location)
    if len(operators) != 1:
        setting.findings.schema(
            "A Choice Rule must contain exactly one comparison operator", location
        )
        return
    _check_beside(setting, value, location)
    _check_operator(setting, value, operators[0], location, depth)


def _check_beside(setting: Setting, value: dict[str, Any], location: str) -> None:
    for name, check in (("Next", text), ("Comment", text), ("Assign", assignment)):
        if name in value:
            check(setting, value[name], f"{location}/{name}")


def _check_operator(
    setting: Setting, value: dict[str, Any], operator: str, location: str, depth: int
) -> None:
    operand, place = value[operator], f"{location}/{operator}"
    if operator == "Not":
        _check_rule(setting, operand, place, depth=depth + 1)
        return
    if operator in _CONNECTIVES:
        if not isinstance(operand, list) or not operand:
            setting.findings.schema("Expected value of type Array", place)
            return
        for index, rule in enumerate(operand):
            _check_rule(setting, rule, f"{place}[{index}]", depth=depth + 1)
        return
    if "Variable" not in value:
        require(setting, ["Variable"], location)
        return
    known = len(setting.findings.found)
    comparand(setting, value["Variable"], f"{location}/Variable")
    _operand(operator)(setting, operand, place)
    if len(setting.findings.found) == known:
        _compile(setting, value, location)


def _operand(operator: str) -> Check:
    if operator.startswith("Is") or operator == "BooleanEquals":
        return boolean
    if operator.endswith("Path"):
        return comparand
    if operator.startswith("String"):
        return text
    return timestamp if operator.startswith("Timestamp") else _number


def _number(setting: Setting, value: Any, location: str) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        setting.findings.schema("Expected value of type Number", location)


def _compile(setting: Setting, value: dict[str, Any], location: str) -> None:
    """What the engine could not run is refused, whatever the checks above thought of it."""
    rule = {name: one for name, one in value.items() if name not in _TOP}
    try:
        compile_choice_rule(rule)
    except InvalidExpression as invalid:
        setting.findings.schema(str(invalid), location)
