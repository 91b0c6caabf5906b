"""The forms of a notification: the envelope that queues and dead letters hold, and the event that functions get.

Forms: https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html. All subscriptions of a topic hold
the same envelope but for the address that ends them. A queue keeps only the facts of it: its text, several times as
long, is written when somebody reads it, and so is its signature.
"""

from __future__ import annotations

import base64
import hashlib
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import orjson

from fogline.aws.dates import iso_milliseconds
from fogline.services.sns.message import Notification
from fogline.services.sns.signing import text_to_sign
from fogline.services.sns.subscription import Subscription
from fogline.services.sns.topic import Topic

SEAL = "sns"
_SIGNATURES_KEPT_MAX = 1_024


class Signs(Protocol):
    """What an envelope needs of a signer."""

    def sign(self, text: str, version: str) -> str: ...

    def certificate_url(self) -> str: ...


class Envelope:
    """One notification in all its forms, each made when a subscriber first needs it."""

    __slots__ = ("_endpoint", "_facts", "_signer", "_topic", "notification")

    def __init__(
        self, topic: Topic, notification: Notification, signer: Signs, endpoint: str
    ) -> None:
        self.notification = notification
        self._topic = topic
        self._signer = signer
        self._endpoint = endpoint
        self._facts: dict[str, str] = {}

    @property
    def topic(self) -> Topic:
        return self._topic

    def unsubscribe_url(self, subscription: Subscription) -> str:
        return self._endpoint + subscription.unsubscribe_query

    def sealed(self, subscription: Subscription) -> str:
        """What a queue keeps of the envelope; `Finisher` makes it whole."""
        text = self.notification.text_for(subscription.protocol)
        facts = self._facts.get(text)
        if facts is None:
            facts = self._facts[text] = self._packed(text)
        return f'["{subscription.id}",{facts}'

    def _packed(self, text: str) -> str:
        """The facts that all subscribers of that text share, as the end of a JSON array."""
        notification, topic = self.notification, self._topic
        shown = {name: _shown(value) for name, value in notification.attributes.items()}
        facts = [
            notification.id,
            notification.topic_arn,
            notification.published_at,
            notification.sequence_number,
            notification.subject,
            text,
            notification.is_replayed,
            "" if topic.is_fifo else topic.signature_version,
            shown,
        ]
        return orjson.dumps(facts).decode()[1:]

    def event(self, subscription: Subscription) -> str:
        """The event that a function gets, signed."""
        notification, topic = self.notification, self.topic
        sns: dict[str, Any] = {"Type": "Notification", "MessageId": notification.id}
        if notification.sequence_number:
            sns["SequenceNumber"] = notification.sequence_number
        sns["TopicArn"] = notification.topic_arn
        sns["Subject"] = notification.subject
        sns["Message"] = notification.text_for(subscription.protocol)
        sns["Timestamp"] = iso_milliseconds(notification.published_at)
        # Functions are told version 1 whatever the topic's version is, which only decides how it is signed (recorded).
        sns["SignatureVersion"] = "1"
        signed = {name: value for name, value in sns.items() if value is not None}
        sns["Signature"] = self._signer.sign(text_to_sign(signed), topic.signature_version)
        sns["SigningCertUrl"] = self._signer.certificate_url()
        sns["UnsubscribeUrl"] = self.unsubscribe_url(subscription)
        sns["MessageAttributes"] = {
            name: _shown(value) for name, value in notification.attributes.items()
        }
        record = {
            "EventSource": "aws:sns",
            "EventVersion": "1.0",
            "EventSubscriptionArn": subscription.arn,
            "Sns": sns,
        }
        return orjson.dumps({"Records": [record]}).decode()


class Finisher:
    """Makes sealed envelopes whole: writes and signs them. Answers `ports/seals.py`.

    The queues of a fan-out hold the same signed text, so signatures are kept a while.
    """

    def __init__(self, signer: Signs, endpoint: Callable[[], str]) -> None:
        self._signer = signer
        self._endpoint = endpoint
        self._kept: OrderedDict[bytes, str] = OrderedDict()

    def finish(self, sealed: str) -> str:
        """The envelope as its reader gets it. FIFO topics do not sign."""
        subscription, id, topic, at, sequence, subject, text, is_replayed, version, attributes = (
            orjson.loads(sealed)
        )
        said = {"Type": "Notification", "MessageId": id}
        if sequence:
            said["SequenceNumber"] = sequence
        said["TopicArn"] = topic
        if subject is not None:
            said["Subject"] = subject
        said["Message"] = text
        said["Timestamp"] = iso_milliseconds(at)
        if is_replayed:
            said["Replayed"] = "true"
        if version:
            signature = self._sign(text_to_sign(said), version)
            said["SignatureVersion"] = version
            said["Signature"] = signature
            said["SigningCertURL"] = self._signer.certificate_url()
        ending = f"/?Action=Unsubscribe&SubscriptionArn={topic}:{subscription}"
        said["UnsubscribeURL"] = self._endpoint() + ending
        lines = [f'  "{name}" : {_json(value)}' for name, value in said.items()]
        if attributes:
            listed = ",\n".join(
                f"    {_json(name)} : {_json(value)}" for name, value in attributes.items()
            )
            lines.append(f'  "MessageAttributes" : {{\n{listed}\n  }}')
        return "{\n" + ",\n".join(lines) + "\n}"

    def _sign(self, text: str, version: str) -> str:
        key = hashlib.sha256(f"{version}{text}".encode("utf-8", "surrogatepass")).digest()
        signature = self._kept.get(key)
        if signature is None:
            signature = self._kept[key] = self._signer.sign(text, version)
            if len(self._kept) > _SIGNATURES_KEPT_MAX:
                self._kept.popitem(last=False)
        return signature


def written(message: Mapping[str, Any]) -> str:
    """A message of text members as AWS spaces it."""
    lines = (f'  "{name}" : {_json(text)}' for name, text in message.items())
    return "{\n" + ",\n".join(lines) + "\n}"


def _shown(value: Mapping[str, Any]) -> dict[str, str]:
    binary = value.get("BinaryValue")
    text = value["StringValue"] if binary is None else base64.b64encode(binary).decode()
    return {"Type": value["DataType"], "Value": text}


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()
