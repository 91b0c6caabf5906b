"""Time to live: when an item's time has passed, as its attribute says."""

from __future__ import annotations

from decimal import Decimal

from fogline.services.dynamodb.numbers import number
from fogline.services.dynamodb.table import Table
from fogline.services.dynamodb.values import Item

_SECONDS_MAX = 253_402_300_799
"""The end of the year 9999: later is never."""


def expires_at(table: Table, item: Item) -> int | None:
    """The instant (ms) at which an item expires; None if it never does.

    The attribute must be a number of seconds since the epoch; anything else says nothing.
    """
    value = item.get(table.expiry_attribute) if table.expiry_attribute else None
    if value is None or "N" not in value:
        return None
    seconds: int | Decimal = number(value["N"])
    return int(seconds) * 1000 if 0 < seconds <= _SECONDS_MAX else None
