"""Contributor insights, as a setting that is kept and described. The reports themselves are not built."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.aws.call import Call
from fogline.services.dynamodb.errors import ResourceNotFoundException
from fogline.services.dynamodb.lookup import require_table_itself, require_writable
from fogline.services.dynamodb.service import DynamoDb
from fogline.services.dynamodb.table import Table

Request = Mapping[str, Any]
Result = Mapping[str, Any]

_MODE_DEFAULT = "ACCESSED_AND_THROTTLED_KEYS"


def describe_contributor_insights(dynamodb: DynamoDb, call: Call, request: Request) -> Result:
    with dynamodb.store.read() as tx:
        table = require_table_itself(dynamodb, tx, call, request["TableName"])
    index = _index_of(table, request)
    found = table.document.get("Insights", {}).get(index)
    result = _named(table, index)
    result["ContributorInsightsStatus"] = "DISABLED" if found is None else "ENABLED"
    if found is not None:
        result["ContributorInsightsMode"] = found["Mode"]
        result["LastUpdateDateTime"] = found["At"]
    return result


def update_contributor_insights(dynamodb: DynamoDb, call: Call, request: Request) -> Result:
    is_enabled = request["ContributorInsightsAction"] == "ENABLE"
    with dynamodb.store.write() as tx:
        table = require_writable(dynamodb, tx, call, request["TableName"])
        index = _index_of(table, request)
        insights = dict(table.document.get("Insights", {}))
        if is_enabled:
            mode = request.get("ContributorInsightsMode", _MODE_DEFAULT)
            insights[index] = {"Mode": mode, "At": call.now}
        else:
            insights.pop(index, None)
        document = {**table.document, "Insights": insights}
        dynamodb.tables.save_table(tx, table.account, table.region, document)
    result = _named(table, index)
    result["ContributorInsightsStatus"] = "ENABLING" if is_enabled else "DISABLING"
    if is_enabled:
        result["ContributorInsightsMode"] = insights[index]["Mode"]
    return result


def _index_of(table: Table, request: Request) -> str:
    """The name of the index that is meant, "" for the table itself."""
    name: str = request.get("IndexName") or ""
    if name and table.find_index(name) is None:
        raise ResourceNotFoundException(f"Requested resource not found: Index: {name} not found")
    return name


def _named(table: Table, index: str) -> dict[str, Any]:
    return {"TableName": table.name, "IndexName": index} if index else {"TableName": table.name}
