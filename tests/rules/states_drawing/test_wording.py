"""The words on edges and in boxes."""

import json

import pytest

from fogline.aws.states.drawing.captions import span_words
from fogline.aws.states.drawing.events import event_words
from fogline.aws.states.drawing.wording import cut, rule_words, state_words
from fogline.aws.states.machine import load_machine


def choice(rule, **more):
    states = {"C": {"Type": "Choice", "Choices": [{**rule, "Next": "E"}]}, "E": {"Type": "Succeed"}}
    machine = load_machine(json.dumps({"StartAt": "C", "States": states, **more}))
    return rule_words(machine.states["C"].choices[0])


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"Variable": "$.a", "NumericGreaterThan": 5}, "$.a > 5"),
        ({"Variable": "$.a", "StringEquals": "x"}, '$.a = "x"'),
        ({"Variable": "$.a", "NumericLessThanEqualsPath": "$.b"}, "$.a <= $.b"),
        ({"Variable": "$.a", "StringMatches": "x*"}, '$.a like "x*"'),
        ({"Variable": "$.a", "IsPresent": True}, "$.a is present"),
        ({"Variable": "$.a", "IsNull": False}, "$.a is not null"),
        ({"Not": {"Variable": "$.a", "BooleanEquals": True}}, "not $.a = true"),
        (
            {"And": [{"Variable": "$.a", "IsNull": True}, {"Variable": "$.b", "NumericEquals": 1}]},
            "$.a is null and $.b = 1",
        ),
    ],
)
def test_rules_are_worded(rule, words):
    assert choice(rule) == words


def test_conditions_are_worded_without_their_braces():
    assert (
        choice({"Condition": "{% $states.input.a > 5 %}"}, QueryLanguage="JSONata")
        == "$states.input.a > 5"
    )


def task(resource):
    return {"Type": "Task", "Resource": resource}


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (task("arn:aws:states:::lambda:invoke"), "Lambda"),
        (task("arn:aws:lambda:us-east-1:000000000000:function:f"), "Lambda"),
        (task("arn:aws:states:::sqs:sendMessage.waitForTaskToken"), "sqs sendMessage, callback"),
        (task("arn:aws:states:::states:startExecution.sync:2"), "states startExecution and wait"),
        (task("arn:aws:states:us-east-1:000000000000:activity:Ask"), "Activity Ask"),
        ({"Type": "Wait", "Seconds": 30}, "Wait 30 s"),
        ({"Type": "Wait", "TimestampPath": "$.at"}, "Wait $.at"),
        ({"Type": "Fail", "Error": "Boom"}, "Fail Boom"),
    ],
)  # fmt: skip
def test_states_say_what_they_do(state, words):
    ends = {} if state["Type"] == "Fail" else {"End": True}
    machine = load_machine(json.dumps({"StartAt": "S", "States": {"S": {**state, **ends}}}))
    assert state_words(machine.states["S"]) == words


@pytest.mark.parametrize(
    ("milliseconds", "words"),
    [
        (0, "0 ms"), (999, "999 ms"), (1_500, "1.5 s"), (59_999, "60 s"), (60_000, "1 min"),
        (125_000, "2 min 5 s"), (3_600_000, "1 h"), (90_000_000, "1 d 1 h"), (40 * 86_400_000, "40 d"),
    ],
)  # fmt: skip
def test_spans_have_at_most_two_units(milliseconds, words):
    assert span_words(milliseconds) == words


def test_what_is_cut_says_so():
    assert cut("one  two\nthree", 9) == "one two …"
    assert cut("short", 9) == "short"


@pytest.mark.parametrize(
    ("event", "words"),
    [
        ({"taskFailedEventDetails": {"error": "E", "cause": "c", "resource": "x"}}, "E: c"),
        ({"stateExitedEventDetails": {"name": "A", "output": "{}"}}, "{}"),
        ({"mapStateStartedEventDetails": {"length": 3}}, "3 items"),
        ({"mapIterationStartedEventDetails": {"name": "M", "index": 2}}, "item 2"),
        ({"lambdaFunctionScheduledEventDetails": {"resource": "arn:aws:lambda:r:1:function:f", "input": "1"}}, "f 1"),
        ({"taskStartedEventDetails": {"resource": "publish", "resourceType": "sns"}}, "sns publish"),
        ({}, ""),
    ],
)  # fmt: skip
def test_events_say_what_matters(event, words):
    assert event_words(event) == words
