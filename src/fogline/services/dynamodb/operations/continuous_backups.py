"""Point-in-time recovery, as a setting that is kept and described. Restoring is not built."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.aws.call import Call
from fogline.services.dynamodb.errors import TableNotFoundException
from fogline.services.dynamodb.lookup import find_table, require_writable
from fogline.services.dynamodb.service import DynamoDb
from fogline.services.dynamodb.table import Table
from fogline.store.store import Tx
from fogline.world.clock import DAY

Request = Mapping[str, Any]
Result = Mapping[str, Any]

_DAYS_DEFAULT = 35


def describe_continuous_backups(dynamodb: DynamoDb, call: Call, request: Request) -> Result:
    with dynamodb.store.read() as tx:
        table = _require(dynamodb, tx, call, request["TableName"])
    return {"ContinuousBackupsDescription": _described(table, call.now)}


def update_continuous_backups(dynamodb: DynamoDb, call: Call, request: Request) -> Result:
    wanted = request["PointInTimeRecoverySpecification"]
    with dynamodb.store.write() as tx:
        _require(dynamodb, tx, call, request["TableName"])
        table = require_writable(dynamodb, tx, call, request["TableName"])
        document = dict(table.document)
        before = document.pop("Recovery", None)
        if wanted["PointInTimeRecoveryEnabled"]:
            document["Recovery"] = {
                "Since": before["Since"] if before else call.now,
                "Days": wanted.get("RecoveryPeriodInDays", _DAYS_DEFAULT),
            }
        table = dynamodb.tables.save_table(tx, table.account, table.region, document)
    return {"ContinuousBackupsDescription": _described(table, call.now)}


def _require(dynamodb: DynamoDb, tx: Tx, call: Call, name: str) -> Table:
    table = find_table(dynamodb, tx, call, name)
    if table is None:
        raise TableNotFoundException(name=name)
    return table


def _described(table: Table, now: int) -> dict[str, Any]:
    recovery = table.document.get("Recovery")
    described: dict[str, Any] = {"PointInTimeRecoveryStatus": "DISABLED"}
    if recovery is not None:
        described = {
            "PointInTimeRecoveryStatus": "ENABLED",
            "RecoveryPeriodInDays": recovery["Days"],
            "EarliestRestorableDateTime": max(recovery["Since"], now - recovery["Days"] * DAY),
            "LatestRestorableDateTime": now,
        }
    return {"ContinuousBackupsStatus": "ENABLED", "PointInTimeRecoveryDescription": described}
