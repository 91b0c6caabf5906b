"""How others send to EventBridge's own ARNs: an event to a bus, or a call of an API destination.

A bus takes what a rule passes on, and new events: then the payload is the detail, and `facts` say the rest (`Source`,
`DetailType`, `Resources`, `Time` in milliseconds).
"""

from __future__ import annotations

from fogline.aws.arn import Arn
from fogline.ports.targets import Sending, TargetUnavailable
from fogline.services.events import api_calls
from fogline.services.events.destinations import find_destination
from fogline.services.events.entries import Refused, read_detail
from fogline.services.events.event import Event, make_document
from fogline.services.events.putting import take_in
from fogline.services.events.service import Events
from fogline.services.events.tables import BusKey
from fogline.store.store import Tx

BUS = "event-bus/"
API_DESTINATION = "api-destination/"


class EventsTarget:
    """Answers `ports/targets.py` for buses and API destinations."""

    def __init__(self, events: Events) -> None:
        self._events = events

    def send(self, tx: Tx, arn: Arn, sending: Sending) -> None:
        kind = arn.resource
        if kind.startswith(BUS):
            self._put(tx, BusKey(arn.account, arn.region, kind[len(BUS) :]), sending)
        elif kind.startswith(API_DESTINATION):
            api_calls.promise(self._events, tx, sending.arn, sending)
        else:
            raise TargetUnavailable(f"Fogline cannot send to {arn}")

    def exists(self, tx: Tx, arn: Arn) -> bool:
        kind = arn.resource
        if kind.startswith(BUS):
            key = BusKey(arn.account, arn.region, kind[len(BUS) :])
            return self._events.tables.find_bus(tx, key) is not None
        return find_destination(self._events, tx, str(arn)) is not None

    def is_heard(self, tx: Tx, account: str, region: str) -> bool:
        """Whether an event on that account's default bus would be taken by anybody."""
        route = self._events.routes.open(tx, BusKey(account, region, "default"))
        return route is not None and bool(route.rules or route.schemas)

    def _put(self, tx: Tx, bus: BusKey, sending: Sending) -> None:
        events = self._events
        route = events.routes.open(tx, bus)
        if route is None:
            raise TargetUnavailable(f"The event bus {bus.arn} does not exist")
        passed_on = sending.facts.get("Event")
        if passed_on is None:
            take_in(events, tx, route, self._new(bus, sending), sending.now)
            return
        if passed_on.hops >= events.limits.hops_max:
            where = "REGION" if passed_on.document["region"] != bus.region else "ACCOUNT"
            raise TargetUnavailable(
                "Events received from another event bus are not sent on to a third one",
                code=f"THIRD_{where}_HOP_DETECTED",
            )
        event = Event(
            passed_on.document,
            sending.trace,
            passed_on.ingested_at,
            passed_on.hops + 1,
            passed_on.text,
        )
        take_in(events, tx, route, event, sending.now)

    def _new(self, bus: BusKey, sending: Sending) -> Event:
        facts = sending.facts
        try:
            detail = read_detail(sending.payload)
        except Refused as refused:
            raise TargetUnavailable(refused.message, code="INVALID_JSON") from None
        document = make_document(
            id=self._events.ids.uuid(),
            source=facts.get("Source") or "",
            detail_type=facts.get("DetailType") or "",
            account=facts.get("Account") or bus.account,
            region=bus.region,
            at=facts.get("Time") or sending.now,
            resources=list(facts.get("Resources") or ()),
            detail=detail,
        )
        return Event(document, sending.trace, sending.now)
