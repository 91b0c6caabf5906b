"""Messages: sent, received, hidden and deleted, one by one and in batches."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from fogline.aws.batch import run_batch
from fogline.aws.call import Call, Wait
from fogline.aws.errors import AwsError
from fogline.services.sqs import fifo, receiving, sending
from fogline.services.sqs.errors import (
    BatchEntryIdsNotDistinct,
    BatchRequestTooLong,
    EmptyBatchRequest,
    InvalidAttributeName,
    InvalidBatchEntryId,
    InvalidParameterValueException,
    MessageNotInflight,
    MissingRequiredParameterException,
    OverLimit,
    ReceiptHandleHasExpired,
    ReceiptHandleIsInvalid,
    TooManyEntriesInBatchRequest,
)
from fogline.services.sqs.lookup import require_queue
from fogline.services.sqs.message_attributes import attributes_md5, chosen
from fogline.services.sqs.receipt import Receipt, make_handle, read_handle
from fogline.services.sqs.service import Sqs
from fogline.services.sqs.tables import Message, Queue
from fogline.store.store import Tx

if TYPE_CHECKING:
    from types_boto3_sqs import type_defs as types

Result = Mapping[str, Any]

_ENTRY_ID = re.compile(r"[A-Za-z0-9_-]{1,80}")
_SYSTEM_ATTRIBUTES = frozenset(
    (
        "All",
        "SenderId",
        "SentTimestamp",
        "ApproximateReceiveCount",
        "ApproximateFirstReceiveTimestamp",
        "SequenceNumber",
        "MessageDeduplicationId",
        "MessageGroupId",
        "AWSTraceHeader",
        "DeadLetterQueueSourceArn",
    )
)


# ---- sending


def send_message(sqs: Sqs, call: Call, request: types.SendMessageRequestTypeDef) -> Result:
    message = sending.draft(request, sqs.limits)
    with sqs.store.write() as tx:
        queue = require_queue(sqs, tx, call, request["QueueUrl"])
        if message.size > queue.message_bytes_max:
            raise InvalidParameterValueException(
                "One or more parameters are invalid. Reason: Message must be shorter than "
                f"{queue.message_bytes_max} bytes."
            )
        return sending.accept(sqs, tx, queue, message, call.principal.user_id, call.now, call.trace)


def send_message_batch(
    sqs: Sqs, call: Call, request: types.SendMessageBatchRequestTypeDef
) -> Result:
    entries = request.get("Entries") or ()
    _check_batch(sqs, entries, "SendMessageBatchRequestEntry")
    total = sum(_entry_size(entry) for entry in entries)
    if total > sqs.limits.batch_bytes_max:
        raise BatchRequestTooLong(max=sqs.limits.batch_bytes_max, count=total)
    with sqs.store.write() as tx:
        queue = require_queue(sqs, tx, call, request["QueueUrl"])
        if queue.is_fifo:
            # Recorded: an entry that lacks an id fails the whole request.
            for entry in entries:
                ids = (entry.get("MessageGroupId"), entry.get("MessageDeduplicationId"))
                fifo.check_ids(queue, *ids)
            groups = [entry.get("MessageGroupId") or "" for entry in entries]
            fifo.lock_for_sending(sqs, tx, queue, groups, call.now)

        def send(entry: Mapping[str, Any]) -> dict[str, Any]:
            message = sending.draft(entry, sqs.limits)
            if message.size > queue.message_bytes_max:
                raise InvalidParameterValueException(
                    "One or more parameters cannot be validated. Reason: Message must be shorter than "
                    f"{queue.message_bytes_max} bytes."
                )
            sent = sending.accept(
                sqs, tx, queue, message, call.principal.user_id, call.now, call.trace
            )
            return {"Id": entry["Id"], **sent}

        return run_batch(entries, send, _failed)


def _entry_size(entry: Mapping[str, Any]) -> int:
    body = entry.get("MessageBody") or ""
    size = len(body.encode())
    for name, value in (entry.get("MessageAttributes") or {}).items():
        size += len(name.encode()) + len((value.get("DataType") or "").encode())
        size += len((value.get("StringValue") or "").encode()) + len(
            value.get("BinaryValue") or b""
        )
    return size


def _check_receipts(sqs: Sqs, entries: Sequence[Mapping[str, Any]], entry_name: str) -> None:
    """Each entry has the receipt handle that it is about."""
    _check_batch(sqs, entries, entry_name)
    for number, entry in enumerate(entries, 1):
        if "ReceiptHandle" not in entry:
            raise MissingRequiredParameterException(name=f"{entry_name}.{number}.ReceiptHandle")


def _check_batch(sqs: Sqs, entries: Sequence[Mapping[str, Any]], entry_name: str) -> None:
    if not entries:
        raise EmptyBatchRequest(entry=entry_name)
    if len(entries) > sqs.limits.batch_entries_max:
        raise TooManyEntriesInBatchRequest(max=sqs.limits.batch_entries_max, count=len(entries))
    seen: set[str] = set()
    for entry in entries:
        id = entry.get("Id") or ""
        if _ENTRY_ID.fullmatch(id) is None:
            raise InvalidBatchEntryId()
        if id in seen:
            raise BatchEntryIdsNotDistinct(id=id)
        seen.add(id)


def _failed(entry: Mapping[str, Any], error: AwsError) -> dict[str, Any]:
    return {
        "Id": entry["Id"],
        "SenderFault": error.fault == "Sender",
        "Code": error.legacy_code or error.code,
        "Message": error.text,
    }


# ---- receiving


def receive_message(
    sqs: Sqs, call: Call, request: types.ReceiveMessageRequestTypeDef
) -> Result | Wait:
    """Hand out visible messages; when there are none, wait for one as long as the caller or the queue says."""
    count = _count(sqs, request.get("MaxNumberOfMessages"))
    system = _system_names(call, request)
    with sqs.store.write() as tx:
        queue = require_queue(sqs, tx, call, request["QueueUrl"])
        visibility = request.get("VisibilityTimeout")
        if visibility is None:
            visibility = queue.visibility_seconds
        elif not 0 <= visibility <= sqs.limits.visibility_seconds_max:
            raise _visibility_refused(sqs, visibility)
        attempt = request.get("ReceiveRequestAttemptId")
        if attempt is None:
            messages = receiving.take(sqs, tx, queue, call.now, count, visibility)
        else:
            messages = _attempt(sqs, tx, call, queue, attempt, count, visibility)
        if not messages:
            return _wait(sqs, tx, call, queue, request.get("WaitTimeSeconds"))
    wanted = request.get("MessageAttributeNames") or ()
    return {"Messages": [_received(sqs, message, system, wanted) for message in messages]}


def _attempt(
    sqs: Sqs, tx: Tx, call: Call, queue: Queue, attempt: str, count: int, visibility: int
) -> list[Message]:
    """Receive under an attempt's name: what it got already, if its answer got lost, or new messages."""
    if not queue.is_fifo:
        raise fifo.not_for_this_queue("ReceiveRequestAttemptId", attempt)
    fifo.check_name("ReceiveRequestAttemptId", attempt)
    tx.lock(f"sqs-attempt:{queue.number}:{attempt}")
    again = fifo.take_again(sqs, tx, queue, attempt, call.now, visibility)
    if again:
        return again
    messages = receiving.take(sqs, tx, queue, call.now, count, visibility)
    if messages:
        fifo.keep_attempt(sqs, tx, queue, attempt, messages, call.now)
    return messages


