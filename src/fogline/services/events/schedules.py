"""Scheduled rules: what PutRule's ScheduleExpression asks for, and the loop that fires when it is due.

A time that passed while nothing ran is made up for once, late: a job of the night runs in the morning, and not as often
as it was missed.
"""

from __future__ import annotations

import logging
from functools import lru_cache

from fogline.aws.call import root_trace
from fogline.aws.schedule import InvalidSchedule, Schedule, parse_schedule
from fogline.services.events.delivering import deliver_to_targets
from fogline.services.events.errors import ValidationException
from fogline.services.events.event import Event, make_document
from fogline.services.events.routes import DISABLED, Rule
from fogline.services.events.schedule_tables import Due
from fogline.services.events.service import Events
from fogline.services.events.tables import BusKey
from fogline.store.documents import Document
from fogline.store.store import Tx

log = logging.getLogger("fogline.events")

TOPIC = "events-schedules"

_FIRED_PER_STEP_MAX = 100
_OTHERS_TURN_MS = 100
"""How long to leave what is due to another node that has it in hand."""


def check(expression: str) -> None:
    """Raises ValidationException unless it is a rate or a cron expression."""
    try:
        _parsed(expression)
    except InvalidSchedule:
        raise ValidationException("Parameter ScheduleExpression is not valid.") from None


@lru_cache(1_024)
def _parsed(expression: str) -> Schedule:
    return parse_schedule(expression)


def plan(events: Events, tx: Tx, bus: BusKey, rule: Document, now: int) -> None:
    """Plan a rule that was put, enabled or disabled: when it is due next, if ever.

    A schedule that stays the same keeps its rhythm. A rate begins to count when it is set or enabled.
    """
    expression, name = rule.get("schedule"), rule["name"]
    schedules = events.tables.schedules
    if not expression or rule["state"] == DISABLED:
        schedules.remove_due(tx, bus, name)
    elif schedules.find_expression(tx, bus, name) != expression:
        due_at = _parsed(expression).next_after(now, anchor=now)
        if due_at is None:
            schedules.remove_due(tx, bus, name)
            return
        schedules.save_due(tx, bus, name, expression, now, due_at)
        tx.stir(TOPIC)


def forget(events: Events, tx: Tx, bus: BusKey, name: str) -> None:
    """Plan nothing more for a rule that is gone."""
    events.tables.schedules.remove_due(tx, bus, name)


class Schedules:
    """The loop that fires scheduled rules."""

    name = "events.schedules"
    topics: tuple[str, ...] = (TOPIC,)

    def __init__(self, events: Events) -> None:
        self._events = events

    def step(self, now: int) -> int | None:
        schedules = self._events.tables.schedules
        with self._events.store.write() as tx:
            taken = schedules.take_due(tx, now, _FIRED_PER_STEP_MAX)
            for due in taken:
                self._fire(tx, due, now)
            next_at = schedules.next_due_at(tx)
        if next_at is not None and next_at <= now and not taken:
            return now + _OTHERS_TURN_MS
        return next_at

    def _fire(self, tx: Tx, due: Due, now: int) -> None:
        events, bus = self._events, BusKey(*due.bus)
        rule = events.tables.find_rule(tx, bus, due.rule)
        next_at = _next_after(due, now) if rule is not None else None
        if next_at is None:
            events.tables.schedules.remove_due(tx, due.bus, due.rule)
        else:
            events.tables.schedules.save_due(tx, *due, next_at)
        if rule is not None:
            fired = Rule(bus, rule)
            event = self._event(fired, now)
            place = (bus.account, bus.region)
            events.lineage.work(event.trace, "schedule", due.rule, *place, now, now)
            deliver_to_targets(events, tx, fired, event, now)

    def _event(self, rule: Rule, now: int) -> Event:
        ids = self._events.ids
        document = make_document(
            id=ids.uuid(),
            source="aws.events",
            detail_type="Scheduled Event",
            account=rule.bus.account,
            region=rule.bus.region,
            at=now,
            resources=[rule.arn],
            detail={},
        )
        return Event(document, root_trace(ids.hex(24), ids.hex(16), now), now)


def _next_after(due: Due, now: int) -> int | None:
    try:
        return _parsed(due.expression).next_after(now, due.anchor)
    except InvalidSchedule:  # taken by another version of this program: it holds up no other
        log.warning("The schedule %s of %s is not valid", due.expression, due.rule)
        return None
