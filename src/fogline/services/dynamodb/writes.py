"""One write of one item: what it asks, the condition it stands under, and what it does.

A draft is made from a request before any table is looked at, so that a malformed request is refused
as AWS refuses it: first. Single operations, batches and transactions perform the same drafts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fogline.aws.call import Call
from fogline.aws.errors import ValidationException
from fogline.services.dynamodb import capacity, legacy, streams
from fogline.services.dynamodb.errors import (
    ConditionalCheckFailedException,
    IdempotentParameterMismatchException,
    invalid_parameters,
)
from fogline.services.dynamodb.expiry import expires_at
from fogline.services.dynamodb.expressions.bindings import Bindings
from fogline.services.dynamodb.expressions.compiled import Condition, Update
from fogline.services.dynamodb.index_entries import write_entries
from fogline.services.dynamodb.limits import Limits
from fogline.services.dynamodb.service import DynamoDb
from fogline.services.dynamodb.table import Table
from fogline.services.dynamodb.tables import Key, Stored, Tables
from fogline.services.dynamodb.values import (
    NESTING_MAX,
    Item,
    Value,
    admit_item,
    item_bytes,
    nesting,
)
from fogline.store.store import Tx

EXPIRY_TOPIC = "dynamodb.expiry"

Request = Mapping[str, Any]
Values = Mapping[str, Value]

_EXPRESSIONS = ("ConditionExpression",)
_UPDATE_EXPRESSIONS = ("UpdateExpression", "ConditionExpression")
_LEGACY = ("Expected", "ConditionalOperator")
_UPDATE_LEGACY = ("AttributeUpdates", "Expected", "ConditionalOperator")
_NOTHING: Item = {}


@dataclass(slots=True)
class Draft:
    """A write as asked. `item` is a Put's; `update` an Update's; a Delete and a check have neither."""

    kind: str
    condition: Condition | None
    condition_values: Values
    item: Item | None = None
    item_size: int = 0
    key: Item = field(default_factory=dict)
    update: Update | None = None
    update_values: Values = field(default_factory=dict)
    returns_old_on_failure: bool = False
    needs_old: bool = False


@dataclass(slots=True)
class Outcome:
    """What a write found and left. `units` are what it cost the table, `index_units` its indexes."""

    table: Table
    key: Key
    old: Item | None
    new: Item | None
    units: float
    index_units: dict[str, float]


# ---- drafts


def draft_put(request: Request, limits: Limits) -> Draft:
    """The draft of a PutItem, or of what has its members."""
    condition, values = _condition(request)
    item: Item = request["Item"]
    size = admit_item(item)
    if size > limits.item_bytes_max:
        raise ValidationException("Item size has exceeded the maximum allowed size")
    return _drafted(request, Draft("Put", condition, values, item=item, item_size=size))


def draft_delete(request: Request) -> Draft:
    """The draft of a DeleteItem, or of what has its members."""
    condition, values = _condition(request)
    return _drafted(request, Draft("Delete", condition, values, key=request["Key"]))


def draft_check(request: Request) -> Draft:
    """The draft of a transaction's ConditionCheck."""
    condition, values = _condition(request)
    return _drafted(request, Draft("Check", condition, values, key=request["Key"]))


def draft_update(request: Request) -> Draft:
    """The draft of an UpdateItem, or of what has its members."""
    bindings = Bindings(request, _UPDATE_EXPRESSIONS, _UPDATE_LEGACY)
    update: Update | None = None
    update_values: Values = bindings.values
    if "UpdateExpression" in request:
        update = bindings.update(request["UpdateExpression"])
    elif request.get("AttributeUpdates"):
        update, update_values = legacy.update_of(request["AttributeUpdates"])
    condition, values = _bound_condition(request, bindings)
    bindings.refuse_unused()
    draft = Draft("Update", condition, values, key=request["Key"])
    draft.update, draft.update_values = update, update_values
    return _drafted(request, draft)


def _drafted(request: Request, draft: Draft) -> Draft:
    draft.returns_old_on_failure = request.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"
    draft.needs_old = (
        draft.condition is not None
        or request.get("ReturnValues", "NONE") != "NONE"
        or request.get("ReturnConsumedCapacity", "NONE") != "NONE"
    )
    return draft


def _condition(request: Request) -> tuple[Condition | None, Values]:
    bindings = Bindings(request, _EXPRESSIONS, _LEGACY)
    found = _bound_condition(request, bindings)
    bindings.refuse_unused()
    return found


def _bound_condition(request: Request, bindings: Bindings) -> tuple[Condition | None, Values]:
    text = request.get("ConditionExpression")
    if text is not None:
        return bindings.condition("ConditionExpression", text), bindings.values
    if "Expected" in request or "ConditionalOperator" in request:
        found = legacy.condition_of(request, "Expected")
        if found is not None:
            return found
    return None, bindings.values


# ---- performing them


