"""Definitions that are checked without a machine being made of them."""

from __future__ import annotations

import json

import pytest

EMPTY_PASS = {"Type": "Pass", "Result": {"a.$": "$.b"}, "End": True}


@pytest.fixture
def validate(stepfunctions):
    def validate(definition, **more):
        text = definition if isinstance(definition, str) else json.dumps(definition)
        found = stepfunctions.validate_state_machine_definition(definition=text, **more)
        del found["ResponseMetadata"]
        return found

    return validate


def machine(*states):
    named = {f"S{number}": state for number, state in enumerate(states)}
    return {"StartAt": "S0", "States": named}


def test_a_good_definition_has_no_findings(validate, passing):
    assert validate(passing()) == {"result": "OK", "diagnostics": [], "truncated": False}


def test_what_is_missing_is_told(validate):
    finding = {
        "severity": "ERROR",
        "code": "SCHEMA_VALIDATION_FAILED",
        "message": "These fields are required: [States, StartAt]",
        "location": "/",
    }
    assert validate("{}") == {"result": "FAIL", "diagnostics": [finding], "truncated": False}
    assert "location" not in validate(" ")["diagnostics"][0]


def test_warnings_are_told_only_to_those_who_ask(validate):
    warned = machine(EMPTY_PASS)
    assert validate(warned) == {"result": "OK", "diagnostics": [], "truncated": False}
    found = validate(warned, severity="WARNING")
    assert found["result"] == "OK"
    assert {each["severity"] for each in found["diagnostics"]} == {"WARNING"}


def test_findings_are_told_up_to_a_number(validate):
    wrong = machine(*({"Type": "Pass"} for _ in range(3)))
    assert len(validate(wrong)["diagnostics"]) > 2
    found = validate(wrong, maxResults=2)
    assert (len(found["diagnostics"]), found["truncated"], found["result"]) == (2, True, "FAIL")
    assert validate(wrong, maxResults=0) == validate(wrong)


def test_an_express_machine_has_rules_of_its_own(validate):
    task = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken"}
    waiting = machine({**task, "Parameters": {"QueueUrl": "q", "MessageBody": "m"}, "End": True})
    assert validate(waiting)["result"] == "OK"
    assert validate(waiting, type="EXPRESS")["result"] == "FAIL"
