"""Publishing and what subscribers get, as clients see them."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any
from urllib.request import urlopen

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

Listen = Callable[..., Any]
MakeTopic = Callable[..., str]
Refusal = Callable[..., str]


def is_signed(message: dict[str, Any], algorithm: hashes.HashAlgorithm) -> bool:
    fields = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
    text = "".join(f"{name}\n{message[name]}\n" for name in fields if name in message)
    with urlopen(message["SigningCertURL"]) as answer:
        certificate = x509.load_pem_x509_certificate(answer.read())
    key: Any = certificate.public_key()
    key.verify(base64.b64decode(message["Signature"]), text.encode(), padding.PKCS1v15(), algorithm)
    return True


def test_every_queue_gets_the_envelope(sns: Any, topic: str, listen: Listen) -> None:
    first, second = listen(topic, "first"), listen(topic, "second")
    published = sns.publish(TopicArn=topic, Message='said "so"', Subject="Subject")
    for queue in (first, second):
        (message,) = queue.hear()
        envelope = json.loads(message["Body"])
        assert list(envelope) == [
            "Type",
            "MessageId",
            "TopicArn",
            "Subject",
            "Message",
            "Timestamp",
            "SignatureVersion",
            "Signature",
            "SigningCertURL",
            "UnsubscribeURL",
        ]
        assert envelope["MessageId"] == published["MessageId"]
        assert (envelope["Message"], envelope["Subject"]) == ('said "so"', "Subject")
        assert queue.subscription in envelope["UnsubscribeURL"]


@pytest.mark.parametrize(("version", "algorithm"), [("1", hashes.SHA1()), ("2", hashes.SHA256())])
def test_readers_can_verify_the_envelope(
    sns: Any,
    make_topic: MakeTopic,
    listen: Listen,
    version: str,
    algorithm: hashes.HashAlgorithm,
) -> None:
    topic = make_topic(SignatureVersion=version)
    queue = listen(topic)
    sns.publish(TopicArn=topic, Message="signed ⚡", Subject="s")
    envelope = json.loads(queue.bodies()[0])
    assert envelope["SignatureVersion"] == version
    assert is_signed(envelope, algorithm)


def test_the_body_of_a_message_is_the_same_at_every_reading(
    sns: Any, sqs: Any, topic: str, listen: Listen
) -> None:
    queue = listen(topic)
    sns.publish(TopicArn=topic, Message="once")
    first, second = (
        sqs.receive_message(QueueUrl=queue.url, VisibilityTimeout=0)["Messages"][0]
        for _ in range(2)
    )
    assert (first["Body"], first["MD5OfBody"]) == (second["Body"], second["MD5OfBody"])


def test_message_attributes_stand_in_the_envelope(sns: Any, topic: str, listen: Listen) -> None:
    queue = listen(topic)
    sns.publish(
        TopicArn=topic,
        Message="m",
        MessageAttributes={
            "text": {"DataType": "String", "StringValue": "a"},
            "number": {"DataType": "Number", "StringValue": "1.5"},
            "list": {"DataType": "String.Array", "StringValue": '["a", 1]'},
            "bytes": {"DataType": "Binary", "BinaryValue": b"\x00\x01"},
        },
    )
    assert json.loads(queue.bodies()[0])["MessageAttributes"] == {
        "text": {"Type": "String", "Value": "a"},
        "number": {"Type": "Number", "Value": "1.5"},
        "list": {"Type": "String.Array", "Value": '["a", 1]'},
        "bytes": {"Type": "Binary", "Value": "AAE="},
    }


def test_a_raw_subscriber_gets_the_message_and_its_attributes(
    sns: Any, topic: str, listen: Listen
) -> None:
    queue = listen(topic, RawMessageDelivery="true")
    sns.publish(
        TopicArn=topic,
        Message="bare",
        MessageAttributes={
            "text": {"DataType": "String", "StringValue": "a"},
            "bytes": {"DataType": "Binary", "BinaryValue": b"\x00"},
        },
    )
    (message,) = queue.hear()
    assert message["Body"] == "bare"
    assert message["MessageAttributes"] == {
        "text": {"DataType": "String", "StringValue": "a"},
        "bytes": {"DataType": "Binary", "BinaryValue": b"\x00"},
    }


@pytest.mark.parametrize(("count", "heard"), [(10, 1), (11, 0)])
def test_a_raw_message_with_more_than_ten_attributes_is_dropped(
    sns: Any, topic: str, listen: Listen, count: int, heard: int
) -> None:
    queue = listen(topic, RawMessageDelivery="true")
    attributes = {
        f"a{number}": {"DataType": "String", "StringValue": "v"} for number in range(count)
    }
    sns.publish(TopicArn=topic, Message="m", MessageAttributes=attributes)
    assert len(queue.hear()) == heard


def test_each_protocol_gets_what_was_said_for_it(sns: Any, topic: str, listen: Listen) -> None:
    queue = listen(topic)
    said = {"default": "for all", "sqs": "for queues", "email": "for people"}
    sns.publish(TopicArn=topic, Message=json.dumps(said), MessageStructure="json")
    sns.publish(TopicArn=topic, Message='{"default": "for all"}', MessageStructure="json")
    assert queue.messages() == ["for queues", "for all"]


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ('{"sqs": "m"}', "Message Structure - No default entry in JSON message body"),
        ('{"default": {}}', "Message Structure - No default entry in JSON message body"),
        ("{", "Message Structure - JSON message body failed to parse"),
        ("[]", "Message Structure - JSON message body failed to parse"),
    ],
)
def test_structures_that_aws_refuses_are_refused(
    sns: Any, topic: str, refusal: Refusal, message: str, reason: str
) -> None:
    told = refusal(sns.publish, TopicArn=topic, Message=message, MessageStructure="json")
    assert told == f"InvalidParameter: Invalid parameter: {reason}"


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        ({"Message": ""}, "Empty message"),
        ({"Message": "m", "Subject": ""}, "Subject"),
        ({"Message": "m", "Subject": "s" * 101}, "Subject"),
        ({"Message": "m", "Subject": "two\nlines"}, "Subject"),
        ({"Message": "m" * 262_145}, "Message too long"),
        ({"Message": "m", "MessageStructure": "xml"}, "MessageStructure"),
        (
            {"Message": "m", "MessageDeduplicationId": "d"},
            "MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not "
            "valid for this topic type",
        ),
    ],
)
def test_messages_that_aws_refuses_are_refused(
    sns: Any, topic: str, refusal: Refusal, request_: dict[str, str], reason: str
) -> None:
    told = refusal(sns.publish, TopicArn=topic, **request_)
    assert told == f"InvalidParameter: Invalid parameter: {reason}"


def test_the_largest_message_and_the_longest_subject_are_allowed(
    sns: Any, topic: str, listen: Listen
) -> None:
    queue = listen(topic, RawMessageDelivery="true")
    sns.publish(TopicArn=topic, Message="m" * 262_144, Subject="s" * 100)
    assert [len(body) for body in queue.bodies()] == [262_144]


@pytest.mark.parametrize(
    ("attribute", "reason"),
    [
        (
            {"DataType": "Strange", "StringValue": "v"},
            "The message attribute 'a' has an invalid message attribute type, the set of supported type "
            "prefixes is Binary, Number, and String.",
        ),
        (
            {"DataType": "", "StringValue": "v"},
            "The message attribute 'a' must contain non-empty message attribute type.",
        ),
        (
            {"DataType": "String", "StringValue": ""},
            "The message attribute 'a' must contain non-empty message attribute value for message attribute "
            "type 'String'.",
        ),
        (
            {"DataType": "String", "BinaryValue": b"v"},
            "The message attribute 'a' with type 'String' must use field 'String'.",
        ),
        (
            {"DataType": "Number", "StringValue": "many"},
            "Could not cast message attribute 'a' value to number.",
        ),
    ],
)
def test_attributes_that_aws_refuses_are_refused(
    sns: Any, topic: str, refusal: Refusal, attribute: dict[str, Any], reason: str
) -> None:
    told = refusal(sns.publish, TopicArn=topic, Message="m", MessageAttributes={"a": attribute})
    assert told == f"ParameterValueInvalid: {reason}"


def test_a_message_is_for_one_place(sns: Any, topic: str, refusal: Refusal) -> None:
    none = refusal(sns.publish, Message="m")
    assert none.endswith("TopicArn or TargetArn Reason: no value for required parameter")
    both = refusal(sns.publish, Message="m", TopicArn=topic, TargetArn=topic)
    assert both.startswith("InvalidParameter: ")
    assert "MessageId" in sns.publish(Message="m", TargetArn=topic)


def test_a_topic_that_is_not_there_takes_nothing(sns: Any, topic: str, refusal: Refusal) -> None:
    told = refusal(sns.publish, TopicArn=f"{topic}-not", Message="m")
    assert told == "NotFound: Topic does not exist"


# ---- batches


def entry(id: str, message: str = "m", **more: Any) -> dict[str, Any]:
    return {"Id": id, "Message": message, **more}


def test_a_batch_is_published_entry_by_entry(sns: Any, topic: str, listen: Listen) -> None:
    queue = listen(topic)
    done = sns.publish_batch(
        TopicArn=topic,
        PublishBatchRequestEntries=[
            entry("1", "one"),
            entry("2", "two", Subject=""),
            entry("3", '{"default": "three"}', MessageStructure="json"),
        ],
    )
    assert [each["Id"] for each in done["Successful"]] == ["1", "3"]
    assert done["Failed"] == [
        {
            "Id": "2",
            "Code": "InvalidParameter",
            "Message": "Invalid parameter: Subject",
            "SenderFault": True,
        }
    ]
    assert queue.messages() == ["one", "three"]


@pytest.mark.parametrize(
    ("entries", "code"),
    [
        ([], "EmptyBatchRequest"),
        ([entry(str(number)) for number in range(11)], "TooManyEntriesInBatchRequest"),
        ([entry("1"), entry("1")], "BatchEntryIdsNotDistinct"),
        ([entry("a.b")], "InvalidBatchEntryId"),
        ([entry("i" * 81)], "InvalidBatchEntryId"),
        ([entry("1", "m" * 200_000), entry("2", "m" * 100_000)], "BatchRequestTooLong"),
        ([entry("1", "{}", MessageStructure="json")], "InvalidParameter"),
    ],
)
def test_batches_that_aws_refuses_are_refused(
    sns: Any, topic: str, refusal: Refusal, entries: list[dict[str, Any]], code: str
) -> None:
    told = refusal(sns.publish_batch, TopicArn=topic, PublishBatchRequestEntries=entries)
    assert told.partition(":")[0] == code


# ---- subscribers that are gone


def test_a_subscriber_that_is_gone_does_not_stop_the_others(
    sns: Any, sqs: Any, topic: str, listen: Listen
) -> None:
    gone, there = listen(topic, "gone"), listen(topic, "there")
    sqs.delete_queue(QueueUrl=gone.url)
    sns.publish(TopicArn=topic, Message="m")
    assert there.messages() == ["m"]


@pytest.mark.parametrize("raw", ["true", "false"])
def test_what_a_subscriber_cannot_take_goes_to_its_dead_letter_queue(
    sns: Any, sqs: Any, topic: str, make_topic: MakeTopic, listen: Listen, raw: str
) -> None:
    dead = listen(make_topic("unused"), "dead")
    policy = {"deadLetterTargetArn": dead.arn}
    gone = listen(topic, "gone", RedrivePolicy=policy, RawMessageDelivery=raw)
    sqs.delete_queue(QueueUrl=gone.url)
    sns.publish(TopicArn=topic, Message="m", Subject="s")
    (body,) = dead.bodies()
    assert body == "m" if raw == "true" else json.loads(body)["Subject"] == "s"


def test_a_function_that_is_not_there_has_a_dead_letter_queue_too(
    sns: Any, topic: str, make_topic: MakeTopic, listen: Listen
) -> None:
    dead = listen(make_topic("unused"), "dead")
    sns.subscribe(
        TopicArn=topic,
        Protocol="lambda",
        Endpoint=dead.arn.replace(":sqs:", ":lambda:").replace(":dead", ":function:none"),
        Attributes={"RedrivePolicy": json.dumps({"deadLetterTargetArn": dead.arn})},
    )
    sns.publish(TopicArn=topic, Message="m")
    assert dead.messages() == ["m"]


def test_a_dead_letter_queue_that_is_gone_stops_nobody(
    sns: Any, sqs: Any, topic: str, listen: Listen
) -> None:
    gone = listen(topic, "gone")
    policy = json.dumps({"deadLetterTargetArn": gone.arn})
    sns.set_subscription_attributes(
        SubscriptionArn=gone.subscription, AttributeName="RedrivePolicy", AttributeValue=policy
    )
    sqs.delete_queue(QueueUrl=gone.url)
    assert "MessageId" in sns.publish(TopicArn=topic, Message="m")


# ---- groups of standard topics


def test_the_group_of_a_message_makes_standard_queues_fair(
    sns: Any, topic: str, listen: Listen
) -> None:
    queue = listen(topic)
    sns.publish(TopicArn=topic, Message="m", MessageGroupId="tenant")
    (message,) = queue.hear()
    assert message["Attributes"]["MessageGroupId"] == "tenant"
