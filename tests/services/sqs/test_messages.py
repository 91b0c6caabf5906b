"""Messages, as a client sees them."""

from __future__ import annotations

import hashlib
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from fogline.testing.platform import LocalPlatform

Receive = Callable[..., list[dict[str, Any]]]
MakeQueue = Callable[..., str]


def refused(error: pytest.ExceptionInfo[ClientError]) -> tuple[str, str]:
    found = error.value.response["Error"]
    return found["Code"], found["Message"]


# ---- sending and receiving


def test_a_message_is_received_as_it_was_sent(sqs: Any, queue: str, receive: Receive) -> None:
    body = "line\r\nlone\rquote&quot; größe \U0001f600"
    sent = sqs.send_message(QueueUrl=queue, MessageBody=body)
    (got,) = receive(queue)
    assert (got["Body"], got["MessageId"]) == (body, sent["MessageId"])
    assert got["MD5OfBody"] == sent["MD5OfMessageBody"] == hashlib.md5(body.encode()).hexdigest()


def test_a_large_body_comes_back_whole(sqs: Any, queue: str, receive: Receive) -> None:
    body = "x" * 1_048_576
    sqs.send_message(QueueUrl=queue, MessageBody=body)
    assert receive(queue)[0]["Body"] == body


def test_one_byte_more_than_the_limit_is_refused(sqs: Any, queue: str) -> None:
    with pytest.raises(ClientError) as error:
        sqs.send_message(QueueUrl=queue, MessageBody="x" * 1_048_577)
    assert refused(error) == (
        "InvalidParameterValue",
        "One or more parameters are invalid. Reason: Message must be shorter than 1048576 bytes.",
    )


def test_attributes_count_towards_the_size(sqs: Any, make_queue: MakeQueue) -> None:
    queue = make_queue(MaximumMessageSize=1024)
    attribute = {"name": {"DataType": "String", "StringValue": "v" * 10}}
    sqs.send_message(QueueUrl=queue, MessageBody="x" * 1004, MessageAttributes=attribute)
    with pytest.raises(ClientError):
        sqs.send_message(QueueUrl=queue, MessageBody="x" * 1005, MessageAttributes=attribute)


def test_an_empty_body_is_refused(sqs: Any, queue: str) -> None:
    with pytest.raises(ClientError) as error:
        sqs.send_message(QueueUrl=queue, MessageBody="")
    assert refused(error) == (
        "MissingParameter",
        "The request must contain the parameter MessageBody.",
    )


def test_characters_that_xml_cannot_carry_are_refused(sqs: Any, queue: str) -> None:
    with pytest.raises(ClientError) as error:
        sqs.send_message(QueueUrl=queue, MessageBody="bell \x07")
    assert refused(error)[0] == "InvalidMessageContents"


def test_a_queue_that_does_not_exist_refuses(sqs: Any) -> None:
    with pytest.raises(ClientError) as error:
        sqs.send_message(QueueUrl="http://localhost:4566/000000000000/none", MessageBody="x")
    assert refused(error) == (
        "AWS.SimpleQueueService.NonExistentQueue",
        "The specified queue does not exist.",
    )
    assert error.value.response["Error"]["QueryErrorCode"] == "QueueDoesNotExist"


def test_system_attributes_tell_the_story_of_a_message(
    sqs: Any, queue: str, receive: Receive, fogline_platform: LocalPlatform
) -> None:
    sent_at = fogline_platform.now()
    sqs.send_message(QueueUrl=queue, MessageBody="x")
    fogline_platform.advance(seconds=5)
    receive(queue, VisibilityTimeout=0)
    fogline_platform.advance(seconds=5)
    (got,) = receive(queue, AttributeNames=["All"])
    attributes = got["Attributes"]
    assert attributes["SentTimestamp"] == str(sent_at)
    assert attributes["ApproximateFirstReceiveTimestamp"] == str(sent_at + 5_000)
    assert attributes["ApproximateReceiveCount"] == "2"


def test_only_the_attributes_asked_for_are_returned(sqs: Any, queue: str, receive: Receive) -> None:
    value = {"DataType": "String", "StringValue": "v"}
    sqs.send_message(
        QueueUrl=queue,
        MessageBody="x",
        MessageAttributes={"Hello": value, "Help.Me": value, "General": value},
    )
    for wanted, expected in [
        (["Hello"], {"Hello"}),
        (["Hel.*"], {"Hello", "Help.Me"}),
        (["All"], {"Hello", "Help.Me", "General"}),
        (["Help"], set()),
        ([], set()),
    ]:
        (got,) = receive(queue, VisibilityTimeout=0, MessageAttributeNames=wanted)
        assert set(got.get("MessageAttributes", {})) == expected


