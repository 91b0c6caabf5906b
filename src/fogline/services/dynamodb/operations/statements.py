"""PartiQL: statements alone, in batches, and in transactions."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

import orjson

from fogline.aws.call import Call
from fogline.aws.errors import AwsError
from fogline.services.dynamodb import capacity, writes
from fogline.services.dynamodb.errors import (
    ConditionalCheckFailedException,
    DuplicateItemException,
    ValidationException,
)
from fogline.services.dynamodb.expressions import nodes
from fogline.services.dynamodb.expressions.compiled import condition_from, update_from
from fogline.services.dynamodb.lookup import require_table
from fogline.services.dynamodb.operations.transactions import distinct_items, perform_all
from fogline.services.dynamodb.packing import packed, unpacked
from fogline.services.dynamodb.partiql.parser import read_statement
from fogline.services.dynamodb.partiql.selecting import select_page
from fogline.services.dynamodb.partiql.statements import (
    Change,
    Exists,
    Insert,
    Select,
    Statement,
    equalities,
)
from fogline.services.dynamodb.service import DynamoDb
from fogline.services.dynamodb.table import Table
from fogline.services.dynamodb.values import Item, admit_item
from fogline.services.dynamodb.write_answers import consumed_by_write, returned
from fogline.services.dynamodb.writes import Draft, Outcome
from fogline.store.store import Tx

Request = Mapping[str, Any]
Result = Mapping[str, Any]


# ---- one statement


def execute_statement(dynamodb: DynamoDb, call: Call, request: Request) -> Result:
    statement = read_statement(request["Statement"], request.get("Parameters") or ())
    if isinstance(statement, Select):
        return _select(dynamodb, call, request, statement)
    if isinstance(statement, Exists):
        raise ValidationException("EXISTS is only supported in transactions.")
    with dynamodb.store.write() as tx:
        table = require_table(dynamodb, tx, call, statement.table)
        draft, returning = _draft(dynamodb, table, statement)
        outcome = _write(dynamodb, tx, call, table, statement, draft)
    result: dict[str, Any] = {"Items": []}
    attributes = returned(returning, draft, outcome)
    if attributes:
        result["Items"] = [attributes]
    cost = consumed_by_write(
        request.get("ReturnConsumedCapacity"), table, outcome.units, outcome.index_units
    )
    if cost is not None:
        result["ConsumedCapacity"] = cost
    return result


def _select(dynamodb: DynamoDb, call: Call, request: Request, select: Select) -> Result:
    with dynamodb.store.read() as tx:
        table = require_table(dynamodb, tx, call, select.table)
        start = _read_token(request["NextToken"]) if "NextToken" in request else None
        page = select_page(dynamodb, tx, table, select, request.get("Limit"), start)
    result: dict[str, Any] = {"Items": page.items}
    if page.last is not None:
        result["LastEvaluatedKey"] = page.last
        result["NextToken"] = base64.b64encode(packed(page.last)).decode()
    units = capacity.read_units(page.size, is_consistent=request.get("ConsistentRead", False))
    cost = capacity.consumed(request.get("ReturnConsumedCapacity"), table.name, units)
    if cost is not None:
        result["ConsumedCapacity"] = cost
    return result


def _read_token(text: str) -> Item:
    try:
        return unpacked(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError, AttributeError, TypeError):
        raise ValidationException("NextToken does not match request") from None


def _write(
    dynamodb: DynamoDb,
    tx: Tx,
    call: Call,
    table: Table,
    statement: Statement,
    draft: Draft,
) -> Outcome:
    try:
        return writes.perform(dynamodb, tx, table, draft, call.now)
    except ConditionalCheckFailedException:
        if isinstance(statement, Insert):
            raise DuplicateItemException() from None
        raise


def _draft(
    dynamodb: DynamoDb, table: Table, statement: Insert | Change | Exists
) -> tuple[Draft, str]:
    """The write that a statement is, and which attributes it returns."""
    partition = nodes.PathOperand((table.schema.partition,))
    if isinstance(statement, Insert):
        size = admit_item(statement.item)
        if size > dynamodb.limits.item_bytes_max:
            raise ValidationException("Item size has exceeded the maximum allowed size")
        absent = condition_from(nodes.Function("attribute_not_exists", (partition,)), kind="INSERT")
        draft = Draft("Put", absent, {}, item=statement.item, item_size=size, needs_old=True)
        return draft, "NONE"
    if isinstance(statement, Exists):
        where, values, kind, returning = statement.select.where, statement.select.values, "", "NONE"
        kind = "Check"
    else:
        where, values, returning = statement.where, statement.values, statement.returning
        kind = "Delete" if statement.is_delete else "Update"
    known = equalities(where)
    if any(name not in known for name in table.schema.names):
        raise ValidationException(
            "Where clause does not contain a mandatory equality on all key attributes"
        )
    assert where is not None, "what has equalities is a condition"
    key = {name: values[known[name]] for name in table.schema.names}
    # An update changes what is there; deleting what is not there is no mistake.
    present: nodes.Condition = nodes.Function("attribute_exists", (partition,))
    beyond = len(known) > len(key) or not _is_key_only(where, table)
    tree = where if kind == "Delete" and beyond else nodes.Every((present, where))
    condition = condition_from(tree, kind="WHERE clause")
    condition.check(values)
    draft = Draft(kind, condition, values, key=key, needs_old=True)
    if kind == "Delete" and not beyond:
        draft.condition = None
    if isinstance(statement, Change) and not statement.is_delete:
        draft.update = update_from(statement.actions, kind="UpdateExpression")
        draft.update.check(values)
        draft.update_values = values
    return draft, returning


def _is_key_only(where: nodes.Condition, table: Table) -> bool:
    return all(path[0] in table.key_names for path in nodes.paths_read(where))


# ---- many statements


def batch_execute_statement(dynamodb: DynamoDb, call: Call, request: Request) -> Result:
    return {"Responses": [_one(dynamodb, call, each) for each in request["Statements"]]}


def _one(dynamodb: DynamoDb, call: Call, request: Request) -> dict[str, Any]:
    table = ""
    try:
        statement = read_statement(request["Statement"], request.get("Parameters") or ())
        if isinstance(statement, Exists):
            raise ValidationException("EXISTS is only supported in transactions.")
        table = statement.table
        if isinstance(statement, Select):
            with dynamodb.store.read() as tx:
                found = require_table(dynamodb, tx, call, table)
                known = equalities(statement.where)
                if any(name not in known for name in found.schema.names):
                    raise ValidationException(
                        "Select statements within BatchExecuteStatement must specify the primary "
                        "key in the where clause."
                    )
                items = select_page(dynamodb, tx, found, statement, None, None).items
        else:
            result = execute_statement(dynamodb, call, request)
            items = result["Items"]
    except AwsError as refusal:
        code = refusal.code.removesuffix("Exception")
        error = {"Code": {"Validation": "ValidationError"}.get(code, code), "Message": refusal.text}
        failed: dict[str, Any] = {"Error": error}
        return {**failed, "TableName": table} if table else failed
    return {"TableName": table, "Item": items[0]} if items else {"TableName": table}


def execute_transaction(dynamodb: DynamoDb, call: Call, request: Request) -> Result:
    statements = [
        read_statement(each["Statement"], each.get("Parameters") or ())
        for each in request["TransactStatements"]
    ]
    selects = [each for each in statements if isinstance(each, Select)]
    if selects and len(selects) < len(statements):
        raise ValidationException("Transaction statements must be either all reads or all writes.")
    if selects:
        return _read_all(dynamodb, call, selects)
    with dynamodb.store.write() as tx:
        token = request.get("ClientRequestToken")
        asked = orjson.dumps(
            request["TransactStatements"],
            default=lambda value: value.hex(),
            option=orjson.OPT_SORT_KEYS,
        )
        if token is not None and writes.is_repeated(dynamodb, tx, call, token, asked):
            return {}
        tables: list[Table] = []
        drafts: list[Draft] = []
        for statement in statements:
            assert not isinstance(statement, Select), "there are no reads among them"
            name = statement.select.table if isinstance(statement, Exists) else statement.table
            table = require_table(dynamodb, tx, call, name)
            tables.append(table)
            drafts.append(_draft(dynamodb, table, statement)[0])
        writes.lock_all(dynamodb.tables, tx, distinct_items(tables, drafts))
        perform_all(dynamodb, tx, tables, drafts, call.now)
    return {"Responses": [{} for _ in statements]}


def _read_all(dynamodb: DynamoDb, call: Call, selects: list[Select]) -> Result:
    responses: list[dict[str, Any]] = []
    with dynamodb.store.read() as tx:
        for select in selects:
            table = require_table(dynamodb, tx, call, select.table)
            items = select_page(dynamodb, tx, table, select, None, None).items
            responses.append({"Item": items[0]} if items else {})
    return {"Responses": responses}
