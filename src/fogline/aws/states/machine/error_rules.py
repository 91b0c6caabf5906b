"""Retry and Catch: their shape, and where the wildcard may stand ("Error handling in Step Functions workflows")."""

from __future__ import annotations

from typing import Any

from fogline.aws.states.machine.limits import DELAY_SECONDS_MAX, SECONDS_MAX
from fogline.aws.states.machine.shapes import Shape
from fogline.aws.states.machine.values import (
    Check,
    Setting,
    assignment,
    integer,
    list_of,
    number,
    one_of,
    plain,
    result_path,
    template,
    text,
)

WILDCARD = "States.ALL"

_RETRIER = Shape(
    fields={
        "ErrorEquals": list_of(text),
        "IntervalSeconds": plain(integer(1, SECONDS_MAX)),
        "MaxAttempts": plain(integer(0, SECONDS_MAX)),
        "BackoffRate": plain(number(1.0)),
        "MaxDelaySeconds": plain(integer(1, DELAY_SECONDS_MAX)),
        "JitterStrategy": one_of("FULL", "NONE"),
        "Comment": text,
    },
    required=("ErrorEquals",),
)
_CATCHER = Shape(
    fields={
        "ErrorEquals": list_of(text),
        "Next": text,
        "ResultPath": result_path,
        "Output": template,
        "Assign": assignment,
        "Comment": text,
    },
    required=("ErrorEquals", "Next"),
)


def _handlers(shape: Shape) -> Check:
    check_all = list_of(shape, items_min=0)

    def check(setting: Setting, value: Any, location: str) -> None:
        check_all(setting, value, location)
        if isinstance(value, list):
            _check_wildcard(setting, value, location)

    return check


def _check_wildcard(setting: Setting, handlers: list[Any], location: str) -> None:
    for index, handler in enumerate(handlers):
        names = handler.get("ErrorEquals") if isinstance(handler, dict) else None
        if not isinstance(names, list) or WILDCARD not in names:
            continue
        if len(names) > 1 or index < len(handlers) - 1:
            # The sentence and its place are as published with aws-cdk#10530.
            place = f"{location}[{index}]/ErrorEquals[{names.index(WILDCARD)}]"
            setting.findings.schema("States.ALL must appear alone and at end of list", place)


retry = _handlers(_RETRIER)
catch = _handlers(_CATCHER)
