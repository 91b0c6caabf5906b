"""FIFO queues: what a message must have, which messages may be received, and who may still speak of one.

A message may be received when none that stands before it in its group is hidden. So a group is locked behind what it
has in flight, and a message that is visible again goes out before all that came after it, whoever holds those
(recorded: test_fifo_group_visibility_extends_with_change_message_visibility).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

from fogline.services.sqs import redrive
from fogline.services.sqs.deduplication import Original
from fogline.services.sqs.errors import (
    InvalidParameterValueException,
    MissingRequiredParameterException,
    ReceiptHandleHasExpired,
)
from fogline.services.sqs.receipt import Receipt
from fogline.services.sqs.service import Sqs
from fogline.services.sqs.tables import Message, Queue
from fogline.store.store import Tx
from fogline.world.ids import ordered_from

_NAME = re.compile(r"[!-~]{1,128}")
_SEQUENCE_NUMBERS_FROM = 10**19


# ---- what a message must have


def check_name(member: str, value: str) -> None:
    """Refuse a MessageGroupId or MessageDeduplicationId that AWS refuses. Raises InvalidParameterValueException."""
    if _NAME.fullmatch(value) is None:
        raise InvalidParameterValueException(
            value=value[:200],
            name=member,
            reason=f"{member} can only include alphanumeric and punctuation characters. 1 to 128 in length",
        )


def check_ids(queue: Queue, group: str | None, deduplication_id: str | None) -> None:
    """Refuse what lacks a group, or has nothing by which duplicates are known."""
    if not group:
        raise MissingRequiredParameterException(name="MessageGroupId")
    if deduplication_id is None and not is_content_based(queue):
        raise InvalidParameterValueException(
            "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId "
            "provided explicitly"
        )


def check_delay(seconds: int | None) -> None:
    """Refuse a delay of one message: all of a FIFO queue have the queue's (recorded; 0 means none of its own)."""
    if seconds:
        raise not_for_this_queue("DelaySeconds", seconds)


def not_for_this_queue(member: str, value: object) -> InvalidParameterValueException:
    return InvalidParameterValueException(
        value=str(value)[:200],
        name=member,
        reason="The request include parameter that is not valid for this queue type",
    )


def is_content_based(queue: Queue) -> bool:
    return queue.attributes.get("ContentBasedDeduplication") == "true"


def content_id(body: str) -> str:
    """The deduplication id that a body has by itself."""
    return hashlib.sha256(body.encode()).hexdigest()


def sequence_number(sequence: int) -> str:
    """The 20 digits that clients see; they rise as ours do."""
    return str(_SEQUENCE_NUMBERS_FROM + sequence)


# ---- sending


def lock_for_sending(sqs: Sqs, tx: Tx, queue: Queue, groups: Sequence[str], now: int) -> None:
    """On a shared store, let senders of one deduplication scope follow each other, always in the same order."""
    if not queue.deduplicates_by_group(now):
        tx.lock(f"sqs-fifo:{queue.number}")
    else:
        for group in sorted(set(groups)):
            tx.lock(f"sqs-fifo:{queue.number}:{group}")
    sqs.tables.groups.hold_all(tx, queue.number, groups)


def enter(
    sqs: Sqs,
    tx: Tx,
    queue: Queue,
    group: str,
    deduplication_id: str,
    own: Original,
    visible_at: int,
    now: int,
) -> tuple[Original, bool]:
    """Give a message its place in its group, unless it is a duplicate: what was stored, and True for a new message."""
    scope = group if queue.deduplicates_by_group(now) else ""
    tables = sqs.tables
    original = tables.deduplication.remember(tx, queue.number, scope, deduplication_id, own, now)
    if original is not None:
        return original, False
    sequence = tables.groups.enter(tx, queue.number, group, own.sequence, visible_at)
    if sequence != own.sequence:
        tables.deduplication.correct(tx, queue.number, scope, deduplication_id, sequence)
        own = Original(own.id, sequence)
    return own, True