def _count(sqs: Sqs, given: int | None) -> int:
    count = 1 if given is None else given
    if not 1 <= count <= sqs.limits.received_messages_max:
        raise InvalidParameterValueException(
            value=count,
            name="MaxNumberOfMessages",
            reason=f"Must be between 1 and {sqs.limits.received_messages_max}, if provided",
        )
    return count


def _wait(sqs: Sqs, tx: Tx, call: Call, queue: Queue, given: int | None) -> Result | Wait:
    seconds = queue.wait_seconds if given is None else given
    if not 0 <= seconds <= sqs.limits.wait_seconds_max:
        raise InvalidParameterValueException(
            value=seconds,
            name="WaitTimeSeconds",
            reason=f"Must be >= 0 and <= {sqs.limits.wait_seconds_max}, if provided",
        )
    if not seconds and sqs.in_flight.room(tx, queue, call.now, 1) <= 0:
        raise OverLimit(
            "The maximum number of in flight messages is reached. Delete messages after they have been processed."
        )
    until = call.asked_at + seconds * 1000
    if call.now >= until:
        return {}
    # A hidden message that becomes visible meanwhile ends the wait, too.
    appears_at = sqs.tables.next_visible_at(tx, queue, call.now)
    return Wait(queue.topic, until if appears_at is None else min(until, appears_at))


def _system_names(call: Call, request: Mapping[str, Any]) -> frozenset[str]:
    older = request.get("AttributeNames") or ()
    newer = request.get("MessageSystemAttributeNames") or ()
    # Recorded: the query protocol lets AttributeNames win, JSON joins both.
    names = frozenset(older or newer if call.protocol == "query" else (*older, *newer))
    for name in names:
        if name not in _SYSTEM_ATTRIBUTES and call.protocol == "query":
            raise InvalidAttributeName(name=name)
    return names


def _received(
    sqs: Sqs, message: Message, system: frozenset[str], wanted: Sequence[str]
) -> dict[str, Any]:
    body, md5 = receiving.finished(sqs, message)
    result: dict[str, Any] = {
        "MessageId": message.id,
        "ReceiptHandle": make_handle(message.queue, message.sequence, message.receive_count),
        "MD5OfBody": md5,
        "Body": body,
    }
    if system:
        found = receiving.system_attributes(message)
        if "All" not in system:
            found = {name: value for name, value in found.items() if name in system}
        if found:
            result["Attributes"] = found
    stored = message.facts.get("attributes")
    if stored and wanted:
        attributes = {name: sending.loaded(value) for name, value in chosen(stored, wanted).items()}
        if attributes:
            result["MessageAttributes"] = attributes
            result["MD5OfMessageAttributes"] = attributes_md5(attributes)
    return result


