"""Putting: an event's way onto a bus, whoever brings it: PutEvents, a schedule, a replay, a service, another bus."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from fogline.aws.call import Trace
from fogline.services.events.delivering import deliver_to_targets
from fogline.services.events.event import Event, make_document
from fogline.services.events.routes import Route
from fogline.services.events.schema_checks import ERRORS_TOLD_MAX, schema_name
from fogline.services.events.service import Events
from fogline.services.events.tables import BusKey
from fogline.store.store import Tx


def accept_event(
    events: Events,
    tx: Tx,
    account: str,
    region: str,
    bus: str,
    event: Mapping[str, Any],
    now: int,
    trace: Trace,
    *,
    rules: Collection[str] | None = None,
) -> None:
    """Put an event (the whole document, see `event.make_document`) on a bus: its rules match it, their targets get it.

    `rules` names the only rules that may match, as a replay does. A bus that does not exist loses its events, as on
    AWS. Nothing is raised for what targets cannot take.
    """
    route = events.routes.open(tx, BusKey(account, region, bus))
    if route is not None:
        take_in(events, tx, route, Event(dict(event), trace, now), now, rules)


def take_in(
    events: Events,
    tx: Tx,
    route: Route,
    event: Event,
    now: int,
    only: Collection[str] | None = None,
) -> None:
    """Remember an event that came alone, and pass it on."""
    remember(events, tx, route, [event])
    pass_on(events, tx, route, event, now, only)


def remember(events: Events, tx: Tx, route: Route, passing: Sequence[Event]) -> None:
    """Leave events that come to a bus together in the feed, for whoever looks at what passes."""
    bus = route.key
    texts = [event.text.encode() for event in passing]
    events.feed.put(tx, bus.account, bus.region, bus.name, texts)


def pass_on(
    events: Events,
    tx: Tx,
    route: Route,
    event: Event,
    now: int,
    only: Collection[str] | None = None,
) -> None:
    """Hand an event to the targets of all rules of a bus that it matches."""
    for rule in events.routes.match(route, event.document, only):
        deliver_to_targets(events, tx, rule, event, now)


def find_misfits(events: Events, tx: Tx, route: Route, event: Event) -> list[str]:
    """Where the event does not fit the schema that its bus holds it to; empty when it does, or when nobody asks."""
    if route.schemas is None or events.schemas is None:
        return []
    bus = route.key
    return events.schemas.misfits(
        tx, bus.account, bus.region, route.schemas.registry, event.document
    )


def flag_misfit(
    events: Events, tx: Tx, route: Route, event: Event, misfits: list[str], now: int
) -> None:
    """Tell the same bus that an event does not fit its schema."""
    bus = route.key
    flag = make_document(
        id=events.ids.uuid(),
        source="fogline.schemas",
        detail_type="Event Does Not Fit Schema",
        account=bus.account,
        region=bus.region,
        at=now,
        resources=[],
        detail={
            "eventId": event.document["id"],
            "schema": schema_name(event.document),
            "errors": misfits[:ERRORS_TOLD_MAX],
        },
    )
    take_in(events, tx, route, Event(flag, event.trace, now), now)
