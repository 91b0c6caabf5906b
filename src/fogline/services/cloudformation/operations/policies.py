"""Stack policies: set and read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.call import Call
from fogline.services.cloudformation import tables
from fogline.services.cloudformation.errors import ValidationError
from fogline.services.cloudformation.foundation import Cloudformation
from fogline.services.cloudformation.policy import check_policy, policy_text
from fogline.services.cloudformation.stacks import require_stack

if TYPE_CHECKING:
    from types_boto3_cloudformation import type_defs as t

Result = Mapping[str, Any]


def set_stack_policy(
    cf: Cloudformation, call: Call, request: t.SetStackPolicyInputTypeDef
) -> Result:
    with cf.store.write() as tx:
        stack = require_stack(tx, call, request["StackName"])
        text = policy_text(cf, call, request.get("StackPolicyBody"), request.get("StackPolicyURL"))
        if not text:
            raise ValidationError("Either StackPolicyBody or StackPolicyURL must be specified.")
        check_policy(text)
        stack["policy"] = text
        tables.save_stack(tx, stack)
    return {}


def get_stack_policy(
    cf: Cloudformation, call: Call, request: t.GetStackPolicyInputTypeDef
) -> Result:
    with cf.store.read() as tx:
        stack = require_stack(tx, call, request["StackName"])
    return {"StackPolicyBody": stack["policy"]} if stack.get("policy") else {}
