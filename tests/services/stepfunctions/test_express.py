"""Express executions: waited for, or promised."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def sync(fogline):
    """A client that asks the endpoint itself, which has no second name that begins with `sync-`."""
    return fogline.client("stepfunctions")


@pytest.fixture
def make_express(make_machine):
    def make(states, name="express", **more):
        definition = {"StartAt": next(iter(states)), "States": states, **more.pop("top", {})}
        return make_machine(name, definition, type="EXPRESS", **more)

    return make


def test_an_execution_that_is_waited_for_answers_its_output(sync, make_express):
    machine = make_express({"Only": {"Type": "Pass", "Result": {"a": 1}, "End": True}})
    answer = sync.start_sync_execution(stateMachineArn=machine, name="mine", input='{"b": 2}')
    assert answer["status"] == "SUCCEEDED"
    assert json.loads(answer["output"]) == {"a": 1}
    assert answer["input"] == '{"b": 2}'
    assert answer["inputDetails"] == answer["outputDetails"] == {"included": True}
    assert answer["stateMachineArn"] == machine
    prefix = machine.replace(":stateMachine:", ":express:")
    assert answer["executionArn"].startswith(f"{prefix}:mine:")
    assert answer["billingDetails"] == {
        "billedDurationInMilliseconds": 100,
        "billedMemoryUsedInMB": 64,
    }
