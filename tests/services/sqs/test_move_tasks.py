"""Message-move tasks, as a client sees them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from fogline.testing.platform import LocalPlatform

Receive = Callable[..., list[dict[str, Any]]]
MakeQueue = Callable[..., str]
Arn = Callable[[str], str]


def refused(error: pytest.ExceptionInfo[ClientError]) -> tuple[str, str]:
    found = error.value.response["Error"]
    return found["Code"], found["Message"]


@pytest.fixture
def arn(sqs: Any) -> Arn:
    def arn(queue: str) -> str:
        found = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
        return str(found["Attributes"]["QueueArn"])

    return arn


@pytest.fixture
def make_dead(
    sqs: Any, make_queue: MakeQueue, arn: Arn, receive: Receive
) -> Callable[..., tuple[str, str]]:
    """A queue, and its dead-letter queue with some of its messages."""

    def make(count: int, suffix: str = "") -> tuple[str, str]:
        kind = {"FifoQueue": "true", "ContentBasedDeduplication": "true"} if suffix else {}
        dead = make_queue(f"dead{suffix}", **kind)
        policy = json.dumps({"deadLetterTargetArn": arn(dead), "maxReceiveCount": 1})
        live = make_queue(f"live{suffix}", RedrivePolicy=policy, **kind)
        for number in range(count):
            more = {"MessageGroupId": "ab"[number % 2]} if suffix else {}
            sqs.send_message(QueueUrl=live, MessageBody=str(number), **more)
        for _ in range(2 * count):
            receive(live, VisibilityTimeout=0)
        return live, dead

    return make


@pytest.fixture
def start(sqs: Any, arn: Arn, fogline_platform: LocalPlatform) -> Callable[..., str]:
    def start(dead: str, **wishes: Any) -> str:
        handle = sqs.start_message_move_task(SourceArn=arn(dead), **wishes)["TaskHandle"]
        fogline_platform.settle()
        return str(handle)

    return start


@pytest.fixture
def task(sqs: Any, arn: Arn) -> Callable[[str], dict[str, Any]]:
    def task(dead: str) -> dict[str, Any]:
        return dict(sqs.list_message_move_tasks(SourceArn=arn(dead))["Results"][0])

    return task


def test_messages_go_back_to_where_they_came_from_as_new_ones(
    sqs: Any,
    make_dead: Callable[..., tuple[str, str]],
    start: Callable[..., str],
    task: Callable[[str], dict[str, Any]],
    receive: Receive,
    arn: Arn,
) -> None:
    live, dead = make_dead(3)
    old = {message["MessageId"] for message in receive(dead, VisibilityTimeout=0)}
    start(dead)
    got = receive(live, AttributeNames=["All"])
    assert sorted(message["Body"] for message in got) == ["0", "1", "2"]
    assert not old & {message["MessageId"] for message in got}
    assert {message["Attributes"]["ApproximateReceiveCount"] for message in got} == {"1"}
    assert all("DeadLetterQueueSourceArn" not in message["Attributes"] for message in got)
    found = task(dead)
    assert isinstance(found.pop("StartedTimestamp"), int)
    assert found == {
        "Status": "COMPLETED",
        "SourceArn": arn(dead),
        "ApproximateNumberOfMessagesMoved": 3,
        "ApproximateNumberOfMessagesToMove": 3,
    }
    assert receive(dead) == []


def test_messages_go_to_the_queue_that_is_named(
    make_dead: Callable[..., tuple[str, str]],
    make_queue: MakeQueue,
    start: Callable[..., str],
    task: Callable[[str], dict[str, Any]],
    receive: Receive,
    arn: Arn,
) -> None:
    live, dead = make_dead(2)
    other = make_queue("other")
    start(dead, DestinationArn=arn(other))
    assert len(receive(other)) == 2
    assert receive(live) == []
    assert task(dead)["DestinationArn"] == arn(other)


def test_a_fifo_queue_gets_its_groups_back_in_order(
    make_dead: Callable[..., tuple[str, str]], start: Callable[..., str], receive: Receive
) -> None:
    live, dead = make_dead(8, ".fifo")
    start(dead)
    got = receive(live, AttributeNames=["All"])
    bodies = [message["Body"] for message in got]
    assert [body for body in bodies if int(body) % 2 == 0] == ["0", "2", "4", "6"]
    assert [body for body in bodies if int(body) % 2 == 1] == ["1", "3", "5", "7"]
    assert receive(dead) == []


def test_a_task_keeps_to_its_rate(
    make_dead: Callable[..., tuple[str, str]],
    start: Callable[..., str],
    task: Callable[[str], dict[str, Any]],
    fogline_platform: LocalPlatform,
) -> None:
    _, dead = make_dead(5)
    start(dead, MaxNumberOfMessagesPerSecond=2)
    moved = []
    for _ in range(3):
        moved.append((task(dead)["ApproximateNumberOfMessagesMoved"], task(dead)["Status"]))
        fogline_platform.advance(seconds=1)
    assert moved == [(2, "RUNNING"), (4, "RUNNING"), (5, "COMPLETED")]


def test_a_cancelled_task_leaves_the_rest_where_it_is(
    sqs: Any,
    make_dead: Callable[..., tuple[str, str]],
    start: Callable[..., str],
    task: Callable[[str], dict[str, Any]],
    receive: Receive,
    fogline_platform: LocalPlatform,
) -> None:
    live, dead = make_dead(3)
    handle = start(dead, MaxNumberOfMessagesPerSecond=1)
    assert task(dead)["TaskHandle"] == handle
    answer = sqs.cancel_message_move_task(TaskHandle=handle)
    assert answer["ApproximateNumberOfMessagesMoved"] == 1
    fogline_platform.advance(seconds=10)
    assert (len(receive(live)), len(receive(dead))) == (1, 2)
    assert task(dead)["Status"] == "CANCELLED"
    with pytest.raises(ClientError) as error:
        sqs.cancel_message_move_task(TaskHandle=handle)
    assert refused(error)[0] == "AWS.SimpleQueueService.UnsupportedOperation"


def test_a_task_fails_when_its_destination_is_gone(
    sqs: Any,
    make_dead: Callable[..., tuple[str, str]],
    start: Callable[..., str],
    task: Callable[[str], dict[str, Any]],
    receive: Receive,
) -> None:
    live, dead = make_dead(2)
    # Another source, so that the queue is still one for dead letters.
    sqs.create_queue(
        QueueName="more",
        Attributes=sqs.get_queue_attributes(QueueUrl=live, AttributeNames=["RedrivePolicy"])[
            "Attributes"
        ],
    )
    sqs.delete_queue(QueueUrl=live)
    start(dead)
    found = task(dead)
    assert (found["Status"], found["FailureReason"]) == (
        "FAILED",
        "AWS.SimpleQueueService.NonExistentQueue",
    )
    assert len(receive(dead)) == 2


def test_a_message_that_came_from_no_queue_cannot_go_back(
    sqs: Any,
    make_dead: Callable[..., tuple[str, str]],
    start: Callable[..., str],
    task: Callable[[str], dict[str, Any]],
) -> None:
    _, dead = make_dead(0)
    sqs.send_message(QueueUrl=dead, MessageBody="sent here")
    start(dead)
    assert task(dead)["FailureReason"] == "CouldNotDetermineMessageSource"


def test_a_queue_has_one_task_at_a_time(
    make_dead: Callable[..., tuple[str, str]], start: Callable[..., str]
) -> None:
    _, dead = make_dead(3)
    start(dead, MaxNumberOfMessagesPerSecond=1)
    with pytest.raises(ClientError) as error:
        start(dead)
    assert refused(error) == (
        "InvalidParameterValue",
        "There is already a task running. Only one active task is allowed for a source queue arn "
        "at a given time.",
    )


def test_only_dead_letter_queues_have_tasks(queue: str, start: Callable[..., str]) -> None:
    with pytest.raises(ClientError) as error:
        start(queue)
    assert refused(error)[1] == "Source queue must be configured as a Dead Letter Queue."


@pytest.mark.parametrize("rate", [0, 501])
def test_a_rate_is_between_1_and_500(
    make_dead: Callable[..., tuple[str, str]], start: Callable[..., str], rate: int
) -> None:
    _, dead = make_dead(0)
    with pytest.raises(ClientError) as error:
        start(dead, MaxNumberOfMessagesPerSecond=rate)
    assert refused(error)[0] == "InvalidParameterValue"


def test_queues_that_do_not_exist_are_refused(
    sqs: Any, make_dead: Callable[..., tuple[str, str]], start: Callable[..., str], arn: Arn
) -> None:
    _, dead = make_dead(0)
    for ask in (
        lambda: start(dead, DestinationArn=arn(dead) + "-none"),
        lambda: sqs.start_message_move_task(SourceArn=arn(dead) + "-none"),
        lambda: sqs.list_message_move_tasks(SourceArn=arn(dead) + "-none"),
    ):
        with pytest.raises(ClientError) as error:
            ask()
        assert refused(error)[0] == "ResourceNotFoundException"
        assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404


@pytest.mark.parametrize("handle", ["foobared", "Zm9v", "e30=", "bnVsbA=="])
def test_a_handle_that_is_none_is_refused(sqs: Any, handle: str) -> None:
    with pytest.raises(ClientError) as error:
        sqs.cancel_message_move_task(TaskHandle=handle)
    assert refused(error) == (
        "InvalidParameterValue",
        "Value for parameter TaskHandle is invalid.",
    )


def test_the_newest_tasks_are_listed_first_and_ten_are_kept(
    sqs: Any, make_dead: Callable[..., tuple[str, str]], start: Callable[..., str], arn: Arn
) -> None:
    _, dead = make_dead(0)
    for _ in range(12):
        start(dead)
    found = sqs.list_message_move_tasks(SourceArn=arn(dead), MaxResults=10)["Results"]
    started = [each["StartedTimestamp"] for each in found]
    assert len(found) == 10
    assert started == sorted(started, reverse=True)
    assert len(sqs.list_message_move_tasks(SourceArn=arn(dead))["Results"]) == 1
