"""Universal targets: any operation by name, its retries and its dead letters."""

from __future__ import annotations

import json

import pytest

CALL = "arn:aws:scheduler:::aws-sdk:"


@pytest.fixture
def dead(make_queue):
    return make_queue("dead")


def attributes_of(message):
    return {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}


def test_an_operation_is_called_with_the_input(fogline_platform, make_schedule, queue, bodies):
    given = {"QueueUrl": queue[0], "MessageBody": "<aws.scheduler.attempt-number>"}
    make_schedule(target={"Arn": f"{CALL}sqs:sendMessage", "Input": json.dumps(given)})
    fogline_platform.settle()
    assert bodies() == ["1"]


def test_an_operation_is_called_by_the_names_that_its_sdk_has(
    fogline, fogline_platform, make_schedule
):
    make_schedule(
        target={
            "Arn": f"{CALL}cloudwatchlogs:createLogGroup",
            "Input": json.dumps({"LogGroupName": "/made/by/a/schedule"}),
        }
    )
    fogline_platform.settle()
    groups = fogline.client("logs").describe_log_groups()["logGroups"]
    assert [group["logGroupName"] for group in groups] == ["/made/by/a/schedule"]


def test_a_refusal_is_final(fogline_platform, make_schedule, dead, receive):
    given = json.dumps({"QueueUrl": "http://localhost/000000000000/missing", "MessageBody": "x"})
    make_schedule(
        target={
            "Arn": f"{CALL}sqs:sendMessage",
            "Input": given,
            "DeadLetterConfig": {"Arn": dead[1]},
        }
    )
    fogline_platform.settle()
    message = receive(dead[0])[0]
    found = attributes_of(message)
    assert message["Body"] == given
    assert found["ERROR_CODE"] == "AWS.SimpleQueueService.NonExistentQueue"
    assert found["TARGET_ARN"] == f"{CALL}sqs:sendMessage"
    assert found["RETRY_ATTEMPTS"] == "0"
    assert "EXHAUSTED_RETRY_CONDITION" not in found


@pytest.fixture
def failing(fogline_platform):
    """Makes an operation fail as a server does, until it is told otherwise: a fake in its place."""
    from fogline.aws.errors import InternalFailure
    from fogline.gateway.dispatch import Operation

    dispatch = fogline_platform.platform.dispatch
    real = dispatch.find("sqs", "SendMessage")
    calls = []

    def fail(sqs, call, request):
        calls.append(call.now)
        raise InternalFailure()

    dispatch._found["sqs", "SendMessage"] = Operation(fail, real.stands_on, False)

    def mend():
        dispatch._found["sqs", "SendMessage"] = real

    calls_and_mend = (calls, mend)
    yield calls_and_mend
    mend()


def sending(queue, dead, **policy):
    given = {"QueueUrl": queue[0], "MessageBody": "<aws.scheduler.attempt-number>"}
    return {
        "Arn": f"{CALL}sqs:sendMessage",
        "Input": json.dumps(given),
        "DeadLetterConfig": {"Arn": dead[1]},
        "RetryPolicy": policy,
    }


def test_what_fails_is_tried_again_until_it_succeeds(
    fogline_platform, make_schedule, queue, dead, failing, bodies
):
    calls, mend = failing
    make_schedule("rate(30 days)", target=sending(queue, dead))
    fogline_platform.advance(hours=1)
    failed = len(calls)
    mend()
    fogline_platform.advance(hours=1)
    assert failed > 5
    assert bodies() == [str(failed + 1)]
    assert bodies(dead[0]) == []


def test_after_a_day_it_is_a_dead_letter(
    fogline_platform, make_schedule, queue, dead, failing, receive
):
    calls, _ = failing
    make_schedule("rate(30 days)", target=sending(queue, dead))
    fogline_platform.advance(seconds=86_399)
    assert receive(dead[0]) == []
    fogline_platform.advance(seconds=1)
    found = attributes_of(receive(dead[0])[0])
    assert found["EXHAUSTED_RETRY_CONDITION"] == "MaximumEventAgeInSeconds"
    assert found["RETRY_ATTEMPTS"] == str(len(calls) - 1)
    assert found["ERROR_CODE"] == "InternalFailure"
    fogline_platform.advance(days=1)
    assert receive(dead[0]) == []


def test_after_its_attempts_it_is_a_dead_letter(
    fogline_platform, make_schedule, queue, dead, failing, receive
):
    calls, _ = failing
    make_schedule("rate(30 days)", target=sending(queue, dead, MaximumRetryAttempts=2))
    fogline_platform.advance(seconds=60)
    found = attributes_of(receive(dead[0])[0])
    assert len(calls) == 3
    assert found["EXHAUSTED_RETRY_CONDITION"] == "MaximumRetryAttempts"
    assert found["RETRY_ATTEMPTS"] == "2"
