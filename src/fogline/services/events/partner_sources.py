"""Partner event sources: what a partner offers to an account, and whether a bus of the account takes it in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.aws.arn import make_arn
from fogline.aws.members import given
from fogline.services.events.service import Events
from fogline.services.events.tables import BusKey
from fogline.store.documents import Document
from fogline.store.store import Tx
from fogline.world.clock import DAY

ACTIVE, PENDING = "ACTIVE", "PENDING"

_PENDING_MS_MAX = 14 * DAY


def arn_of(region: str, name: str) -> str:
    return make_arn("events", region, "", f"event-source/{name}")


def new_source(name: str, now: int) -> dict[str, Any]:
    """A source as its account keeps it. The partner's name is the second part of the source's."""
    return {
        "name": name,
        "created_by": name.split("/")[1],
        "created_at": now,
        "expires_at": now + _PENDING_MS_MAX,
    }


def state_of(events: Events, tx: Tx, account: str, region: str, source: Document) -> str:
    """ACTIVE while a bus of its name takes its events in, and nobody has deactivated it."""
    if source.get("is_off"):
        return PENDING
    has_bus = events.tables.find_bus(tx, BusKey(account, region, source["name"])) is not None
    return ACTIVE if has_bus else PENDING


def find_source(
    events: Events, tx: Tx, account: str, region: str, name: str, now: int
) -> tuple[Document, str] | None:
    """The source that an account was offered, and its state; one that waited too long for a bus is gone."""
    found = events.tables.event_sources.find(tx, account, region, name)
    if found is None:
        return None
    state = state_of(events, tx, account, region, found)
    if state == PENDING and now >= found["expires_at"]:
        return None
    return found, state


def summary(region: str, source: Document, state: str) -> Mapping[str, Any]:
    """What DescribeEventSource says."""
    return given(
        {
            "Arn": arn_of(region, source["name"]),
            "CreatedBy": source["created_by"],
            "CreationTime": source["created_at"],
            "ExpirationTime": source["expires_at"] if state == PENDING else None,
            "Name": source["name"],
            "State": state,
        }
    )
