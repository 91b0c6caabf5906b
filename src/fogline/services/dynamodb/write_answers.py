"""What a write answers: the item before or after it, what it cost, and how large its partition is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.services.dynamodb import capacity
from fogline.services.dynamodb.service import DynamoDb
from fogline.services.dynamodb.table import Table
from fogline.services.dynamodb.values import Item
from fogline.services.dynamodb.writes import Draft, Outcome
from fogline.store.store import Tx

_GIGABYTE = 1 << 30


def answer_to_write(
    dynamodb: DynamoDb, tx: Tx, request: Mapping[str, Any], draft: Draft, outcome: Outcome
) -> dict[str, Any]:
    """The answer of PutItem, UpdateItem and DeleteItem."""
    result: dict[str, Any] = {}
    attributes = returned(request.get("ReturnValues", "NONE"), draft, outcome)
    if attributes:
        result["Attributes"] = attributes
    if "ReturnConsumedCapacity" in request:
        result["ConsumedCapacity"] = consumed_by_write(
            request["ReturnConsumedCapacity"], outcome.table, outcome.units, outcome.index_units
        )
    if request.get("ReturnItemCollectionMetrics") == "SIZE" and outcome.table.has_local_indexes:
        result["ItemCollectionMetrics"] = collection_metrics(dynamodb, tx, outcome)
    return result


def returned(wanted: str, draft: Draft, outcome: Outcome) -> Item | None:
    """The attributes that a write gives back, by AWS's word for which (NONE, ALL_OLD, ...)."""
    if wanted == "NONE":
        return None
    item = outcome.old if wanted.endswith("_OLD") else outcome.new
    if item is None or wanted.startswith("ALL_"):
        return item
    return draft.update.touched(item) if draft.update is not None else None


def consumed_by_write(
    wanted: str | None, table: Table, units: float, index_units: Mapping[str, float]
) -> dict[str, Any] | None:
    """`ConsumedCapacity`, with what indexes cost told by their kind."""
    local = {index.name for index in table.indexes if index.is_local}
    return capacity.consumed(
        wanted,
        table.name,
        units,
        {name: cost for name, cost in index_units.items() if name not in local},
        {name: cost for name, cost in index_units.items() if name in local},
    )


def collection_metrics(dynamodb: DynamoDb, tx: Tx, outcome: Outcome) -> dict[str, Any]:
    """The partition a write went to, and between which whole gigabytes its size lies."""
    table = outcome.table
    item = outcome.new if outcome.new is not None else outcome.old
    size = dynamodb.tables.partition_bytes(tx, table, outcome.key[0])
    low = float(size // _GIGABYTE)
    partition = table.schema.partition
    return {
        "ItemCollectionKey": {partition: item[partition]} if item is not None else {},
        "SizeEstimateRangeGB": [low, low + 1.0],
    }
