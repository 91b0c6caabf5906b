"""The envelope: its spacing, and its signature that is made when it is read."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from fogline.aws.call import Trace
from fogline.services.sns.envelope import Envelope, Finisher
from fogline.services.sns.message import Notification, from_document, to_document
from fogline.services.sns.subscription import Subscription
from fogline.services.sns.topic import Topic

TRACE = Trace("1-0-0", "0")


class CountingSigner:
    """Signs with a number, and counts."""

    def __init__(self) -> None:
        self.signed: list[str] = []

    def sign(self, text: str, version: str) -> str:
        self.signed.append(text)
        return f"signature-{version}-{len(self.signed)}"

    def certificate_url(self) -> str:
        return "http://localhost/certificate.pem"


def topic(name: str = "topic") -> Topic:
    return Topic("1", "us-east-1", {"name": name, "attributes": {}, "tags": {}})


def subscription(id: str = "id") -> Subscription:
    document = {
        "id": id,
        "owner": "1",
        "protocol": "sqs",
        "endpoint": "arn:aws:sqs:us-east-1:1:queue",
        "attributes": {},
        "is_pending": False,
    }
    return Subscription("arn:aws:sns:us-east-1:1:topic", 1, document)


def notification(message: str = "m", subject: str | None = None, id: str = "n") -> Notification:
    attribute = {"DataType": "Binary", "BinaryValue": b"\x00"}
    arn = "arn:aws:sns:us-east-1:1:topic"
    return Notification(id, arn, message, 0, TRACE, subject, attributes={"a": attribute})


def test_an_envelope_is_spaced_as_aws_does() -> None:
    signer = CountingSigner()
    envelope = Envelope(topic(), notification(subject="s"), signer, "http://localhost")
    assert Finisher(signer, lambda: "http://localhost").finish(envelope.sealed(subscription())) == (
        "{\n"
        '  "Type" : "Notification",\n'
        '  "MessageId" : "n",\n'
        '  "TopicArn" : "arn:aws:sns:us-east-1:1:topic",\n'
        '  "Subject" : "s",\n'
        '  "Message" : "m",\n'
        '  "Timestamp" : "1970-01-01T00:00:00.000Z",\n'
        '  "SignatureVersion" : "1",\n'
        '  "Signature" : "signature-1-1",\n'
        '  "SigningCertURL" : "http://localhost/certificate.pem",\n'
        '  "UnsubscribeURL" : "http://localhost/?Action=Unsubscribe'
        '&SubscriptionArn=arn:aws:sns:us-east-1:1:topic:id",\n'
        '  "MessageAttributes" : {\n'
        '    "a" : {"Type":"Binary","Value":"AA=="}\n'
        "  }\n"
        "}"
    )


def test_one_signature_serves_all_subscribers_of_a_message() -> None:
    signer = CountingSigner()
    finisher = Finisher(signer, lambda: "http://localhost")
    envelope = Envelope(topic(), notification(), signer, "http://localhost")
    read = [finisher.finish(envelope.sealed(subscription(id))) for id in ("a", "b", "a")]
    assert len(signer.signed) == 1
    assert read[0] == read[2] != read[1]


def test_what_protocols_are_told_apart_is_signed_apart() -> None:
    signer = CountingSigner()
    finisher = Finisher(signer, lambda: "http://localhost")
    for message in ("for queues", "for web servers"):
        envelope = Envelope(topic(), notification(message), signer, "http://localhost")
        finisher.finish(envelope.sealed(subscription()))
    assert len(signer.signed) == 2


def test_a_fifo_topic_signs_nothing() -> None:
    signer = CountingSigner()
    envelope = Envelope(topic("topic.fifo"), notification(), signer, "http://localhost")
    finisher = Finisher(signer, lambda: "http://localhost")
    assert "Signature" not in json.loads(finisher.finish(envelope.sealed(subscription())))
    assert not signer.signed


@given(message=st.text(min_size=1), subject=st.text(min_size=1) | st.none())
def test_whatever_is_said_is_read_and_signed(message: str, subject: str | None) -> None:
    signer = CountingSigner()
    said = notification(message, subject)
    envelope = Envelope(topic(), said, signer, "http://localhost")
    read = json.loads(
        Finisher(signer, lambda: "http://localhost").finish(envelope.sealed(subscription()))
    )
    assert (read["Message"], read.get("Subject")) == (message, subject)
    assert read["Signature"] == "signature-1-1"
    assert signer.signed[0].startswith(f"Message\n{message}\nMessageId\nn\n")


@given(message=st.text(), subject=st.none() | st.text())
def test_an_archived_notification_is_read_as_it_was(message: str, subject: str | None) -> None:
    said = notification(message, subject)
    assert from_document(json.loads(json.dumps(to_document(said)))) == said