# ---- receiving


def take(
    sqs: Sqs,
    tx: Tx,
    queue: Queue,
    now: int,
    count_max: int,
    visibility_seconds: int,
    is_one_group: bool = False,
) -> list[Message]:
    """Hand out messages: as many as there are of one group, in order, then (unless told otherwise) of others."""
    taken: list[Message] = []
    seen: set[str] = set()
    while len(taken) < count_max and not (taken and is_one_group):
        # With a visibility of 0, groups that gave something are ready again at once.
        wanted = (1 if is_one_group else count_max - len(taken)) + len(seen)
        ready = sqs.tables.groups.take_ready(tx, queue.number, now, wanted)
        fresh = [group for group in ready if group not in seen]
        if not fresh:
            break
        for group in fresh:
            if len(taken) == count_max or (taken and is_one_group):
                break
            seen.add(group)
            room = count_max - len(taken)
            taken += _take_from(sqs, tx, queue, group, now, room, visibility_seconds)
    return taken


def _take_from(
    sqs: Sqs, tx: Tx, queue: Queue, group: str, now: int, count_max: int, visibility_seconds: int
) -> list[Message]:
    """Hand out the first messages of a group that is held."""
    tables = sqs.tables
    taken: list[Message] = []
    visible_at = now + visibility_seconds * 1000
    oldest = ordered_from(now - queue.retention_milliseconds)
    after = 0
    is_shorter = False
    while len(taken) < count_max:
        found = tables.first_of_group(tx, queue.number, group, after, count_max - len(taken))
        if found and found[0].sequence < oldest:
            tables.remove_expired_of_group(tx, queue, group, oldest)
            is_shorter = True
            continue
        moved = 0
        for message in found:
            if message.visible_at > now:
                break
            if redrive.is_exhausted(message, queue) and redrive.move_to_dead_letters(
                sqs, tx, queue, message, now
            ):
                moved += 1
                continue
            message.receive_count += 1
            message.first_received_at = message.first_received_at or now
            message.visible_at = visible_at
            tables.hide_message(
                tx, message, visible_at, message.receive_count, message.first_received_at
            )
            taken.append(message)
        if not moved:
            break
        is_shorter = True
        after = found[-1].sequence
    if taken and not is_shorter:
        tables.groups.set_head(tx, queue.number, group, taken[0].sequence, visible_at)
    else:
        tables.groups.settle(tx, queue.number, group, now)
    return taken


def take_again(
    sqs: Sqs, tx: Tx, queue: Queue, attempt: str, now: int, visibility_seconds: int
) -> list[Message] | None:
    """The messages of an earlier attempt once more, hidden anew; None when one has been dealt with since.

    They keep their receipt handles: it is the same delivery, whose answer got lost.
    """
    tables = sqs.tables
    known = tables.deduplication.find_attempt(tx, queue.number, attempt, now)
    if not known:
        return None
    found = _unchanged(sqs, tx, queue, known, now)
    if found is None:
        return None
    visible_at = now + visibility_seconds * 1000
    for message in found:
        message.visible_at = visible_at
        tables.set_visible_at(tx, queue.number, message.sequence, visible_at)
        tables.groups.show_head(
            tx, queue.number, message.facts["group"], message.sequence, visible_at
        )
    tables.deduplication.keep_attempt(tx, queue.number, attempt, known, now)
    return found


def _unchanged(
    sqs: Sqs, tx: Tx, queue: Queue, known: Sequence[tuple[int, int]], now: int
) -> list[Message] | None:
    """Those messages, if each is still in flight since the same delivery."""
    hold_groups(sqs, tx, queue, [sequence for sequence, _ in known])
    found: list[Message] = []
    visible_at: set[int] = set()
    for sequence, receive_count in known:
        message = sqs.tables.find_message(tx, queue.number, sequence)
        if message is None or message.receive_count != receive_count or message.visible_at <= now:
            return None
        visible_at.add(message.visible_at)
        found.append(message)
    # All were hidden together: another time means that somebody changed it.
    return found if len(visible_at) == 1 else None


