"""Stacks as documents: made, found, described, and the rules of what may be done in which status."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.aws.arn import make_arn
from fogline.aws.call import Call
from fogline.services.cloudformation import tables
from fogline.services.cloudformation.errors import ValidationError
from fogline.services.cloudformation.foundation import Cloudformation
from fogline.services.cloudformation.stack_run import StackRun
from fogline.services.cloudformation.tables import Document
from fogline.services.cloudformation.topics import WORK_TOPIC
from fogline.store.store import Tx

UPDATABLE = frozenset(
    ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE",
     "IMPORT_ROLLBACK_COMPLETE", "CREATE_FAILED", "UPDATE_FAILED")
)  # fmt: skip
_ALWAYS = ("StackId", "StackName", "CreationTime", "StackStatus")
_WHEN_SET = (
    "ChangeSetId", "Description", "LastUpdatedTime", "DeletionTime", "StackStatusReason", "TimeoutInMinutes",
    "Capabilities", "Parameters", "Outputs", "RoleARN", "ParentId", "RootId",
)  # fmt: skip


def new_stack(cf: Cloudformation, call: Call, name: str) -> Document:
    """A stack that has nothing yet."""
    stack_id = make_arn(
        "cloudformation", call.region, call.account, f"stack/{name}/{cf.ids.uuid()}"
    )
    return {
        "StackId": stack_id,
        "StackName": name,
        "Account": call.account,
        "Region": call.region,
        "CreationTime": call.now,
        "StackStatus": "",
        "StackStatusReason": "",
        "EnableTerminationProtection": False,
        "DisableRollback": False,
    }


def require_stack(
    tx: Tx, call: Call, name_or_id: str, message: str = "Stack [{}] does not exist"
) -> Document:
    """A stack by name or id; raises ValidationError with `message`."""
    stack = tables.find_stack(tx, call.account, call.region, name_or_id)
    if stack is None:
        raise ValidationError(message.format(name_or_id))
    return stack


def require_updatable(stack: Mapping[str, Any]) -> None:
    if stack["StackStatus"] not in UPDATABLE:
        raise ValidationError(
            f"Stack:{stack['StackId']} is in {stack['StackStatus']} state and can not be updated."
        )


def adopt_target(stack: Document, target: Mapping[str, Any]) -> None:
    """From now on the stack is shown as what the target says."""
    stack.update(target["stack"])
    stack["template_id"] = target["template_id"]
    stack["parameters"] = target["parameters"]


def begin(
    cf: Cloudformation, tx: Tx, call: Call, stack: Document, work: Document, status: str
) -> None:
    """Set a stack going: from now on the work goes on by itself."""
    run = StackRun(tx, cf.ids, stack, call.now)
    run.set_status(status, "User Initiated")
    run.save()
    tables.save_work(tx, stack["StackId"], call.now, work)
    tx.stir(f"{WORK_TOPIC}:{stack['StackId']}")


def described(stack: Mapping[str, Any]) -> Document:
    """As DescribeStacks shows it."""
    shown: Document = {member: stack[member] for member in _ALWAYS}
    for member in _WHEN_SET:
        if stack.get(member):
            shown[member] = stack[member]
    shown["DisableRollback"] = stack["DisableRollback"]
    shown["NotificationARNs"] = stack.get("NotificationARNs") or []
    shown["RollbackConfiguration"] = stack.get("RollbackConfiguration") or {}
    shown["Tags"] = stack.get("Tags") or []
    shown["DriftInformation"] = {"StackDriftStatus": "NOT_CHECKED"}
    if stack["StackStatus"] != "DELETE_COMPLETE":
        shown["EnableTerminationProtection"] = stack["EnableTerminationProtection"]
    return shown


def summarized(stack: Mapping[str, Any]) -> Document:
    """As ListStacks shows it."""
    shown: Document = {member: stack[member] for member in _ALWAYS}
    for member in ("LastUpdatedTime", "DeletionTime", "StackStatusReason", "ParentId", "RootId"):
        if stack.get(member):
            shown[member] = stack[member]
    if stack.get("Description"):
        shown["TemplateDescription"] = stack["Description"]
    shown["DriftInformation"] = {"StackDriftStatus": "NOT_CHECKED"}
    return shown
