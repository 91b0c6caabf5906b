"""Archives as their bus sees them: a managed rule each, whose target keeps the event in the transaction that brings it.

So the matcher that finds rules finds archives, too, and what a rollback takes back is not archived either.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any

import orjson

from fogline.aws.arn import find_arn, make_arn
from fogline.aws.call import Call
from fogline.aws.patterns import InvalidPattern, compile_pattern
from fogline.services.events.errors import EventBusDoesNotExist, InvalidEventPatternException
from fogline.services.events.event import Event
from fogline.services.events.service import Events
from fogline.services.events.tables import BusKey
from fogline.store.documents import Document
from fogline.store.store import Tx

TOPIC = "events-archives"
MANAGED_BY = "prod.vhs.events.aws.internal"

_RULE_PREFIX = "Events-Archive-"
_NOT_REPLAYED = [{"exists": False}]


def arn_of(account: str, region: str, name: str) -> str:
    return make_arn("events", region, account, f"archive/{name}")


def bus_of(arn_text: str) -> BusKey | None:
    """The bus of that ARN, whether there is one or not."""
    arn = find_arn(arn_text)
    if arn is None or arn.service != "events" or not arn.resource.startswith("event-bus/"):
        return None
    return BusKey(arn.account, arn.region, arn.resource.partition("/")[2])


def check_pattern(pattern: str | None) -> None:
    """Raises InvalidEventPatternException."""
    if pattern is None:
        return
    try:
        compile_pattern(pattern)
    except InvalidPattern as invalid:
        raise InvalidEventPatternException(reason=invalid.reason) from None


def save_rule(events: Events, tx: Tx, call: Call, archive: Document) -> None:
    """Make or change the rule that fills the archive. What a replay brings back is not archived again."""
    bus = bus_of(archive["source"])
    if bus is None or (bus.account, bus.region) != (call.account, call.region):
        raise EventBusDoesNotExist(name=archive["source"].partition("/")[2])
    tables, name = events.tables, _RULE_PREFIX + archive["name"]
    tables.lock(tx, bus)
    if tables.find_bus(tx, bus) is None:
        raise EventBusDoesNotExist(name=bus.name)
    pattern = orjson.loads(archive.get("pattern") or "{}")
    old = tables.find_rule(tx, bus, name)
    rule: dict[str, Any] = {
        "name": name,
        "bus": bus.name,
        "state": "ENABLED",
        "pattern": orjson.dumps({**pattern, "replay-name": _NOT_REPLAYED}).decode(),
        "targets": [{"Id": name, "Arn": make_arn("events", bus.region, "", ":")}],
        "tags": {},
        "managed_by": MANAGED_BY,
        "created_by": call.account,
        "created_at": old["created_at"] if old is not None else call.now,
        "archive": archive["number"],
    }
    tables.save_rule(tx, bus, rule, call.now)


def remove_rule(events: Events, tx: Tx, call: Call, archive: Document) -> None:
    """Stop filling the archive."""
    bus = bus_of(archive["source"])
    assert bus is not None, "an archive has a bus"
    tables, name = events.tables, _RULE_PREFIX + archive["name"]
    tables.lock(tx, bus)
    if tables.find_rule(tx, bus, name) is not None:
        tables.remove_rule(tx, bus, name, call.now)


def keep(events: Events, tx: Tx, rule: Document, event: Event) -> None:
    """Put the event into the archive whose rule it matched."""
    events.tables.archives.add_event(
        tx,
        rule["archive"],
        _instant(event.document["time"]),
        events.ids.ordered(event.ingested_at),
        event.text,
    )


@lru_cache(256)
def _instant(written: str) -> int:
    """The time that an event tells, in milliseconds."""
    return int(datetime.fromisoformat(written).timestamp()) * 1000
