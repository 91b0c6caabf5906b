"""A machine holds what its definition says, and no text breaks the reading of it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fogline.aws.states.machine import (
    ABSENT,
    ChoiceState,
    DefinitionRefused,
    Machine,
    MapState,
    ParallelState,
    PassState,
    Pattern,
    ProcessorMode,
    QueryLanguage,
    Retrier,
    Severity,
    State,
    TaskState,
    diagnose,
    load_machine,
    parse_machine,
    variable_references,
)
from fogline.aws.states.machine.build import snake_case

INVOKE = "arn:aws:states:::lambda:invoke"


def parse(definition: Mapping[str, Any]) -> Machine:
    return parse_machine(json.dumps(definition))


def state_of(fields: Mapping[str, Any], **machine: Any) -> State:
    return parse({"StartAt": "X", "States": {"X": fields}, **machine}).states["X"]


# ---- what is left out has the language's default


def test_a_bare_pass_passes_its_input_on() -> None:
    state = state_of({"Type": "Pass", "End": True})
    assert state == PassState(name="X", query_language=QueryLanguage.JSONPATH)
    assert isinstance(state, PassState)
    assert (state.input_path, state.result_path, state.output_path) == ("$", "$", "$")
    assert state.result is ABSENT
    assert state.is_terminal


def test_null_is_not_the_same_as_absent() -> None:
    fields = {"Type": "Pass", "InputPath": None, "ResultPath": None, "Result": None, "End": True}
    state = state_of(fields)
    assert isinstance(state, PassState)
    assert state.input_path is None
    assert state.result_path is None
    assert state.result is None


def test_a_retrier_waits_a_second_and_doubles() -> None:
    task = state_of(
        {"Type": "Task", "Resource": INVOKE, "Retry": [{"ErrorEquals": ["A"]}], "End": True}
    )
    assert isinstance(task, TaskState)
    (retrier,) = task.retry
    assert retrier == Retrier(("A",), 1, 3, 2.0, None, "NONE")


def test_a_catcher_keeps_the_whole_error_where_nothing_is_said() -> None:
    catch = [{"ErrorEquals": ["A"], "Next": "Z", "Comment": "note"}]
    task = {"Type": "Task", "Resource": INVOKE, "Catch": catch, "Next": "Z"}
    machine = parse({"StartAt": "X", "States": {"X": task, "Z": {"Type": "Succeed"}}})
    state = machine.states["X"]
    assert isinstance(state, TaskState)
    assert state.catch[0].result_path == "$"
    assert state.catch[0].output is ABSENT


# ---- languages


def test_a_state_speaks_its_own_language_and_those_inside_it_that_of_the_machine() -> None:
    inner = {"StartAt": "I", "States": {"I": {"Type": "Pass", "End": True}}}
    state = state_of(
        {"Type": "Parallel", "QueryLanguage": "JSONata", "Branches": [inner], "End": True}
    )
    assert isinstance(state, ParallelState)
    assert state.query_language is QueryLanguage.JSONATA
    assert state.branches[0].states["I"].query_language is QueryLanguage.JSONPATH


def test_a_machine_of_jsonata_has_states_of_jsonata() -> None:
    state = state_of({"Type": "Pass", "Output": 1, "End": True}, QueryLanguage="JSONata")
    assert state.query_language is QueryLanguage.JSONATA


# ---- resources, choices and maps


def test_a_task_knows_what_it_asks_for() -> None:
    task = state_of({"Type": "Task", "Resource": f"{INVOKE}.waitForTaskToken", "End": True})
    assert isinstance(task, TaskState)
    assert task.resource.pattern is Pattern.WAIT_FOR_TASK_TOKEN


def test_a_choice_has_rules_and_no_end_of_its_own() -> None:
    rule = {"Variable": "$.a", "StringEquals": "b"}
    definition = {
        "StartAt": "X",
        "States": {
            "X": {
                "Type": "Choice",
                "Choices": [{**rule, "Next": "Z", "Assign": {"c": 1}, "Comment": "note"}],
            },
            "Z": {"Type": "Fail"},
        },
    }
    choice = parse(definition).states["X"]
    assert isinstance(choice, ChoiceState)
    assert not choice.is_terminal
    assert choice.default is None
    assert choice.choices[0].rule == rule
    assert (choice.choices[0].next, choice.choices[0].assign) == ("Z", {"c": 1})


def test_an_older_map_is_read_as_the_newer_one() -> None:
    inner = {"StartAt": "I", "States": {"I": {"Type": "Pass", "End": True}}}
    older = state_of({"Type": "Map", "Iterator": inner, "Parameters": {"a": 1}, "End": True})
    newer = state_of({"Type": "Map", "ItemProcessor": inner, "ItemSelector": {"a": 1}, "End": True})
    assert isinstance(newer, MapState)
    assert isinstance(older, MapState)
    assert older.item_processor == newer.item_processor
    assert older.item_selector == newer.item_selector == {"a": 1}
    assert newer.mode is ProcessorMode.INLINE


def test_a_distributed_map_says_what_it_reads_batches_and_writes() -> None:
    config = {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}
    inner = {
        "ProcessorConfig": config,
        "StartAt": "I",
        "States": {"I": {"Type": "Pass", "End": True}},
    }
    state = state_of(
        {
            "Type": "Map",
            "ItemProcessor": inner,
            "ItemReader": {
                "Resource": "arn:aws:states:::s3:getObject",
                "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"},
                "Parameters": {"Bucket": "b", "Key": "k"},
            },
            "ItemBatcher": {"MaxItemsPerBatch": 10, "BatchInput": {"a": 1}},
            "ResultWriter": {
                "Resource": "arn:aws:states:::s3:putObject",
                "Parameters": {"Bucket": "b", "Prefix": "p"},
                "WriterConfig": {"Transformation": "FLATTEN", "OutputType": "JSONL"},
            },
            "MaxConcurrency": 1_000,
            "ToleratedFailurePercentage": 5,
            "Label": "rows",
            "End": True,
        }
    )
    assert isinstance(state, MapState)
    assert state.is_distributed
    assert state.execution_type == "EXPRESS"
    assert state.item_reader is not None
    assert state.item_reader.resource.action == "getObject"
    assert state.item_batcher is not None
    assert state.item_batcher.max_items_per_batch == 10
    assert state.result_writer is not None
    assert state.result_writer.writer_config == {"Transformation": "FLATTEN", "OutputType": "JSONL"}


def test_a_machine_lists_its_states_at_all_depths() -> None:
    inner = {"StartAt": "I", "States": {"I": {"Type": "Pass", "End": True}}}
    outer = {
        "Type": "Parallel",
        "Branches": [
            inner,
            {**inner, "StartAt": "J", "States": {"J": {"Type": "Pass", "End": True}}},
        ],
        "End": True,
    }
    machine = parse({"StartAt": "X", "States": {"X": outer}})
    assert [state.name for state in machine.every_state()] == ["X", "I", "J"]


def test_a_machine_cannot_be_changed() -> None:
    machine = parse({"StartAt": "X", "States": {"X": {"Type": "Succeed"}}})
    with pytest.raises(dataclasses.FrozenInstanceError):
        machine.states["X"].name = "Y"  # type: ignore[misc]


def test_what_was_accepted_is_loaded_without_a_check() -> None:
    text = json.dumps({"StartAt": "X", "States": {"X": {"Type": "Succeed"}}, "TimeoutSeconds": 9})
    assert load_machine(text) == parse_machine(text)
    assert load_machine(text).timeout_seconds == 9


# ---- variables


@pytest.mark.parametrize(
    ("fields", "variables"),
    [
        ({"Type": "Pass", "Parameters": {"a.$": "$b", "c": {"d.$": "$e.f"}}}, ["b", "e"]),
        ({"Type": "Pass", "Parameters": {"a": "$b"}}, []),
        ({"Type": "Pass", "InputPath": "$in", "OutputPath": "$out"}, ["in", "out"]),
        ({"Type": "Pass", "Assign": {"a.$": "States.MathAdd($b, $.c)"}}, ["b"]),
        ({"Type": "Pass", "Result": {"a.$": "$b"}}, []),
        ({"Type": "Wait", "SecondsPath": "$s"}, ["s"]),
        ({"Type": "Task", "Resource": INVOKE, "TimeoutSecondsPath": "$t"}, ["t"]),
        (
            {"Type": "Task", "Resource": INVOKE, "Parameters": {"OfPath": "$p", "$": "$q"}},
            [],
        ),
    ],
)
def test_a_state_reads_variables_by_paths(fields: dict[str, Any], variables: list[str]) -> None:
    definition = {"StartAt": "X", "States": {"X": {**fields, "End": True}}}
    assert parse(definition)
    expected = {"X": variables} if variables else {}
    assert variable_references(json.dumps(definition)) == expected


def test_a_choice_reads_variables_in_all_its_rules() -> None:
    rules = [
        {"Variable": "$b", "StringEqualsPath": "$a", "Next": "Z"},
        {"Or": [{"Not": {"Variable": "$c.x", "IsNull": True}}], "Next": "Z"},
    ]
    definition = {
        "StartAt": "X",
        "States": {"X": {"Type": "Choice", "Choices": rules}, "Z": {"Type": "Succeed"}},
    }
    assert variable_references(json.dumps(definition)) == {"X": ["a", "b", "c"]}


def test_expressions_read_variables_but_not_the_reserved_one() -> None:
    inner = {
        "StartAt": "I",
        "States": {"I": {"Type": "Pass", "Output": "{% $inner + $sum([1]) %}", "End": True}},
    }
    state = {
        "Type": "Map",
        "Items": "{% $items[x > $states.input.y] %}",
        "ItemReader": {
            "Resource": "arn:aws:states:::s3:getObject",
            "Arguments": {"Bucket": "{% $bucket %}", "Key": "k"},
        },
        "ItemProcessor": inner,
        "End": True,
    }
    definition = {"QueryLanguage": "JSONata", "StartAt": "X", "States": {"X": state}}
    assert variable_references(json.dumps(definition)) == {
        "I": ["inner"],
        "X": ["bucket", "items"],
    }


# ---- properties

WORDS = st.sampled_from(
    [
        "StartAt",
        "States",
        "Type",
        "Pass",
        "Task",
        "Map",
        "Choice",
        "Wait",
        "Fail",
        "Parallel",
        "Next",
        "End",
        "Retry",
        "Catch",
        "ErrorEquals",
        "Choices",
        "Branches",
        "Iterator",
        "ItemProcessor",
        "ProcessorConfig",
        "Mode",
        "Parameters",
        "a.$",
        "$.a",
        "{% $x %}",
        "Resource",
        INVOKE,
        "Assign",
        "QueryLanguage",
        "JSONata",
        "And",
        "Not",
        "Variable",
        "ItemReader",
        "ItemBatcher",
        "ResultWriter",
        "Label",
        "Credentials",
        "Output",
        "Items",
        "X",
    ]
)
ANY = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-2, 3), st.floats(allow_nan=False), WORDS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(WORDS, inner, max_size=5)),
    max_leaves=15,
)


def read(text: str) -> None:
    """Whatever the text is, it is accepted or refused, and both say the same."""
    errors = [one for one in diagnose(text) if one.severity is Severity.ERROR]
    if errors:
        with pytest.raises(DefinitionRefused) as refused:
            parse_machine(text)
        found = refused.value.diagnostics
        assert errors == [one for one in found if one.severity is Severity.ERROR]
    else:
        assert isinstance(parse_machine(text), Machine)
        variable_references(text)


@settings(max_examples=400, deadline=None)
@given(ANY)
def test_no_json_breaks_the_reading(value: Any) -> None:
    read(json.dumps(value))


@settings(max_examples=600, deadline=None)
@given(
    st.sampled_from(
        ["Pass", "Task", "Choice", "Wait", "Succeed", "Fail", "Parallel", "Map", "None"]
    ),
    st.dictionaries(WORDS, ANY, max_size=6),
)
def test_no_state_breaks_the_reading(kind: str, fields: dict[str, Any]) -> None:
    read(json.dumps({"StartAt": "X", "States": {"X": {**fields, "Type": kind}}}))


PLAIN = st.one_of(st.none(), st.integers(), st.text(max_size=5), st.booleans())
TEMPLATES = st.dictionaries(
    st.text("abc", max_size=3), st.one_of(PLAIN, st.lists(PLAIN, max_size=2))
)
PATHS = st.sampled_from(["$", "$.a", "$.a[0].b", None])
COMMON = {"Comment": st.text(max_size=5), "Assign": st.just({"v": 1})}
FLOW = {"InputPath": PATHS, "OutputPath": PATHS}
WORK = {
    **COMMON,
    **FLOW,
    "Parameters": TEMPLATES,
    "ResultSelector": TEMPLATES,
    "ResultPath": PATHS,
}


def state_strategy(kind: str, required: Any, optional: Any) -> st.SearchStrategy[dict[str, Any]]:
    fixed = {"Type": st.just(kind), **required}
    return st.fixed_dictionaries(fixed, optional=optional)


STEPS = st.one_of(
    state_strategy(
        "Pass",
        {},
        {**COMMON, **FLOW, "Parameters": TEMPLATES, "Result": TEMPLATES, "ResultPath": PATHS},
    ),
    state_strategy(
        "Task",
        {"Resource": st.just(INVOKE)},
        {**WORK, "TimeoutSeconds": st.integers(11, 99), "HeartbeatSeconds": st.integers(1, 10)},
    ),
    state_strategy("Wait", {"Seconds": st.integers(0, 99_999_999)}, {**COMMON, **FLOW}),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(STEPS, min_size=1, max_size=6), st.integers(1, 99), st.data())
def test_an_accepted_machine_says_all_that_its_definition_says(
    steps: list[dict[str, Any]], timeout: int, data: st.DataObject
) -> None:
    states: dict[str, dict[str, Any]] = {}
    for index, step in enumerate(steps):
        onward = {"End": True} if index == len(steps) - 1 else {"Next": f"S{index + 1}"}
        states[f"S{index}"] = {**step, **onward}
    definition = {"StartAt": "S0", "States": states, "TimeoutSeconds": timeout}
    machine = parse(definition)
    assert (machine.start_at, machine.timeout_seconds) == ("S0", timeout)
    assert list(machine.states) == list(states)
    for name, fields in states.items():
        state = machine.states[name]
        assert (state.name, state.type, state.next) == (
            name,
            fields["Type"],
            fields.get("Next"),
        )
        for field, value in fields.items():
            if field == "Resource":
                assert isinstance(state, TaskState)
                assert state.resource.arn == value
            elif field not in ("Type", "End"):
                assert getattr(state, snake_case(field)) == value
