"""What AWS says of definitions: texts and places as recorded or published, one rule at a time."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fogline.aws.states.machine import (
    DefinitionRefused,
    Diagnostic,
    Severity,
    diagnose,
    diagnose_state,
    parse_machine,
)

END = {"Type": "Pass", "End": True}


def machine_of(state: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A machine of one state under test, `X`, which may go on to `Z`."""
    states = {"X": state}
    if "Z" in json.dumps(state):
        states["Z"] = {"Type": "Succeed"}
    return {"StartAt": "X", "States": states, **fields}


def findings_of(definition: Any, **options: Any) -> list[str]:
    text = definition if isinstance(definition, str) else json.dumps(definition)
    return [str(one) for one in diagnose(text, **options)]


def findings_in(state: dict[str, Any], **fields: Any) -> list[str]:
    """The findings of one state, without the code that nearly all have."""
    found = findings_of(machine_of(state, **fields))
    return [one.removeprefix("SCHEMA_VALIDATION_FAILED: ") for one in found]


# ---- recorded: test_sfn_api_validation, test_sfn_api, test_base_scenarios


@pytest.mark.parametrize("text", [" ", "", "\n", "[]", "null", "7", '"{}"'])
def test_a_definition_is_an_object(text: str) -> None:
    assert diagnose(text) == [
        Diagnostic(
            Severity.ERROR,
            "SCHEMA_VALIDATION_FAILED",
            "Definition must be a valid JSON object",
            None,
        )
    ]


def test_a_text_that_is_no_json_has_its_place_twice() -> None:
    place = '[Source: (String)"not a definition"; line: 1, column: 4]'
    (found,) = diagnose("not a definition")
    assert (found.code, found.location) == ("INVALID_JSON_DESCRIPTION", place)
    assert found.message == (
        "Unrecognized token 'not': was expecting (JSON String, Number, Array, Object or token 'null', "
        f"'true' or 'false')\n at {place}"
    )


@pytest.mark.parametrize(
    ("definition", "missing"),
    [
        ({}, "[States, StartAt]"),
        ({"States": {"X": END}}, "[StartAt]"),
        ({"StartAt": "X"}, "[States]"),
    ],
)
def test_a_machine_says_where_it_starts_and_what_states_it_has(
    definition: dict[str, Any], missing: str
) -> None:
    assert findings_of(definition)[0] == (
        f"SCHEMA_VALIDATION_FAILED: These fields are required: {missing} at /"
    )


def test_an_express_machine_cannot_wait_for_a_token() -> None:
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "End": True,
    }
    assert findings_of(machine_of(task)) == []
    assert findings_of(machine_of(task), kind="EXPRESS") == [
        "SCHEMA_VALIDATION_FAILED: Express state machine does not support '.waitForTaskToken' "
        "service integration  at /States/X/Resource"
    ]


def test_a_state_cannot_go_back_to_jsonpath() -> None:
    state = {**END, "QueryLanguage": "JSONPath"}
    assert findings_in(state, QueryLanguage="JSONata") == [
        "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine at /States/X"
    ]


def test_a_state_may_go_on_to_jsonata() -> None:
    state = {**END, "QueryLanguage": "JSONata", "Output": "{% $states.input %}"}
    assert findings_in(state) == []


@pytest.mark.parametrize("text", ["2016-03-14 01:59:00Z", "2016-03-14T01:59:00", "tomorrow"])
def test_a_timestamp_has_its_t_and_its_zone(text: str) -> None:
    wait = {"Type": "Wait", "Timestamp": text, "End": True}
    assert findings_in(wait) == [
        "String does not match RFC3339 timestamp at /States/X/Timestamp",
    ]


def test_the_refusal_lists_all_errors_in_one_sentence() -> None:
    with pytest.raises(DefinitionRefused) as refused:
        parse_machine('{"StartAt": "X"}')
    assert str(refused.value) == (
        "Invalid State Machine Definition: "
        "'SCHEMA_VALIDATION_FAILED: These fields are required: [States] at /'"
    )


# ---- published: what leads where


def test_a_target_must_be_there_and_a_state_must_be_led_to() -> None:
    definition = {
        "StartAt": "pass1",
        "States": {"pass1": {"Type": "Pass", "Next": "pass3"}, "pass2": END},
    }
    with pytest.raises(DefinitionRefused) as refused:
        parse_machine(json.dumps(definition))
    assert str(refused.value) == (
        "Invalid State Machine Definition: 'MISSING_TRANSITION_TARGET: Missing 'Next' target: pass3 at "
        '/States/pass1/Next, MISSING_TRANSITION_TARGET: State "pass2" is not reachable. at /States/pass2\''
    )


