"""Inline Map states: an iteration for each item, so many at once, and what becomes of failures."""

from __future__ import annotations

import pytest

WAIT = {"Type": "Wait", "Seconds": 10, "End": True}
PASS = {"Type": "Pass", "End": True}


def over(*, more=None, **states):
    processor = {"StartAt": next(iter(states)), "States": states}
    return {"All": {"Type": "Map", "ItemProcessor": processor, "End": True, **(more or {})}}


def test_results_stand_in_the_order_of_the_items(begin):
    states = over(Wait={"Type": "Wait", "SecondsPath": "$", "End": True})
    running = begin(states, [3, 1, 2])
    running.advance(3)
    assert running.output == [3, 1, 2]


def test_no_items_are_no_iterations(begin):
    running = begin(over(Each=PASS), [])
    assert running.output == []
    assert running.events("MapIterationStarted") == []


def test_items_are_selected(begin):
    more = {
        "ItemsPath": "$.items",
        "ItemSelector": {"n.$": "$$.Map.Item.Value", "at.$": "$$.Map.Item.Index", "of.$": "$.of"},
        "ResultPath": "$.done",
    }
    running = begin(over(Each=PASS, more=more), {"items": ["a"], "of": "x"})
    assert running.output == {"items": ["a"], "of": "x", "done": [{"n": "a", "at": 0, "of": "x"}]}


@pytest.mark.parametrize("items", [{"a": 1}, "abc", 1])
def test_what_is_no_array_fails(begin, items):
    states = over(Each=PASS, more={"ItemsPath": "$.items"})
    assert begin(states, {"items": items}).error == "States.Runtime"


@pytest.mark.parametrize(("at_once", "seconds"), [(1, 30), (2, 20), (3, 10), (0, 10)])
def test_so_many_iterations_run_at_once(begin, at_once, seconds):
    running = begin(over(Wait=WAIT, more={"MaxConcurrency": at_once}), [1, 2, 3])
    running.advance(seconds - 1)
    assert running.status == "RUNNING"
    running.advance(1)
    assert running.output == [1, 2, 3]


def test_no_more_than_forty_iterations_run_at_once(begin):
    running = begin(over(Wait=WAIT), list(range(41)))
    assert len(running.events("MapIterationStarted")) == 40
    running.advance(10)
    assert len(running.events("MapIterationStarted")) == 41
    running.advance(10)
    assert running.output == list(range(41))


CHOOSE = {
    "Choose": {
        "Type": "Choice",
        "Choices": [{"Variable": "$", "NumericEquals": 2, "Next": "Broken"}],
        "Default": "Wait",
    },
    "Broken": {"Type": "Fail", "Error": "Broken", "Cause": "c"},
    "Wait": WAIT,
}


def test_an_iteration_that_fails_ends_the_others(begin):
    running = begin(over(**CHOOSE), [1, 2, 3])
    assert running.error == "Broken"
    assert len(running.events("MapIterationFailed")) == 1
    running.advance(10)
    assert running.events()[-1]["type"] == "ExecutionFailed"


def test_items_after_the_one_that_fails_are_not_begun(begin):
    running = begin(over(**CHOOSE, more={"MaxConcurrency": 1}), [2, 1, 3])
    assert running.error == "Broken"
    assert len(running.events("MapIterationStarted")) == 1


def test_a_map_is_caught_and_tried_again_as_a_whole(begin):
    more = {
        "Retry": [{"ErrorEquals": ["Broken"], "IntervalSeconds": 1, "MaxAttempts": 1}],
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Sorry"}],
    }
    running = begin({**over(**CHOOSE, more=more), "Sorry": PASS}, [2])
    running.advance(1)
    assert running.output == {"Error": "Broken", "Cause": "c"}
    assert len(running.events("MapStateStarted")) == 2


def test_maps_stand_in_maps(begin):
    inner = over(Each=PASS)["All"]
    assert begin({"Outer": over(Inner=inner)["All"]}, [[1, 2], [], [3]]).output == [[1, 2], [], [3]]


def test_a_failure_deep_inside_ends_everything_around(begin):
    inner = over(**CHOOSE)["All"]
    running = begin({"Outer": over(Inner=inner)["All"]}, [[1], [1, 2]])
    assert running.error == "Broken"
    running.advance(10)
    assert running.events()[-1]["type"] == "ExecutionFailed"


def test_jsonata_names_the_items(begin):
    more = {
        "QueryLanguage": "JSONata",
        "Items": "{% $states.input.a %}",
        "ItemSelector": {"v": "{% $states.context.Map.Item.Value * 2 %}"},
        "Output": "{% $states.result.v %}",
    }
    assert begin(over(Each=PASS, more=more), {"a": [1, 2]}).output == [2, 4]


def test_what_an_iteration_is_given_may_have_256_kibibytes_and_no_more(begin):
    # {"a":"...","b":"..."} has 15 bytes besides the two texts.
    more = {"ItemsPath": "$.i", "ItemSelector": {"a.$": "$.t", "b.$": "$.t"}}
    states = over(Each={**PASS, "Result": 1}, more=more)
    half = (262_144 - 15) // 2
    assert begin(states, {"i": [0], "t": "x" * half}).output == [1]
    assert begin(states, {"i": [0], "t": "x" * (half + 1)}).error == "States.DataLimitExceeded"