def test_binary_attributes_survive(sqs: Any, queue: str, receive: Receive) -> None:
    value = {"DataType": "Binary.png", "BinaryValue": bytes(range(256))}
    sqs.send_message(QueueUrl=queue, MessageBody="x", MessageAttributes={"b": value})
    (got,) = receive(queue, MessageAttributeNames=["b"])
    assert got["MessageAttributes"]["b"] == value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AWS.x", {"DataType": "String", "StringValue": "v"}),
        ("a..b", {"DataType": "String", "StringValue": "v"}),
        ("n" * 257, {"DataType": "String", "StringValue": "v"}),
        ("n", {"DataType": "Strange", "StringValue": "v"}),
        ("n", {"DataType": "String", "StringValue": ""}),
        ("n", {"DataType": "Number", "StringValue": "seven"}),
        ("n", {"DataType": "String", "StringValue": "bell \x07"}),
    ],
)
def test_attributes_that_aws_refuses_are_refused(
    sqs: Any, queue: str, name: str, value: dict[str, str]
) -> None:
    with pytest.raises(ClientError) as error:
        sqs.send_message(QueueUrl=queue, MessageBody="x", MessageAttributes={name: value})
    assert refused(error)[0] == "InvalidParameterValue"


def test_ten_attributes_are_allowed_and_eleven_are_not(sqs: Any, queue: str) -> None:
    value = {"DataType": "String", "StringValue": "v"}
    ten = {f"n{index}": value for index in range(10)}
    sqs.send_message(QueueUrl=queue, MessageBody="x", MessageAttributes=ten)
    with pytest.raises(ClientError):
        sqs.send_message(QueueUrl=queue, MessageBody="x", MessageAttributes={**ten, "n": value})


# ---- visibility


def test_a_received_message_is_hidden_until_its_timeout_passes(
    sqs: Any, queue: str, receive: Receive, fogline_platform: LocalPlatform
) -> None:
    sqs.send_message(QueueUrl=queue, MessageBody="x")
    assert len(receive(queue)) == 1
    fogline_platform.advance(seconds=29.999)
    assert receive(queue) == []
    fogline_platform.advance(seconds=0.001)
    assert len(receive(queue)) == 1


def test_a_visibility_of_zero_shows_a_message_at_once(
    sqs: Any, queue: str, receive: Receive
) -> None:
    sqs.send_message(QueueUrl=queue, MessageBody="x")
    (got,) = receive(queue)
    sqs.change_message_visibility(
        QueueUrl=queue, ReceiptHandle=got["ReceiptHandle"], VisibilityTimeout=0
    )
    assert len(receive(queue)) == 1


def test_visibility_can_be_extended(
    sqs: Any, queue: str, receive: Receive, fogline_platform: LocalPlatform
) -> None:
    sqs.send_message(QueueUrl=queue, MessageBody="x")
    (got,) = receive(queue)
    sqs.change_message_visibility(
        QueueUrl=queue, ReceiptHandle=got["ReceiptHandle"], VisibilityTimeout=60
    )
    fogline_platform.advance(seconds=59)
    assert receive(queue) == []


def test_visibility_of_a_message_nobody_holds_cannot_be_changed(
    sqs: Any, queue: str, receive: Receive, fogline_platform: LocalPlatform
) -> None:
    sqs.send_message(QueueUrl=queue, MessageBody="x")
    (got,) = receive(queue)
    fogline_platform.advance(seconds=31)
    with pytest.raises(ClientError) as error:
        sqs.change_message_visibility(
            QueueUrl=queue, ReceiptHandle=got["ReceiptHandle"], VisibilityTimeout=1
        )
    assert refused(error)[0] == "AWS.SimpleQueueService.MessageNotInflight"


# ---- deleting


def test_a_deleted_message_is_gone(
    sqs: Any, queue: str, receive: Receive, fogline_platform: LocalPlatform
) -> None:
    sqs.send_message(QueueUrl=queue, MessageBody="x")
    (got,) = receive(queue)
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=got["ReceiptHandle"])
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=got["ReceiptHandle"])
    fogline_platform.advance(seconds=60)
    assert receive(queue) == []


def test_an_old_handle_still_deletes(
    sqs: Any, queue: str, receive: Receive, fogline_platform: LocalPlatform
) -> None:
    sqs.send_message(QueueUrl=queue, MessageBody="x")
    (first,) = receive(queue)
    fogline_platform.advance(seconds=31)
    (second,) = receive(queue, VisibilityTimeout=0)
    assert first["ReceiptHandle"] != second["ReceiptHandle"]
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=first["ReceiptHandle"])
    assert receive(queue) == []


def test_text_that_is_no_handle_is_refused(sqs: Any, queue: str) -> None:
    with pytest.raises(ClientError) as error:
        sqs.delete_message(QueueUrl=queue, ReceiptHandle="nonsense")
    assert refused(error) == (
        "ReceiptHandleIsInvalid",
        'The input receipt handle "nonsense" is not a valid receipt handle.',
    )