def test_a_start_that_is_not_there_leaves_the_first_state_unreached() -> None:
    states = {"One": {"Type": "Pass", "Next": "Two"}, "Two": {"Type": "Succeed"}}
    assert findings_of({"StartAt": "Zero", "States": states}) == [
        "MISSING_TRANSITION_TARGET: Missing 'Next' target: Zero at /StartAt",
        'MISSING_TRANSITION_TARGET: State "One" is not reachable. at /States/One',
    ]


def test_a_machine_must_end_somewhere() -> None:
    loop = {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Next": "A"}}
    no_end = "MISSING_END_STATE: Workflow has no terminal state at null"
    assert findings_of({"StartAt": "A", "States": loop}) == [no_end]
    beside = {**loop, "C": {"Type": "Pass", "Next": "A"}}
    assert findings_of({"StartAt": "A", "States": beside}) == [no_end]
    ended = {**loop, "C": END}
    assert findings_of({"StartAt": "A", "States": ended}) == [
        'MISSING_TRANSITION_TARGET: State "C" is not reachable. at /States/C'
    ]


def test_a_missing_target_is_named_beside_the_missing_end() -> None:
    assert findings_of({"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "NOPE"}}}) == [
        "MISSING_TRANSITION_TARGET: Missing 'Next' target: NOPE at /States/A/Next",
        "MISSING_END_STATE: Workflow has no terminal state at null",
    ]


def test_every_way_out_is_looked_at_and_called_next() -> None:
    choice = {
        "Type": "Choice",
        "Choices": [{"Variable": "$.x", "IsPresent": True, "Next": "N1"}],
        "Default": "N2",
    }
    task = {
        "Type": "Task",
        "Resource": "arn:aws:lambda:eu-west-1:123456789012:function:f",
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "N3"}],
        "Next": "C",
    }
    states = {"T": task, "C": choice, "E": {"Type": "Fail"}}
    assert findings_of({"StartAt": "T", "States": states}) == [
        "MISSING_TRANSITION_TARGET: Missing 'Next' target: N3 at /States/T/Catch[0]/Next",
        "MISSING_TRANSITION_TARGET: Missing 'Next' target: N1 at /States/C/Choices[0]/Next",
        "MISSING_TRANSITION_TARGET: Missing 'Next' target: N2 at /States/C/Default",
        'MISSING_TRANSITION_TARGET: State "E" is not reachable. at /States/E',
    ]


def test_branches_and_processors_are_machines_of_their_own() -> None:
    inner = {"StartAt": "I", "States": {"I": {"Type": "Pass", "Next": "X"}}}
    parallel = {"Type": "Parallel", "Branches": [{"StartAt": "B", "States": {"B": END}}, inner]}
    assert findings_of(machine_of({**parallel, "End": True})) == [
        "MISSING_TRANSITION_TARGET: Missing 'Next' target: X at /States/X/Branches[1]/States/I/Next",
        "MISSING_END_STATE: Workflow has no terminal state at null",
    ]


def test_a_name_is_used_once_in_the_whole_machine() -> None:
    processor = {"StartAt": "Z", "States": {"Z": END}}
    state = {"Type": "Map", "ItemProcessor": processor, "Next": "Z"}
    assert findings_of(machine_of(state)) == [
        "DUPLICATE_STATE_NAME: Duplicate State name: Z at /States/X/ItemProcessor/States/Z"
    ]


def test_a_name_cannot_stand_twice_in_one_object() -> None:
    text = '{"StartAt":"X","States":{"X":{"Type":"Succeed"},"X":{"Type":"Succeed"}}}'
    assert findings_of(text) == ["DUPLICATE_STATE_NAME: Duplicate State name: X at /States/X"]


@pytest.mark.parametrize(("length", "refused"), [(80, False), (81, True)])
def test_a_name_has_at_most_eighty_characters(length: int, refused: bool) -> None:
    name = "é" * length
    found = diagnose(json.dumps({"StartAt": name, "States": {name: END}}))
    assert [one.code for one in found] == ["INVALID_STATE_NAME"] * refused


# ---- published: fields and what stands in them


