"""FIFO queues, as a client sees them: order within groups, duplicates, attempts."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from fogline.testing.platform import LocalPlatform

Receive = Callable[..., list[dict[str, Any]]]
MakeQueue = Callable[..., str]
Send = Callable[..., dict[str, Any]]

MISSING_ID = (
    "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId "
    "provided explicitly"
)
NOT_FOR_THIS_KIND = "Reason: The request include parameter that is not valid for this queue type."


def refused(error: pytest.ExceptionInfo[ClientError]) -> tuple[str, str]:
    found = error.value.response["Error"]
    return found["Code"], found["Message"]


def bodies(messages: list[dict[str, Any]]) -> list[str]:
    return [message["Body"] for message in messages]


@pytest.fixture
def make_fifo(make_queue: MakeQueue) -> MakeQueue:
    def make(name: str = "queue.fifo", **attributes: object) -> str:
        return make_queue(name, FifoQueue="true", **attributes)

    return make


@pytest.fixture
def fifo(make_fifo: MakeQueue) -> str:
    return make_fifo()


@pytest.fixture
def send(sqs: Any, fifo: str) -> Send:
    """Send a message to a group, each with a deduplication id of its own unless one is given."""
    numbers = itertools.count()

    def send(body: str, group: str = "g", queue: str = fifo, **more: Any) -> dict[str, Any]:
        more.setdefault("MessageDeduplicationId", f"id-{next(numbers)}")
        return dict(
            sqs.send_message(QueueUrl=queue, MessageBody=body, MessageGroupId=group, **more)
        )

    return send


@pytest.fixture
def delete(sqs: Any, fifo: str) -> Callable[..., None]:
    def delete(message: dict[str, Any], queue: str = fifo) -> None:
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])

    return delete


@pytest.fixture
def show_in(sqs: Any, fifo: str) -> Callable[..., None]:
    def show_in(message: dict[str, Any], seconds: int) -> None:
        sqs.change_message_visibility(
            QueueUrl=fifo, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=seconds
        )

    return show_in


# ---- queues


def test_a_fifo_queue_says_what_it_is(sqs: Any, make_fifo: MakeQueue) -> None:
    found = sqs.get_queue_attributes(QueueUrl=make_fifo(), AttributeNames=["All"])["Attributes"]
    assert found["FifoQueue"] == "true"
    assert found["ContentBasedDeduplication"] == "false"
    assert found["DeduplicationScope"] == "queue"
    assert found["FifoThroughputLimit"] == "perQueue"


@pytest.mark.parametrize(
    "attributes",
    [
        {"ContentBasedDeduplication": "maybe"},
        {"DeduplicationScope": "world"},
        {"FifoThroughputLimit": "perDay"},
        {"FifoThroughputLimit": "perMessageGroupId"},
        {"FifoThroughputLimit": "perMessageGroupId", "DeduplicationScope": "queue"},
    ],
)
def test_fifo_attributes_keep_to_their_values(
    make_fifo: MakeQueue, attributes: dict[str, str]
) -> None:
    with pytest.raises(ClientError) as error:
        make_fifo(**attributes)
    assert refused(error)[0] == "InvalidAttributeValue"


def test_high_throughput_needs_both_attributes(make_fifo: MakeQueue) -> None:
    make_fifo(FifoThroughputLimit="perMessageGroupId", DeduplicationScope="messageGroup")


def test_the_kind_of_a_queue_cannot_be_changed(sqs: Any, fifo: str) -> None:
    sqs.set_queue_attributes(QueueUrl=fifo, Attributes={"FifoQueue": "true"})
    with pytest.raises(ClientError) as error:
        sqs.set_queue_attributes(QueueUrl=fifo, Attributes={"FifoQueue": "false"})
    assert refused(error)[0] == "InvalidAttributeValue"


def test_a_dead_letter_queue_is_of_the_same_kind(
    make_queue: MakeQueue, make_fifo: MakeQueue
) -> None:
    make_queue("dead")
    policy = {"deadLetterTargetArn": "arn:aws:sqs:us-east-1:%s:dead", "maxReceiveCount": 1}
    account = make_queue("other").split("/")[-2]
    with pytest.raises(ClientError) as error:
        make_fifo(RedrivePolicy=json.dumps(policy) % account)
    assert refused(error)[1].endswith(
        "Reason: Dead-letter queue must be same type of queue as the source."
    )


# ---- sending


def test_a_message_needs_a_group_and_something_to_know_duplicates_by(sqs: Any, fifo: str) -> None:
    with pytest.raises(ClientError) as error:
        sqs.send_message(QueueUrl=fifo, MessageBody="x", MessageDeduplicationId="1")
    assert refused(error) == (
        "MissingParameter",
        "The request must contain the parameter MessageGroupId.",
    )
    with pytest.raises(ClientError) as error:
        sqs.send_message(QueueUrl=fifo, MessageBody="x", MessageGroupId="1")
    assert refused(error) == ("InvalidParameterValue", MISSING_ID)


def test_an_entry_without_ids_fails_the_whole_batch(sqs: Any, fifo: str, receive: Receive) -> None:
    whole = {"Id": "a", "MessageBody": "x", "MessageGroupId": "g", "MessageDeduplicationId": "1"}
    with pytest.raises(ClientError) as error:
        sqs.send_message_batch(
            QueueUrl=fifo, Entries=[whole, {"Id": "b", "MessageBody": "x", "MessageGroupId": "g"}]
        )
    assert refused(error) == ("InvalidParameterValue", MISSING_ID)
    assert receive(fifo) == []


@pytest.mark.parametrize("member", ["MessageGroupId", "MessageDeduplicationId"])
def test_ids_have_up_to_128_letters_digits_and_punctuation(send: Send, member: str) -> None:
    allowed, too_long = "a~!" + "9" * 125, "9" * 129
    send("x", **{"group": allowed} if member == "MessageGroupId" else {member: allowed})
    for text in (too_long, "with space", "größe"):
        with pytest.raises(ClientError) as error:
            send("x", **{"group": text} if member == "MessageGroupId" else {member: text})
        assert refused(error)[0] == "InvalidParameterValue"
        assert member in refused(error)[1]


def test_a_message_has_no_delay_of_its_own(send: Send) -> None:
    send("x", DelaySeconds=0)
    with pytest.raises(ClientError) as error:
        send("x", DelaySeconds=2)
    assert (
        refused(error)[1] == f"Value 2 for parameter DelaySeconds is invalid. {NOT_FOR_THIS_KIND}"
    )


def test_a_standard_queue_takes_no_deduplication_id(sqs: Any, queue: str) -> None:
    with pytest.raises(ClientError) as error:
        sqs.send_message(QueueUrl=queue, MessageBody="x", MessageDeduplicationId="1")
    assert refused(error)[1].endswith(NOT_FOR_THIS_KIND)


def test_sequence_numbers_have_twenty_digits_and_rise(send: Send) -> None:
    numbers = [send("x", group)["SequenceNumber"] for group in "abab"]
    assert numbers == sorted(set(numbers))
    assert {len(number) for number in numbers} == {20}


def test_a_message_tells_its_group_its_ids_and_its_number(
    send: Send, fifo: str, receive: Receive
) -> None:
    sent = send("x", "one", MessageDeduplicationId="mine")
    (got,) = receive(fifo, MessageSystemAttributeNames=["All"])
    attributes = got["Attributes"]
    assert attributes["MessageGroupId"] == "one"
    assert attributes["MessageDeduplicationId"] == "mine"
    assert attributes["SequenceNumber"] == sent["SequenceNumber"]


# ---- duplicates


def test_a_duplicate_is_answered_as_the_original_and_not_stored(
    send: Send, fifo: str, receive: Receive
) -> None:
    first = send("x", MessageDeduplicationId="1")
    again = send("another text", "another", MessageDeduplicationId="1")
    assert again["MessageId"] == first["MessageId"]
    assert again["SequenceNumber"] == first["SequenceNumber"]
    assert bodies(receive(fifo)) == ["x"]


def test_a_duplicate_of_a_deleted_message_is_one_for_five_minutes(
    send: Send,
    fifo: str,
    receive: Receive,
    delete: Callable[..., None],
    fogline_platform: LocalPlatform,
) -> None:
    first = send("x", MessageDeduplicationId="1")
    delete(receive(fifo)[0])
    fogline_platform.advance(seconds=299.999)
    assert send("x", MessageDeduplicationId="1")["MessageId"] == first["MessageId"]
    assert receive(fifo) == []
    fogline_platform.advance(seconds=0.001)
    assert send("x", MessageDeduplicationId="1")["MessageId"] != first["MessageId"]
    assert bodies(receive(fifo)) == ["x"]


def test_the_content_is_the_id_where_the_queue_says_so(
    sqs: Any, make_fifo: MakeQueue, receive: Receive
) -> None:
    queue = make_fifo(ContentBasedDeduplication="True")
    for body, more in (("a", {}), ("a", {}), ("b", {}), ("a", {"MessageDeduplicationId": "own"})):
        sqs.send_message(QueueUrl=queue, MessageBody=body, MessageGroupId="g", **more)
    got = receive(queue, MessageSystemAttributeNames=["MessageDeduplicationId"])
    assert bodies(got) == ["a", "b", "a"]
    ids = [message["Attributes"]["MessageDeduplicationId"] for message in got]
    assert ids[0] == hashlib.sha256(b"a").hexdigest()
    assert ids[2] == "own"


def test_message_attributes_do_not_make_another_message(
    sqs: Any, make_fifo: MakeQueue, receive: Receive
) -> None:
    queue = make_fifo(ContentBasedDeduplication="true")
    for value in "12":
        sqs.send_message(
            QueueUrl=queue,
            MessageBody="x",
            MessageGroupId="g",
            MessageAttributes={"n": {"DataType": "Number", "StringValue": value}},
        )
    assert len(receive(queue)) == 1


def test_duplicates_are_those_of_a_group_where_the_scope_is_the_group(
    send: Send, make_fifo: MakeQueue, receive: Receive
) -> None:
    queue = make_fifo("scoped.fifo", DeduplicationScope="messageGroup")
    for group in "aba":
        send(group, group, queue, MessageDeduplicationId="1")
    assert sorted(bodies(receive(queue))) == ["a", "b"]


def test_a_new_scope_begins_a_minute_after_it_was_set(
    sqs: Any, send: Send, fifo: str, receive: Receive, fogline_platform: LocalPlatform
) -> None:
    send("a", "a", MessageDeduplicationId="1")
    sqs.set_queue_attributes(QueueUrl=fifo, Attributes={"DeduplicationScope": "messageGroup"})
    send("b", "b", MessageDeduplicationId="1")
    assert bodies(receive(fifo, VisibilityTimeout=0)) == ["a"]
    fogline_platform.advance(seconds=60)
    send("c", "c", MessageDeduplicationId="1")
    assert sorted(bodies(receive(fifo))) == ["a", "c"]


def test_a_purge_forgets_messages_and_duplicates(
    sqs: Any, send: Send, fifo: str, receive: Receive
) -> None:
    send("before", MessageDeduplicationId="1")
    sqs.purge_queue(QueueUrl=fifo)
    send("after", MessageDeduplicationId="1")
    assert bodies(receive(fifo)) == ["after"]


# ---- groups


def test_a_group_comes_in_the_order_it_was_sent(send: Send, fifo: str, receive: Receive) -> None:
    for number in range(10):
        send(str(number))
    assert bodies(receive(fifo)) == [str(number) for number in range(10)]


def test_a_batch_has_as_many_of_one_group_as_there_are_then_those_of_others(
    send: Send, fifo: str, receive: Receive
) -> None:
    for body, group in (("a1", "a"), ("b1", "b"), ("a2", "a"), ("c1", "c"), ("b2", "b")):
        send(body, group)
    assert bodies(receive(fifo, MaxNumberOfMessages=4)) == ["a1", "a2", "b1", "b2"]


def test_a_group_gives_nothing_more_while_a_message_is_in_flight(
    send: Send, fifo: str, receive: Receive, delete: Callable[..., None]
) -> None:
    send("a1", "a")
    send("a2", "a")
    send("b1", "b")
    (first,) = receive(fifo, MaxNumberOfMessages=1)
    assert first["Body"] == "a1"
    assert bodies(receive(fifo)) == ["b1"]
    assert receive(fifo) == []
    delete(first)
    assert bodies(receive(fifo)) == ["a2"]


def test_a_group_stays_locked_until_all_that_was_received_is_deleted(
    send: Send, fifo: str, receive: Receive, delete: Callable[..., None]
) -> None:
    for number in range(4):
        send(str(number))
    got = receive(fifo, MaxNumberOfMessages=3)
    for message in (got[0], got[2]):
        delete(message)
        assert receive(fifo) == []
    delete(got[1])
    assert bodies(receive(fifo)) == ["3"]


def test_a_message_that_is_visible_again_comes_before_its_successors(
    send: Send, fifo: str, receive: Receive, fogline_platform: LocalPlatform
) -> None:
    send("1")
    send("2")
    receive(fifo, MaxNumberOfMessages=1)
    fogline_platform.advance(seconds=30)
    assert bodies(receive(fifo)) == ["1", "2"]


def test_an_extended_message_holds_back_what_came_after_it_and_not_what_came_before(
    send: Send,
    fifo: str,
    receive: Receive,
    show_in: Callable[..., None],
    fogline_platform: LocalPlatform,
) -> None:
    for body in ("1", "2", "3"):
        send(body)
    got = receive(fifo)
    show_in(got[1], 100)
    fogline_platform.advance(seconds=30)
    assert bodies(receive(fifo)) == ["1"]
    fogline_platform.advance(seconds=70)
    assert bodies(receive(fifo)) == ["1", "2", "3"]


def test_a_message_shown_at_once_is_received_at_once(
    send: Send, fifo: str, receive: Receive, show_in: Callable[..., None]
) -> None:
    send("1")
    send("2")
    (got,) = receive(fifo, MaxNumberOfMessages=1)
    show_in(got, 0)
    assert bodies(receive(fifo)) == ["1", "2"]


def test_a_visibility_of_zero_gives_the_same_messages_again(
    send: Send, fifo: str, receive: Receive
) -> None:
    for group in "ab":
        send(group, group)
    for _ in range(3):
        assert sorted(bodies(receive(fifo, VisibilityTimeout=0))) == ["a", "b"]


def test_who_held_a_message_too_long_can_neither_delete_nor_extend_it(
    sqs: Any,
    send: Send,
    fifo: str,
    receive: Receive,
    delete: Callable[..., None],
    show_in: Callable[..., None],
    fogline_platform: LocalPlatform,
) -> None:
    send("1")
    (got,) = receive(fifo)
    fogline_platform.advance(seconds=30)
    for act in (delete, lambda message: show_in(message, 5)):
        with pytest.raises(ClientError) as error:
            act(got)
        code, text = refused(error)
        assert code == "InvalidParameterValue"
        assert text.endswith("Reason: The receipt handle has expired.")
    answer = sqs.delete_message_batch(
        QueueUrl=fifo, Entries=[{"Id": "a", "ReceiptHandle": got["ReceiptHandle"]}]
    )
    (failed,) = answer["Failed"]
    assert (failed["Code"], failed["SenderFault"]) == ("ReceiptHandleIsInvalid", True)
    (again,) = receive(fifo)
    delete(again)
    delete(again)


def test_a_group_that_is_freed_waits_behind_the_others(
    send: Send,
    fifo: str,
    receive: Receive,
    delete: Callable[..., None],
    fogline_platform: LocalPlatform,
) -> None:
    for number in range(3):
        send(f"a{number}", "a")
    fogline_platform.advance(seconds=1)
    send("b0", "b")
    seen = []
    for _ in range(4):
        fogline_platform.advance(seconds=1)
        (got,) = receive(fifo, MaxNumberOfMessages=1)
        seen.append(got["Body"])
        delete(got)
    assert seen == ["a0", "b0", "a1", "a2"]


def test_a_waiting_receiver_is_woken_when_a_group_is_freed(
    send: Send, fifo: str, receive: Receive, delete: Callable[..., None]
) -> None:
    import threading

    send("1")
    send("2")
    (got,) = receive(fifo, MaxNumberOfMessages=1)
    found: list[str] = []
    waiting = threading.Thread(
        target=lambda: found.extend(bodies(receive(fifo, WaitTimeSeconds=20)))
    )
    waiting.start()
    delete(got)
    waiting.join(timeout=30)
    assert found == ["2"]


def test_a_delay_is_the_queues_and_holds_for_what_is_there(
    sqs: Any,
    send: Send,
    make_fifo: MakeQueue,
    receive: Receive,
    fogline_platform: LocalPlatform,
) -> None:
    queue = make_fifo("slow.fifo", DelaySeconds=10)
    send("1", queue=queue)
    fogline_platform.advance(seconds=9)
    assert receive(queue) == []
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"DelaySeconds": "5"})
    assert bodies(receive(queue)) == ["1"]


def test_counts_are_those_of_messages_whatever_their_groups(
    sqs: Any, send: Send, fifo: str, receive: Receive
) -> None:
    for body, group in (("a1", "a"), ("a2", "a"), ("b1", "b")):
        send(body, group)
    receive(fifo, MaxNumberOfMessages=1)
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = sqs.get_queue_attributes(QueueUrl=fifo, AttributeNames=names)["Attributes"]
    assert found == dict(zip(names, ("2", "1"), strict=True))


def test_messages_past_their_retention_free_their_group(
    sqs: Any, send: Send, make_fifo: MakeQueue, receive: Receive, fogline_platform: LocalPlatform
) -> None:
    queue = make_fifo("short.fifo", MessageRetentionPeriod=60)
    for number in range(15):
        send(f"old-{number}", queue=queue)
    fogline_platform.advance(seconds=40)
    send("new", queue=queue)
    fogline_platform.advance(seconds=21)
    assert bodies(receive(queue)) == ["new"]


def test_an_expired_message_in_flight_frees_its_group_when_it_is_removed(
    send: Send, make_fifo: MakeQueue, receive: Receive, fogline_platform: LocalPlatform
) -> None:
    queue = make_fifo("short.fifo", MessageRetentionPeriod=600, VisibilityTimeout=43_200)
    send("old", queue=queue)
    receive(queue)
    fogline_platform.advance(hours=2)
    send("new", queue=queue)
    assert bodies(receive(queue)) == ["new"]


# ---- redrive


@pytest.fixture
def redriven(sqs: Any, make_fifo: MakeQueue) -> tuple[str, str]:
    """A queue whose messages may be received once, and its dead-letter queue."""
    dead = make_fifo("dead.fifo")
    found = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])
    arn = found["Attributes"]["QueueArn"]
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 1})
    return make_fifo("live.fifo", RedrivePolicy=policy), dead


def test_exhausted_messages_go_to_the_dead_letters_in_order(
    send: Send, redriven: tuple[str, str], receive: Receive
) -> None:
    live, dead = redriven
    ids = [send(str(number), queue=live)["MessageId"] for number in range(3)]
    receive(live, VisibilityTimeout=0)
    send("3", queue=live)
    assert bodies(receive(live)) == ["3"]
    got = receive(dead, MessageSystemAttributeNames=["All"])
    assert [message["MessageId"] for message in got] == ids
    assert bodies(got) == ["0", "1", "2"]
    assert got[0]["Attributes"]["MessageGroupId"] == "g"
    assert got[0]["Attributes"]["DeadLetterQueueSourceArn"].endswith(":live.fifo")


def test_dead_letters_of_a_fifo_queue_begin_their_retention_anew(
    send: Send, redriven: tuple[str, str], receive: Receive, fogline_platform: LocalPlatform
) -> None:
    live, dead = redriven
    send("x", queue=live)
    receive(live, VisibilityTimeout=0)
    fogline_platform.advance(days=3)
    moved_at = fogline_platform.now()
    receive(live)
    (got,) = receive(dead, AttributeNames=["SentTimestamp"])
    assert got["Attributes"]["SentTimestamp"] == str(moved_at)


# ---- attempts


def test_an_attempt_that_is_made_again_gives_the_same_messages_and_handles(
    send: Send, fifo: str, receive: Receive, fogline_platform: LocalPlatform
) -> None:
    for number in range(3):
        send(str(number))
    first = receive(fifo, MaxNumberOfMessages=2, ReceiveRequestAttemptId="try")
    fogline_platform.advance(seconds=20)
    again = receive(fifo, ReceiveRequestAttemptId="try")
    assert again == first
    fogline_platform.advance(seconds=29)
    assert receive(fifo) == [], "the visibility timeout began anew"
    fogline_platform.advance(seconds=1)
    assert bodies(receive(fifo)) == ["0", "1", "2"]


def test_an_attempt_whose_messages_were_touched_is_a_new_one(
    send: Send, fifo: str, receive: Receive, delete: Callable[..., None]
) -> None:
    for number in range(3):
        send(str(number))
    first = receive(fifo, MaxNumberOfMessages=2, ReceiveRequestAttemptId="try")
    delete(first[0])
    assert receive(fifo, ReceiveRequestAttemptId="try") == []
    delete(first[1])
    assert bodies(receive(fifo, ReceiveRequestAttemptId="try")) == ["2"]


def test_a_standard_queue_knows_no_attempts(queue: str, receive: Receive) -> None:
    with pytest.raises(ClientError) as error:
        receive(queue, ReceiveRequestAttemptId="try")
    assert refused(error)[1].endswith(NOT_FOR_THIS_KIND)
