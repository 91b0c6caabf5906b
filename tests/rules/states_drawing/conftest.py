"""Machines and histories in few words."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from fogline.aws.states.machine import Machine, load_machine

FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:f"


class History:
    """Events as GetExecutionHistory gives them; each follows the one before unless `after` says which."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.now = 1_000_000
        self.add("ExecutionStarted", 0, executionStartedEventDetails={"input": "{}"})

    def add(self, type_: str, after: int | None = None, /, took: int = 1, **details: Any) -> int:
        self.now += took
        number = len(self.events) + 1
        previous = number - 1 if after is None else after
        if number == 2:
            previous = 0
        event = {"id": number, "previousEventId": previous, "timestamp": self.now, "type": type_}
        self.events.append({**event, **details})
        return number

    def enter(self, name: str, kind: str = "Pass", after: int | None = None) -> int:
        details = {"name": name, "input": '{"in": 1}'}
        return self.add(f"{kind}StateEntered", after, stateEnteredEventDetails=details)

    def leave(self, name: str, kind: str = "Pass", after: int | None = None, took: int = 1) -> int:
        details = {"name": name, "output": '{"out": 1}'}
        return self.add(f"{kind}StateExited", after, took, stateExitedEventDetails=details)

    def visit(self, name: str, kind: str = "Pass", after: int | None = None) -> int:
        self.enter(name, kind, after)
        return self.leave(name, kind)

    def work(self, fails: str = "", after: int | None = None) -> int:
        self.add("LambdaFunctionScheduled", after)
        self.add("LambdaFunctionStarted")
        if fails:
            failed = {"error": fails, "cause": "it did"}
            return self.add("LambdaFunctionFailed", lambdaFunctionFailedEventDetails=failed)
        return self.add("LambdaFunctionSucceeded", took=10)

    def end(self, how: str = "Succeeded", **details: Any) -> None:
        self.add(f"Execution{how}", **{f"execution{how}EventDetails": details})


@pytest.fixture
def history() -> History:
    return History()


def state(type_: str, to: str | None = None, **more: Any) -> dict[str, Any]:
    """A state that goes on to another or, with nothing said, ends its machine."""
    one: dict[str, Any] = {"Type": type_, **more}
    if type_ == "Task":
        one.setdefault("Resource", FUNCTION)
    if type_ not in ("Choice", "Succeed", "Fail"):
        one |= {"Next": to} if to else {"End": True}
    return one


@pytest.fixture
def make_machine() -> Callable[..., Machine]:
    """A machine of its states, in order; it starts at the first."""

    def make_machine(**states: dict[str, Any]) -> Machine:
        return load_machine(json.dumps({"StartAt": next(iter(states)), "States": states}))

    return make_machine


@pytest.fixture
def make_state() -> Callable[..., dict[str, Any]]:
    return state
