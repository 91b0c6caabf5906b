"""Pass states in whole executions: results, parameters, and where they are put."""

from __future__ import annotations

import json

import pytest


@pytest.mark.parametrize(
    ("fields", "output"),
    [
        ({}, {"a": 1}),
        ({"Result": 2}, 2),
        ({"Result": 2, "ResultPath": "$"}, 2),
        ({"Result": 2, "ResultPath": "$.b"}, {"a": 1, "b": 2}),
        ({"Result": 2, "ResultPath": "$.b.c"}, {"a": 1, "b": {"c": 2}}),
        ({"Result": 2, "ResultPath": "$.a"}, {"a": 2}),
        ({"Result": 2, "ResultPath": None}, {"a": 1}),
        ({"InputPath": "$.a"}, 1),
        ({"InputPath": None}, {}),
        ({"InputPath": "$.a", "ResultPath": "$.b"}, {"a": 1, "b": 1}),
        ({"Parameters": {"b.$": "$.a", "c": [1]}}, {"b": 1, "c": [1]}),
        ({"OutputPath": "$.a"}, 1),
        ({"OutputPath": None}, {}),
        ({"Parameters": {"n.$": "$$.State.Name"}}, {"n": "Only"}),
    ],
)
def test_a_pass_gives_what_its_fields_say(begin, fields, output):
    assert begin({"Only": {"Type": "Pass", "End": True, **fields}}, {"a": 1}).output == output


def test_a_result_path_that_leads_through_a_number_fails(begin):
    state = {"Type": "Pass", "Result": 1, "ResultPath": "$.a.b", "End": True}
    assert begin({"Only": state}, {"a": 1}).error == "States.ResultPathMatchFailure"


def test_an_output_may_have_256_kibibytes_and_no_more(begin):
    # {"a":"...","b":"..."} has 15 bytes besides the two texts.
    state = {"Type": "Pass", "Parameters": {"a.$": "$", "b.$": "$"}, "End": True}
    half = (262_144 - 15) // 2
    assert len(json.dumps(begin({"Only": state}, "x" * half).output)) > 262_000
    assert begin({"Only": state}, "x" * (half + 1)).error == "States.DataLimitExceeded"


def test_a_payload_is_counted_in_bytes(begin):
    state = {"Type": "Pass", "Parameters": {"a.$": "$", "b.$": "$"}, "End": True}
    assert begin({"Only": state}, "é" * 65_000).status == "SUCCEEDED"
    assert begin({"Only": state}, "é" * 65_600).error == "States.DataLimitExceeded"


def test_jsonata_gives_an_output_of_any_kind(begin):
    for output in (None, 1, "x", [1], "{% $states.input.a + 1 %}"):
        state = {"Type": "Pass", "QueryLanguage": "JSONata", "Output": output, "End": True}
        expected = 2 if isinstance(output, str) and "%" in output else output
        assert begin({"Only": state}, {"a": 1}).output == expected
