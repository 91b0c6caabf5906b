"""The forms of a notification: the envelope that queues and dead letters hold, and the event that functions get.

Forms: https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html. All subscriptions of a topic hold
the same envelope but for the address that ends them, so it is made once. A queue gets it without its signature, which
is made when somebody reads it.
"""

from __future__ import annotations

import base64
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Protocol

import orjson

from fogline.services.sns.message import Attributes, Notification
from fogline.services.sns.signing import text_to_sign
from fogline.services.sns.subscription import Subscription
from fogline.services.sns.timestamps import timestamp
from fogline.services.sns.topic import Topic

SEAL = "sns"
_UNSIGNED = '\n  "Signature" : "",\n'
"""No text inside the envelope can look like this: its line breaks would be escaped."""
_SIGNATURES_KEPT_MAX = 1_024


class Signs(Protocol):
    """What an envelope needs of a signer."""

    def sign(self, text: str, version: str) -> str: ...

    def certificate_url(self) -> str: ...


class Envelope:
    """One notification in all its forms, each made when a subscriber first needs it."""

    __slots__ = ("_endpoint", "_halves", "_signer", "notification", "topic")

    def __init__(
        self, topic: Topic, notification: Notification, signer: Signs, endpoint: str
    ) -> None:
        self.notification = notification
        self.topic = topic
        self._signer = signer
        self._endpoint = endpoint
        self._halves: dict[str, tuple[str, str]] = {}

    def unsubscribe_url(self, subscription: Subscription) -> str:
        return self._endpoint + subscription.unsubscribe_query

    def sealed(self, subscription: Subscription) -> str:
        """The envelope without its signature; complete for FIFO topics, which do not sign."""
        text = self.notification.text_for(subscription.protocol)
        halves = self._halves.get(text)
        if halves is None:
            halves = self._halves[text] = self._split(text)
        head, tail = halves
        return head + subscription.unsubscribe_query + tail

    def _split(self, text: str) -> tuple[str, str]:
        """What stands before and after the address that ends a subscription."""
        notification, topic = self.notification, self.topic
        lines = [f'"Type" : "Notification",\n  "MessageId" : "{notification.id}",']
        if notification.sequence_number:
            lines.append(f'"SequenceNumber" : "{notification.sequence_number}",')
        lines.append(f'"TopicArn" : "{notification.topic_arn}",')
        if notification.subject is not None:
            lines.append(f'"Subject" : {_json(notification.subject)},')
        lines.append(f'"Message" : {_json(text)},')
        lines.append(f'"Timestamp" : "{timestamp(notification.published_at)}",')
        if notification.is_replayed:
            lines.append('"Replayed" : "true",')
        if not topic.is_fifo:
            lines.append(f'"SignatureVersion" : "{topic.signature_version}",')
            lines.append('"Signature" : "",')
            lines.append(f'"SigningCertURL" : "{self._signer.certificate_url()}",')
        head = "{\n  " + "\n  ".join(lines) + f'\n  "UnsubscribeURL" : "{self._endpoint}'
        return head, _tail(notification.attributes)

    def event(self, subscription: Subscription) -> str:
        """The event that a function gets, signed."""
        notification, topic = self.notification, self.topic
        sns: dict[str, Any] = {"Type": "Notification", "MessageId": notification.id}
        if notification.sequence_number:
            sns["SequenceNumber"] = notification.sequence_number
        sns["TopicArn"] = notification.topic_arn
        sns["Subject"] = notification.subject
        sns["Message"] = notification.text_for(subscription.protocol)
        sns["Timestamp"] = timestamp(notification.published_at)
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
    """Signs sealed envelopes. The queues of a fan-out hold the same signed text, so signatures are kept a while."""

    def __init__(self, signer: Signs) -> None:
        self._signer = signer
        self._kept: OrderedDict[tuple[str, str], str] = OrderedDict()

    def finish(self, body: str) -> str:
        """The envelope as its reader gets it. Answers `ports/seals.py`."""
        head, mark, tail = body.partition(_UNSIGNED)
        if not mark:
            return body
        envelope = orjson.loads(body)
        version = envelope["SignatureVersion"]
        key = (envelope["MessageId"], version)
        signature = self._kept.get(key)
        if signature is None:
            signature = self._signer.sign(text_to_sign(envelope), version)
            if not envelope.get("Replayed"):
                self._kept[key] = signature
            if len(self._kept) > _SIGNATURES_KEPT_MAX:
                self._kept.popitem(last=False)
        return f'{head}\n  "Signature" : "{signature}",\n{tail}'


def written(message: Mapping[str, Any]) -> str:
    """A message of text members as AWS spaces it."""
    lines = (f'  "{name}" : {_json(text)}' for name, text in message.items())
    return "{\n" + ",\n".join(lines) + "\n}"


def _tail(attributes: Attributes) -> str:
    """What follows the address that ends a subscription."""
    if not attributes:
        return '"\n}'
    listed = ",\n".join(
        f"    {_json(name)} : {_json(_shown(value))}" for name, value in attributes.items()
    )
    return f'",\n  "MessageAttributes" : {{\n{listed}\n  }}\n}}'


def _shown(value: Mapping[str, Any]) -> dict[str, str]:
    binary = value.get("BinaryValue")
    text = value["StringValue"] if binary is None else base64.b64encode(binary).decode()
    return {"Type": value["DataType"], "Value": text}


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()
