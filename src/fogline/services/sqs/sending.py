"""Sending: what a message must be, and its way into a queue."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fogline.aws.call import Trace
from fogline.services.sqs import fifo
from fogline.services.sqs.deduplication import Original
from fogline.services.sqs.errors import (
    InvalidParameterValueException,
    MissingRequiredParameterException,
)
from fogline.services.sqs.limits import Limits
from fogline.services.sqs.message_attributes import (
    attributes_md5,
    attributes_size,
    check_attributes,
    check_text,
)
from fogline.services.sqs.service import Sqs
from fogline.services.sqs.tables import Queue
from fogline.store.store import Tx

_TRACE_HEADER = "AWSTraceHeader"


@dataclass(frozen=True, slots=True)
class Draft:
    """A message that may be sent: its parts, checked, and its size in bytes."""

    body: str
    attributes: Mapping[str, Mapping[str, Any]]
    system: Mapping[str, Mapping[str, Any]]
    group: str
    deduplication_id: str | None
    delay_seconds: int | None
    size: int


def draft(request: Mapping[str, Any], limits: Limits) -> Draft:
    """Check one message of a request, apart from the limits of its queue.

    Raises MissingRequiredParameterException, InvalidMessageContents, InvalidParameterValueException.
    """
    body: str = request.get("MessageBody") or ""
    if not body:
        raise MissingRequiredParameterException(name="MessageBody")
    check_text(body)
    size = len(body) if body.isascii() else len(body.encode())
    attributes = request.get("MessageAttributes") or {}
    if attributes:
        check_attributes(attributes, limits)
        size += attributes_size(attributes)
    system = request.get("MessageSystemAttributes") or {}
    if system:
        _check_system(system)
    group = request.get("MessageGroupId") or ""
    if group:
        fifo.check_name("MessageGroupId", group)
    delay = request.get("DelaySeconds")
    if delay is not None and not 0 <= delay <= limits.delay_seconds_max:
        raise InvalidParameterValueException(
            value=delay,
            name="DelaySeconds",
            reason=f"DelaySeconds must be >= 0 and <= {limits.delay_seconds_max}",
        )
    deduplication_id = request.get("MessageDeduplicationId")
    if deduplication_id is not None:
        fifo.check_name("MessageDeduplicationId", deduplication_id)
    return Draft(body, attributes, system, group, deduplication_id, delay, size)


def _check_system(system: Mapping[str, Mapping[str, Any]]) -> None:
    for name, value in system.items():
        if name != _TRACE_HEADER:
            raise InvalidParameterValueException(
                f"Message system attribute name '{name}' is invalid."
            )
        if value.get("DataType") != "String" or not value.get("StringValue"):
            raise InvalidParameterValueException(
                f"The message system attribute '{name}' must use a non-empty value of type 'String'."
            )


def check_kind(queue: Queue, message: Draft) -> None:
    """Refuse what a queue of this kind does not take.

    Raises MissingRequiredParameterException, InvalidParameterValueException.
    """
    if queue.is_fifo:
        fifo.check_ids(queue, message.group, message.deduplication_id)
        fifo.check_delay(message.delay_seconds)
    elif message.deduplication_id is not None:
        raise fifo.not_for_this_queue("MessageDeduplicationId", message.deduplication_id)


def accept(
    sqs: Sqs,
    tx: Tx,
    queue: Queue,
    message: Draft,
    sender: str,
    now: int,
    trace: Trace,
    seal: str = "",
) -> dict[str, Any]:
    """Put a checked message into a queue; the answer its sender gets. Raises what `check_kind` raises.

    A sender that is itself part of a chain leaves its trace header with the message, as on AWS. One that begins a
    chain leaves it where only lineage sees it.
    """
    delay = message.delay_seconds
    if queue.is_fifo or message.deduplication_id is not None:
        check_kind(queue, message)
        delay = None
    if delay is None:
        delay = queue.delay_seconds
    visible_at = now + delay * 1000
    id = sqs.ids.uuid()
    # A sealed body is another one when it is read, with an MD5 of its own.
    md5 = "" if seal else hashlib.md5(message.body.encode(), usedforsecurity=False).hexdigest()
    result: dict[str, Any] = {"MD5OfMessageBody": md5, "MessageId": id}
    facts: dict[str, Any] = {}
    if message.attributes:
        facts["attributes"] = {name: _stored(value) for name, value in message.attributes.items()}
        result["MD5OfMessageAttributes"] = attributes_md5(message.attributes)
    if message.system:
        facts["trace"] = message.system[_TRACE_HEADER]["StringValue"]
        result["MD5OfMessageSystemAttributes"] = attributes_md5(message.system)
    else:
        facts["trace" if trace.parent_id else "cause"] = trace.header()
    if message.group:
        facts["group"] = message.group
    if seal:
        facts["seal"] = seal
    sequence = sqs.ids.ordered(now)
    group = message.group or None
    if queue.is_fifo and group is not None:
        own = Original(id, sequence)
        deduplication_id = message.deduplication_id or fifo.content_id(message.body)
        facts["deduplication"] = deduplication_id
        fifo.lock_for_sending(sqs, tx, queue, (group,), now)
        stored, is_new = fifo.enter(sqs, tx, queue, group, deduplication_id, own, visible_at, now)
        sequence = stored.sequence
        result["MessageId"] = stored.id
        result["SequenceNumber"] = fifo.sequence_number(sequence)
        if not is_new:
            return result
    sqs.tables.add_message(
        tx, queue.number, sequence, visible_at, id, md5, sender, message.body, facts, group=group
    )
    tx.stir(queue.topic)
    return result


def _stored(value: Mapping[str, Any]) -> dict[str, Any]:
    binary = value.get("BinaryValue")
    if binary is not None:
        return {
            "DataType": value["DataType"],
            "BinaryBase64": base64.b64encode(binary).decode(),
        }
    return {"DataType": value["DataType"], "StringValue": value["StringValue"]}


def loaded(value: Mapping[str, Any]) -> dict[str, Any]:
    """A stored attribute as the API writes it."""
    if "BinaryBase64" in value:
        return {
            "DataType": value["DataType"],
            "BinaryValue": base64.b64decode(value["BinaryBase64"]),
        }
    return dict(value)
