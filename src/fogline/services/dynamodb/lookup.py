"""The table that a request names, by its name or its ARN."""

from __future__ import annotations

import re

from fogline.aws.arn import find_arn
from fogline.aws.call import Call
from fogline.services.dynamodb.errors import (
    NoSuchTable,
    ResourceNotFoundException,
    ValidationException,
)
from fogline.services.dynamodb.service import DynamoDb
from fogline.services.dynamodb.table import Table
from fogline.store.store import Tx

_NAME = re.compile(r"[a-zA-Z0-9_.-]+")
_NAME_CHARACTERS_MIN = 3
_NAME_CHARACTERS_MAX = 255


def find_table(dynamodb: DynamoDb, tx: Tx, call: Call, name: str) -> Table | None:
    """The table of that name or ARN. Raises ValidationException where it can be neither."""
    table = dynamodb.tables.find_table(tx, call.account, call.region, name)
    if table is not None:
        return table
    if name.startswith("arn:"):
        arn = find_arn(name)
        if arn is None or arn.service != "dynamodb" or not arn.resource.startswith("table/"):
            raise ValidationException(f"Invalid table ARN: {name[:2048]}")
        own = arn.resource.removeprefix("table/").partition("/")[0]
        return dynamodb.tables.find_table(tx, arn.account, arn.region, own)
    check_name(name)
    return None


def check_name(name: str) -> None:
    """Refuse what cannot be the name of a table."""
    if not _NAME_CHARACTERS_MIN <= len(name) <= _NAME_CHARACTERS_MAX:
        raise ValidationException(
            "TableName must be at least 3 characters long and at most 255 characters long"
        )
    if _NAME.fullmatch(name) is None:
        raise ValidationException(
            f"1 validation error detected: Value '{name}' at 'tableName' failed to satisfy "
            f"constraint: Member must satisfy regular expression pattern: {_NAME.pattern}"
        )


def require_table(dynamodb: DynamoDb, tx: Tx, call: Call, name: str) -> Table:
    """For operations on items. Raises ResourceNotFoundException."""
    table = find_table(dynamodb, tx, call, name)
    if table is None:
        raise ResourceNotFoundException()
    return table


def require_table_itself(dynamodb: DynamoDb, tx: Tx, call: Call, name: str) -> Table:
    """For operations on tables, whose refusal names the table. Raises ResourceNotFoundException."""
    table = find_table(dynamodb, tx, call, name)
    if table is None:
        raise NoSuchTable(name=_told(name))
    return table


def require_writable(dynamodb: DynamoDb, tx: Tx, call: Call, name: str) -> Table:
    """The table, locked against other changes of its document."""
    table = require_table_itself(dynamodb, tx, call, name)
    tx.lock(f"dynamodb:{table.account}:{table.region}:{table.name}")
    return require_table_itself(dynamodb, tx, call, name)


def _told(name: str) -> str:
    return name.rpartition("/")[2] if name.startswith("arn:") else name
