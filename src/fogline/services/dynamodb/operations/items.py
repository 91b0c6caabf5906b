"""Items: put, read, updated and deleted, one at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.aws.call import Call
from fogline.services.dynamodb import capacity, writes
from fogline.services.dynamodb.errors import ValidationException
from fogline.services.dynamodb.lookup import require_table
from fogline.services.dynamodb.reads import projection_for
from fogline.services.dynamodb.service import DynamoDb
from fogline.services.dynamodb.write_answers import answer_to_write

# The published types of items are those of the resource client, with Python's numbers and sets.
Request = Mapping[str, Any]
Result = Mapping[str, Any]


def get_item(dynamodb: DynamoDb, call: Call, request: Request) -> Result:
    projection = projection_for(request)
    with dynamodb.store.read() as tx:
        table = require_table(dynamodb, tx, call, request["TableName"])
        stored = dynamodb.tables.find_item(tx, table, table.schema.locate(request["Key"]))
    result: dict[str, Any] = {}
    if stored is not None:
        item = stored.item
        result["Item"] = item if projection is None else projection.project(item)
    if "ReturnConsumedCapacity" in request:
        units = capacity.read_units(
            stored.size if stored is not None else 0,
            is_consistent=request.get("ConsistentRead", False),
        )
        result["ConsumedCapacity"] = capacity.consumed(
            request["ReturnConsumedCapacity"], table.name, units
        )
    return result


def put_item(dynamodb: DynamoDb, call: Call, request: Request) -> Result:
    _refuse_new_values(request)
    draft = writes.draft_put(request, dynamodb.limits)
    with dynamodb.store.write() as tx:
        table = require_table(dynamodb, tx, call, request["TableName"])
        outcome = writes.perform(dynamodb, tx, table, draft, call.now)
        return answer_to_write(dynamodb, tx, request, draft, outcome)


def delete_item(dynamodb: DynamoDb, call: Call, request: Request) -> Result:
    _refuse_new_values(request)
    draft = writes.draft_delete(request)
    with dynamodb.store.write() as tx:
        table = require_table(dynamodb, tx, call, request["TableName"])
        outcome = writes.perform(dynamodb, tx, table, draft, call.now)
        return answer_to_write(dynamodb, tx, request, draft, outcome)


def update_item(dynamodb: DynamoDb, call: Call, request: Request) -> Result:
    draft = writes.draft_update(request)
    with dynamodb.store.write() as tx:
        table = require_table(dynamodb, tx, call, request["TableName"])
        outcome = writes.perform(dynamodb, tx, table, draft, call.now)
        return answer_to_write(dynamodb, tx, request, draft, outcome)


def _refuse_new_values(request: Mapping[str, Any]) -> None:
    if request.get("ReturnValues", "NONE") not in ("NONE", "ALL_OLD"):
        raise ValidationException("ReturnValues can only be ALL_OLD or NONE")
