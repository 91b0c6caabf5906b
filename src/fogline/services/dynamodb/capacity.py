"""What operations cost, in AWS's units, and how an answer says so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

READ_UNIT_BYTES = 4_096
WRITE_UNIT_BYTES = 1_024
TRANSACTION_FACTOR = 2


def read_units(size: int, *, is_consistent: bool) -> float:
    """The cost of reading that many bytes; looking for what is not there costs a unit, too."""
    units = max(1, -(-size // READ_UNIT_BYTES))
    return float(units) if is_consistent else units / 2


def write_units(size: int) -> float:
    """The cost of writing an item of that size, or of removing it."""
    return float(max(1, -(-size // WRITE_UNIT_BYTES)))


def consumed(
    wanted: str | None,
    table: str,
    table_units: float,
    global_indexes: Mapping[str, float] | None = None,
    local_indexes: Mapping[str, float] | None = None,
) -> dict[str, Any] | None:
    """`ConsumedCapacity` as a client asked for it: TOTAL, INDEXES, or (NONE) not at all."""
    if wanted not in ("TOTAL", "INDEXES"):
        return None
    in_indexes = sum((global_indexes or {}).values()) + sum((local_indexes or {}).values())
    found: dict[str, Any] = {"TableName": table, "CapacityUnits": table_units + in_indexes}
    if wanted == "INDEXES":
        found["Table"] = {"CapacityUnits": table_units}
        if global_indexes:
            found["GlobalSecondaryIndexes"] = _each(global_indexes)
        if local_indexes:
            found["LocalSecondaryIndexes"] = _each(local_indexes)
    return found


def _each(indexes: Mapping[str, float]) -> dict[str, Any]:
    return {name: {"CapacityUnits": units} for name, units in indexes.items()}
