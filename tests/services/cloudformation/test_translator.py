"""The library of the serverless transform: it comes without holding others up."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from fogline.services.cloudformation.translator import Translator
from fogline.testing.platform import LocalPlatform

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Resources: {T: {Type: 'AWS::Serverless::SimpleTable'}}
"""


class SlowLibrary:
    """A library that is not there before it is let go."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self.arrives = threading.Event()
        self.imported_by: set[str] = set()

    def load(self) -> None:
        self.imported_by.add(threading.current_thread().name)
        self.asked.set()
        assert self.arrives.wait(30)


@pytest.fixture
def platform() -> Iterator[LocalPlatform]:
    with LocalPlatform() as platform:
        yield platform


def translator_of(platform: LocalPlatform) -> Translator:
    stands_on: Any = platform.platform.dispatch.services()["cloudformation"].stands_on
    translator: Translator = stands_on.translator
    return translator


def test_others_are_answered_while_the_library_is_on_its_way(platform: LocalPlatform) -> None:
    library = SlowLibrary()
    translator_of(platform).load = library.load
    cloudformation, sqs = platform.client("cloudformation"), platform.client("sqs")
    request = {"TemplateBody": TEMPLATE, "Capabilities": ["CAPABILITY_AUTO_EXPAND"]}
    with ThreadPoolExecutor() as pool:
        first = pool.submit(cloudformation.create_stack, StackName="first", **request)
        assert library.asked.wait(30)
        second = pool.submit(
            cloudformation.create_change_set,
            StackName="second",
            ChangeSetName="c",
            ChangeSetType="CREATE",
            **request,
        )
        sqs.create_queue(QueueName="orders")
        assert not first.done()
        assert cloudformation.describe_stacks()["Stacks"] == []
        library.arrives.set()
        first.result(30)
        second.result(30)
    platform.settle()
    stacks = cloudformation.describe_stacks()["Stacks"]
    assert {each["StackName"]: each["StackStatus"] for each in stacks} == {
        "first": "CREATE_COMPLETE",
        "second": "REVIEW_IN_PROGRESS",
    }
    assert "fogline" not in library.imported_by


def test_a_nested_stack_brings_the_library_itself(platform: LocalPlatform) -> None:
    s3, cloudformation = platform.client("s3"), platform.client("cloudformation")
    s3.create_bucket(Bucket="packages")
    s3.put_object(Bucket="packages", Key="child", Body=TEMPLATE)
    parent = "Resources: {C: {Type: 'AWS::CloudFormation::Stack', Properties: {TemplateURL: 's3'}}}"
    body = parent.replace("'s3'", "'https://s3.amazonaws.com/packages/child'")
    cloudformation.create_stack(StackName="shop", TemplateBody=body)
    platform.settle()
    assert [each["StackStatus"] for each in cloudformation.describe_stacks()["Stacks"]] == [
        "CREATE_COMPLETE",
        "CREATE_COMPLETE",
    ]
