"""Events: putting them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.call import Call
from fogline.services.events.entries import Entry, Refused, check_entry, check_size, entry_trace
from fogline.services.events.event import Event, make_document
from fogline.services.events.lookup import bus_key, require_endpoint
from fogline.services.events.putting import find_misfits, flag_misfit, pass_on, remember
from fogline.services.events.routes import Route
from fogline.services.events.service import Events
from fogline.services.events.tables import DEFAULT
from fogline.store.store import Tx

if TYPE_CHECKING:
    from types_boto3_events import type_defs as types

Result = Mapping[str, Any]


def put_events(events: Events, call: Call, request: types.PutEventsRequestTypeDef) -> Result:
    entries = request["Entries"]
    check_size(entries, events.limits)
    answers: list[dict[str, Any]] = []
    failed = 0
    routes: dict[str, Route | None] = {}
    passed: dict[str, list[Event]] = {}
    with events.store.write() as tx:
        if "EndpointId" in request:
            require_endpoint(events, tx, call, request["EndpointId"])
        for entry in entries:
            bus = entry.get("EventBusName") or DEFAULT
            if bus not in routes:
                routes[bus] = events.routes.open(tx, bus_key(call, bus))
            route = routes[bus]
            try:
                event = _put(events, tx, call, route, entry)
                answers.append({"EventId": event.document["id"]})
                if route is not None:
                    passed.setdefault(bus, []).append(event)
            except Refused as refused:
                failed += 1
                answers.append({"ErrorCode": refused.code, "ErrorMessage": refused.message})
        for bus, together in passed.items():
            route = routes[bus]
            assert route is not None, "what passed had a bus"
            remember(events, tx, route, together)
    return {"FailedEntryCount": failed, "Entries": answers}


def _put(events: Events, tx: Tx, call: Call, route: Route | None, entry: Entry) -> Event:
    """Put one entry on its bus. Raises Refused."""
    detail = check_entry(entry)
    id = events.ids.uuid()
    now = call.now
    header = entry.get("TraceHeader")
    document = make_document(
        id=id,
        source=entry["Source"],
        detail_type=entry["DetailType"],
        account=call.account,
        region=call.region,
        at=entry.get("Time") or now,
        resources=list(entry.get("Resources") or ()),
        detail=detail,
    )
    trace = entry_trace(header, call.trace) if header else call.trace
    event = Event(document, trace, now)
    if route is None:
        return event  # AWS takes events for buses that do not exist, and forgets them
    misfits = find_misfits(events, tx, route, event) if route.schemas is not None else []
    if misfits:
        assert route.schemas is not None
        if route.schemas.is_strict:
            raise Refused("SchemaMismatch", f"The event does not fit its schema: {misfits[0]}")
    pass_on(events, tx, route, event, now)
    if misfits:
        flag_misfit(events, tx, route, event, misfits, now)
    return event
