from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fogline.aws.jsonpath import compile_path
from fogline.aws.states.failures import InvalidExpression, StateFailed, cause_in_state
from fogline.aws.states.paths import compile_processing, read_path
from fogline.aws.states.scope import Scope

MakeScope = Callable[..., Scope]

INPUT: dict[str, Any] = {"a": {"b": 1}, "l": [1, 2]}


def processed(state: dict[str, Any], result: Any, scope: Scope) -> Any:
    processing = compile_processing(state)
    return processing.output(scope, processing.selected_result(scope, result))


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ({}, INPUT),
        ({"InputPath": "$"}, INPUT),
        ({"InputPath": None}, {}),
        ({"InputPath": "$.a"}, {"b": 1}),
        ({"InputPath": "$.l[*]"}, [1, 2]),
        ({"InputPath": "$$.State.Name"}, "Here"),
        ({"InputPath": "$answer"}, 42),
        ({"InputPath": "$.a", "Parameters": {"x.$": "$.b"}}, {"x": 1}),
        ({"InputPath": None, "Parameters": {"x.$": "$"}}, {"x": {}}),
    ],
)
def test_a_state_works_with(state: dict[str, Any], expected: Any, make_scope: MakeScope) -> None:
    assert compile_processing(state).task_input(make_scope(INPUT, answer=42)) == expected


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ({}, {"r": [7]}),
        ({"ResultPath": "$"}, {"r": [7]}),
        ({"ResultPath": None}, INPUT),
        ({"ResultPath": "$.a.c"}, {"a": {"b": 1, "c": {"r": [7]}}, "l": [1, 2]}),
        ({"ResultPath": "$.l[0]"}, {"a": {"b": 1}, "l": [{"r": [7]}, 2]}),
        ({"ResultSelector": {"s.$": "$.r[0]"}}, {"s": 7}),
        ({"ResultPath": "$.x", "OutputPath": "$.x.r"}, [7]),
        ({"InputPath": "$.a", "ResultPath": "$.x", "OutputPath": "$.l"}, [1, 2]),
        ({"OutputPath": None}, {}),
        ({"OutputPath": "$$.State.Name"}, "Here"),
        ({"OutputPath": "$answer"}, 42),
    ],
)
def test_a_state_passes_on(state: dict[str, Any], expected: Any, make_scope: MakeScope) -> None:
    assert processed(state, {"r": [7]}, make_scope(INPUT, answer=42)) == expected


def test_a_null_result_can_be_passed_on(make_scope: MakeScope) -> None:
    assert processed({}, None, make_scope(INPUT)) is None


# Recorded: INVALID_JSONPATH_IN_INPUTPATH, INVALID_JSONPATH_IN_OUTPUTPATH and test_catch_states_runtime.
@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("$.Absent", "No results for path: $['Absent']"),
        ("$.no.such.path", "Missing property in path $['no']"),
    ],
)
def test_a_path_to_nothing_fails_in_the_words_of_aws(
    path: str, reason: str, make_scope: MakeScope
) -> None:
    scope = make_scope(INPUT)
    failures = []
    for attempt in (
        lambda: compile_processing({"InputPath": path}).task_input(scope),
        lambda: processed({"OutputPath": path}, {}, scope),
        lambda: read_path(compile_path(path), scope),
    ):
        with pytest.raises(StateFailed) as failure:
            attempt()
        failures.append((failure.value.error, failure.value.cause))
    assert failures == [("States.Runtime", f"Invalid path '{path}' : {reason}")] * 3


def test_a_result_with_something_in_its_way_fails(make_scope: MakeScope) -> None:
    with pytest.raises(StateFailed) as failure:
        processed({"ResultPath": "$.a.b.c"}, 1, make_scope({"a": {"b": 1}}))
    assert failure.value.error == "States.ResultPathMatchFailure"
    assert failure.value.cause == ('Unable to apply ReferencePath $.a.b.c to input {"a":{"b":1}}')


def test_the_variables_of_all_fields_are_known() -> None:
    state = {
        "InputPath": "$a",
        "Parameters": {"x.$": "States.Array($b)", "y.$": "$$.z"},
        "ResultSelector": {"x.$": "$c.x"},
        "OutputPath": "$d",
    }
    assert compile_processing(state).variables == {"a", "b", "c", "d"}


def test_the_input_is_never_changed(make_scope: MakeScope) -> None:
    given = {"a": {"b": 1}}
    assert processed({"ResultPath": "$.a.b"}, 2, make_scope(given)) == {"a": {"b": 2}}
    assert given == {"a": {"b": 1}}


@pytest.mark.parametrize(
    "state",
    [
        {"InputPath": 1},
        {"InputPath": "a"},
        {"OutputPath": "$..["},
        {"ResultPath": "$.a[*]"},
        {"ResultPath": "$$.a"},
        {"ResultPath": 1},
        {"Parameters": {"a.$": "b"}},
        {"ResultSelector": {"a.$": 1}},
    ],
)
def test_what_is_no_path_or_template_is_refused(state: dict[str, Any]) -> None:
    (field,) = state
    with pytest.raises(InvalidExpression, match=f"^{field}"):
        compile_processing(state)


def test_the_cause_in_a_history_says_where_it_happened() -> None:
    assert cause_in_state("Pay", 4, "Why.") == (
        "An error occurred while executing the state 'Pay' (entered at the event id #4). Why."
    )
