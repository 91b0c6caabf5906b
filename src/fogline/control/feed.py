"""The page of the feed: events that passed a bus lately, and those that pass it now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fogline.aws.patterns import InvalidPattern, compile_pattern
from fogline.background.feed import Feed
from fogline.control.endpoint import Control, Refused
from fogline.store.store import Store
from fogline.world.ids import ordered_from

Answer = Mapping[str, Any]

_ROWS_MAX = 200
_INSTANT_MAX = 2**42
_NUMBER_MAX = 2**63 - 1


@dataclass(frozen=True, slots=True)
class FeedPages:
    """Reads the feed."""

    feed: Feed
    store: Store
    account: str
    region: str

    def serve(self, control: Control) -> None:
        """Put the page in its place."""
        control.add("POST", "/_fogline/events", self.read)

    def read(self, asked: Answer) -> Answer:
        """The events of `bus` since an instant (`since`, milliseconds) or past a number (`after`).

        `pattern` (an object) keeps those that it matches. `last` is the number to ask past next time.
        """
        after = ordered_from(_whole(asked, "since", _INSTANT_MAX)) - 1
        if asked.get("after") is not None:
            after = _whole(asked, "after", _NUMBER_MAX)
        given = {
            "account": asked.get("account") or self.account,
            "region": asked.get("region") or self.region,
            "bus": asked.get("bus") or "default",
        }
        for name, value in given.items():
            if not isinstance(value, str):
                raise Refused(f"{name} must be text.")
        with self.store.read() as tx:
            rows = self.feed.page(tx, **given, after=after, limit=_ROWS_MAX)
        events = [event for row in rows for event in row.events]
        if asked.get("pattern") is not None:
            events = _matching(asked["pattern"], events)
        # As text: the number is larger than what JavaScript reads exactly.
        return {"events": events, "last": str(rows[-1].number if rows else max(after, 0))}


def _matching(pattern: object, events: list[Any]) -> list[Any]:
    if not isinstance(pattern, dict):
        raise Refused("pattern must be an object.")
    try:
        compiled = compile_pattern(pattern)
    except InvalidPattern as refused:
        raise Refused(str(refused)) from None
    return [event for event in events if compiled.matches(event)]


def _whole(asked: Answer, name: str, most: int) -> int:
    given = asked.get(name, 0)
    if isinstance(given, str) and given.isascii() and given.isdigit() and len(given) < 20:
        given = int(given)
    if not isinstance(given, int) or isinstance(given, bool) or not 0 <= given <= most:
        raise Refused(f"{name} must be a whole number that is not negative.")
    return given
