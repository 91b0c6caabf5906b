"""What a query or a scan hands out: from which index, which attributes, beginning where."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fogline.services.dynamodb import legacy
from fogline.services.dynamodb.errors import ValidationException, invalid_parameters
from fogline.services.dynamodb.expressions.bindings import Bindings
from fogline.services.dynamodb.expressions.compiled import Projection
from fogline.services.dynamodb.keys import KeySchema, shortened
from fogline.services.dynamodb.service import DynamoDb
from fogline.services.dynamodb.table import Index, Table
from fogline.services.dynamodb.tables import Position
from fogline.services.dynamodb.values import Item, admit
from fogline.store.store import Tx

Request = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Selection:
    """Which attributes are wanted. `select` is AWS's word, "" where the client said none."""

    select: str
    projection: Projection | None

    @property
    def is_count(self) -> bool:
        return self.select == "COUNT"

    @property
    def completes(self) -> bool:
        """True when attributes that a local index does not hold are read from the table."""
        return self.select == "ALL_ATTRIBUTES"


def requested(request: Request, bindings: Bindings) -> Selection:
    """The selection of a request, or a refusal where its parts contradict each other."""
    select: str = request.get("Select", "")
    name = "ProjectionExpression" if "ProjectionExpression" in request else "AttributesToGet"
    if name not in request:
        if select == "SPECIFIC_ATTRIBUTES":
            raise ValidationException(
                "Must specify the AttributesToGet or ProjectionExpression when choosing to get "
                "SPECIFIC_ATTRIBUTES"
            )
        return Selection(select, None)
    if select and select != "SPECIFIC_ATTRIBUTES":
        what = "only the Count" if select == "COUNT" else select
        raise ValidationException(f"Cannot specify the {name} when choosing to get {what}")
    if name == "ProjectionExpression":
        return Selection(select, bindings.projection(request[name]))
    return Selection(select, legacy.projection_from(request[name]))


def require_index(table: Table, request: Request) -> Index | None:
    """The index that a request reads, None for the table itself."""
    name = request.get("IndexName")
    select = request.get("Select", "")
    if name is None:
        if select == "ALL_PROJECTED_ATTRIBUTES":
            raise invalid_parameters(
                "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName"
            )
        return None
    index = table.find_index(name)
    if index is None:
        raise ValidationException(f"The table does not have the specified index: {name}")
    if not index.is_local and request.get("ConsistentRead"):
        raise ValidationException("Consistent reads are not supported on global secondary indexes")
    if select == "ALL_ATTRIBUTES" and not index.is_local and not index.projects_all:
        raise invalid_parameters(
            "Select type ALL_ATTRIBUTES is not supported for global secondary index "
            f"{name} because its projection type is not ALL"
        )
    return index


def shape_for(
    dynamodb: DynamoDb, tx: Tx, table: Table, index: Index | None, chosen: Selection
) -> Callable[[Item], Item] | None:
    """What makes of a row's item the item that is handed out; None where nothing is to be done."""
    projection = chosen.projection
    if index is None or index.projects_all:
        return projection.project if projection is not None else None
    if projection is None:
        whole = completion(dynamodb, tx, table, index)
        return whole if index.is_local and chosen.completes else None
    beyond = sorted({str(path[0]) for path in projection.paths} - index.attributes)
    if not beyond:
        return projection.project
    if not index.is_local:
        raise invalid_parameters(
            f"Global secondary index {index.name} does not project {beyond}".replace("'", "")
        )
    whole = completion(dynamodb, tx, table, index)
    assert whole is not None, "this index does not hold everything"
    return lambda item: projection.project(whole(item))


def completion(
    dynamodb: DynamoDb, tx: Tx, table: Table, index: Index | None
) -> Callable[[Item], Item] | None:
    """What reads the whole item of an index's entry; None where the entry is the whole item."""
    if index is None or index.projects_all:
        return None

    def complete(entry: Item) -> Item:
        stored = dynamodb.tables.find_item(tx, table, table.schema.locate_item(entry))
        assert stored is not None, "an entry is written and removed with its item"
        return stored.item

    return complete


def start_of(table: Table, index: Index | None, key: Item | None) -> Position | None:
    """Where reading goes on after `ExclusiveStartKey`."""
    if not key:
        return None
    own = table.schema
    names = {*own.names, *(index.schema.names if index is not None else ())}
    if key.keys() != names:
        raise ValidationException("The provided starting key is invalid")
    for value in key.values():
        admit(value)
    partition, sort = _located(own, key)
    if index is None:
        return Position(partition, sort)
    return Position(*_located(index.schema, key), partition, shortened(sort))


def _located(schema: KeySchema, key: Item) -> tuple[bytes, bytes]:
    try:
        return schema.locate(schema.key_of(key))
    except ValidationException:
        raise ValidationException("The provided starting key is invalid") from None
