"""SELECT: a query where the partition is given, otherwise a scan, both through the condition."""

from __future__ import annotations

from collections.abc import Callable

from fogline.services.dynamodb.errors import ValidationException
from fogline.services.dynamodb.expressions import nodes
from fogline.services.dynamodb.expressions.compiled import condition_from
from fogline.services.dynamodb.expressions.key_conditions import KeyRange, key_range, key_tests
from fogline.services.dynamodb.expressions.paths import reader
from fogline.services.dynamodb.keys import KeySchema
from fogline.services.dynamodb.partiql.statements import Select, conjuncts, equalities
from fogline.services.dynamodb.reads import Fetch, Page, read_page
from fogline.services.dynamodb.selection import start_of
from fogline.services.dynamodb.service import DynamoDb
from fogline.services.dynamodb.table import Index, Table
from fogline.services.dynamodb.tables import Line, Position
from fogline.services.dynamodb.values import Item
from fogline.store.store import Tx

_BEGINNING = Position(b"", b"")


def select_page(
    dynamodb: DynamoDb,
    tx: Tx,
    table: Table,
    select: Select,
    limit: int | None,
    after: Item | None,
) -> Page:
    """One page of what a SELECT finds; its `last` holds the keys of the last item only."""
    index: Index | None = None
    if select.index:
        index = table.find_index(select.index)
        if index is None:
            raise ValidationException(
                f"The table does not have the specified index: {select.index}"
            )
    schema = index.schema if index is not None else table.schema
    keep: Callable[[Item], bool] | None = None
    if select.where is not None:
        condition = condition_from(select.where, kind="WHERE clause")
        condition.check(select.values)
        test = condition.test

        def keep(item: Item) -> bool:
            return test(item, select.values)

    page = read_page(
        _fetch(dynamodb, tx, table, index, _range(select, schema), select.is_forward),
        start_of(table, index, after),
        limit=limit,
        bytes_max=dynamodb.limits.page_bytes_max,
        keep=keep,
        shape=_shape(select.paths) if select.paths else None,
        is_counted_only=False,
    )
    if page.last is not None:
        names = table.schema.names + (index.schema.names if index is not None else ())
        page.last = {name: page.last[name] for name in names}
    return page


def _range(select: Select, schema: KeySchema) -> KeyRange | None:
    """The part of one partition that the condition leaves, None where it names no partition."""
    if schema.partition not in equalities(select.where):
        if select.is_forward is not None:
            raise ValidationException(
                "Must have WHERE clause in the statement when using ORDER BY clause."
            )
        return None
    of_key: list[nodes.Condition] = []
    for name in schema.names:
        for each in conjuncts(select.where):
            if (
                list(nodes.paths_read(each)) == [(name,)]
                and _is_key_condition(each)
                and not any(isinstance(part, nodes.Function) for part in nodes.operands_of(each))
            ):
                of_key.append(each)
                break
    tests = key_tests(nodes.Every(tuple(of_key)))
    return key_range(tests, schema, select.values)


def _is_key_condition(condition: nodes.Condition) -> bool:
    if isinstance(condition, nodes.Function):
        return condition.name == "begins_with" and isinstance(
            condition.operands[0], nodes.PathOperand
        )
    if isinstance(condition, nodes.Between):
        return isinstance(condition.operand, nodes.PathOperand)
    return isinstance(condition, nodes.Comparison) and condition.operator != "<>"


def _fetch(
    dynamodb: DynamoDb,
    tx: Tx,
    table: Table,
    index: Index | None,
    wanted: KeyRange | None,
    is_forward: bool | None,
) -> Fetch:
    tables = dynamodb.tables
    forward = is_forward is not False

    def fetch(after: Position | None, count: int) -> list[Line]:
        if wanted is None:
            start = after or _BEGINNING
            if index is not None:
                return tables.scan_entries(tx, index, start, None, count)
            return tables.scan_items(tx, table, start, None, count)
        low, high = wanted.low, wanted.high
        if index is not None:
            return tables.query_entries(
                tx, index, wanted.partition, low, high, after, count, is_forward=forward
            )
        if after is not None and forward:
            low = after.sort + b"\0"
        elif after is not None:
            high = after.sort
        return tables.query_items(tx, table, wanted.partition, low, high, count, is_forward=forward)

    return fetch


def _shape(paths: tuple[nodes.Path, ...]) -> Callable[[Item], Item]:
    """Each path's value under the last name of the path."""
    readers = [
        ([part for part in path if isinstance(part, str)][-1], reader(path)) for path in paths
    ]

    def shape(item: Item) -> Item:
        found: Item = {}
        for name, read in readers:
            value = read(item)
            if value is not None:
                found[name] = value
        return found

    return shape
