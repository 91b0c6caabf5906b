"""Receiving: which messages a consumer gets, for how long they are hidden, and when they have failed too often."""

from __future__ import annotations

import hashlib

from fogline.services.sqs import fifo, redrive
from fogline.services.sqs.service import Sqs
from fogline.services.sqs.tables import Message, Queue
from fogline.store.store import Tx


def take(
    sqs: Sqs,
    tx: Tx,
    queue: Queue,
    now: int,
    count_max: int,
    visibility_seconds: int,
    is_one_group: bool = False,
) -> list[Message]:
    """Hand out up to `count_max` visible messages, hidden from others for `visibility_seconds`.

    A message that was handed out as often as the redrive policy allows goes to the dead-letter queue instead. What is
    in flight already counts towards the queue's limit; at the limit there is nothing to hand out.
    """
    count_max = sqs.in_flight.room(tx, queue, now, count_max)
    if queue.is_fifo:
        taken = fifo.take(sqs, tx, queue, now, count_max, visibility_seconds, is_one_group)
    else:
        taken = _take_visible(sqs, tx, queue, now, count_max, visibility_seconds)
    if taken:
        sqs.in_flight.take(queue, len(taken))
    return taken


def _take_visible(
    sqs: Sqs, tx: Tx, queue: Queue, now: int, count_max: int, visibility_seconds: int
) -> list[Message]:
    taken: list[Message] = []
    visible_at = now + visibility_seconds * 1000
    while len(taken) < count_max:
        room = count_max - len(taken)
        oldest = sqs.tables.take_visible(tx, queue, now, room)
        if not oldest:
            break
        found = sqs.fairness.fair(tx, queue, oldest, now, room)
        moved = 0
        for message in found:
            if redrive.is_exhausted(message, queue) and redrive.move_to_dead_letters(
                sqs, tx, queue, message, now
            ):
                moved += 1
                continue
            message.receive_count += 1
            message.first_received_at = message.first_received_at or now
            message.visible_at = visible_at
            sqs.tables.hide_message(
                tx, message, visible_at, message.receive_count, message.first_received_at
            )
            taken.append(message)
        # Without a move, what was found was all there is; a visibility of 0 would find it again.
        if not moved:
            break
    return taken


def finished(sqs: Sqs, message: Message) -> tuple[str, str]:
    """The body that a reader gets, and its MD5 in hexadecimal digits."""
    seal = message.facts.get("seal")
    if seal is None:
        return message.body, message.md5
    body = sqs.seals.finished(seal, message.body)
    return body, hashlib.md5(body.encode(), usedforsecurity=False).hexdigest()


def system_attributes(message: Message) -> dict[str, str]:
    """What SQS itself says of a received message."""
    found = {
        "SenderId": message.sender,
        "ApproximateFirstReceiveTimestamp": str(message.first_received_at),
        "ApproximateReceiveCount": str(message.receive_count),
        "SentTimestamp": str(message.sent_at),
    }
    facts = message.facts
    if "trace" in facts:
        found["AWSTraceHeader"] = facts["trace"]
    if "deduplication" in facts:
        found["MessageDeduplicationId"] = facts["deduplication"]
        found["SequenceNumber"] = fifo.sequence_number(message.sequence)
    if "group" in facts:
        found["MessageGroupId"] = facts["group"]
    if "source" in facts:
        found["DeadLetterQueueSourceArn"] = facts["source"]
    return found