def perform(dynamodb: DynamoDb, tx: Tx, table: Table, draft: Draft, now: int) -> Outcome:
    """Do what a draft asks. Raises ConditionalCheckFailedException, having changed nothing."""
    tables, limits = dynamodb.tables, dynamodb.limits
    key = locate(table, draft)
    if draft.update is not None:
        _refuse_key_update(table, draft.update)
    stored: Stored | None = None
    if tables.is_shared:
        tx.lock(_lock_name(table, key))
    if draft.needs_old or table.is_watched or draft.item is None:
        stored = tables.find_item(tx, table, key)
    old = stored.item if stored is not None else None
    condition = draft.condition
    if condition is not None and not condition.test(
        old if old is not None else _NOTHING, draft.condition_values
    ):
        raise ConditionalCheckFailedException(
            members={"Item": old} if draft.returns_old_on_failure and old is not None else None
        )
    if draft.kind == "Check":
        return Outcome(table, key, old, old, capacity.write_units(_size(stored)), {})
    new, size = _new_item(draft, old, limits)
    index_units = (
        write_entries(tables, tx, table, key, old, new, is_update=draft.update is not None)
        if table.indexes
        else {}
    )
    if new is not None:
        expiry = expires_at(table, new) if table.expiry_attribute else None
        tables.save_item(tx, table, key, new, size, expiry)
        if expiry is not None:
            tx.stir(EXPIRY_TOPIC)
    elif old is not None:
        tables.remove_item(tx, table, key)
    if table.stream is not None and old != new:
        streams.record(dynamodb, tx, table, table.stream, old, new, now)
    units = capacity.write_units(max(size, _size(stored)))
    return Outcome(table, key, old, new, units, index_units)


def locate(table: Table, draft: Draft) -> Key:
    """The key of the item that a draft is about."""
    if draft.item is not None:
        return table.schema.locate_item(draft.item)
    return table.schema.locate(draft.key)


def lock_all(tables: Tables, tx: Tx, keys: Iterable[tuple[Table, Key]]) -> None:
    """Lock many items in an order that all writers share, so that none waits for another forever."""
    if not tables.is_shared:
        return
    names = set()
    for table, key in keys:
        names.add(_lock_name(table, key))
        if table.stream is not None:
            names.add(streams.lock_name(table.stream))
    # Streams come after items in this order, as they do in the write of a single item.
    for name in sorted(names):
        tx.lock(name)


def _lock_name(table: Table, key: Key) -> str:
    return f"dynamodb:{table.number}:{key[0].hex()}:{key[1].hex()}"


def _size(stored: Stored | None) -> int:
    return stored.size if stored is not None else 0


def _refuse_key_update(table: Table, update: Update) -> None:
    for path in update.paths:
        if path[0] in table.key_names:
            raise invalid_parameters(
                f"Cannot update attribute {path[0]}. This attribute is part of the key"
            )


def _new_item(draft: Draft, old: Item | None, limits: Limits) -> tuple[Item | None, int]:
    if draft.item is not None:
        return draft.item, draft.item_size
    if draft.kind == "Delete":
        return None, 0
    before = old if old is not None else draft.key
    update = draft.update
    if update is None:
        return before, item_bytes(before)
    new = update.apply(before, draft.update_values)
    # The older form of an update makes no item of nothing when all it does is to delete.
    if old is None and len(new) == len(draft.key) and update.kind == "AttributeUpdates":
        return None, 0
    size = item_bytes(new)
    if size > limits.item_bytes_max:
        raise ValidationException("Item size to update has exceeded the maximum allowed size")
    if update.is_nested and nesting(new.values()) > NESTING_MAX:
        raise ValidationException("Nesting Levels have exceeded supported limits")
    return new, size


def remove_expired(dynamodb: DynamoDb, tx: Tx, table: Table, key: Key, now: int) -> None:
    """Remove an item, if its time has passed still."""
    tables = dynamodb.tables
    if tables.is_shared:
        tx.lock(_lock_name(table, key))
    stored = tables.find_item(tx, table, key)
    if stored is None:
        return
    expiry = expires_at(table, stored.item)
    if expiry is None or expiry > now:
        # The item, or the table's idea of it, changed since it was found due.
        tables.set_expiry(tx, table, key, expiry)
        return
    write_entries(tables, tx, table, key, stored.item, None, is_update=False)
    tables.remove_item(tx, table, key)
    if table.stream is not None:
        streams.record(dynamodb, tx, table, table.stream, stored.item, None, now, by_expiry=True)


def is_repeated(dynamodb: DynamoDb, tx: Tx, call: Call, token: str, asked: bytes) -> bool:
    """True when the same was asked under the same token a short while ago: then it is done."""
    tables, place = dynamodb.tables, (call.account, call.region, token)
    tx.lock(f"dynamodb:token:{':'.join(place)}")
    before = tables.find_request(tx, *place, call.now)
    if before is None:
        expiry = call.now + dynamodb.limits.client_token_milliseconds
        tables.save_request(tx, *place, expiry, asked)
        return False
    if before != asked:
        raise IdempotentParameterMismatchException()
    return True
