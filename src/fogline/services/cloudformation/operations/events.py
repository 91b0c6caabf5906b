"""Stack events, the latest first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.call import Call
from fogline.services.cloudformation import tables
from fogline.services.cloudformation.errors import ValidationError
from fogline.services.cloudformation.foundation import Cloudformation
from fogline.services.cloudformation.pages import position_of, token_of
from fogline.services.cloudformation.stacks import require_stack

if TYPE_CHECKING:
    from types_boto3_cloudformation import type_defs as t

Result = Mapping[str, Any]

_PAGE = 100


def describe_stack_events(
    cf: Cloudformation, call: Call, request: t.DescribeStackEventsInputTypeDef
) -> Result:
    name = request.get("StackName")
    if not name:
        raise ValidationError("StackName is required")
    position = position_of(request.get("NextToken"), int)
    with cf.store.read() as tx:
        stack = require_stack(tx, call, name)
        found = tables.list_events(
            tx, stack["StackId"], position[0] if position else None, _PAGE + 1
        )
    result: dict[str, Any] = {"StackEvents": [event for _, event in found[:_PAGE]]}
    if len(found) > _PAGE:
        result["NextToken"] = token_of(found[_PAGE - 1][0])
    return result
