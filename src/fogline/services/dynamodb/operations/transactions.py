"""Transactions: many reads or writes of many tables, done together or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from fogline.aws.call import Call
from fogline.aws.errors import AwsError
from fogline.services.dynamodb import capacity, writes
from fogline.services.dynamodb.errors import (
    ConditionalCheckFailedException,
    TransactionCanceledException,
    ValidationException,
)
from fogline.services.dynamodb.lookup import require_table
from fogline.services.dynamodb.reads import projection_for
from fogline.services.dynamodb.service import DynamoDb
from fogline.services.dynamodb.table import Table
from fogline.services.dynamodb.tables import Key
from fogline.services.dynamodb.write_answers import collection_metrics, consumed_by_write
from fogline.services.dynamodb.writes import Draft, Outcome
from fogline.store.store import Tx

Request = Mapping[str, Any]
Result = Mapping[str, Any]
Reason = dict[str, Any]


def transact_get_items(dynamodb: DynamoDb, call: Call, request: Request) -> Result:
    gets = [each["Get"] for each in request["TransactItems"]]
    projections = [projection_for(get) for get in gets]
    responses: list[dict[str, Any]] = []
    units: dict[str, float] = {}
    seen: set[tuple[int, Key]] = set()
    with dynamodb.store.read() as tx:
        for get, projection in zip(gets, projections, strict=True):
            table = require_table(dynamodb, tx, call, get["TableName"])
            key = table.schema.locate(get["Key"])
            _refuse_second(seen, table, key)
            stored = dynamodb.tables.find_item(tx, table, key)
            size = stored.size if stored is not None else 0
            cost = capacity.read_units(size, is_consistent=True) * capacity.TRANSACTION_FACTOR
            units[table.name] = units.get(table.name, 0.0) + cost
            if stored is None:
                responses.append({})
            else:
                item = stored.item
                responses.append({"Item": item if projection is None else projection.project(item)})
    result: dict[str, Any] = {"Responses": responses}
    costs = [
        found
        for name, cost in units.items()
        if (found := capacity.consumed(request.get("ReturnConsumedCapacity"), name, cost))
    ]
    if costs:
        result["ConsumedCapacity"] = [
            {**cost, "ReadCapacityUnits": cost["CapacityUnits"]} for cost in costs
        ]
    return result


def transact_write_items(dynamodb: DynamoDb, call: Call, request: Request) -> Result:
    token = request.get("ClientRequestToken")
    asked = orjson.dumps(
        request["TransactItems"], default=lambda value: value.hex(), option=orjson.OPT_SORT_KEYS
    )
    actions = [_action(dynamodb, each) for each in request["TransactItems"]]
    with dynamodb.store.write() as tx:
        if token is not None and writes.is_repeated(dynamodb, tx, call, token, asked):
            return {}
        tables = [require_table(dynamodb, tx, call, each["TableName"]) for each, _ in actions]
        drafts = [draft for _, draft in actions]
        writes.lock_all(dynamodb.tables, tx, distinct_items(tables, drafts))
        outcomes = perform_all(dynamodb, tx, tables, drafts, call.now)
        return _answer(dynamodb, tx, request, outcomes)


def _action(dynamodb: DynamoDb, given: Request) -> tuple[Request, Draft]:
    if len(given) != 1:
        raise ValidationException(
            "TransactItems can only contain one of Check, Put, Update or Delete"
        )
    [(kind, request)] = given.items()
    if kind == "Put":
        return request, writes.draft_put(request, dynamodb.limits)
    if kind == "Update":
        return request, writes.draft_update(request)
    if kind == "Delete":
        return request, writes.draft_delete(request)
    return request, writes.draft_check(request)


def distinct_items(tables: list[Table], drafts: list[Draft]) -> list[tuple[Table, Key]]:
    """The items that drafts are about. Raises where two are about the same, or a key is unfit."""
    seen: set[tuple[int, Key]] = set()
    located: list[tuple[Table, Key]] = []
    reasons: list[Reason] = []
    for table, draft in zip(tables, drafts, strict=True):
        try:
            located.append((table, writes.locate(table, draft)))
            reasons.append({"Code": "None"})
        except AwsError as refusal:
            reasons.append(_reason(refusal))
    if len(located) < len(drafts):
        raise _cancelled(reasons)
    for table, key in located:
        _refuse_second(seen, table, key)
    return located


def _refuse_second(seen: set[tuple[int, Key]], table: Table, key: Key) -> None:
    if (table.number, key) in seen:
        raise ValidationException(
            "Transaction request cannot include multiple operations on one item"
        )
    seen.add((table.number, key))


def perform_all(
    dynamodb: DynamoDb, tx: Tx, tables: list[Table], drafts: list[Draft], now: int
) -> list[Outcome]:
    """Perform all. What is refused does not stop the others: every reason is told, then all undone."""
    outcomes: list[Outcome] = []
    reasons: list[Reason] = []
    for table, draft in zip(tables, drafts, strict=True):
        draft.needs_old = True
        try:
            outcomes.append(writes.perform(dynamodb, tx, table, draft, now))
            reasons.append({"Code": "None"})
        except AwsError as refusal:
            reasons.append(_reason(refusal))
    if len(outcomes) < len(drafts):
        raise _cancelled(reasons)
    return outcomes


def _cancelled(reasons: list[Reason]) -> TransactionCanceledException:
    codes = ", ".join(reason["Code"] for reason in reasons)
    return TransactionCanceledException(
        f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]",
        members={"CancellationReasons": reasons},
    )


def _reason(refusal: AwsError) -> Reason:
    if isinstance(refusal, ConditionalCheckFailedException):
        return {"Code": "ConditionalCheckFailed", "Message": refusal.text, **refusal.members}
    if isinstance(refusal, ValidationException):
        return {"Code": "ValidationError", "Message": refusal.text}
    raise refusal


def _answer(dynamodb: DynamoDb, tx: Tx, request: Request, outcomes: list[Outcome]) -> Result:
    result: dict[str, Any] = {}
    wanted = request.get("ReturnConsumedCapacity", "NONE")
    if wanted != "NONE":
        result["ConsumedCapacity"] = _consumed(wanted, outcomes)
    if request.get("ReturnItemCollectionMetrics") == "SIZE":
        metrics: dict[str, list[dict[str, Any]]] = {}
        for outcome in outcomes:
            if outcome.table.has_local_indexes:
                metrics.setdefault(outcome.table.name, []).append(
                    collection_metrics(dynamodb, tx, outcome)
                )
        if metrics:
            result["ItemCollectionMetrics"] = metrics
    return result


def _consumed(wanted: str, outcomes: list[Outcome]) -> list[dict[str, Any]]:
    tables: dict[str, Table] = {}
    units: dict[str, float] = {}
    index_units: dict[str, dict[str, float]] = {}
    for outcome in outcomes:
        name = outcome.table.name
        tables[name] = outcome.table
        units[name] = units.get(name, 0.0) + outcome.units * capacity.TRANSACTION_FACTOR
        of_table = index_units.setdefault(name, {})
        for index, cost in outcome.index_units.items():
            of_table[index] = of_table.get(index, 0.0) + cost * capacity.TRANSACTION_FACTOR
    found = []
    for name, table in tables.items():
        cost_told = consumed_by_write(wanted, table, units[name], index_units[name])
        assert cost_told is not None, "it was asked for"
        found.append({**cost_told, "WriteCapacityUnits": cost_told["CapacityUnits"]})
    return found
