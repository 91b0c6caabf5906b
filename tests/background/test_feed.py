"""The feed: what passed a bus lately, within bounds."""

from __future__ import annotations

from fogline.background import feed
from fogline.background.feed import ROW_BYTES_MAX, Feed, Passed
from fogline.store.schema import migrate
from fogline.store.sqlite import SqliteStore
from fogline.world.clock import ManualClock
from fogline.world.ids import Ids

BUS = ("000000000000", "us-east-1", "shop")


class River:
    """A feed on a store of its own."""

    def __init__(self, rows_max: int = 100) -> None:
        self.store = SqliteStore(None, on_stir=lambda topics: None)
        migrate(self.store, (feed.SCHEMA,))
        self.feed = Feed(Ids(1), ManualClock(), rows_max)

    def put(self, *events: bytes, bus: tuple[str, str, str] = BUS) -> None:
        with self.store.write() as tx:
            self.feed.put(tx, *bus, events)

    def page(self, after: int = 0, limit: int = 1_000) -> list[Passed]:
        with self.store.read() as tx:
            return self.feed.page(tx, *BUS, after, limit)


def test_events_come_back_in_order_and_from_a_number_on() -> None:
    river = River()
    river.put(b'{"n":1}', b'{"n":2}')
    river.put(b'{"n":3}')
    first, second = river.page()
    assert first.events == [{"n": 1}, {"n": 2}]
    assert river.page(after=first.number) == [second]


def test_other_buses_accounts_and_regions_are_kept_apart() -> None:
    river = River()
    river.put(b"{}", bus=("000000000000", "us-east-1", "other"))
    river.put(b"{}", bus=("111111111111", "us-east-1", "shop"))
    river.put(b"{}", bus=("000000000000", "eu-west-1", "shop"))
    assert river.page() == []


def test_the_oldest_make_room() -> None:
    river = River(rows_max=10)
    for number in range(60):
        river.put(b'{"n":%d}' % number)
    kept = [row.events[0]["n"] for row in river.page()]
    assert kept == list(range(kept[0], 60))
    assert 10 <= len(kept) <= 20


def test_what_is_too_large_for_a_row_is_left_out() -> None:
    river = River()
    river.put(b"{}", b'"%b"' % (b"x" * ROW_BYTES_MAX), b"{}")
    assert [row.events for row in river.page()] == [[{}]]
