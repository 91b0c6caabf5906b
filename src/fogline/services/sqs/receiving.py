"""Receiving: which messages a consumer gets, for how long they are hidden, and when they have failed too often."""

from __future__ import annotations

import hashlib

from fogline.aws.arn import find_arn
from fogline.services.sqs.service import Sqs
from fogline.services.sqs.tables import Message, Queue
from fogline.store.store import Tx


def take(
    sqs: Sqs, tx: Tx, queue: Queue, now: int, count_max: int, visibility_seconds: int
) -> list[Message]:
    """Hand out up to `count_max` visible messages, hidden from others for `visibility_seconds`.

    A message that was handed out as often as the redrive policy allows goes to the dead-letter queue instead.
    AWS counts deliveries, not failures: a consumer that receives and forgets uses one up.
    """
    taken: list[Message] = []
    visible_at = now + visibility_seconds * 1000
    while len(taken) < count_max:
        found = sqs.tables.take_visible(tx, queue, now, count_max - len(taken))
        if not found:
            break
        moved = 0
        for message in found:
            if _is_exhausted(message, queue) and _move_to_dead_letters(
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


def _is_exhausted(message: Message, queue: Queue) -> bool:
    return queue.redrive is not None and message.receive_count >= queue.redrive[1]


def _move_to_dead_letters(sqs: Sqs, tx: Tx, queue: Queue, message: Message, now: int) -> bool:
    """Move a message; False when its dead-letter queue is gone, which leaves it where it is.

    It keeps its identifier and the time it was sent, so its retention goes on counting from then:
    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
    """
    assert queue.redrive is not None
    arn = find_arn(queue.redrive[0])
    if arn is None:
        return False
    target = sqs.tables.find_queue(tx, arn.account, arn.region, arn.resource)
    if target is None:
        return False
    sqs.tables.remove_message(tx, queue.number, message.sequence)
    sqs.tables.add_message(
        tx,
        target.number,
        message.sequence,
        now,
        message.id,
        message.md5,
        message.sender,
        message.body,
        {**message.facts, "source": queue.arn},
        receive_count=message.receive_count,
    )
    tx.stir(target.topic)
    return True


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
    if "group" in facts:
        found["MessageGroupId"] = facts["group"]
    if "source" in facts:
        found["DeadLetterQueueSourceArn"] = facts["source"]
    return found