@pytest.mark.parametrize(
    ("field", "kinds"),
    [
        ("TimeoutSeconds", ["Pass", "Wait", "Choice", "Succeed", "Fail", "Map", "Parallel"]),
        ("Catch", ["Pass", "Wait", "Choice", "Succeed", "Fail"]),
        ("Retry", ["Pass", "Wait", "Choice", "Succeed", "Fail"]),
    ],
)
def test_a_field_is_refused_on_states_that_lack_it(field: str, kinds: list[str]) -> None:
    for kind in kinds:
        found = findings_of({"StartAt": "X", "States": {"X": {"Type": kind, field: 1}}})
        refusal = f"SCHEMA_VALIDATION_FAILED: Field '{field}' is not supported at /States/X"
        assert refusal in found


def test_a_field_of_the_other_language_is_named_with_both() -> None:
    assert findings_in({**END, "Output": 1}) == [
        "The QueryLanguage is set to 'JSONPath', but field 'Output' is only supported for the "
        "'JSONata' QueryLanguage at /States/X"
    ]
    assert findings_in({**END, "ResultPath": "$.x"}, QueryLanguage="JSONata") == [
        "The QueryLanguage is set to 'JSONata', but field 'ResultPath' is only supported for the "
        "'JSONPath' QueryLanguage at /States/X"
    ]


def test_states_inside_a_map_speak_the_language_of_the_machine() -> None:
    inner = {"StartAt": "P", "States": {"P": {**END, "Output": 1}}}
    state = {"Type": "Map", "QueryLanguage": "JSONata", "ItemProcessor": inner, "End": True}
    (found,) = findings_in(state)
    assert found.endswith("QueryLanguage at /States/X/ItemProcessor/States/P")


@pytest.mark.parametrize("field", ["ItemProcessor", "Iterator"])
def test_a_processor_has_no_language_of_its_own(field: str) -> None:
    inner = {"StartAt": "P", "States": {"P": END}, "QueryLanguage": "JSONPath"}
    assert findings_in({"Type": "Map", field: inner, "End": True}) == [
        f"Field 'QueryLanguage' is not supported at /States/X/{field}"
    ]


def test_numbers_of_a_map_have_bounds() -> None:
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "P",
        "States": {"P": END},
    }
    state = {
        "Type": "Map",
        "ItemProcessor": processor,
        "MaxConcurrency": -1,
        "ToleratedFailurePercentage": 100.5,
        "ItemReader": {
            "Resource": "arn:aws:states:::s3:getObject",
            "ReaderConfig": {"MaxItems": 100_000_001, "MaxItemsPath": "$.n"},
        },
        "ItemBatcher": {"MaxItemsPerBatch": -1},
        "End": True,
    }
    assert findings_in(state) == [
        "Minimum value is 0 at /States/X/MaxConcurrency",
        "Maximum value is 100.0 at /States/X/ToleratedFailurePercentage",
        "There should only be one of the following fields: [MaxItems, MaxItemsPath] at "
        "/States/X/ItemReader/ReaderConfig",
        "Maximum value is 100000000 at /States/X/ItemReader/ReaderConfig/MaxItems",
        "Minimum value is 0 at /States/X/ItemBatcher/MaxItemsPerBatch",
    ]


def test_what_only_a_distributed_map_knows_is_refused_inline() -> None:
    processor = {"StartAt": "P", "States": {"P": END}}
    state = {"Type": "Map", "ItemProcessor": processor, "Label": "label", "End": True}
    (found,) = findings_in(state)
    assert "'Label' is only supported" in found


def test_an_inline_map_may_say_how_many_failures_it_tolerates() -> None:
    processor = {"StartAt": "P", "States": {"P": END}}
    state = {"Type": "Map", "ItemProcessor": processor, "ToleratedFailureCount": 1, "End": True}
    assert findings_in(state) == []


def test_an_express_machine_has_no_distributed_map() -> None:
    config = {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}
    processor = {"ProcessorConfig": config, "StartAt": "P", "States": {"P": END}}
    definition = machine_of({"Type": "Map", "ItemProcessor": processor, "End": True})
    assert findings_of(definition) == []
    assert len(findings_of(definition, kind="EXPRESS")) == 1


def test_children_of_a_distributed_map_may_be_express() -> None:
    task = {"Type": "Task", "Resource": "arn:aws:states:::ecs:runTask.sync", "End": True}
    config = {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}
    processor = {"ProcessorConfig": config, "StartAt": "P", "States": {"P": task}}
    (found,) = findings_in({"Type": "Map", "ItemProcessor": processor, "End": True})
    assert "'.sync' service integration" in found


