"""A stack that tests of APIs in templates create, change and let go."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

from fogline.testing.plugin import Account


class ShopStack:
    """The stack named shop."""

    def __init__(self, fogline: Account) -> None:
        self._cloudformation = fogline.client("cloudformation")
        self._platform = fogline.platform

    def deploy(self, template: Mapping[str, Any], *, update: bool = False) -> dict[str, str]:
        """Create or update it; its outputs."""
        cloudformation = self._cloudformation
        change = cloudformation.update_stack if update else cloudformation.create_stack
        change(
            StackName="shop",
            TemplateBody=json.dumps(template),
            Capabilities=["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
        )
        self._platform.settle()
        stack = cloudformation.describe_stacks(StackName="shop")["Stacks"][0]
        if stack["StackStatus"] not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
            told = cloudformation.describe_stack_events(StackName="shop")["StackEvents"]
            failed = [each for each in told if each["ResourceStatus"].endswith("_FAILED")]
            pytest.fail("; ".join(each["ResourceStatusReason"] for each in failed))
        return {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", ())}

    def delete(self) -> None:
        """It goes without a refusal."""
        cloudformation = self._cloudformation
        cloudformation.delete_stack(StackName="shop")
        self._platform.settle()
        stacks = cloudformation.list_stacks()["StackSummaries"]
        assert [stack["StackStatus"] for stack in stacks] == ["DELETE_COMPLETE"], [
            event.get("ResourceStatusReason")
            for event in cloudformation.describe_stack_events(StackName=stacks[0]["StackId"])[
                "StackEvents"
            ]
        ]


@contextmanager
def shop_stack(fogline: Account) -> Iterator[ShopStack]:
    stack = ShopStack(fogline)
    yield stack
    stack.delete()
