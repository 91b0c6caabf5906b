"""Batches: many items of many tables in one request, each for itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.aws.call import Call
from fogline.services.dynamodb import capacity, writes
from fogline.services.dynamodb.errors import ValidationException
from fogline.services.dynamodb.expressions.compiled import Projection
from fogline.services.dynamodb.lookup import require_table
from fogline.services.dynamodb.reads import projection_for
from fogline.services.dynamodb.service import DynamoDb
from fogline.services.dynamodb.table import Table
from fogline.services.dynamodb.tables import Key
from fogline.services.dynamodb.values import Item
from fogline.services.dynamodb.write_answers import collection_metrics, consumed_by_write
from fogline.services.dynamodb.writes import Draft
from fogline.store.store import Tx

Request = Mapping[str, Any]
Result = Mapping[str, Any]

_DUPLICATES = "Provided list of item keys contains duplicates"


# ---- reading


def batch_get_item(dynamodb: DynamoDb, call: Call, request: Request) -> Result:
    wanted: Mapping[str, Request] = request["RequestItems"]
    if sum(len(each["Keys"]) for each in wanted.values()) > dynamodb.limits.batch_get_keys_max:
        raise ValidationException("Too many items requested for the BatchGetItem call")
    projections = {name: projection_for(each) for name, each in wanted.items()}
    responses: dict[str, list[Item]] = {}
    unprocessed: dict[str, Request] = {}
    costs: list[dict[str, Any]] = []
    left = dynamodb.limits.batch_get_bytes_max
    with dynamodb.store.read() as tx:
        tables = {name: require_table(dynamodb, tx, call, name) for name in wanted}
        located = {name: _located(tables[name], each["Keys"]) for name, each in wanted.items()}
        for name, each in wanted.items():
            units, taken = 0.0, 0
            found: list[Item] = []
            for key in located[name]:
                size = _read_into(dynamodb, tx, tables[name], key, projections[name], found, left)
                if size is None:
                    break
                left -= size
                taken += 1
                units += capacity.read_units(size, is_consistent=each.get("ConsistentRead", False))
            responses[name] = found
            if taken < len(each["Keys"]):
                unprocessed[name] = {**each, "Keys": each["Keys"][taken:]}
            cost = capacity.consumed(
                request.get("ReturnConsumedCapacity"), tables[name].name, units
            )
            if cost is not None:
                costs.append(cost)
    result: dict[str, Any] = {"Responses": responses, "UnprocessedKeys": unprocessed}
    if costs:
        result["ConsumedCapacity"] = costs
    return result


def _located(table: Table, keys: list[Item]) -> list[Key]:
    located = [table.schema.locate(key) for key in keys]
    if len(set(located)) != len(located):
        raise ValidationException(_DUPLICATES)
    return located


def _read_into(
    dynamodb: DynamoDb,
    tx: Tx,
    table: Table,
    key: Key,
    projection: Projection | None,
    found: list[Item],
    left: int,
) -> int | None:
    """Read one item; its size, or None when the answer would become too large with it."""
    stored = dynamodb.tables.find_item(tx, table, key)
    if stored is None:
        return 0
    if stored.size > left:
        return None
    found.append(stored.item if projection is None else projection.project(stored.item))
    return stored.size


# ---- writing


def batch_write_item(dynamodb: DynamoDb, call: Call, request: Request) -> Result:
    wanted: Mapping[str, list[Request]] = request["RequestItems"]
    if sum(map(len, wanted.values())) > dynamodb.limits.batch_write_requests_max:
        raise ValidationException("Too many items requested for the BatchWriteItem call")
    drafts = {
        name: [_draft(dynamodb, each) for each in requests] for name, requests in wanted.items()
    }
    counts_capacity = request.get("ReturnConsumedCapacity", "NONE") != "NONE"
    costs: list[dict[str, Any]] = []
    metrics: dict[str, list[dict[str, Any]]] = {}
    with dynamodb.store.write() as tx:
        tables = {name: require_table(dynamodb, tx, call, name) for name in drafts}
        keys = [
            (tables[name], key)
            for name, of_table in drafts.items()
            for key in _distinct_keys(tables[name], of_table)
        ]
        writes.lock_all(dynamodb.tables, tx, keys)
        for name, of_table in drafts.items():
            table = tables[name]
            units = 0.0
            index_units: dict[str, float] = {}
            for draft in of_table:
                draft.needs_old = counts_capacity
                outcome = writes.perform(dynamodb, tx, table, draft, call.now)
                units += outcome.units
                for index, cost in outcome.index_units.items():
                    index_units[index] = index_units.get(index, 0.0) + cost
                if request.get("ReturnItemCollectionMetrics") == "SIZE" and table.has_local_indexes:
                    metrics.setdefault(name, []).append(collection_metrics(dynamodb, tx, outcome))
            if counts_capacity:
                consumed = consumed_by_write(
                    request["ReturnConsumedCapacity"], table, units, index_units
                )
                assert consumed is not None, "it was asked for"
                costs.append(consumed)
    result: dict[str, Any] = {"UnprocessedItems": {}}
    if costs:
        result["ConsumedCapacity"] = costs
    if metrics:
        result["ItemCollectionMetrics"] = metrics
    return result


def _draft(dynamodb: DynamoDb, request: Request) -> Draft:
    put, delete = request.get("PutRequest"), request.get("DeleteRequest")
    if (put is None) == (delete is None):
        many = put is not None
        raise ValidationException(
            "Supplied AttributeValue has more than one datatypes set, must contain exactly one of "
            "the supported datatypes"
            if many
            else "Supplied AttributeValue is empty, must contain exactly one of the supported "
            "datatypes"
        )
    if put is not None:
        return writes.draft_put(put, dynamodb.limits)
    assert delete is not None
    return writes.draft_delete(delete)


def _distinct_keys(table: Table, drafts: list[Draft]) -> list[Key]:
    located = [_key_of(table, draft) for draft in drafts]
    if len(set(located)) != len(located):
        raise ValidationException(_DUPLICATES)
    return located


def _key_of(table: Table, draft: Draft) -> Key:
    """Within a batch, an item with an unfit key is refused as if the key had been given apart."""
    if draft.item is None:
        return table.schema.locate(draft.key)
    names = table.schema.names
    return table.schema.locate({name: draft.item[name] for name in names if name in draft.item})
