"""How a message-move task moves messages from queue to queue, second by second."""

from __future__ import annotations

from typing import Any

from fogline.aws.arn import find_arn
from fogline.services.sqs import redrive
from fogline.services.sqs.move_tasks import COMPLETED, FAILED, TaskRow
from fogline.services.sqs.service import Sqs
from fogline.services.sqs.tables import Message, Queue
from fogline.store.store import Tx
from fogline.world.clock import SECOND
from fogline.world.ids import ordered_from

_MOVED_AT_A_TIME = 500


class Stopped(Exception):
    """A task can't go on; the text is the reason that AWS gives."""


def advance(sqs: Sqs, tx: Tx, row: TaskRow, now: int) -> int | None:
    """Move what is due of one task; when more will be, None when it has come to its end.

    All of it is one transaction: a message is in one of the two queues, and counted, whatever happens.
    """
    task = row.document
    if task["next_at"] > now:
        return int(task["next_at"])
    rate: int = task["rate"]
    wanted = rate or _MOVED_AT_A_TIME
    changes: dict[str, Any] = {}
    moved = 0
    try:
        source = _require_queue(sqs, tx, task["source"])
        for message in _waiting(sqs, tx, source, now, wanted):
            _move(sqs, tx, source, task["destination"], message, now)
            moved += 1
        if moved < wanted:
            changes["status"] = COMPLETED
    except Stopped as stopped:
        changes |= {"status": FAILED, "failure": str(stopped)}
    next_at = now + SECOND if rate else now
    sqs.tables.move_tasks.save(
        tx, row, {**changes, "moved": task["moved"] + moved, "next_at": next_at}
    )
    return None if "status" in changes else next_at


def _require_queue(sqs: Sqs, tx: Tx, arn_text: str) -> Queue:
    arn = find_arn(arn_text)
    queue = sqs.tables.find_queue(tx, arn.account, arn.region, arn.resource) if arn else None
    if queue is None:
        raise Stopped("AWS.SimpleQueueService.NonExistentQueue")
    return queue


def _waiting(sqs: Sqs, tx: Tx, source: Queue, now: int, count_max: int) -> list[Message]:
    """Visible messages, in the order in which they are received."""
    if not source.is_fifo:
        return sqs.tables.take_visible(tx, source, now, count_max)
    oldest = ordered_from(now - source.retention_milliseconds)
    found: list[Message] = []
    for group in sqs.tables.groups.take_ready(tx, source.number, now, count_max):
        room = count_max - len(found)
        for message in sqs.tables.first_of_group(tx, source.number, group, oldest - 1, room):
            if message.visible_at > now:
                break
            found.append(message)
        if len(found) == count_max:
            break
    return found


def _move(sqs: Sqs, tx: Tx, source: Queue, destination: str, message: Message, now: int) -> None:
    """Move one message. It is a new one where it arrives: with an id of its own, sent now, never received.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html
    """
    arn = destination or message.facts.get("source")
    if arn is None:
        raise Stopped("CouldNotDetermineMessageSource")
    target = _require_queue(sqs, tx, arn)
    if target.is_fifo != source.is_fifo:
        raise Stopped("AWS.SimpleQueueService.UnsupportedOperation")
    facts = {name: value for name, value in message.facts.items() if name != "source"}
    sqs.tables.remove_message(tx, source.number, message.sequence)
    if source.is_fifo:
        sqs.tables.groups.settle(tx, source.number, message.facts["group"], now)
    redrive.put(sqs, tx, target, message, sqs.ids.uuid(), facts, sqs.ids.ordered(now), now)