# ---- delay, retention


def test_a_delayed_message_appears_when_its_delay_has_passed(
    sqs: Any, make_queue: MakeQueue, receive: Receive, fogline_platform: LocalPlatform
) -> None:
    queue = make_queue(DelaySeconds=10)
    sqs.send_message(QueueUrl=queue, MessageBody="queue's")
    sqs.send_message(QueueUrl=queue, MessageBody="own", DelaySeconds=0)
    assert [got["Body"] for got in receive(queue)] == ["own"]
    fogline_platform.advance(seconds=10)
    assert [got["Body"] for got in receive(queue)] == ["queue's"]


def test_messages_expire_with_their_retention_even_when_in_flight(
    sqs: Any, make_queue: MakeQueue, receive: Receive, fogline_platform: LocalPlatform
) -> None:
    queue = make_queue(MessageRetentionPeriod=60)
    sqs.send_message(QueueUrl=queue, MessageBody="x")
    (got,) = receive(queue)
    fogline_platform.advance(seconds=61)
    assert receive(queue) == []
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=got["ReceiptHandle"])


def test_fourteen_days_pass_in_no_time(
    sqs: Any, make_queue: MakeQueue, receive: Receive, fogline_platform: LocalPlatform
) -> None:
    queue = make_queue(MessageRetentionPeriod=1_209_600)
    sqs.send_message(QueueUrl=queue, MessageBody="x")
    fogline_platform.advance(days=13.99)
    assert len(receive(queue, VisibilityTimeout=0)) == 1
    fogline_platform.advance(days=0.02)
    assert receive(queue) == []


# ---- long polling


def test_a_long_poll_is_answered_by_the_send(
    sqs: Any, queue: str, receive: Receive, fogline_platform: LocalPlatform
) -> None:
    got: list[dict[str, Any]] = []
    waiting = threading.Thread(target=lambda: got.extend(receive(queue, WaitTimeSeconds=20)))
    waiting.start()
    while fogline_platform.platform.topics.waiting_count() == 0:
        fogline_platform.settle()
    sqs.send_message(QueueUrl=queue, MessageBody="x")
    waiting.join(10)
    assert [message["Body"] for message in got] == ["x"]


def test_a_long_poll_ends_empty_when_its_time_is_up(
    queue: str, receive: Receive, fogline_platform: LocalPlatform
) -> None:
    got: list[Any] = []
    waiting = threading.Thread(target=lambda: got.append(receive(queue, WaitTimeSeconds=20)))
    waiting.start()
    while fogline_platform.platform.topics.waiting_count() == 0:
        fogline_platform.settle()
    fogline_platform.advance(seconds=20)
    waiting.join(10)
    assert got == [[]]


def test_a_long_poll_sees_a_message_whose_delay_ends_meanwhile(
    sqs: Any, queue: str, receive: Receive, fogline_platform: LocalPlatform
) -> None:
    sqs.send_message(QueueUrl=queue, MessageBody="x", DelaySeconds=5)
    got: list[dict[str, Any]] = []
    waiting = threading.Thread(target=lambda: got.extend(receive(queue, WaitTimeSeconds=20)))
    waiting.start()
    while fogline_platform.platform.topics.waiting_count() == 0:
        fogline_platform.settle()
    fogline_platform.advance(seconds=5)
    waiting.join(10)
    assert len(got) == 1


def test_a_wait_of_more_than_twenty_seconds_is_refused(queue: str, receive: Receive) -> None:
    with pytest.raises(ClientError) as error:
        receive(queue, WaitTimeSeconds=21)
    assert refused(error)[0] == "InvalidParameterValue"


@pytest.mark.parametrize("count", [0, 11])
def test_one_to_ten_messages_can_be_asked_for(queue: str, receive: Receive, count: int) -> None:
    with pytest.raises(ClientError) as error:
        receive(queue, MaxNumberOfMessages=count)
    assert refused(error)[0] == "InvalidParameterValue"


# ---- batches


def test_a_batch_sends_what_it_can_and_says_what_failed(
    sqs: Any, queue: str, receive: Receive
) -> None:
    answer = sqs.send_message_batch(
        QueueUrl=queue,
        Entries=[{"Id": "good", "MessageBody": "x"}, {"Id": "bad", "MessageBody": "\x01"}],
    )
    assert [entry["Id"] for entry in answer["Successful"]] == ["good"]
    (failed,) = answer["Failed"]
    assert (failed["Id"], failed["Code"], failed["SenderFault"]) == (
        "bad",
        "InvalidMessageContents",
        True,
    )
    assert [got["Body"] for got in receive(queue)] == ["x"]


