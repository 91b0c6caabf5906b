"""Publishing: what may be published, and its way into a topic."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson

from fogline.aws.call import Trace
from fogline.services.sns.archive import retention_milliseconds
from fogline.services.sns.delivering import fan_out
from fogline.services.sns.errors import InvalidParameterException
from fogline.services.sns.limits import Limits
from fogline.services.sns.lookup import lock_topic
from fogline.services.sns.message import Attributes, Notification
from fogline.services.sns.message_attributes import attributes_size, check_attributes
from fogline.services.sns.service import Sns
from fogline.services.sns.topic import Topic
from fogline.store.store import Tx

_GROUP = re.compile(r"[\x21-\x7e]{1,128}")
_SEQUENCE_BASE = 10**19
"""AWS's sequence numbers have twenty digits."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What a publisher said, checked apart from what its topic asks for."""

    message: str
    size: int
    subject: str | None = None
    messages: Mapping[str, str] = field(default_factory=dict)
    attributes: Attributes = field(default_factory=dict)
    group: str = ""
    deduplication: str = ""


class Published(NamedTuple):
    """The answer of a publisher."""

    id: str
    sequence_number: str


def draft(request: Mapping[str, Any], limits: Limits) -> Draft:
    """Check what is published. Raises InvalidParameterException, InvalidParameterValueException."""
    message: str = request.get("Message") or ""
    if not message:
        raise InvalidParameterException(reason="Empty message")
    subject: str | None = request.get("Subject")
    if subject is not None:
        _check_subject(subject, limits)
    size = len(message) if message.isascii() else len(message.encode())
    attributes = request.get("MessageAttributes") or {}
    if attributes:
        check_attributes(attributes, limits)
        size += attributes_size(attributes)
    if size > limits.message_bytes_max:
        raise InvalidParameterException(reason="Message too long")
    messages: Mapping[str, str] = {}
    structure = request.get("MessageStructure")
    if structure:
        if structure != "json":
            raise InvalidParameterException(reason="MessageStructure")
        message, messages = _structured(message)
    return Draft(
        message,
        size,
        subject,
        messages,
        attributes,
        request.get("MessageGroupId") or "",
        request.get("MessageDeduplicationId") or "",
    )


def _check_subject(subject: str, limits: Limits) -> None:
    if (
        not subject
        or len(subject) > limits.subject_characters_max
        or any(letter < " " or letter == "\x7f" for letter in subject)
    ):
        raise InvalidParameterException(reason="Subject")


def _structured(message: str) -> tuple[str, dict[str, str]]:
    """The default text, and those of single protocols."""
    try:
        parsed = orjson.loads(message)
    except orjson.JSONDecodeError:
        parsed = None
    if not isinstance(parsed, dict):
        raise InvalidParameterException(
            reason="Message Structure - JSON message body failed to parse"
        )
    default = parsed.pop("default", None)
    if not isinstance(default, str):
        raise InvalidParameterException(
            reason="Message Structure - No default entry in JSON message body"
        )
    return default, {name: text for name, text in parsed.items() if isinstance(text, str)}


def check(topic: Topic, said: Draft) -> None:
    """Refuse what the topic's kind does not allow. Raises InvalidParameterException."""
    if topic.is_fifo:
        _check_order(topic, said)
    elif said.deduplication:
        raise InvalidParameterException(
            reason="MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter "
            "that is not valid for this topic type"
        )
    elif said.group:
        _check_id("MessageGroupId", said.group)


def publish(sns: Sns, tx: Tx, topic: Topic, said: Draft, trace: Trace, now: int) -> Published:
    """Publish to a topic what it was checked for, in the caller's transaction."""
    if topic.is_fifo:
        return _publish_in_order(sns, tx, topic, said, trace, now)
    id = sns.ids.uuid()
    audience = sns.tables.audience(tx, topic)
    if audience:
        notification = _notification(topic, said, id, trace, now)
        fan_out(sns, tx, topic, audience, notification, now)
    return Published(id, "")


def _notification(
    topic: Topic,
    said: Draft,
    id: str,
    trace: Trace,
    now: int,
    deduplication: str = "",
    sequence_number: str = "",
) -> Notification:
    return Notification(
        id,
        topic.arn,
        said.message,
        now,
        trace,
        said.subject,
        said.messages,
        said.attributes,
        said.group,
        deduplication,
        sequence_number,
    )


# ---- FIFO topics


def _publish_in_order(
    sns: Sns, tx: Tx, topic: Topic, said: Draft, trace: Trace, now: int
) -> Published:
    deduplication = said.deduplication or hashlib.sha256(said.message.encode()).hexdigest()
    lock_topic(tx, topic.arn)
    scope = said.group if topic.attributes.get("FifoThroughputScope") == "MessageGroup" else ""
    known = sns.tables.find_deduplicated(tx, topic, scope, deduplication, now)
    if known is not None:
        return Published(*known)
    id, sequence = sns.ids.uuid(), sns.ids.ordered(now)
    sequence_number = str(_SEQUENCE_BASE + sequence)
    expires_at = now + sns.limits.deduplication_milliseconds
    sns.tables.save_deduplication(tx, topic, scope, deduplication, expires_at, id, sequence_number)
    notification = _notification(topic, said, id, trace, now, deduplication, sequence_number)
    if retention_milliseconds(topic.attributes.get("ArchivePolicy")):
        sns.tables.archive(tx, topic, sequence, notification)
    fan_out(sns, tx, topic, sns.tables.audience(tx, topic), notification, now)
    return Published(id, sequence_number)


def _check_order(topic: Topic, said: Draft) -> None:
    if not said.group:
        raise InvalidParameterException(
            reason="The MessageGroupId parameter is required for FIFO topics"
        )
    _check_id("MessageGroupId", said.group)
    if said.deduplication:
        _check_id("MessageDeduplicationId", said.deduplication)
    elif not topic.is_deduplicated_by_content:
        raise InvalidParameterException(
            reason="The topic should either have ContentBasedDeduplication enabled or "
            "MessageDeduplicationId provided explicitly"
        )


def _check_id(name: str, value: str) -> None:
    if _GROUP.fullmatch(value) is None:
        raise InvalidParameterException(
            reason=f"{name} Reason: {name} can only include alphanumeric and punctuation characters. "
            "1 to 128 in length"
        )
