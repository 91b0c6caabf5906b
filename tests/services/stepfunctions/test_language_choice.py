"""Choice states in whole executions."""

from __future__ import annotations

import pytest


def chosen(begin, choices, input, default="No", **more):
    targets = {rule["Next"] for rule in choices} | ({default} if default else set())
    ends = {name: {"Type": "Pass", "Result": name, "End": True} for name in sorted(targets)}
    choice = {"Type": "Choice", "Choices": choices, **more}
    if default:
        choice["Default"] = default
    return begin({"Choose": choice, **ends}, input)


@pytest.mark.parametrize(
    ("rule", "input", "target"),
    [
        ({"Variable": "$.a", "NumericGreaterThan": 1}, {"a": 2}, "Yes"),
        ({"Variable": "$.a", "NumericGreaterThan": 1}, {"a": "2"}, "No"),
        ({"Variable": "$.a", "StringMatches": "x*.log"}, {"a": "xy.log"}, "Yes"),
        ({"Variable": "$.a", "BooleanEqualsPath": "$.b"}, {"a": True, "b": True}, "Yes"),
        ({"Variable": "$.a", "IsPresent": False}, {}, "Yes"),
        ({"Not": {"Variable": "$.a", "IsNull": True}}, {"a": None}, "No"),
        (
            {
                "Or": [
                    {"Variable": "$.a", "NumericEquals": 1},
                    {"Variable": "$.b", "IsPresent": True},
                ]
            },
            {"a": 1},
            "Yes",
        ),
    ],
)
def test_a_rule_chooses(begin, rule, input, target):
    assert chosen(begin, [{**rule, "Next": "Yes"}], input).output == target


def test_the_first_rule_that_holds_chooses(begin):
    rules = [
        {"Variable": "$.a", "NumericEquals": 2, "Next": "No"},
        {"Variable": "$.a", "NumericLessThan": 2, "Next": "Yes"},
        {"Variable": "$.a", "NumericEquals": 1, "Next": "Also"},
    ]
    assert chosen(begin, rules, {"a": 1}).output == "Yes"


def test_without_a_default_what_nothing_matches_fails(begin):
    rules = [{"Variable": "$.a", "NumericEquals": 2, "Next": "Yes"}]
    assert chosen(begin, rules, {"a": 1}, default=None).error == "States.NoChoiceMatched"


def test_a_path_that_names_nothing_fails(begin):
    rules = [{"Variable": "$.b", "NumericEquals": 2, "Next": "Yes"}]
    assert chosen(begin, rules, {"a": 1}).error == "States.Runtime"


def test_jsonata_conditions_choose_and_must_be_true_or_false(begin):
    more = {"QueryLanguage": "JSONata"}
    rule = {"Condition": "{% $states.input.a = 1 %}", "Next": "Yes"}
    assert chosen(begin, [rule], {"a": 1}, **more).output == "Yes"
    assert chosen(begin, [rule], {"a": 2}, **more).output == "No"
    rule = {"Condition": "{% $states.input.a %}", "Next": "Yes"}
    assert chosen(begin, [rule], {"a": 1}, **more).error == "States.QueryEvaluationError"
