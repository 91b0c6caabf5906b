"""Routes: another node's view of the same rules, which it keeps compiled and never asks for twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.services.events.conftest import PutRule

from fogline.services.events.routes import Routes
from fogline.services.events.service import Events
from fogline.services.events.tables import BusKey
from fogline.testing.platform import LocalPlatform
from fogline.testing.plugin import Account

EVENT = {"source": "shop"}


@pytest.fixture
def stands_on(fogline_platform: LocalPlatform) -> Events:
    found = fogline_platform.platform.dispatch.made()["events"].stands_on
    assert isinstance(found, Events)
    return found


@pytest.fixture
def bus(fogline: Account) -> BusKey:
    return BusKey(fogline.id, "us-east-1", "default")


@pytest.fixture
def matched(
    stands_on: Events, bus: BusKey, fogline_platform: LocalPlatform
) -> Callable[[], list[str]]:
    """What the rules are that another node finds for the event."""
    there = Routes(stands_on.tables)

    async def look() -> list[str]:
        with stands_on.store.read() as tx:
            route = there.open(tx, bus)
            assert route is not None
            return sorted(rule.name for rule in there.match(route, EVENT))

    return lambda: fogline_platform.ask(look())


def test_another_node_sees_each_change_at_once(
    events: Any, put_rule: PutRule, matched: Callable[[], list[str]]
) -> None:
    assert matched() == []
    put_rule(name="a")
    put_rule(name="b")
    assert matched() == ["a", "b"]
    events.disable_rule(Name="a")
    assert matched() == ["b"]
    events.delete_rule(Name="b")
    events.enable_rule(Name="a")
    assert matched() == ["a"]
    put_rule(name="a", pattern={"source": ["other"]})
    assert matched() == []


def test_a_node_that_lags_far_behind_reads_all_rules_again(
    put_rule: PutRule,
    matched: Callable[[], list[str]],
    stands_on: Events,
    bus: BusKey,
    fogline_platform: LocalPlatform,
) -> None:
    put_rule(name="a")
    assert matched() == ["a"]
    put_rule(name="b")
    put_rule(name="c")

    async def forget() -> None:
        with stands_on.store.write() as tx:
            latest = stands_on.tables.version(tx, bus)
            tx.run(
                "DELETE FROM events_changes WHERE account = ? AND version < ?", bus.account, latest
            )

    fogline_platform.ask(forget())
    assert matched() == ["a", "b", "c"]


def test_old_changes_are_forgotten(
    stands_on: Events, bus: BusKey, fogline_platform: LocalPlatform
) -> None:
    from fogline.services.events.tables import CHANGES_KEPT

    async def change_often() -> int:
        with stands_on.store.write() as tx:
            for _ in range(CHANGES_KEPT + 500):
                stands_on.tables.save_bus(tx, bus, {"name": "default"}, 1)
            row = tx.row("SELECT count(*) FROM events_changes WHERE account = ?", bus.account)
            assert row is not None
            return int(row[0])

    assert fogline_platform.ask(change_often()) <= CHANGES_KEPT + 100
