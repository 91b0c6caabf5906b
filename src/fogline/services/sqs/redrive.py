"""Redrive: when a message has failed often enough, and where it goes then."""

from __future__ import annotations

from fogline.aws.arn import find_arn
from fogline.services.sqs.service import Sqs
from fogline.services.sqs.tables import Message, Queue
from fogline.store.store import Tx


def is_exhausted(message: Message, queue: Queue) -> bool:
    """True once the message has been handed out as often as the policy allows.

    AWS counts deliveries, not failures: a consumer that receives and forgets uses one up.
    """
    return queue.redrive is not None and message.receive_count >= queue.redrive[1]


def move_to_dead_letters(sqs: Sqs, tx: Tx, queue: Queue, message: Message, now: int) -> bool:
    """Move a message; False when its dead-letter queue is gone, which leaves it where it is.

    It keeps its identifier. In a standard queue it keeps the time it was sent, too, so that its retention goes on
    counting from then; in a FIFO queue that begins anew:
    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
    """
    assert queue.redrive is not None
    arn = find_arn(queue.redrive[0])
    if arn is None:
        return False
    target = sqs.tables.find_queue(tx, arn.account, arn.region, arn.resource)
    if target is None or target.is_fifo != queue.is_fifo:
        return False
    sqs.tables.remove_message(tx, queue.number, message.sequence)
    facts = {**message.facts, "source": queue.arn}
    sequence = sqs.ids.ordered(now) if target.is_fifo else message.sequence
    put(sqs, tx, target, message, message.id, facts, sequence, now, message.receive_count)
    return True


def put(
    sqs: Sqs,
    tx: Tx,
    target: Queue,
    message: Message,
    id: str,
    facts: dict[str, object],
    sequence: int,
    now: int,
    receive_count: int = 0,
) -> None:
    """Put a message that was taken from one queue into another of the same kind, at once visible."""
    group: str | None = message.facts.get("group")
    if target.is_fifo and group is not None:
        # Who moves several messages holds several groups of the target: one mover after the other.
        tx.lock(f"sqs-redrive:{target.number}")
        sequence = sqs.tables.groups.enter(tx, target.number, group, sequence, now)
    sqs.tables.add_message(
        tx,
        target.number,
        sequence,
        now,
        id,
        message.md5,
        message.sender,
        message.body,
        facts,
        receive_count=receive_count,
        group=group,
    )
    tx.stir(target.topic)
