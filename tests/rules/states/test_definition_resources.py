"""What the Resource of a Task names, and what of it AWS offers."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogline.aws.states.machine import Kind, NotAResource, Pattern, Resource, parse_resource
from fogline.aws.states.machine.integrations import OPTIMIZED, is_offered, is_reader, is_writer


@pytest.mark.parametrize(
    ("text", "kind", "service", "action", "pattern"),
    [
        ("lambda:invoke", Kind.OPTIMIZED, "lambda", "invoke", Pattern.REQUEST_RESPONSE),
        (
            "sqs:sendMessage.waitForTaskToken",
            Kind.OPTIMIZED,
            "sqs",
            "sendMessage",
            Pattern.WAIT_FOR_TASK_TOKEN,
        ),
        ("states:startExecution.sync", Kind.OPTIMIZED, "states", "startExecution", Pattern.SYNC),
        (
            "states:startExecution.sync:2",
            Kind.OPTIMIZED,
            "states",
            "startExecution",
            Pattern.SYNC_2,
        ),
        ("aws-sdk:dynamodb:scan", Kind.SDK, "dynamodb", "scan", Pattern.REQUEST_RESPONSE),
        (
            "aws-sdk:sqs:sendMessage.waitForTaskToken",
            Kind.SDK,
            "sqs",
            "sendMessage",
            Pattern.WAIT_FOR_TASK_TOKEN,
        ),
        ("emr-serverless:startJobRun", Kind.OPTIMIZED, "emr-serverless", "startJobRun", ""),
    ],
)
def test_an_integration_is_taken_apart(
    text: str, kind: Kind, service: str, action: str, pattern: str
) -> None:
    arn = f"arn:aws:states:::{text}"
    assert parse_resource(arn) == Resource(arn, kind, service, action, Pattern(pattern))


def test_functions_and_activities_are_named_by_their_own_arns() -> None:
    function = parse_resource("arn:aws:lambda:eu-west-1:123456789012:function:pay:live")
    activity = parse_resource("arn:aws:states:eu-west-1:123456789012:activity:pack")
    assert (function.kind, function.service, function.action) == (
        Kind.FUNCTION,
        "lambda",
        "invoke",
    )
    assert activity.kind is Kind.ACTIVITY


@pytest.mark.parametrize(
    "text",
    [
        "",
        "lambda",
        "arn:aws:s3:::bucket",
        "arn:aws:states:::",
        "arn:aws:states:::lambda",
        "arn:aws:states:::lambda:invoke.later",
        "arn:aws:states:::aws-sdk:lambda",
        "arn:aws:states:eu-west-1:123456789012:activity:",
        "arn:nowhere:states:::lambda:invoke",
        "arn:aws:lambda:eu-west-1:123456789012:layer:x",
    ],
)
def test_what_is_no_resource_is_refused(text: str) -> None:
    with pytest.raises(NotAResource):
        parse_resource(text)


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("sns:publish", True),
        ("sns:publish.sync", False),
        ("sns:subscribe", False),
        ("dynamodb:getItem", True),
        ("dynamodb:getItem.waitForTaskToken", False),
        ("ecs:runTask.sync", True),
        ("ecs:runTask.sync:2", False),
        ("states:startExecution.sync:2", True),
        ("nothing:atAll", False),
        ("aws-sdk:s3:putObject", True),
        ("aws-sdk:s3:putObject.sync", False),
    ],
)
def test_aws_offers_tuned_actions_only_in_their_patterns(text: str, offered: bool) -> None:
    assert is_offered(parse_resource(f"arn:aws:states:::{text}")) is offered


def test_every_entry_of_the_table_is_a_resource_that_is_offered() -> None:
    for service, actions in OPTIMIZED.items():
        for action, patterns in actions.items():
            for pattern in patterns:
                assert is_offered(parse_resource(f"arn:aws:states:::{service}:{action}{pattern}"))


def test_readers_and_writers_of_a_distributed_map_are_not_tasks() -> None:
    reader = parse_resource("arn:aws:states:::s3:getObject")
    writer = parse_resource("arn:aws:states:::s3:putObject")
    assert is_reader(reader)
    assert is_writer(writer)
    assert not is_reader(writer)
    assert not is_offered(reader)


@given(st.one_of(st.text(), st.text(":.abcdrnstw-", max_size=60)))
def test_any_text_is_a_resource_or_is_refused(text: str) -> None:
    with contextlib.suppress(NotAResource):
        assert parse_resource(text).arn == text
