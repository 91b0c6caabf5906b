"""Stack events: complete, in order, page by page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

Make = Callable[..., dict[str, Any]]

MANY = (
    "Resources: {"
    + ", ".join(f"Q{number:03}: {{Type: 'AWS::SQS::Queue'}}" for number in range(120))
    + "}"
)


def test_events_come_page_by_page_the_latest_first(make_stack: Make, cloudformation: Any) -> None:
    make_stack(MANY)
    pages = list(cloudformation.get_paginator("describe_stack_events").paginate(StackName="shop"))
    events = [event for page in pages for event in page["StackEvents"]]
    assert len(pages) == 4
    assert len(events) == len({event["EventId"] for event in events}) == 2 + 3 * 120
    times = [event["Timestamp"] for event in events]
    assert times == sorted(times, reverse=True)
    assert (events[0]["ResourceStatus"], events[-1]["ResourceStatus"]) == (
        "CREATE_COMPLETE",
        "CREATE_IN_PROGRESS",
    )


def test_resources_come_page_by_page(make_stack: Make, cloudformation: Any) -> None:
    make_stack(MANY)
    pages = list(cloudformation.get_paginator("list_stack_resources").paginate(StackName="shop"))
    assert [len(page["StackResourceSummaries"]) for page in pages] == [100, 20]


def test_stacks_and_exports_come_page_by_page(cloudformation: Any, fogline: Any) -> None:
    template = (
        "Resources: {M: {Type: 'AWS::CDK::Metadata'}}\n"
        "Outputs: {O: {Value: x, Export: {Name: !Ref 'AWS::StackName'}}}"
    )
    for number in range(105):
        cloudformation.create_stack(StackName=f"stack-{number:03}", TemplateBody=template)
    fogline.platform.settle()
    described = cloudformation.get_paginator("describe_stacks").paginate()
    assert [len(page["Stacks"]) for page in described] == [100, 5]
    listed = cloudformation.get_paginator("list_stacks").paginate()
    assert [len(page["StackSummaries"]) for page in listed] == [100, 5]
    exports = cloudformation.get_paginator("list_exports").paginate()
    assert [len(page["Exports"]) for page in exports] == [100, 5]


def test_events_of_nothing_are_refused(cloudformation: Any) -> None:
    with pytest.raises(ClientError, match=r"Stack \[nothing\] does not exist"):
        cloudformation.describe_stack_events(StackName="nothing")


def test_a_stack_left_broken_can_be_rolled_back(
    make_stack: Make, cloudformation: Any, describe: Make, sqs: Any
) -> None:
    template = """
        Resources:
          Good: {Type: 'AWS::SQS::Queue'}
          Bad: {Type: 'AWS::SQS::Queue', DependsOn: Good, Properties: {DelaySeconds: 99999}}
    """
    assert make_stack(template, DisableRollback=True)["StackStatus"] == "CREATE_FAILED"
    cloudformation.rollback_stack(StackName="shop")
    assert describe("shop")["StackStatus"] == "ROLLBACK_COMPLETE"
    assert "QueueUrls" not in sqs.list_queues()
    with pytest.raises(ClientError, match="can not be rolled back"):
        cloudformation.rollback_stack(StackName="shop")
