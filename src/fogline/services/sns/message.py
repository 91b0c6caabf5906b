"""A notification: what a publisher said, as every subscriber's form is made from it."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fogline.aws.call import Trace

Attributes = Mapping[str, Mapping[str, Any]]
"""Message attributes in the form of the API: DataType, and StringValue or BinaryValue (bytes)."""


@dataclass(frozen=True, slots=True)
class Notification:
    """One published message. `topic_arn` is "" for what was sent straight to a phone or a platform endpoint.

    `messages` has what `MessageStructure: json` said for single protocols, without `default`. `group`,
    `deduplication` and `sequence_number` are "" where they do not apply. Instants are milliseconds.
    """

    id: str
    topic_arn: str
    message: str
    published_at: int
    trace: Trace
    subject: str | None = None
    messages: Mapping[str, str] = field(default_factory=dict)
    attributes: Attributes = field(default_factory=dict)
    group: str = ""
    deduplication: str = ""
    sequence_number: str = ""
    is_replayed: bool = False

    def text_for(self, protocol: str) -> str:
        """What subscribers of that protocol read."""
        return self.messages.get(protocol, self.message)


def to_document(notification: Notification) -> dict[str, Any]:
    """The notification in JSON values, to be kept; `from_document` reads it again."""
    return {
        "id": notification.id,
        "topic_arn": notification.topic_arn,
        "message": notification.message,
        "published_at": notification.published_at,
        "trace": list(notification.trace),
        "subject": notification.subject,
        "messages": dict(notification.messages),
        "attributes": {name: _stored(value) for name, value in notification.attributes.items()},
        "group": notification.group,
        "deduplication": notification.deduplication,
        "sequence_number": notification.sequence_number,
        "is_replayed": notification.is_replayed,
    }


def from_document(document: Mapping[str, Any]) -> Notification:
    """The notification that `to_document` wrote."""
    return Notification(
        **{
            **document,
            "trace": Trace(*document["trace"]),
            "attributes": {name: _loaded(value) for name, value in document["attributes"].items()},
        }
    )


def _stored(value: Mapping[str, Any]) -> dict[str, Any]:
    binary = value.get("BinaryValue")
    if binary is None:
        return dict(value)
    return {"DataType": value["DataType"], "BinaryBase64": base64.b64encode(binary).decode()}


def _loaded(value: Mapping[str, Any]) -> dict[str, Any]:
    if "BinaryBase64" not in value:
        return dict(value)
    return {
        "DataType": value["DataType"],
        "BinaryValue": base64.b64decode(value["BinaryBase64"]),
    }