def keep_attempt(
    sqs: Sqs, tx: Tx, queue: Queue, attempt: str, messages: Sequence[Message], now: int
) -> None:
    """Remember what an attempt got, for the case that its answer gets lost."""
    known = [(message.sequence, message.receive_count) for message in messages]
    sqs.tables.deduplication.keep_attempt(tx, queue.number, attempt, known, now)


# ---- what is done with a message in flight


def hold_groups(sqs: Sqs, tx: Tx, queue: Queue, sequences: Sequence[int]) -> None:
    """Hold the groups of all messages that a batch is about, before any of them is dealt with."""
    sqs.tables.groups.hold_groups_of(tx, queue.number, sequences)


def _hold_group(sqs: Sqs, tx: Tx, receipt: Receipt) -> tuple[str, int, int] | None:
    """A message's group, which is held now, when the message is visible, and its receive count; None if it is gone."""
    groups = sqs.tables.groups
    place = groups.find_place(tx, receipt.queue, receipt.sequence)
    if place is None or not groups.hold(tx, receipt.queue, place[0]):
        return place
    return groups.find_place(tx, receipt.queue, receipt.sequence)


def delete(sqs: Sqs, tx: Tx, queue: Queue, receipt: Receipt, handle: str, now: int) -> None:
    """Remove a message that the receipt still holds. Raises ReceiptHandleHasExpired.

    Unlike on a standard queue, who held a message too long can't delete it: another may be at work on it.
    """
    place = _hold_group(sqs, tx, receipt)
    if place is None:
        return
    group, visible_at, receive_count = place
    if visible_at <= now or receive_count != receipt.receive_count:
        raise ReceiptHandleHasExpired(handle=handle)
    _remove(sqs, tx, queue, group, receipt.sequence, now)


def _remove(sqs: Sqs, tx: Tx, queue: Queue, group: str, sequence: int, now: int) -> None:
    sqs.tables.remove_message(tx, queue.number, sequence)
    if sqs.tables.groups.settle(tx, queue.number, group, now):
        tx.stir(queue.topic)


def remove_all(sqs: Sqs, tx: Tx, queue: Queue, receipts: Sequence[Receipt], now: int) -> None:
    """Remove messages, but for those that somebody else has received since."""
    hold_groups(sqs, tx, queue, [receipt.sequence for receipt in receipts])
    for receipt in receipts:
        place = _hold_group(sqs, tx, receipt)
        if place is not None and place[2] == receipt.receive_count:
            _remove(sqs, tx, queue, place[0], receipt.sequence, now)


def change_visibility(
    sqs: Sqs, tx: Tx, queue: Queue, receipt: Receipt, handle: str, visible_at: int, now: int
) -> None:
    """Hide a message in flight for longer, or show it again. Raises ReceiptHandleHasExpired."""
    place = _hold_group(sqs, tx, receipt)
    if place is None or place[1] <= now or place[2] != receipt.receive_count:
        raise ReceiptHandleHasExpired(handle=handle)
    _show_at(sqs, tx, queue, place[0], receipt.sequence, visible_at)


def _show_at(sqs: Sqs, tx: Tx, queue: Queue, group: str, sequence: int, visible_at: int) -> None:
    sqs.tables.set_visible_at(tx, queue.number, sequence, visible_at)
    sqs.tables.groups.show_head(tx, queue.number, group, sequence, visible_at)
    tx.stir(queue.topic)


def release(sqs: Sqs, tx: Tx, queue: Queue, receipts: Sequence[Receipt], visible_at: int) -> None:
    """Show messages again at `visible_at`, but for those that somebody else has received since."""
    hold_groups(sqs, tx, queue, [receipt.sequence for receipt in receipts])
    for receipt in receipts:
        place = _hold_group(sqs, tx, receipt)
        if place is not None and place[2] == receipt.receive_count:
            _show_at(sqs, tx, queue, place[0], receipt.sequence, visible_at)
