"""The states: which fields each type has, and what stands in them.

Sources: https://states-language.net/spec.html#state-type-table and the developer guide's page of each state. That a
field is refused on types that lack it, with "Field '..' is not supported" at the state, was measured for all types.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.aws.states.machine.choice_rules import choice_rule
from fogline.aws.states.machine.error_rules import catch, retry
from fogline.aws.states.machine.integrations import is_offered
from fogline.aws.states.machine.limits import SECONDS_MAX
from fogline.aws.states.machine.map_rules import (
    check_mode,
    item_batcher,
    item_reader,
    items,
    label,
    result_writer,
)
from fogline.aws.states.machine.model import QueryLanguage
from fogline.aws.states.machine.resources import Kind, NotAResource, parse_resource
from fogline.aws.states.machine.shapes import Shape, require
from fogline.aws.states.machine.values import (
    Check,
    Setting,
    anything,
    assignment,
    boolean,
    integer,
    items_path,
    list_of,
    mapping,
    number,
    one_of,
    path,
    path_or_function,
    reference,
    result,
    result_path,
    template,
    text,
    timestamp,
    words,
)


def _resource(setting: Setting, value: Any, location: str) -> None:
    if not isinstance(value, str):
        text(setting, value, location)
        return
    try:
        resource = parse_resource(value)
    except NotAResource:
        setting.findings.schema("Value is not a valid resource ARN", location)
        return
    if not is_offered(resource):
        setting.findings.schema(
            f"The resource provided {value} is not recognized. The value is not a valid resource ARN, "
            "or the resource is not available in this region.",
            location,
        )
    elif setting.is_express and resource.pattern.waits:
        # Recorded with the blank at its end.
        message = (
            f"Express state machine does not support '{resource.pattern}' service integration "
        )
        setting.findings.schema(message, location)
    elif setting.is_express and resource.kind is Kind.ACTIVITY:
        setting.findings.schema("Express state machine does not support Activity tasks", location)


def _query_language(setting: Setting, value: Any, location: str) -> None:
    one_of(*QueryLanguage)(setting, value, location)


_ANY: Mapping[str, Check] = {"Type": text, "Comment": text, "QueryLanguage": _query_language}
_FLOW: Mapping[str, Check] = {
    **_ANY,
    "InputPath": path,
    "OutputPath": path,
    "Output": template,
}
_STEP: Mapping[str, Check] = {**_FLOW, "Next": text, "End": boolean, "Assign": assignment}
_WORK: Mapping[str, Check] = {
    **_STEP,
    "Parameters": template,
    "ResultSelector": template,
    "ResultPath": result_path,
    "Retry": retry,
    "Catch": catch,
}
_ONWARD = (("Next", "End"),)

STATES: Mapping[str, Shape] = {
    "Pass": Shape(
        {**_STEP, "Parameters": template, "Result": result, "ResultPath": result_path},
        exactly_one=_ONWARD,
    ),
    "Task": Shape(
        {
            **_WORK,
            "Resource": _resource,
            "Arguments": template,
            "TimeoutSeconds": integer(1, SECONDS_MAX),
            "TimeoutSecondsPath": reference,
            "HeartbeatSeconds": integer(1, SECONDS_MAX),
            "HeartbeatSecondsPath": reference,
            "Credentials": template,
        },
        required=("Resource",),
        exactly_one=_ONWARD,
        at_most_one=(
            ("TimeoutSeconds", "TimeoutSecondsPath"),
            ("HeartbeatSeconds", "HeartbeatSecondsPath"),
        ),
    ),
    "Choice": Shape(
        {**_FLOW, "Choices": list_of(choice_rule), "Default": text, "Assign": assignment},
        required=("Choices",),
    ),
    "Wait": Shape(
        {
            **_STEP,
            "Seconds": integer(0, SECONDS_MAX),
            "SecondsPath": path_or_function,
            "Timestamp": timestamp,
            "TimestampPath": path_or_function,
        },
        exactly_one=(*_ONWARD, ("Seconds", "SecondsPath", "Timestamp", "TimestampPath")),
    ),
    "Succeed": Shape(_FLOW),
    "Fail": Shape(
        {
            **_ANY,
            "Error": words,
            "ErrorPath": path_or_function,
            "Cause": words,
            "CausePath": path_or_function,
        },
        at_most_one=(("Error", "ErrorPath"), ("Cause", "CausePath")),
    ),
    "Parallel": Shape(
        {**_WORK, "Arguments": template, "Branches": anything},
        required=("Branches",),
        exactly_one=_ONWARD,
    ),
    "Map": Shape(
        {
            **_WORK,
            "ItemProcessor": anything,
            "Iterator": anything,
            "Items": items,
            "ItemsPath": items_path,
            "ItemSelector": template,
            "ItemReader": item_reader,
            "ItemBatcher": item_batcher,
            "ResultWriter": result_writer,
            "MaxConcurrency": integer(0),
            "MaxConcurrencyPath": reference,
            "ToleratedFailurePercentage": number(0.0, 100.0),
            "ToleratedFailurePercentagePath": reference,
            "ToleratedFailureCount": integer(0),
            "ToleratedFailureCountPath": reference,
            "Label": label,
        },
        exactly_one=(*_ONWARD, ("ItemProcessor", "Iterator")),
        at_most_one=(
            ("ItemSelector", "Parameters"),
            ("MaxConcurrency", "MaxConcurrencyPath"),
            ("ToleratedFailurePercentage", "ToleratedFailurePercentagePath"),
            ("ToleratedFailureCount", "ToleratedFailureCountPath"),
        ),
    ),
}


def check_state(setting: Setting, state: Any, location: str) -> None:
    """One state without the machines inside it."""
    if not isinstance(state, dict):
        mapping(setting, state, location)
        return
    if "Type" not in state:
        require(setting, ["Type"], location)
        return
    shape = STATES.get(state["Type"]) if isinstance(state["Type"], str) else None
    if shape is None:
        one_of(*STATES)(setting, state["Type"], f"{location}/Type")
        return
    own = setting.speaking(state_language(setting, state))
    if own.language is not setting.language and setting.is_jsonata:
        # Recorded.
        message = (
            "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine"
        )
        setting.findings.schema(message, location)
    shape(own, state, location)
    if state.get("End") is False and "Next" not in state:
        require(setting, ["Next"], location)
    if state["Type"] == "Map":
        check_mode(own, state, location)
    elif state["Type"] == "Task":
        _check_heartbeat(own, state, location)


def state_language(setting: Setting, state: Mapping[str, Any]) -> QueryLanguage:
    """The state's own language, or that of the whole machine.

    AWS takes whatever is not exactly `JSONPath` for JSONata (measured), and complains of the value besides.
    """
    if "QueryLanguage" not in state:
        return setting.machine_language
    if state["QueryLanguage"] == QueryLanguage.JSONPATH:
        return QueryLanguage.JSONPATH
    return QueryLanguage.JSONATA


def _check_heartbeat(setting: Setting, state: Mapping[str, Any], location: str) -> None:
    """The specification, "Timeouts and heartbeats": the heartbeat is shorter than the timeout."""
    heartbeat, timeout = state.get("HeartbeatSeconds"), state.get("TimeoutSeconds")
    if type(heartbeat) is int and type(timeout) is int and heartbeat >= timeout:
        place = f"{location}/HeartbeatSeconds"
        setting.findings.schema("HeartbeatSeconds must be smaller than TimeoutSeconds", place)