@pytest.mark.parametrize(
    ("entries", "code"),
    [
        ([], "AWS.SimpleQueueService.EmptyBatchRequest"),
        (
            [{"Id": str(n), "MessageBody": "x"} for n in range(11)],
            "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
        ),
        (
            [{"Id": "same", "MessageBody": "x"}] * 2,
            "AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
        ),
        ([{"Id": "with space", "MessageBody": "x"}], "AWS.SimpleQueueService.InvalidBatchEntryId"),
        (
            [{"Id": str(n), "MessageBody": "x" * 600_000} for n in range(2)],
            "AWS.SimpleQueueService.BatchRequestTooLong",
        ),
    ],
)
def test_a_batch_that_is_wrong_as_a_whole_is_refused_as_a_whole(
    sqs: Any, queue: str, receive: Receive, entries: list[dict[str, str]], code: str
) -> None:
    with pytest.raises(ClientError) as error:
        sqs.send_message_batch(QueueUrl=queue, Entries=entries)
    assert refused(error)[0] == code
    assert receive(queue) == []


@pytest.mark.parametrize("action", ["ChangeMessageVisibilityBatch", "DeleteMessageBatch"])
def test_an_entry_without_a_receipt_handle_is_refused_with_the_batch(
    queue: str, action: str
) -> None:
    asked = f"{queue}?Action={action}&{action}RequestEntry.1.Id=a"
    with pytest.raises(urllib.error.HTTPError, match="400") as error:
        urllib.request.urlopen(asked)
    with error.value as answer:
        told = answer.read().decode()
    assert "<Code>MissingParameter</Code>" in told
    assert f"the parameter {action}RequestEntry.1.ReceiptHandle." in told


def test_batches_delete_and_change_visibility_by_entry(
    sqs: Any, queue: str, receive: Receive
) -> None:
    for body in ("a", "b"):
        sqs.send_message(QueueUrl=queue, MessageBody=body)
    handles = {got["Body"]: got["ReceiptHandle"] for got in receive(queue)}
    shown = sqs.change_message_visibility_batch(
        QueueUrl=queue,
        Entries=[
            {"Id": "a", "ReceiptHandle": handles["a"], "VisibilityTimeout": 0},
            {"Id": "x", "ReceiptHandle": "nonsense", "VisibilityTimeout": 0},
        ],
    )
    assert [entry["Id"] for entry in shown["Successful"]] == ["a"]
    assert [entry["Code"] for entry in shown["Failed"]] == ["ReceiptHandleIsInvalid"]
    deleted = sqs.delete_message_batch(
        QueueUrl=queue, Entries=[{"Id": "b", "ReceiptHandle": handles["b"]}]
    )
    assert [entry["Id"] for entry in deleted["Successful"]] == ["b"]
    assert [got["Body"] for got in receive(queue)] == ["a"]


# ---- redrive


@pytest.fixture
def dead_letters(make_queue: MakeQueue) -> str:
    return make_queue("dead-letters")


@pytest.fixture
def source(sqs: Any, make_queue: MakeQueue, dead_letters: str) -> str:
    arn = sqs.get_queue_attributes(QueueUrl=dead_letters, AttributeNames=["QueueArn"])
    target = arn["Attributes"]["QueueArn"]
    return make_queue(
        "source", RedrivePolicy=f'{{"deadLetterTargetArn":"{target}","maxReceiveCount":2}}'
    )


def test_a_message_received_too_often_goes_to_the_dead_letter_queue(
    sqs: Any, source: str, dead_letters: str, receive: Receive, fogline_platform: LocalPlatform
) -> None:
    sent = sqs.send_message(QueueUrl=source, MessageBody="poison")
    for _ in range(2):
        assert len(receive(source)) == 1
        fogline_platform.advance(seconds=31)
    assert receive(source) == []
    (got,) = receive(dead_letters, AttributeNames=["All"])
    assert (got["MessageId"], got["Body"]) == (sent["MessageId"], "poison")
    assert got["Attributes"]["DeadLetterQueueSourceArn"].endswith(":source")


def test_retention_in_the_dead_letter_queue_counts_from_the_first_sending(
    sqs: Any, source: str, dead_letters: str, receive: Receive, fogline_platform: LocalPlatform
) -> None:
    sqs.send_message(QueueUrl=source, MessageBody="poison")
    fogline_platform.advance(days=3.9)
    for _ in range(3):
        receive(source, VisibilityTimeout=0)
    assert len(receive(dead_letters, VisibilityTimeout=0)) == 1
    fogline_platform.advance(days=0.2)
    assert receive(dead_letters) == []


def test_a_message_stays_when_its_dead_letter_queue_is_gone(
    sqs: Any, source: str, dead_letters: str, receive: Receive
) -> None:
    sqs.send_message(QueueUrl=source, MessageBody="poison")
    sqs.delete_queue(QueueUrl=dead_letters)
    for _ in range(3):
        assert len(receive(source, VisibilityTimeout=0)) == 1
