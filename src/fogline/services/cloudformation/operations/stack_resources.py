"""The resources of a stack, as they stand; and the signals they wait for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.call import Call
from fogline.services.cloudformation import tables
from fogline.services.cloudformation.errors import ValidationError
from fogline.services.cloudformation.foundation import Cloudformation
from fogline.services.cloudformation.pages import position_of, token_of
from fogline.services.cloudformation.stacks import require_stack
from fogline.services.cloudformation.template_cache import parsed

if TYPE_CHECKING:
    from types_boto3_cloudformation import type_defs as t

Result = Mapping[str, Any]

_PAGE = 100
_NOT_CHECKED = {"StackResourceDriftStatus": "NOT_CHECKED"}


def describe_stack_resource(
    cf: Cloudformation, call: Call, request: t.DescribeStackResourceInputTypeDef
) -> Result:
    name, logical_id = request["StackName"], request["LogicalResourceId"]
    with cf.store.read() as tx:
        stack = require_stack(tx, call, name, "Stack '{}' does not exist")
        row = tables.resources(tx, stack["StackId"]).get(logical_id)
        if row is None:
            raise ValidationError(f"Resource {logical_id} does not exist for stack {name}")
        detail = _shown(stack, logical_id, row)
        detail["LastUpdatedTimestamp"] = detail.pop("Timestamp")
        if stack.get("template_id"):
            resource = parsed(tx, stack["template_id"]).resources.get(logical_id)
            if resource is not None and resource.metadata is not None:
                detail["Metadata"] = _json(resource.metadata)
    return {"StackResourceDetail": detail}


def describe_stack_resources(
    cf: Cloudformation, call: Call, request: t.DescribeStackResourcesInputTypeDef
) -> Result:
    name, physical_id = request.get("StackName"), request.get("PhysicalResourceId")
    if not name and not physical_id:
        raise ValidationError("Either StackName or PhysicalResourceId must be specified")
    if name and physical_id:
        raise ValidationError("Both StackName and PhysicalResourceId cannot be specified")
    wanted = request.get("LogicalResourceId")
    with cf.store.read() as tx:
        if name:
            stack = require_stack(tx, call, name, "Stack with id {} does not exist")
        else:
            assert physical_id is not None
            found = [
                each
                for stack_id in tables.stacks_of_physical_id(tx, physical_id)
                if (each := tables.find_stack(tx, call.account, call.region, stack_id)) is not None
            ]
            if not found:
                raise ValidationError(f"Stack for {physical_id} does not exist")
            stack = found[0]
        rows = tables.resources(tx, stack["StackId"])
    if wanted and wanted not in rows:
        raise ValidationError(f"Resource {wanted} does not exist for stack {name}")
    shown = [
        {
            "StackName": stack["StackName"],
            "StackId": stack["StackId"],
            **_without_stack(_shown(stack, logical_id, row)),
        }
        for logical_id, row in rows.items()
        if not wanted or logical_id == wanted
    ]
    return {"StackResources": shown}


def list_stack_resources(
    cf: Cloudformation, call: Call, request: t.ListStackResourcesInputTypeDef
) -> Result:
    position = position_of(request.get("NextToken"), str)
    with cf.store.read() as tx:
        stack = require_stack(tx, call, request["StackName"], "Stack with id {} does not exist")
        rows = tables.resources(tx, stack["StackId"])
    names = [name for name in rows if position is None or name > position[0]]
    summaries = []
    for logical_id in names[:_PAGE]:
        shown = _without_stack(_shown(stack, logical_id, rows[logical_id]))
        shown["LastUpdatedTimestamp"] = shown.pop("Timestamp")
        summaries.append(shown)
    result: dict[str, Any] = {"StackResourceSummaries": summaries}
    if len(names) > _PAGE:
        result["NextToken"] = token_of(names[_PAGE - 1])
    return result


def _shown(stack: Mapping[str, Any], logical_id: str, row: Mapping[str, Any]) -> dict[str, Any]:
    shown = {
        "StackName": stack["StackName"],
        "StackId": stack["StackId"],
        "LogicalResourceId": logical_id,
        "ResourceType": row["type"],
        "Timestamp": row["at"],
        "ResourceStatus": row["status"],
        "DriftInformation": dict(_NOT_CHECKED),
    }
    if row["physical_id"]:
        shown["PhysicalResourceId"] = row["physical_id"]
    if row.get("reason") and row["status"].endswith("FAILED"):
        shown["ResourceStatusReason"] = row["reason"]
    return shown


def _without_stack(shown: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in shown.items() if key not in ("StackName", "StackId")}


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
