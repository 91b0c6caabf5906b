"""What an account may do, and where it does it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.aws.call import Call
from fogline.services.dynamodb.service import DynamoDb

Request = Mapping[str, Any]
Result = Mapping[str, Any]

_CACHED_MINUTES = 1_440


def describe_limits(dynamodb: DynamoDb, call: Call, request: Request) -> Result:
    limits = dynamodb.limits
    return {
        "AccountMaxReadCapacityUnits": limits.account_capacity_units_max,
        "AccountMaxWriteCapacityUnits": limits.account_capacity_units_max,
        "TableMaxReadCapacityUnits": limits.table_capacity_units_max,
        "TableMaxWriteCapacityUnits": limits.table_capacity_units_max,
    }


def describe_endpoints(dynamodb: DynamoDb, call: Call, request: Request) -> Result:
    address = call.host or call.endpoint.partition("://")[2]
    return {"Endpoints": [{"Address": address, "CachePeriodInMinutes": _CACHED_MINUTES}]}
