"""State machines of an account of their own, and short words for what the tests do most."""

from __future__ import annotations

import itertools
import json

import pytest
from botocore.exceptions import ClientError
from tests.conftest import open_platform

ROLE = "arn:aws:iam::000000000000:role/workflows"


@pytest.fixture
def stepfunctions(fogline):
    return fogline.client("stepfunctions")


@pytest.fixture
def passing():
    """A definition that succeeds at once; another one for another comment."""

    def passing(comment=""):
        states = {"Only": {"Type": "Pass", "End": True}}
        return json.dumps({"Comment": comment, "StartAt": "Only", "States": states})

    return passing


@pytest.fixture
def make_machine(stepfunctions, passing):
    """Makes a state machine, by default one that succeeds at once; its ARN."""

    def make(name="machine", definition=None, **more):
        text = definition if isinstance(definition, str) else json.dumps(definition)
        made = stepfunctions.create_state_machine(
            name=name,
            definition=passing() if definition is None else text,
            **{"roleArn": ROLE, **more},
        )
        return made["stateMachineArn"]

    return make


@pytest.fixture
def refusal():
    """The code and the message of the refusal that a call meets."""

    def refusal(function, *given, **request):
        with pytest.raises(ClientError) as refused:
            function(*given, **request)
        error = refused.value.response["Error"]
        return error["Code"], error["Message"]

    return refusal


@pytest.fixture
def every():
    """All that an operation lists, page by page, where the SDK has no paginator for it."""

    def every(operation, member, **request):
        page = operation(**request)
        found = page[member]
        while token := page.get("nextToken"):
            page = operation(**request, nextToken=token)
            assert page[member]
            found += page[member]
        return found

    return every


class Running:
    """An execution, looked at from outside."""

    def __init__(self, stepfunctions, platform, arn):
        self.arn = arn
        self._stepfunctions = stepfunctions
        self._platform = platform

    @property
    def status(self):
        return self.described["status"]

    @property
    def described(self):
        return self._stepfunctions.describe_execution(executionArn=self.arn)

    @property
    def output(self):
        described = self.described
        assert described["status"] == "SUCCEEDED", described
        return json.loads(described["output"])

    @property
    def error(self):
        described = self.described
        assert described["status"] == "FAILED", described
        return described.get("error")

    def events(self, kind=""):
        """The events of its history whose type ends so."""
        pages = self._stepfunctions.get_paginator("get_execution_history")
        found = pages.paginate(executionArn=self.arn).build_full_result()["events"]
        return [event for event in found if event["type"].endswith(kind)]

    def seconds(self, kind):
        """When events of that type happened, in seconds since it was started."""
        began = self.events("ExecutionStarted")[0]["timestamp"]
        return [(event["timestamp"] - began).total_seconds() for event in self.events(kind)]

    def advance(self, seconds):
        self._platform.advance(seconds=seconds)
        self._platform.settle()


@pytest.fixture
def leap(fogline_platform):
    """Moves the clock like a machine that slept: what fell due on the way, hour by hour, is looked at once."""

    def leap(*, days):
        async def move():
            clock = fogline_platform.platform.clock
            clock.move_to(clock.now() + round(days * 86_400_000))

        fogline_platform.settle()
        fogline_platform.ask(move())
        fogline_platform.settle()

    return leap


@pytest.fixture
def begin(fogline, fogline_platform, stepfunctions, make_machine):
    """Starts an execution of these states and lets it run as far as it can without time."""
    counted = itertools.count()

    def begin(states, input=None, **top):
        definition = {"StartAt": next(iter(states)), "States": states, **top}
        role = f"arn:aws:iam::{fogline.id}:role/workflows"
        arn = stepfunctions.start_execution(
            stateMachineArn=make_machine(f"m{next(counted)}", definition, roleArn=role),
            input=json.dumps({} if input is None else input, ensure_ascii=False),
        )["executionArn"]
        fogline_platform.settle()
        return Running(stepfunctions, fogline_platform, arn)

    return begin


@pytest.fixture(scope="module")
def fogline_platform(request):
    """A platform of this file's own: months pass in some, and schedules of other tests would fall due in them."""
    yield from open_platform(request)
