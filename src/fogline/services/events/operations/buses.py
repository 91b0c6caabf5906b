"""Event buses: made, changed, described, listed and removed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import orjson

from fogline.aws.call import Call
from fogline.aws.pages import next_token, page_start
from fogline.services.events.errors import (
    EventBusDoesNotExist,
    LimitExceededException,
    ResourceAlreadyExistsException,
    ValidationException,
)
from fogline.services.events.lookup import bus_key, require_bus
from fogline.services.events.service import Events
from fogline.services.events.tables import DEFAULT, DEFAULT_BUS, BusKey
from fogline.services.events.tag_lists import read_tags
from fogline.store.documents import Document
from fogline.store.store import Tx

if TYPE_CHECKING:
    from types_boto3_events import type_defs as types

Result = Mapping[str, Any]

_SETTINGS = {
    "Description": "description",
    "KmsKeyIdentifier": "kms_key",
    "DeadLetterConfig": "dead_letters",
    "LogConfig": "log",
}
"""Members of requests, and what a bus keeps of them."""


def create_event_bus(
    events: Events, call: Call, request: types.CreateEventBusRequestTypeDef
) -> Result:
    name = request["Name"]
    source = request.get("EventSourceName")
    if "/" in name and source is None:
        raise ValidationException("Event bus name must not contain '/'.")
    if source is not None and source != name:
        raise ValidationException("The event bus must have the name of its event source.")
    bus = BusKey(call.account, call.region, name)
    document = {
        "name": name,
        "created_at": call.now,
        "modified_at": call.now,
        "tags": read_tags(request.get("Tags"), call, events.limits),
        **_settings(request),
    }
    if source is not None:
        document["source"] = source
    with events.store.write() as tx:
        events.tables.lock(tx, bus)
        if name == DEFAULT or events.tables.find_bus(tx, bus) is not None:
            raise ResourceAlreadyExistsException(name=name)
        found = events.tables.list_buses(
            tx, call.account, call.region, limit=events.limits.buses_max
        )
        if len(found) >= events.limits.buses_max:
            raise LimitExceededException()
        events.tables.save_bus(tx, bus, document, call.now)
    return {"EventBusArn": bus.arn, **_shown(document)}


def update_event_bus(
    events: Events, call: Call, request: types.UpdateEventBusRequestTypeDef
) -> Result:
    bus = bus_key(call, request.get("Name"))
    with events.store.write() as tx:
        events.tables.lock(tx, bus)
        old = require_bus(events, tx, bus)
        document = {**old, **_settings(request), "modified_at": call.now}
        events.tables.save_bus(tx, bus, document, call.now)
    return {"Arn": bus.arn, "Name": bus.name, **_shown(document)}


def delete_event_bus(
    events: Events, call: Call, request: types.DeleteEventBusRequestTypeDef
) -> Result:
    bus = BusKey(call.account, call.region, request["Name"])
    if bus.name == DEFAULT:
        raise ValidationException("Cannot delete event bus default.")
    with events.store.write() as tx:
        events.tables.lock(tx, bus)
        if events.tables.find_bus(tx, bus) is None:
            return {}
        if events.tables.list_rules(tx, bus, limit=1):
            raise ValidationException(f"Event bus {bus.name} can't be deleted since it has rules.")
        events.tables.remove_bus(tx, bus)
    return {}


def describe_event_bus(
    events: Events, call: Call, request: types.DescribeEventBusRequestTypeDef
) -> Result:
    bus = bus_key(call, request.get("Name"))
    with events.store.read() as tx:
        document = events.tables.find_bus(tx, bus)
    if document is None:
        raise EventBusDoesNotExist(name=bus.name)
    return {**_summary(bus, document), **_shown(document)}


def list_event_buses(
    events: Events, call: Call, request: types.ListEventBusesRequestTypeDef
) -> Result:
    limit = request.get("Limit") or events.limits.page_results_max
    after = page_start(request.get("NextToken"))
    with events.store.read() as tx:
        page = _page(events, tx, call, request.get("NamePrefix", ""), after, limit + 1)
    result: dict[str, Any] = {
        "EventBuses": [
            _summary(BusKey(call.account, call.region, name), document)
            for name, document in page[:limit]
        ]
    }
    if len(page) > limit:
        result["NextToken"] = next_token(page[limit - 1][0])
    return result


def _page(
    events: Events, tx: Tx, call: Call, prefix: str, after: str, limit: int
) -> list[tuple[str, Document]]:
    """Buses in the order of their names; the default bus is among them, whether it has a document or not."""
    page = events.tables.list_buses(tx, call.account, call.region, prefix, after, limit)
    if DEFAULT.startswith(prefix) and after < DEFAULT and DEFAULT not in dict(page):
        page = sorted([*page, (DEFAULT, DEFAULT_BUS)])[:limit]
    return page


def _settings(request: Mapping[str, Any]) -> dict[str, Any]:
    return {kept: request[name] for name, kept in _SETTINGS.items() if name in request}


def _shown(document: Document) -> dict[str, Any]:
    return {name: document[kept] for name, kept in _SETTINGS.items() if document.get(kept)}


def _summary(bus: BusKey, document: Document) -> dict[str, Any]:
    summary: dict[str, Any] = {"Name": bus.name, "Arn": bus.arn}
    if document.get("description"):
        summary["Description"] = document["description"]
    if document.get("policy"):
        summary["Policy"] = orjson.dumps(document["policy"]).decode()
    summary["CreationTime"] = document["created_at"]
    summary["LastModifiedTime"] = document["modified_at"]
    if document.get("managed_by"):
        summary["ManagedBy"] = document["managed_by"]
    return summary
