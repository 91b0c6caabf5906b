"""State machines of an account of their own, and short words for what the tests do most."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

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
