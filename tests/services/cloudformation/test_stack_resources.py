"""The resources of a stack, as they stand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

Make = Callable[..., dict[str, Any]]

TEMPLATE = (
    "Resources: {Q: {Type: 'AWS::SQS::Queue', Metadata: {a: 1}}, R: {Type: 'AWS::SQS::Queue'}}"
)


def test_resources_are_described_and_listed(make_stack: Make, cloudformation: Any) -> None:
    make_stack(TEMPLATE)
    described = cloudformation.describe_stack_resources(StackName="shop")["StackResources"]
    listed = cloudformation.list_stack_resources(StackName="shop")["StackResourceSummaries"]
    assert [each["LogicalResourceId"] for each in described] == ["Q", "R"]
    assert [each["PhysicalResourceId"] for each in described] == [
        each["PhysicalResourceId"] for each in listed
    ]


def test_one_resource_is_described_with_its_metadata(make_stack: Make, cloudformation: Any) -> None:
    make_stack(TEMPLATE)
    found = cloudformation.describe_stack_resource(StackName="shop", LogicalResourceId="Q")
    detail = found["StackResourceDetail"]
    assert (detail["ResourceStatus"], detail["Metadata"]) == ("CREATE_COMPLETE", '{"a":1}')


def test_a_stack_is_found_by_what_it_made(make_stack: Make, cloudformation: Any) -> None:
    make_stack(TEMPLATE)
    first = cloudformation.describe_stack_resources(StackName="shop")["StackResources"][0]
    found = cloudformation.describe_stack_resources(PhysicalResourceId=first["PhysicalResourceId"])
    assert len(found["StackResources"]) == 2


def test_what_is_not_there_is_refused(make_stack: Make, cloudformation: Any) -> None:
    with pytest.raises(ClientError, match="Stack 'nothing' does not exist"):
        cloudformation.describe_stack_resource(StackName="nothing", LogicalResourceId="Q")
    make_stack(TEMPLATE)
    with pytest.raises(ClientError, match="Resource X does not exist for stack shop"):
        cloudformation.describe_stack_resource(StackName="shop", LogicalResourceId="X")
