"""Stacks on the shared platform, each in an account of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Stack = dict[str, Any]


@pytest.fixture
def cloudformation(fogline: Any) -> Any:
    return fogline.client("cloudformation")


@pytest.fixture
def sqs(fogline: Any) -> Any:
    return fogline.client("sqs")


@pytest.fixture
def describe(fogline: Any, cloudformation: Any) -> Callable[[str], Stack]:
    """A stack once nothing is in hand any more."""

    def describe(name: str) -> Stack:
        fogline.platform.settle()
        stack: Stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
        return stack

    return describe


@pytest.fixture
def make_stack(cloudformation: Any, describe: Callable[[str], Stack]) -> Callable[..., Stack]:
    """Create a stack and wait for its end."""

    def make(template: str, name: str = "shop", **request: Any) -> Stack:
        created = cloudformation.create_stack(StackName=name, TemplateBody=template, **request)
        return describe(created["StackId"])

    return make


@pytest.fixture
def update_stack(cloudformation: Any, describe: Callable[[str], Stack]) -> Callable[..., Stack]:
    """Update a stack and wait for its end."""

    def update(template: str, name: str = "shop", **request: Any) -> Stack:
        cloudformation.update_stack(StackName=name, TemplateBody=template, **request)
        return describe(name)

    return update


@pytest.fixture
def events(cloudformation: Any) -> Callable[..., list[tuple[str, str]]]:
    """Who got which status, from the first to the last."""

    def events(name: str = "shop") -> list[tuple[str, str]]:
        found = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
        return [(each["LogicalResourceId"], each["ResourceStatus"]) for each in reversed(found)]

    return events
