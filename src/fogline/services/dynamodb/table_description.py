"""How a table describes itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.services.dynamodb.table import Index, Table
from fogline.services.dynamodb.table_definition import ON_DEMAND

Measure = tuple[int, int]

_ON_DEMAND_WARMTH = {"ReadUnitsPerSecond": 12_000, "WriteUnitsPerSecond": 4_000}


def described(
    table: Table,
    status: str,
    *,
    measured: Measure = (0, 0),
    measured_indexes: Mapping[str, Measure] | None = None,
    index_status: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """`TableDescription`. A table that is being made does not yet tell all."""
    document = table.document
    is_settled = status == "ACTIVE"
    found: dict[str, Any] = {
        "AttributeDefinitions": document["AttributeDefinitions"],
        "TableName": table.name,
        "KeySchema": document["KeySchema"],
        "TableStatus": status,
        "CreationDateTime": document["CreatedAt"],
        "ProvisionedThroughput": _throughput(document),
        "TableSizeBytes": measured[1],
        "ItemCount": measured[0],
        "TableArn": table.arn,
        "TableId": document["TableId"],
        "DeletionProtectionEnabled": document["DeletionProtectionEnabled"],
    }
    if document["BillingMode"] == ON_DEMAND or "OnDemandAt" in document:
        summary: dict[str, Any] = {"BillingMode": document["BillingMode"]}
        if status != "CREATING" and "OnDemandAt" in document:
            summary["LastUpdateToPayPerRequestDateTime"] = document["OnDemandAt"]
        found["BillingModeSummary"] = summary
    for is_local, name in ((True, "LocalSecondaryIndexes"), (False, "GlobalSecondaryIndexes")):
        indexes = [
            _index(
                table,
                index,
                (index_status or {}).get(index.name, status if status != "UPDATING" else "ACTIVE"),
                (measured_indexes or {}).get(index.name, (0, 0)),
            )
            for index in table.indexes
            if index.is_local is is_local
        ]
        if indexes:
            found[name] = indexes
    if table.latest_stream is not None:
        found["LatestStreamArn"] = table.latest_stream.arn
        found["LatestStreamLabel"] = table.latest_stream.label
    if table.stream is not None:
        found["StreamSpecification"] = {
            "StreamEnabled": True,
            "StreamViewType": table.stream.view,
        }
    if "SSE" in document:
        found["SSEDescription"] = document["SSE"]
    if "TableClass" in document:
        found["TableClassSummary"] = {"TableClass": document["TableClass"]}
    if "OnDemandThroughput" in document:
        found["OnDemandThroughput"] = document["OnDemandThroughput"]
    if is_settled or (status == "UPDATING" and "WarmThroughput" not in document):
        found["WarmThroughput"] = _warmth(document)
    elif "WarmThroughput" in document:
        found["WarmThroughput"] = {**document["WarmThroughput"], "Status": "UPDATING"}
    return found


def described_as_deleted(table: Table) -> dict[str, Any]:
    """What is left to say about a table that is on its way out."""
    full = described(table, "DELETING")
    return {
        name: full[name]
        for name in (
            "TableName",
            "TableStatus",
            "ProvisionedThroughput",
            "TableSizeBytes",
            "ItemCount",
            "TableArn",
            "TableId",
            "DeletionProtectionEnabled",
            "BillingModeSummary",
            "TableClassSummary",
        )
        if name in full
    }


def _throughput(document: Mapping[str, Any]) -> dict[str, Any]:
    given = document.get("ProvisionedThroughput") or {}
    return {
        "NumberOfDecreasesToday": 0,
        "ReadCapacityUnits": given.get("ReadCapacityUnits", 0),
        "WriteCapacityUnits": given.get("WriteCapacityUnits", 0),
    }


def _warmth(document: Mapping[str, Any]) -> dict[str, Any]:
    given = document.get("WarmThroughput")
    if given is None:
        throughput = document.get("ProvisionedThroughput")
        given = _ON_DEMAND_WARMTH
        if throughput:
            given = {
                "ReadUnitsPerSecond": throughput["ReadCapacityUnits"],
                "WriteUnitsPerSecond": throughput["WriteCapacityUnits"],
            }
    return {**given, "Status": "ACTIVE"}


def _index(table: Table, index: Index, status: str, measured: Measure) -> dict[str, Any]:
    found: dict[str, Any] = {
        "IndexName": index.name,
        "KeySchema": index.document["KeySchema"],
        "Projection": index.document["Projection"],
        "IndexSizeBytes": measured[1],
        "ItemCount": measured[0],
        "IndexArn": f"{table.arn}/index/{index.name}",
    }
    if index.is_local:
        return found
    found["IndexStatus"] = status
    found["ProvisionedThroughput"] = _throughput(index.document)
    if status == "CREATING" and "Backfilling" in index.document:
        found["Backfilling"] = index.document["Backfilling"]
    if status == "ACTIVE":
        found["WarmThroughput"] = _warmth(index.document)
    return found
