"""Time to live: which attribute says when a table's items expire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.aws.call import Call
from fogline.services.dynamodb.errors import ValidationException
from fogline.services.dynamodb.expiry import expires_at
from fogline.services.dynamodb.lookup import require_table_itself, require_writable
from fogline.services.dynamodb.packing import unpacked
from fogline.services.dynamodb.service import DynamoDb
from fogline.services.dynamodb.table import Table
from fogline.services.dynamodb.tables import Position, position_of
from fogline.services.dynamodb.writes import EXPIRY_TOPIC
from fogline.store.store import Tx

Request = Mapping[str, Any]
Result = Mapping[str, Any]

_READ_AT_ONCE = 500


def describe_time_to_live(dynamodb: DynamoDb, call: Call, request: Request) -> Result:
    with dynamodb.store.read() as tx:
        table = require_table_itself(dynamodb, tx, call, request["TableName"])
    description = {"TimeToLiveStatus": "DISABLED"}
    if table.expiry_attribute:
        description = {
            "TimeToLiveStatus": "ENABLED",
            "AttributeName": table.expiry_attribute,
        }
    return {"TimeToLiveDescription": description}


def update_time_to_live(dynamodb: DynamoDb, call: Call, request: Request) -> Result:
    wanted = request["TimeToLiveSpecification"]
    name: str = wanted["AttributeName"]
    with dynamodb.store.write() as tx:
        table = require_writable(dynamodb, tx, call, request["TableName"])
        if wanted["Enabled"]:
            if table.expiry_attribute == name:
                raise ValidationException("TimeToLive is already enabled")
            if table.expiry_attribute:
                raise ValidationException(
                    "TimeToLive is active on a different AttributeName: current AttributeName is "
                    f"{table.expiry_attribute}"
                )
            document = {**table.document, "ExpiryAttribute": name}
            table = dynamodb.tables.save_table(tx, table.account, table.region, document)
            _note_expiries(dynamodb, tx, table)
        else:
            if not table.expiry_attribute:
                raise ValidationException("TimeToLive is already disabled")
            if table.expiry_attribute != name:
                raise ValidationException(
                    "TimeToLive is active on a different AttributeName: current AttributeName is "
                    f"{table.expiry_attribute}"
                )
            document = {**table.document, "ExpiryAttribute": ""}
            dynamodb.tables.save_table(tx, table.account, table.region, document)
            dynamodb.tables.forget_expiries(tx, table)
    return {"TimeToLiveSpecification": {"Enabled": wanted["Enabled"], "AttributeName": name}}


def _note_expiries(dynamodb: DynamoDb, tx: Tx, table: Table) -> None:
    """Items that were there before get the instant they expire at, too."""
    start = Position(b"", b"")
    while lines := dynamodb.tables.scan_items(tx, table, start, None, _READ_AT_ONCE):
        for partition, sort, _, packed_item in lines:
            instant = expires_at(table, unpacked(packed_item))
            if instant is not None:
                dynamodb.tables.set_expiry(tx, table, (partition, sort), instant)
        start = position_of(lines[-1])
    tx.stir(EXPIRY_TOPIC)
