"""Resource policies: kept and returned, by name."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.call import Call
from fogline.aws.errors import NotImplementedByFogline
from fogline.services.logs.errors import (
    InvalidParameterException,
    LimitExceededException,
    ResourceNotFoundException,
)
from fogline.services.logs.pages import page_of
from fogline.services.logs.service import Logs

if TYPE_CHECKING:
    from types_boto3_logs.type_defs import (
        DeleteResourcePolicyRequestTypeDef,
        DescribeResourcePoliciesRequestTypeDef,
        PutResourcePolicyRequestTypeDef,
    )

Result = Mapping[str, Any]


def put_resource_policy(logs: Logs, call: Call, request: PutResourcePolicyRequestTypeDef) -> Result:
    name = _name_in(call, request)
    document = request.get("policyDocument", "")
    try:
        json.loads(document)
    except (ValueError, RecursionError):
        raise InvalidParameterException(reason="Invalid policy document.") from None
    policy = {
        "policyName": name,
        "policyDocument": document,
        "lastUpdatedTime": call.now,
        "policyScope": "ACCOUNT",
    }
    policies = logs.tables.resource_policies
    with logs.store.write() as tx:
        if policies.find(tx, call.account, call.region, name) is None:
            others = policies.page(tx, call.account, call.region)
            if len(others) >= logs.limits.resource_policies_max:
                raise LimitExceededException()
        policies.save(tx, call.account, call.region, name, policy)
    return {"resourcePolicy": policy}


def delete_resource_policy(
    logs: Logs, call: Call, request: DeleteResourcePolicyRequestTypeDef
) -> Result:
    name = _name_in(call, request)
    with logs.store.write() as tx:
        if not logs.tables.resource_policies.remove(tx, call.account, call.region, name):
            raise ResourceNotFoundException(f"Policy with name [{name}] does not exist.")
    return {}


def describe_resource_policies(
    logs: Logs, call: Call, request: DescribeResourcePoliciesRequestTypeDef
) -> Result:
    if request.get("resourceArn") or request.get("policyScope") == "RESOURCE":
        raise NotImplementedByFogline(service="logs", operation="policies of single log groups")
    with logs.store.read() as tx:
        policies = logs.tables.resource_policies.page(tx, call.account, call.region)
    limit = request.get("limit", logs.limits.described_max)
    page, next_token = page_of(policies, request.get("nextToken"), limit)
    described = [policy for _, policy in page]
    return {"resourcePolicies": described, **({"nextToken": next_token} if next_token else {})}


def _name_in(call: Call, request: Mapping[str, Any]) -> str:
    if request.get("resourceArn"):
        raise NotImplementedByFogline(service="logs", operation="policies of single log groups")
    name = request.get("policyName")
    if not name:
        raise InvalidParameterException(reason="Policy name is required.")
    return str(name)