@pytest.mark.parametrize("char", list(' ?*<>{}[]:;,\\|^~$#%&`"\x00\x1f\x7f\x9f'))
def test_a_label_has_no_such_character(char: str) -> None:
    config = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    processor = {"ProcessorConfig": config, "StartAt": "P", "States": {"P": END}}
    state = {"Type": "Map", "ItemProcessor": processor, "Label": f"a{char}", "End": True}
    found = diagnose(json.dumps(machine_of(state)))
    assert [(one.code, one.location) for one in found] == [
        ("INVALID_LABEL_NAME", "/States/X/Label")
    ]


def test_the_wildcard_stands_alone_and_last() -> None:
    task = {
        "Type": "Task",
        "Resource": "arn:aws:lambda:eu-west-1:123456789012:function:f",
        "Retry": [{"ErrorEquals": ["States.ALL"]}, {"ErrorEquals": ["Other"]}],
        "Catch": [{"ErrorEquals": ["Some", "States.ALL"], "Next": "Z"}],
        "End": True,
    }
    assert findings_in(task) == [
        "States.ALL must appear alone and at end of list at /States/X/Retry[0]/ErrorEquals[0]",
        "States.ALL must appear alone and at end of list at /States/X/Catch[0]/ErrorEquals[1]",
    ]


@pytest.mark.parametrize(
    ("retrier", "finding"),
    [
        ({}, "These fields are required: [ErrorEquals] at /States/X/Retry[0]"),
        (
            {"ErrorEquals": ["A"], "IntervalSeconds": 0},
            "Minimum value is 1 at /States/X/Retry[0]/IntervalSeconds",
        ),
        (
            {"ErrorEquals": ["A"], "BackoffRate": 0.5},
            "Minimum value is 1.0 at /States/X/Retry[0]/BackoffRate",
        ),
        (
            {"ErrorEquals": ["A"], "MaxAttempts": "3"},
            "Expected value of type Integer at /States/X/Retry[0]/MaxAttempts",
        ),
        (
            {"ErrorEquals": ["A"], "MaxDelaySeconds": 31_622_401},
            "Maximum value is 31622400 at /States/X/Retry[0]/MaxDelaySeconds",
        ),
        (
            {"ErrorEquals": ["A"], "JitterStrategy": "SOME"},
            "Value must be one of [FULL, NONE] at /States/X/Retry[0]/JitterStrategy",
        ),
        (
            {"ErrorEquals": ["A"], "Times": 3},
            "Field 'Times' is not supported at /States/X/Retry[0]",
        ),
    ],
)
def test_a_retrier_is_checked(retrier: dict[str, Any], finding: str) -> None:
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Retry": [retrier],
        "End": True,
    }
    assert findings_in(task) == [finding]


@pytest.mark.parametrize(
    ("resource", "message"),
    [
        ("HelloWorld", "Value is not a valid resource ARN"),
        ("arn:aws:s3:::bucket", "Value is not a valid resource ARN"),
        (
            "arn:aws:states:::sns:publish.sync",
            "The resource provided arn:aws:states:::sns:publish.sync is not recognized. The value is not "
            "a valid resource ARN, or the resource is not available in this region.",
        ),
    ],
)
def test_a_resource_must_be_offered(resource: str, message: str) -> None:
    task = {"Type": "Task", "Resource": resource, "End": True}
    assert findings_in(task) == [f"{message} at /States/X/Resource"]


# ---- paths, templates and expressions


@pytest.mark.parametrize("path", ["Test", "$.a[", "States.UUID()x", 7, ""])
def test_an_output_path_is_a_path(path: Any) -> None:
    assert findings_in({**END, "OutputPath": path}) == [
        "Value must be a valid JSONPath. at /States/X/OutputPath"
    ]


@pytest.mark.parametrize("path", ["$", "$.a.b[0]", "$$.Execution.Id", "$name.of", None])
def test_an_input_path_may_start_from_anywhere(path: Any) -> None:
    assert findings_in({**END, "InputPath": path}) == []