# ---- visibility


def _visibility_refused(sqs: Sqs, seconds: int) -> InvalidParameterValueException:
    return InvalidParameterValueException(
        value=seconds,
        name="VisibilityTimeout",
        reason=f"VisibilityTimeout must be an integer between 0 and {sqs.limits.visibility_seconds_max}",
    )


def change_message_visibility(
    sqs: Sqs, call: Call, request: types.ChangeMessageVisibilityRequestTypeDef
) -> Result:
    with sqs.store.write() as tx:
        queue = require_queue(sqs, tx, call, request["QueueUrl"])
        _change_visibility(sqs, tx, call, queue, request)
    return {}


def _change_visibility(
    sqs: Sqs, tx: Tx, call: Call, queue: Queue, request: Mapping[str, Any]
) -> None:
    handle = request["ReceiptHandle"]
    receipt = read_handle(handle)
    seconds = request.get("VisibilityTimeout") or 0
    if not 0 <= seconds <= sqs.limits.visibility_seconds_max:
        raise _visibility_refused(sqs, seconds)
    if queue.is_fifo:
        _require_own(queue, receipt.queue, handle)
        visible_at = call.now + seconds * 1000
        fifo.change_visibility(sqs, tx, queue, receipt, handle, visible_at, call.now)
        return
    message = sqs.tables.find_message(tx, queue.number, receipt.sequence)
    if (
        message is None
        or receipt.queue != queue.number
        or message.receive_count == 0
        or message.visible_at <= call.now
    ):
        raise MessageNotInflight(handle=handle)
    sqs.tables.set_visible_at(tx, queue.number, receipt.sequence, call.now + seconds * 1000)
    tx.stir(queue.topic)


def change_message_visibility_batch(
    sqs: Sqs, call: Call, request: types.ChangeMessageVisibilityBatchRequestTypeDef
) -> Result:
    entries = request.get("Entries") or ()
    _check_receipts(sqs, entries, "ChangeMessageVisibilityBatchRequestEntry")
    with sqs.store.write() as tx:
        queue = require_queue(sqs, tx, call, request["QueueUrl"])
        _hold_groups(sqs, tx, queue, entries)

        def change(entry: Mapping[str, Any]) -> dict[str, Any]:
            _change_visibility(sqs, tx, call, queue, entry)
            return {"Id": entry["Id"]}

        return run_batch(entries, change, _failed)


def _hold_groups(sqs: Sqs, tx: Tx, queue: Queue, entries: Sequence[Mapping[str, Any]]) -> None:
    """Hold the groups that a batch touches, in one order for all batches; what is no handle is refused later."""
    if queue.is_fifo and sqs.store.is_shared:
        sequences = []
        for entry in entries:
            with contextlib.suppress(ReceiptHandleIsInvalid):
                sequences.append(read_handle(entry["ReceiptHandle"]).sequence)
        fifo.hold_groups(sqs, tx, queue, sequences)


# ---- deleting


def delete_message(sqs: Sqs, call: Call, request: types.DeleteMessageRequestTypeDef) -> Result:
    receipt = read_handle(request["ReceiptHandle"])
    with sqs.store.write() as tx:
        queue = require_queue(sqs, tx, call, request["QueueUrl"])
        _delete(sqs, tx, call, queue, receipt, request["ReceiptHandle"])
    return {}


def _delete(sqs: Sqs, tx: Tx, call: Call, queue: Queue, receipt: Receipt, handle: str) -> None:
    _require_own(queue, receipt.queue, handle)
    if queue.is_fifo:
        fifo.delete(sqs, tx, queue, receipt, handle, call.now)
        return
    # Any handle that the message ever had deletes it, and deleting it again succeeds (recorded).
    sqs.tables.remove_message(tx, queue.number, receipt.sequence)


def _require_own(queue: Queue, handle_queue: int, handle: str) -> None:
    if handle_queue != queue.number:
        raise InvalidParameterValueException(
            value=handle,
            name="ReceiptHandle",
            reason="The receipt handle is not valid for this queue",
        )


def delete_message_batch(
    sqs: Sqs, call: Call, request: types.DeleteMessageBatchRequestTypeDef
) -> Result:
    entries = request.get("Entries") or ()
    _check_receipts(sqs, entries, "DeleteMessageBatchRequestEntry")
    with sqs.store.write() as tx:
        queue = require_queue(sqs, tx, call, request["QueueUrl"])
        _hold_groups(sqs, tx, queue, entries)

        def delete(entry: Mapping[str, Any]) -> dict[str, Any]:
            receipt = read_handle(entry["ReceiptHandle"])
            try:
                _delete(sqs, tx, call, queue, receipt, entry["ReceiptHandle"])
            except ReceiptHandleHasExpired:
                # In a batch AWS names it after the handle.
                raise ReceiptHandleIsInvalid("The receipt handle has expired") from None
            return {"Id": entry["Id"]}

        return run_batch(entries, delete, _failed)
