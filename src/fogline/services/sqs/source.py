"""How event source mappings and pipes read a queue: in batches, under the same rules as a client.

Form of the records: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fogline.aws.arn import Arn
from fogline.aws.call import Trace
from fogline.ports.sources import Peeked, QueueFacts, Record
from fogline.services.sqs import fifo, receiving, sending
from fogline.services.sqs.message_attributes import attributes_md5
from fogline.services.sqs.receipt import make_handle, read_handle
from fogline.services.sqs.service import Sqs
from fogline.services.sqs.tables import Message, Queue
from fogline.store.store import Tx


class QueueReader:
    """Answers `ports/sources.py` for queues."""

    def __init__(self, sqs: Sqs) -> None:
        self._sqs = sqs

    def _find(self, tx: Tx, arn: Arn) -> Queue | None:
        return self._sqs.tables.find_queue(tx, arn.account, arn.region, arn.resource)

    def facts(self, tx: Tx, arn: Arn) -> QueueFacts | None:
        queue = self._find(tx, arn)
        if queue is None:
            return None
        return QueueFacts(
            queue.arn, queue.visibility_seconds, is_fifo=queue.is_fifo, topic=queue.topic
        )

    def take(self, tx: Tx, arn: Arn, now: int, count_max: int) -> list[Record]:
        queue = self._find(tx, arn)
        if queue is None:
            return []
        # What handles a batch fails as a whole: only its own group shall wait then.
        messages = receiving.take(
            self._sqs, tx, queue, now, count_max, queue.visibility_seconds, is_one_group=True
        )
        return [_record(self._sqs, queue, message) for message in messages]

    def visible_count(self, tx: Tx, arn: Arn, now: int, count_max: int) -> int:
        queue = self._find(tx, arn)
        return self._sqs.tables.visible_count(tx, queue, now, count_max) if queue else 0

    def next_visible_at(self, tx: Tx, arn: Arn, now: int) -> int | None:
        queue = self._find(tx, arn)
        return self._sqs.tables.next_visible_at(tx, queue, now) if queue else None

    def remove(self, tx: Tx, arn: Arn, handles: Sequence[str], now: int = 0) -> None:
        queue = self._find(tx, arn)
        if queue is None:
            return
        receipts = [read_handle(handle) for handle in handles]
        if queue.is_fifo:
            fifo.remove_all(self._sqs, tx, queue, receipts, now)
            return
        for receipt in receipts:
            self._sqs.tables.remove_message(tx, receipt.queue, receipt.sequence)

    def peek(self, tx: Tx, arn: Arn, now: int, after: int, count_max: int) -> list[Peeked] | None:
        queue = self._find(tx, arn)
        if queue is None:
            return None
        messages = self._sqs.tables.peek(tx, queue, now, after, count_max)
        return [self._peeked(tx, queue, message, now) for message in messages]

    def _peeked(self, tx: Tx, queue: Queue, message: Message, now: int) -> Peeked:
        facts = message.facts
        group = facts.get("group", "")
        state = "visible"
        if message.visible_at > now:
            state = "in flight" if message.receive_count else "delayed"
        elif queue.is_fifo:
            groups = self._sqs.tables.groups
            if groups.is_behind(tx, queue.number, group, message.sequence, now):
                state = "behind"
        return Peeked(
            id=message.id,
            number=message.sequence,
            sequence_number=fifo.sequence_number(message.sequence) if queue.is_fifo else "",
            group=group,
            deduplication_id=facts.get("deduplication", ""),
            sent_at=message.sent_at,
            state=state,
            visible_at=message.visible_at,
            receive_count=message.receive_count,
            sender=message.sender,
            source=facts.get("source", ""),
            attributes=facts.get("attributes", {}),
            body=receiving.finished(self._sqs, message)[0],
        )

    def release(self, tx: Tx, arn: Arn, handles: Sequence[str], visible_at: int) -> None:
        queue = self._find(tx, arn)
        if queue is None:
            return
        receipts = [read_handle(handle) for handle in handles]
        if queue.is_fifo:
            fifo.release(self._sqs, tx, queue, receipts, visible_at)
            return
        for receipt in receipts:
            message = self._sqs.tables.find_message(tx, receipt.queue, receipt.sequence)
            if message is not None and message.receive_count == receipt.receive_count:
                self._sqs.tables.set_visible_at(tx, receipt.queue, receipt.sequence, visible_at)
        tx.stir(queue.topic)


def _record(sqs: Sqs, queue: Queue, message: Message) -> Record:
    facts = message.facts
    body, md5 = receiving.finished(sqs, message)
    event: dict[str, Any] = {
        "messageId": message.id,
        "receiptHandle": make_handle(message.queue, message.sequence, message.receive_count),
        "body": body,
        "attributes": receiving.system_attributes(message),
        "messageAttributes": {},
    }
    stored = facts.get("attributes")
    if stored:
        event["messageAttributes"] = {
            name: _message_attribute(value) for name, value in stored.items()
        }
        event["md5OfMessageAttributes"] = attributes_md5(
            {name: sending.loaded(value) for name, value in stored.items()}
        )
    event["md5OfBody"] = md5
    event["eventSource"] = "aws:sqs"
    event["eventSourceARN"] = queue.arn
    event["awsRegion"] = queue.region
    return Record(
        event["receiptHandle"], event, _trace(facts.get("trace") or facts.get("cause", ""))
    )


def _message_attribute(value: dict[str, Any]) -> dict[str, Any]:
    record: dict[str, Any] = {"stringListValues": [], "binaryListValues": []}
    if "BinaryBase64" in value:
        record["binaryValue"] = value["BinaryBase64"]
    else:
        record["stringValue"] = value["StringValue"]
    record["dataType"] = value["DataType"]
    return record


def _trace(header: str) -> Trace | None:
    """The place in its chain that a message's trace header names, if it names one."""
    parts = dict(part.split("=", 1) for part in header.split(";") if "=" in part)
    root, parent = parts.get("Root", ""), parts.get("Parent", "")
    return Trace(root, parent) if root and parent else None