@pytest.mark.parametrize("path", ["$$.Execution.Input.n", "$.a[*]", "$..a", "n"])
def test_a_number_is_read_from_one_place_of_the_input(path: str) -> None:
    processor = {"StartAt": "P", "States": {"P": END}}
    state = {"Type": "Map", "ItemProcessor": processor, "MaxConcurrencyPath": path, "End": True}
    (found,) = findings_in(state)
    assert found.startswith("Value is not a Reference Path")


def test_what_a_choice_compares_starts_with_a_dollar() -> None:
    rule = {"Variable": "Test", "StringMatches": "Test", "Next": "Z"}
    assert findings_in({"Type": "Choice", "Choices": [rule], "Default": "Z"}) == [
        "Value is not a Reference Path: Reference path didn't start with '$' at "
        "/States/X/Choices[0]/Variable"
    ]


def test_a_rule_says_where_it_leads() -> None:
    rule = {"Variable": "$", "StringMatches": "Test"}
    assert findings_in({"Type": "Choice", "Choices": [rule], "Default": "Z"}) == [
        "These fields are required: [Next] at /States/X/Choices[0]"
    ]


@pytest.mark.parametrize(
    "rule",
    [
        {},
        {"Variable": "$.a"},
        {"StringEquals": "a"},
        {"Variable": "$.a", "StringEquals": "a", "IsNull": True},
        {"Variable": "$.a", "StringEquals": 1},
        {"Variable": "$.a", "NumericEquals": "1"},
        {"Variable": "$.a", "BooleanEquals": "true"},
        {"Variable": "$.a", "TimestampEquals": "now"},
        {"Variable": "$.a", "IsPresent": 1},
        {"Variable": "$.a", "StringEqualsPath": "b"},
        {"Variable": "$.a", "StringLike": "b"},
        {"And": []},
        {"And": [{"Variable": "$.a", "IsNull": True, "Next": "Z"}]},
        {"Not": {"Variable": "$.a"}},
        {"Condition": "{% true %}"},
    ],
)
def test_a_rule_that_compares_nothing_is_refused(rule: dict[str, Any]) -> None:
    found = findings_in({"Type": "Choice", "Choices": [{**rule, "Next": "Z"}], "Default": "Z"})
    assert found
    assert all(" at /States/X/Choices[0]" in one for one in found)


def test_conditions_belong_to_jsonata() -> None:
    rule = {"Condition": "{% $states.input.a > 1 %}", "Next": "Z", "Output": {"b": "{% 1 %}"}}
    choice = {"Type": "Choice", "Choices": [rule], "Default": "Z", "Assign": {"n": 1}}
    assert findings_in(choice, QueryLanguage="JSONata") == []
    compared = {"Type": "Choice", "Choices": [{"Variable": "$.a", "IsNull": True, "Next": "Z"}]}
    found = findings_in(compared, QueryLanguage="JSONata")
    assert "These fields are required: [Condition] at /States/X/Choices[0]" in found


def test_a_field_that_ends_with_a_dollar_is_an_expression() -> None:
    assert findings_in({**END, "Assign": {"Variable.$": "Test"}}) == [
        "The value for the field 'Variable.$' must be a valid JSONPath or a valid intrinsic function "
        "call at /States/X/Assign"
    ]
    assert findings_in({**END, "Parameters": {"a": [{"b.$": 7}]}}) == [
        "The value for the field 'b.$' must be a valid JSONPath or a valid intrinsic function call at "
        "/States/X/Parameters/a[0]"
    ]


def test_jsonata_is_read_at_creation() -> None:
    state = {**END, "Output": {"v": "{% phone %}", "w": ["{% 1 + %}"], "x": "plain"}}
    assert findings_of(machine_of(state, QueryLanguage="JSONata")) == [
        "UNSUPPORTED_JSONATA_EXPRESSION: Reference to 'phone' at the top level is not supported. "
        "at /States/X/Output/v",
        "INVALID_JSONATA_EXPRESSION: Unexpected end of expression at /States/X/Output/w[0]",
    ]


@pytest.mark.parametrize("name", ["states", "1st", "a-b", "", "x" * 81])
def test_a_variable_has_a_name(name: str) -> None:
    (found,) = findings_in({**END, "Assign": {name: 1}})
    assert found.endswith("at /States/X/Assign")


