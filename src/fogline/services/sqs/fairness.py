"""Fair queues: on a standard queue whose messages name groups, one busy group does not keep the others waiting.

A group is noisy when it has more messages in flight than all others together. While one is, messages of other groups
come first, however many of its own were sent before them:
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues.html
"""

from __future__ import annotations

from collections.abc import Sequence

from fogline.services.sqs.tables import Message, Queue, Tables
from fogline.store.store import Tx

_NOISY_IN_FLIGHT_MIN = 10
_COUNTED_MAX = 1_000
_GROUPS_ASKED_MAX = 32
_QUEUES_MAX = 10_000


class Fairness:
    """Puts messages of quiet groups first. It remembers whose turn it is, so that all groups have theirs."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._turns: dict[int, str] = {}

    def fair(
        self, tx: Tx, queue: Queue, found: Sequence[Message], now: int, count_max: int
    ) -> Sequence[Message]:
        """What to hand out instead of `found`, the longest visible messages; the same when nobody is noisy."""
        if not any("group" in message.facts for message in found):
            return found
        noisy = self._find_noisy(tx, queue, now)
        if noisy is None or all(message.facts.get("group") != noisy for message in found):
            return found
        quiet = self._of_others(tx, queue, noisy, now, count_max)
        known = {message.sequence for message in quiet}
        rest = [message for message in found if message.sequence not in known]
        rest.sort(key=lambda message: message.facts.get("group") == noisy)
        return [*quiet, *rest][:count_max]

    def _find_noisy(self, tx: Tx, queue: Queue, now: int) -> str | None:
        counts = self._tables.in_flight_by_group(tx, queue, now, _COUNTED_MAX)
        group, most = max(counts.items(), key=lambda each: each[1], default=(None, 0))
        is_noisy = most >= _NOISY_IN_FLIGHT_MIN and 2 * most > sum(counts.values())
        return group if is_noisy else None

    def _of_others(
        self, tx: Tx, queue: Queue, noisy: str, now: int, count_max: int
    ) -> list[Message]:
        """Visible messages of other groups, one group after the other from where the last turn ended."""
        found: list[Message] = []
        group = self._turns.get(queue.number, "")
        seen: set[str] = set()
        for _ in range(_GROUPS_ASKED_MAX):
            following = self._tables.next_group(tx, queue, group)
            if following is None:
                following = self._tables.next_group(tx, queue, "")
            if following is None or following in seen:
                break  # once around
            seen.add(following)
            group = following
            if group != noisy:
                wanted = count_max - len(found)
                found += self._tables.take_visible_of_group(tx, queue, group, now, wanted)
            if len(found) == count_max:
                break
        if len(self._turns) >= _QUEUES_MAX:
            self._turns.clear()
        self._turns[queue.number] = group
        return found
