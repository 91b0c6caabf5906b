"""The few words that a drawing has room for: what a state does, and when an edge is taken."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from fogline.aws.states.machine import (
    ChoiceRule,
    ChoiceState,
    FailState,
    Kind,
    MapState,
    ParallelState,
    PassState,
    Pattern,
    State,
    SucceedState,
    TaskState,
    WaitState,
)

LABEL_CHARACTERS_MAX = 26
DEPTH_MAX = 8

_WAITING = {Pattern.SYNC: " and wait", Pattern.SYNC_2: " and wait"}
_SIGNS = {
    "Equals": "=",
    "LessThanEquals": "<=",
    "GreaterThanEquals": ">=",
    "LessThan": "<",
    "GreaterThan": ">",
}
_COMPARED = ("String", "Numeric", "Boolean", "Timestamp")
_ENVELOPE = ("{%", "%}")


def cut(text: str, characters: int) -> str:
    """The text on one line, at most that long, with … for what was left out."""
    line = " ".join(text[: 4 * characters + 40].split())
    return line if len(line) <= characters else f"{line[: characters - 1]}…"


def task_words(state: TaskState) -> str:
    """What a task does: `Lambda`, `SQS sendMessage`, `Activity Approve`."""
    resource = state.resource
    if resource.kind is Kind.ACTIVITY:
        return f"Activity {resource.arn.rpartition(':')[2]}"
    if resource.kind is Kind.FUNCTION or (resource.service, resource.action) == (
        "lambda",
        "invoke",
    ):
        words = "Lambda"
    else:
        words = f"{resource.service} {resource.action}"
    if resource.pattern is Pattern.WAIT_FOR_TASK_TOKEN:
        return f"{words}, callback"
    return words + _WAITING.get(resource.pattern, "")


def state_words(state: State) -> str:
    """What kind of state it is and, where that is short, what it does."""
    match state:
        case TaskState():
            return task_words(state)
        case WaitState():
            return _wait_words(state)
        case MapState():
            return "Map, distributed" if state.is_distributed else "Map"
        case FailState():
            return f"Fail {state.error}" if state.error else "Fail"
        case ParallelState() | ChoiceState() | PassState() | SucceedState():
            return state.type


def _wait_words(state: WaitState) -> str:
    if isinstance(state.seconds, int | float):
        return f"Wait {state.seconds} s"
    moment = state.seconds_path or state.timestamp or state.timestamp_path or state.seconds
    return f"Wait {_expression(str(moment))}"


def sign_of(state: State) -> str:
    """One character that tells the type of a state where there is no room for a word."""
    if isinstance(state, TaskState):
        return "λ" if task_words(state).startswith("Lambda") else "T"
    return {"Pass": "P", "Choice": "?", "Wait": "W", "Succeed": "S", "Fail": "F"}.get(
        state.type, "∥" if isinstance(state, ParallelState) else "M"
    )


def rule_words(rule: ChoiceRule) -> str:
    """When a Choice goes that way: `$.amount > 100`."""
    if rule.condition is not None:
        return _expression(str(rule.condition))
    return _comparison(rule.rule, DEPTH_MAX)


def _expression(text: str) -> str:
    stripped = text.strip()
    if stripped.startswith(_ENVELOPE[0]) and stripped.endswith(_ENVELOPE[1]):
        stripped = stripped[2:-2].strip()
    return stripped


def _comparison(rule: Mapping[str, Any], depth: int) -> str:
    if depth == 0:
        return "…"
    for name, joint in (("And", " and "), ("Or", " or ")):
        if isinstance(rule.get(name), list | tuple):
            # What is cut off anyway need not be worded.
            parts = [_comparison(each, depth - 1) for each in rule[name][:4]]
            return joint.join(parts)
    if isinstance(rule.get("Not"), Mapping):
        return f"not {_comparison(rule['Not'], depth - 1)}"
    variable = str(rule.get("Variable", ""))
    for operator, value in rule.items():
        if operator in ("Variable", "Next", "Comment", "Assign", "Output"):
            continue
        return f"{variable} {_operation(operator, value)}"
    return variable


def _operation(operator: str, value: Any) -> str:
    shown = value if operator.endswith("Path") else json.dumps(value, ensure_ascii=False)
    if operator.startswith("Is"):
        word = operator[2:].lower()
        return f"is {word}" if value is True else f"is not {word}"
    if operator == "StringMatches":
        return f"like {shown}"
    plain = operator.removesuffix("Path")
    for compared in _COMPARED:
        if plain.startswith(compared):
            sign = _SIGNS.get(plain.removeprefix(compared))
            if sign:
                return f"{sign} {shown}"
    return f"{operator} {shown}"
