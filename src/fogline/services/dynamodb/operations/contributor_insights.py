"""Contributor insights: never enabled here, and said so. Enabling them is not built."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.aws.call import Call
from fogline.services.dynamodb.errors import ResourceNotFoundException
from fogline.services.dynamodb.lookup import require_table_itself
from fogline.services.dynamodb.service import DynamoDb

Request = Mapping[str, Any]
Result = Mapping[str, Any]


def describe_contributor_insights(dynamodb: DynamoDb, call: Call, request: Request) -> Result:
    with dynamodb.store.read() as tx:
        table = require_table_itself(dynamodb, tx, call, request["TableName"])
    result = {"TableName": table.name, "ContributorInsightsStatus": "DISABLED"}
    name = request.get("IndexName")
    if name is not None:
        if table.find_index(name) is None:
            raise ResourceNotFoundException(
                f"Requested resource not found: Index: {name} not found"
            )
        result["IndexName"] = name
    return result