@pytest.mark.parametrize(
    ("wait", "count"),
    [
        ({}, 1),
        ({"Seconds": 1}, 0),
        ({"SecondsPath": "$.s"}, 0),
        ({"TimestampPath": "$var"}, 0),
        ({"Seconds": 1, "Timestamp": "2016-03-14T01:59:00Z"}, 1),
        ({"Seconds": "{% 1 %}"}, 1),
        ({"Seconds": -1}, 1),
        ({"Seconds": 100_000_000}, 1),
    ],
)
def test_a_wait_has_exactly_one_end(wait: dict[str, Any], count: int) -> None:
    assert len(findings_in({"Type": "Wait", **wait, "End": True})) == count


def test_a_wait_of_jsonata_may_compute_its_end() -> None:
    wait = {"Type": "Wait", "Seconds": "{% $states.input.s %}", "End": True}
    assert findings_in(wait, QueryLanguage="JSONata") == []


@pytest.mark.parametrize(
    ("fields", "count"),
    [
        ({}, 0),
        ({"Error": "E", "Cause": "C"}, 0),
        ({"ErrorPath": "$.e", "CausePath": "States.Format('{}', $.c)"}, 0),
        ({"Error": "E", "ErrorPath": "$.e"}, 1),
        ({"CausePath": "c"}, 1),
        ({"Error": 7}, 1),
        ({"Next": "X"}, 1),
    ],
)
def test_a_fail_has_its_error_or_the_path_to_it(fields: dict[str, Any], count: int) -> None:
    assert len(findings_in({"Type": "Fail", **fields})) == count


@pytest.mark.parametrize("fields", [{}, {"Next": "Z", "End": True}, {"End": False}])
def test_a_state_goes_on_or_ends(fields: dict[str, Any]) -> None:
    assert len(findings_in({"Type": "Pass", **fields})) == 1


def test_a_heartbeat_is_shorter_than_the_timeout() -> None:
    task = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True}
    assert findings_in({**task, "TimeoutSeconds": 10, "HeartbeatSeconds": 9}) == []
    assert len(findings_in({**task, "TimeoutSeconds": 10, "HeartbeatSeconds": 10})) == 1


# ---- warnings


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ({**END, "Parameters": {"a": "$.b"}}, "NO_DOLLAR"),
        ({**END, "Parameters": {"a": "States.UUID()"}}, "NO_DOLLAR"),
        ({**END, "Result": {"a": ["$.b"]}}, "PASS_RESULT_IS_STATIC"),
        ({"Type": "Fail", "Error": "$.error"}, "NO_PATH"),
    ],
)
def test_what_looks_like_an_expression_and_is_none_is_warned_of(
    state: dict[str, Any], code: str
) -> None:
    text = json.dumps(machine_of(state))
    assert [(one.severity, one.code) for one in diagnose(text)] == [(Severity.WARNING, code)]
    assert parse_machine(text)


def test_amounts_of_money_are_not_taken_for_paths() -> None:
    assert findings_in({**END, "Parameters": {"price": "$5", "note": "a $.b c"}}) == []


# ---- bounds


def test_findings_are_as_many_as_can_be_listed_and_one_more() -> None:
    states = {f"S{index}": {"Type": "Nothing"} for index in range(500)}
    assert len(diagnose(json.dumps({"StartAt": "S0", "States": states}))) == 101


def test_a_definition_has_a_size() -> None:
    definition = json.dumps(machine_of({**END, "Comment": "x" * 1_048_576}))
    assert findings_of(definition) == [
        "SCHEMA_VALIDATION_FAILED: The definition exceeds 1048576 bytes at null"
    ]


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 5_000 + "1" + "}" * 5_000])
def test_a_definition_has_a_depth(text: str) -> None:
    (found,) = diagnose(text)
    assert found.code in {"TOO_DEEPLY_NESTED", "INVALID_JSON_DESCRIPTION"}


def test_machines_stand_inside_each_other_only_so_deep() -> None:
    machine: dict[str, Any] = {"StartAt": "S0", "States": {"S0": END}}
    for depth in range(1, 20):
        state = {"Type": "Parallel", "Branches": [machine], "End": True}
        machine = {"StartAt": f"S{depth}", "States": {f"S{depth}": state}}
    assert {one.code for one in diagnose(json.dumps(machine))} == {"TOO_DEEPLY_NESTED"}


# ---- a state alone


def test_a_state_alone_is_checked_without_its_targets() -> None:
    assert diagnose_state('{"Type": "Pass", "Next": "Elsewhere"}') == []
    (found,) = diagnose_state('{"Type": "Task", "End": true}')
    assert str(found) == "SCHEMA_VALIDATION_FAILED: These fields are required: [Resource] at /"
