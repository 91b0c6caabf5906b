"""Entries of indexes: kept in step with their items, in the same transaction."""

from __future__ import annotations

from fogline.aws.errors import ValidationException
from fogline.services.dynamodb import capacity
from fogline.services.dynamodb.packing import unpacked
from fogline.services.dynamodb.table import Index, Table
from fogline.services.dynamodb.tables import Key, Line, Tables
from fogline.services.dynamodb.values import Item, item_bytes
from fogline.store.store import Tx


def write_entries(
    tables: Tables,
    tx: Tx,
    table: Table,
    key: Key,
    old: Item | None,
    new: Item | None,
    *,
    is_update: bool,
) -> dict[str, float]:
    """Bring every index of a table in step with a change; what that cost, by index.

    Raises ValidationException when the new item holds something that an index's key cannot be.
    """
    units: dict[str, float] = {}
    for index in table.indexes:
        before = _place(index, old) if old is not None else None
        after = _located(index, new, is_update=is_update) if new is not None else None
        cost = 0.0
        if before is not None and before != after:
            assert old is not None, "what has an entry is an item"
            tables.remove_entry(tx, index, before, key)
            cost += capacity.write_units(item_bytes(index.projected(old)))
        if after is not None:
            assert new is not None, "what gets an entry is an item"
            entry = index.projected(new)
            if before != after or old is None or index.projected(old) != entry:
                size = item_bytes(entry)
                tables.save_entry(tx, index, after, key, entry, size)
                cost += capacity.write_units(size)
        if cost:
            units[index.name] = cost
    return units


def _located(index: Index, item: Item, *, is_update: bool) -> Key | None:
    try:
        return index.schema.locate_index_entry(item, index.name)
    except ValidationException as refusal:
        if not is_update:
            raise
        if "empty" in refusal.text:
            raise ValidationException(
                "The update expression attempted to update the secondary index key to a value "
                "that is not supported. The AttributeValue for a key attribute cannot contain an "
                "empty string value."
            ) from None
        raise ValidationException(
            "The update expression attempted to update the secondary index key to unsupported type"
        ) from None


def fill_index(tables: Tables, tx: Tx, index: Index, lines: list[Line]) -> None:
    """Give an index, newly made, the entries of items that were there before it.

    An item whose attribute has the wrong type for the index's key stays outside, as on AWS.
    """
    for partition, sort, _, packed_item in lines:
        item = unpacked(packed_item)
        position = _place(index, item)
        if position is not None:
            entry = index.projected(item)
            tables.save_entry(tx, index, position, (partition, sort), entry, item_bytes(entry))


def _place(index: Index, item: Item) -> Key | None:
    """Where an item that was there before the index has its entry, if it has one."""
    try:
        return index.schema.locate_index_entry(item, index.name)
    except ValidationException:
        return None
