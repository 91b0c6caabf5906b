"""Replays: archived events go over their bus once more, each batch in one transaction with its progress."""

from __future__ import annotations

from typing import Any

import orjson

from fogline.aws.arn import make_arn
from fogline.aws.call import Trace
from fogline.services.events.archive_tables import ArchiveTables, Kept
from fogline.services.events.archiving import bus_of
from fogline.services.events.putting import accept_event
from fogline.services.events.service import Events
from fogline.services.events.tables import BusKey
from fogline.store.documents import Document
from fogline.store.store import Tx

TOPIC = "events-replays"

STARTING, RUNNING, CANCELLING = "STARTING", "RUNNING", "CANCELLING"
COMPLETED, CANCELLED, FAILED = "COMPLETED", "CANCELLED", "FAILED"

_REPLAYS_PER_STEP_MAX = 10
_EVENTS_PER_BATCH_MAX = 100
_OTHERS_TURN_MS = 100
"""How long to leave what is due to another node that has it in hand."""


def arn_of(account: str, region: str, name: str) -> str:
    return make_arn("events", region, account, f"replay/{name}")


class Replays:
    """The loop that carries replays on. What a batch did is kept with how far it came, so that none is repeated."""

    name = "events.replays"
    topics: tuple[str, ...] = (TOPIC,)

    def __init__(self, events: Events) -> None:
        self._events = events

    def step(self, now: int) -> int | None:
        tables = self._events.tables.archives
        with self._events.store.write() as tx:
            due = tables.due_replays(tx, now, _REPLAYS_PER_STEP_MAX)
        for account, region, name in due:
            with self._events.store.write() as tx:
                self._go_on(tx, tables, account, region, name, now)
        with self._events.store.read() as tx:
            next_at = tables.next_replay_at(tx)
        if next_at is not None and next_at <= now and not due:
            return now + _OTHERS_TURN_MS
        return next_at

    def _go_on(
        self, tx: Tx, tables: ArchiveTables, account: str, region: str, name: str, now: int
    ) -> None:
        tables.lock_replays(tx, account, region)
        replay = tables.replays.find(tx, account, region, name)
        if replay is None or replay["state"] not in (STARTING, RUNNING, CANCELLING):
            return  # another node was faster
        if replay["state"] == CANCELLING:
            ended = {**replay, "state": CANCELLED, "ended_at": now}
            tables.save_replay(tx, account, region, ended, None)
            return
        archive = tables.archives.find(tx, account, region, replay["archive"].partition("/")[2])
        bus = bus_of(replay["bus"])
        is_same = archive is not None and archive["number"] == replay["number"]
        if archive is None or not is_same or bus is None or self._is_gone(tx, bus):
            reason = "The archive or its event bus does not exist anymore."
            ended = {**replay, "state": FAILED, "reason": reason, "ended_at": now}
            tables.save_replay(tx, account, region, ended, None)
            return
        batch = tables.page_of_events(tx, archive, replay, now, _EVENTS_PER_BATCH_MAX)
        self._bring(tx, bus, replay, batch, now)
        progress: dict[str, Any] = {**replay, "state": RUNNING}
        if batch:
            last = batch[-1]
            progress |= {"at": last.at, "after": last.number, "last_at": last.at}
        if len(batch) < _EVENTS_PER_BATCH_MAX:
            progress |= {"state": COMPLETED, "ended_at": now}
            tables.save_replay(tx, account, region, progress, None)
        else:
            tables.save_replay(tx, account, region, progress, now)

    def _is_gone(self, tx: Tx, bus: BusKey) -> bool:
        return self._events.tables.find_bus(tx, bus) is None

    def _bring(self, tx: Tx, bus: BusKey, replay: Document, batch: list[Kept], now: int) -> None:
        events = self._events
        rules = replay.get("rules")
        only = frozenset([arn.rsplit("/", 1)[1] for arn in rules]) if rules else None
        trace = Trace(*replay["cause"])
        for kept in batch:
            document = replayed(orjson.loads(kept.text), replay["name"])
            accept_event(events, tx, *bus, document, now, trace, rules=only)


def replayed(document: dict[str, Any], name: str) -> dict[str, Any]:
    """The event with the name of its replay, in the place where AWS writes it."""
    result: dict[str, Any] = {}
    for key, value in document.items():
        if key == "resources":
            result["replay-name"] = name
        result[key] = value
    return {**result, "replay-name": name}
