"""Queries and scans: many items of a table or an index, page by page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fogline.aws.call import Call
from fogline.services.dynamodb import capacity, legacy, selection
from fogline.services.dynamodb.errors import ValidationException
from fogline.services.dynamodb.expressions.bindings import Bindings
from fogline.services.dynamodb.expressions.compiled import Condition
from fogline.services.dynamodb.expressions.key_conditions import (
    KeyRange,
    KeyTest,
    key_range,
    refuse_key_attributes,
)
from fogline.services.dynamodb.keys import segment_bounds
from fogline.services.dynamodb.lookup import require_table
from fogline.services.dynamodb.reads import Fetch, Page, read_page
from fogline.services.dynamodb.selection import Selection
from fogline.services.dynamodb.service import DynamoDb
from fogline.services.dynamodb.table import Index, Table
from fogline.services.dynamodb.tables import Line, Position
from fogline.services.dynamodb.values import Item, Value
from fogline.store.store import Tx

Request = Mapping[str, Any]
Result = Mapping[str, Any]
Values = Mapping[str, Value]
Filter = tuple[Condition, Values] | None

_BEGINNING = Position(b"", b"")

_QUERY_EXPRESSIONS = ("ProjectionExpression", "FilterExpression", "KeyConditionExpression")
_QUERY_LEGACY = ("AttributesToGet", "QueryFilter", "ConditionalOperator", "KeyConditions")
_SCAN_EXPRESSIONS = ("ProjectionExpression", "FilterExpression")
_SCAN_LEGACY = ("AttributesToGet", "ScanFilter", "ConditionalOperator")


def query(dynamodb: DynamoDb, call: Call, request: Request) -> Result:
    bindings = Bindings(request, _QUERY_EXPRESSIONS, _QUERY_LEGACY)
    chosen = selection.requested(request, bindings)
    found_filter = _filter(request, bindings, "QueryFilter")
    tests, values = _key_tests(request, bindings)
    bindings.refuse_unused()
    with dynamodb.store.read() as tx:
        table = require_table(dynamodb, tx, call, request["TableName"])
        index = selection.require_index(table, request)
        schema = index.schema if index is not None else table.schema
        wanted = key_range(tests, schema, values)
        if found_filter is not None:
            condition = found_filter[0]
            refuse_key_attributes(condition.kind, condition.tree, schema)
        start = selection.start_of(table, index, request.get("ExclusiveStartKey"))
        if start is not None and not _is_within(start, wanted):
            raise ValidationException(
                "The provided starting key is outside query boundaries based on provided conditions"
            )
        is_forward = request.get("ScanIndexForward", True)
        if index is None:
            fetch = _items(dynamodb, tx, table, wanted, is_forward=is_forward)
        else:
            fetch = _entries(dynamodb, tx, index, wanted, is_forward=is_forward)
        return _answer(dynamodb, tx, request, table, index, chosen, found_filter, fetch, start)


def scan(dynamodb: DynamoDb, call: Call, request: Request) -> Result:
    bindings = Bindings(request, _SCAN_EXPRESSIONS, _SCAN_LEGACY)
    chosen = selection.requested(request, bindings)
    found_filter = _filter(request, bindings, "ScanFilter")
    bindings.refuse_unused()
    low, high = _segment(request)
    with dynamodb.store.read() as tx:
        table = require_table(dynamodb, tx, call, request["TableName"])
        index = selection.require_index(table, request)
        start = selection.start_of(table, index, request.get("ExclusiveStartKey"))
        if start is not None and (
            start.partition < low or (high is not None and start.partition >= high)
        ):
            raise ValidationException(
                "The provided Exclusive start key does not map to the provided Segment and "
                "TotalSegments values."
            )
        first = Position(low, b"")

        def fetch(after: Position | None, count: int) -> list[Line]:
            if index is not None:
                return dynamodb.tables.scan_entries(tx, index, after or first, high, count)
            return dynamodb.tables.scan_items(tx, table, after or first, high, count)

        return _answer(dynamodb, tx, request, table, index, chosen, found_filter, fetch, start)


# ---- what is asked


def _filter(request: Request, bindings: Bindings, older: str) -> Filter:
    if "FilterExpression" in request:
        condition = bindings.condition("FilterExpression", request["FilterExpression"])
        return condition, bindings.values
    return legacy.condition_of(request, older)


def _key_tests(request: Request, bindings: Bindings) -> tuple[tuple[KeyTest, ...], Values]:
    text = request.get("KeyConditionExpression")
    if text is not None:
        return bindings.key_condition(text).tests, bindings.values
    given = request.get("KeyConditions")
    if given is None:
        raise ValidationException(
            "Either the KeyConditions or KeyConditionExpression parameter must be specified in the "
            "request."
        )
    return legacy.key_tests_of(given)


def _segment(request: Request) -> tuple[bytes, bytes | None]:
    segment, total = request.get("Segment"), request.get("TotalSegments")
    if segment is None and total is None:
        return b"", None
    if total is None:
        raise ValidationException(
            "The TotalSegments parameter is required but was not present in the request when "
            "Segment parameter is present"
        )
    if segment is None:
        raise ValidationException(
            "The Segment parameter is required but was not present in the request when parameter "
            "TotalSegments is present"
        )
    if segment >= total:
        raise ValidationException(
            "The Segment parameter is zero-based and must be less than parameter TotalSegments: "
            f"Segment: {segment} is not less than TotalSegments: {total}"
        )
    return segment_bounds(segment, total)


def _is_within(start: Position, wanted: KeyRange) -> bool:
    return (
        start.partition == wanted.partition
        and start.sort >= wanted.low
        and (wanted.high is None or start.sort < wanted.high)
    )


# ---- what is read


def _items(
    dynamodb: DynamoDb, tx: Tx, table: Table, wanted: KeyRange, *, is_forward: bool
) -> Fetch:
    def fetch(after: Position | None, count: int) -> list[Line]:
        low, high = wanted.low, wanted.high
        if after is not None and is_forward:
            low = after.sort + b"\0"
        elif after is not None:
            high = after.sort
        return dynamodb.tables.query_items(
            tx, table, wanted.partition, low, high, count, is_forward=is_forward
        )

    return fetch


def _entries(
    dynamodb: DynamoDb, tx: Tx, index: Index, wanted: KeyRange, *, is_forward: bool
) -> Fetch:
    def fetch(after: Position | None, count: int) -> list[Line]:
        return dynamodb.tables.query_entries(
            tx,
            index,
            wanted.partition,
            wanted.low,
            wanted.high,
            after,
            count,
            is_forward=is_forward,
        )

    return fetch


def _answer(
    dynamodb: DynamoDb,
    tx: Tx,
    request: Request,
    table: Table,
    index: Index | None,
    chosen: Selection,
    found_filter: Filter,
    fetch: Fetch,
    start: Position | None,
) -> Result:
    shape = selection.shape_for(dynamodb, tx, table, index, chosen)
    keep: Callable[[Item], bool] | None = None
    if found_filter is not None:
        test, values = found_filter[0].test, found_filter[1]
        # A local index lends its filter what it does not hold itself.
        whole = selection.completion(dynamodb, tx, table, index) if chosen.completes else None

        def keep(item: Item) -> bool:
            return test(whole(item) if whole is not None else item, values)

    page = read_page(
        fetch,
        start,
        limit=request.get("Limit"),
        bytes_max=dynamodb.limits.page_bytes_max,
        keep=keep,
        shape=shape,
        is_counted_only=chosen.is_count,
    )
    result: dict[str, Any] = {"Count": page.count, "ScannedCount": page.scanned}
    if not chosen.is_count:
        result["Items"] = page.items
    if page.last is not None:
        names = table.schema.names + (index.schema.names if index is not None else ())
        result["LastEvaluatedKey"] = {name: page.last[name] for name in names}
    if "ReturnConsumedCapacity" in request:
        result["ConsumedCapacity"] = _consumed(request, table, index, page)
    return result


def _consumed(
    request: Request, table: Table, index: Index | None, page: Page
) -> dict[str, Any] | None:
    units = capacity.read_units(page.size, is_consistent=request.get("ConsistentRead", False))
    wanted = request["ReturnConsumedCapacity"]
    if index is None:
        return capacity.consumed(wanted, table.name, units)
    of_index = {index.name: units}
    if index.is_local:
        return capacity.consumed(wanted, table.name, 0.0, None, of_index)
    return capacity.consumed(wanted, table.name, 0.0, of_index)
