"""Stacks: create, update, delete, describe, list, and what goes with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.call import Call, Wait
from fogline.services.cloudformation import tables
from fogline.services.cloudformation.errors import AlreadyExistsException, ValidationError
from fogline.services.cloudformation.foundation import Cloudformation
from fogline.services.cloudformation.limits import LIMITS
from fogline.services.cloudformation.local_values import LocalValues, for_caller
from fogline.services.cloudformation.own_types import PARENT_TAG
from fogline.services.cloudformation.pages import position_of, token_of
from fogline.services.cloudformation.policy import check_policy, policy_text
from fogline.services.cloudformation.preparation import check_auto_expand
from fogline.services.cloudformation.stack_run import StackRun, kept_call
from fogline.services.cloudformation.stacks import (
    adopt_target,
    begin,
    described,
    new_stack,
    require_stack,
    require_updatable,
    summarized,
)
from fogline.services.cloudformation.submission import (
    NO_UPDATES,
    check_resource_types,
    difference,
    make_target,
    make_work,
    prepare_for,
    present_target,
    read_submission,
)
from fogline.services.cloudformation.topics import STEPPED_TOPIC, WORK_TOPIC
from fogline.services.cloudformation.translator import waits_for_translator
from fogline.store.store import Tx
from fogline.world.clock import ManualClock

if TYPE_CHECKING:
    from types_boto3_cloudformation import type_defs as t

Result = Mapping[str, Any]

_PAGE = 100
_DELETING = frozenset(("DELETE_IN_PROGRESS",))
_NOT_DELETABLE = frozenset(
    ("UPDATE_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS",
     "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", "ROLLBACK_IN_PROGRESS")
)  # fmt: skip


@waits_for_translator
def create_stack(cf: Cloudformation, call: Call, request: t.CreateStackInputTypeDef) -> Result:
    if request.get("DisableRollback") is not None and request.get("OnFailure") is not None:
        raise ValidationError("Either DisableRollback or OnFailure can be specified, not both.")
    with cf.store.write() as tx:
        name = request["StackName"]
        tx.lock(f"cfn:{call.account}:{call.region}:{name}")
        if tables.find_stack(tx, call.account, call.region, name) is not None:
            raise AlreadyExistsException(stack=name)
        submitted = read_submission(cf, tx, call, request, None)
        capabilities = request.get("Capabilities") or ()
        check_auto_expand(submitted, capabilities)
        stack = new_stack(cf, call, name)
        prepared = prepare_for(cf, call, submitted, stack, capabilities)
        check_resource_types(prepared, request.get("ResourceTypes"))
        target = make_target(cf, tx, call, request, prepared, stack)
        stack.update(target["stack"])
        stack["DisableRollback"] = bool(request.get("DisableRollback"))
        stack["EnableTerminationProtection"] = bool(request.get("EnableTerminationProtection"))
        stack["ClientRequestToken"] = request.get("ClientRequestToken")
        stack["policy"] = policy_text(
            cf, call, request.get("StackPolicyBody"), request.get("StackPolicyURL")
        )
        if stack["policy"]:
            check_policy(stack["policy"])
        timeout = request.get("TimeoutInMinutes")
        if timeout:
            stack["TimeoutInMinutes"] = timeout
        _adopt_parent(tx, call, stack, target)
        on_failure = request.get("OnFailure") or (
            "DO_NOTHING" if request.get("DisableRollback") else "ROLLBACK"
        )
        work = make_work(
            cf, call, "CREATE", target, stack, on_failure=on_failure, timeout_minutes=timeout
        )
        begin(cf, tx, call, stack, work, "CREATE_IN_PROGRESS")
    return {"StackId": stack["StackId"]}


def _adopt_parent(tx: Tx, call: Call, stack: tables.Document, target: tables.Document) -> None:
    """A nested stack is told its parent by a tag, which is not kept among its own."""
    parent_id = target["tags"].pop(PARENT_TAG, None)
    if parent_id is None:
        return
    tags = [tag for tag in stack["Tags"] if tag["Key"] != PARENT_TAG]
    stack["Tags"] = target["stack"]["Tags"] = tags
    parent = require_stack(tx, call, parent_id)
    stack["ParentId"], stack["RootId"] = parent_id, parent.get("RootId") or parent_id
    depth = 1
    while parent.get("ParentId"):
        parent = require_stack(tx, call, parent["ParentId"])
        depth += 1
    if depth > LIMITS.nested_stacks_depth_max:
        raise ValidationError("Stacks are nested too deeply.")


@waits_for_translator
def update_stack(cf: Cloudformation, call: Call, request: t.UpdateStackInputTypeDef) -> Result:
    with cf.store.write() as tx:
        stack = require_stack(tx, call, request["StackName"])
        tx.lock(f"cfn:{stack['StackId']}")
        if stack["StackStatus"] == "DELETE_COMPLETE":
            raise ValidationError(f"Stack [{request['StackName']}] does not exist")
        submitted = read_submission(cf, tx, call, request, stack)
        require_updatable(stack)
        capabilities = request.get("Capabilities") or ()
        check_auto_expand(submitted, capabilities)
        prepared = prepare_for(cf, call, submitted, stack, capabilities)
        check_resource_types(prepared, request.get("ResourceTypes"))
        target = make_target(cf, tx, call, request, prepared, stack)
        found = difference(cf, tx, call, prepared, stack, target, exactly=False)
        if found.is_nothing and stack["StackStatus"] not in ("CREATE_FAILED", "UPDATE_FAILED"):
            raise ValidationError(NO_UPDATES)
        policy = policy_text(
            cf, call, request.get("StackPolicyBody"), request.get("StackPolicyURL")
        )
        if policy:
            check_policy(policy)
            stack["policy"] = policy
        during = policy_text(
            cf,
            call,
            request.get("StackPolicyDuringUpdateBody"),
            request.get("StackPolicyDuringUpdateURL"),
        )
        if during:
            check_policy(during)
        stack["ClientRequestToken"] = request.get("ClientRequestToken")
        stack["LastUpdatedTime"] = call.now
        on_failure = "DO_NOTHING" if request.get("DisableRollback") else "ROLLBACK"
        work = make_work(cf, call, "UPDATE", target, stack, on_failure=on_failure)
        work["policy"] = during or stack.get("policy") or ""
        begin(cf, tx, call, stack, work, "UPDATE_IN_PROGRESS")
    return {"StackId": stack["StackId"]}


def delete_stack(cf: Cloudformation, call: Call, request: t.DeleteStackInputTypeDef) -> Result:
    with cf.store.write() as tx:
        stack = tables.find_stack(tx, call.account, call.region, request["StackName"])
        if stack is None or stack["StackStatus"] == "DELETE_COMPLETE":
            return {}
        status = stack["StackStatus"]
        if stack["EnableTerminationProtection"]:
            raise ValidationError(
                f"Stack [{stack['StackName']}] cannot be deleted while TerminationProtection is enabled"
            )
        if status in _NOT_DELETABLE:
            raise ValidationError(
                f"Stack [{stack['StackId']}] cannot be deleted while in status {status}"
            )
        retain = list(request.get("RetainResources") or ())
        if retain and status != "DELETE_FAILED":
            raise ValidationError(
                f"Invalid operation on stack [{stack['StackId']}]. To delete the stack, remove the "
                "RetainResources parameter; it is only allowed for stacks in DELETE_FAILED state."
            )
        if status in _DELETING:
            return {}
        stack["ClientRequestToken"] = request.get("ClientRequestToken")
        stack["DeletionTime"] = call.now
        _begin_deletion(cf, call, tx, stack, retain)
    return {}


def _begin_deletion(
    cf: Cloudformation, call: Call, tx: Any, stack: tables.Document, retain: list[str]
) -> None:
    run = StackRun(tx, cf.ids, stack, call.now)
    for name in tables.exports_of(tx, stack["StackId"]):
        users = tables.importers(tx, call.account, call.region, name)
        if users:
            run.set_status("DELETE_IN_PROGRESS", "User Initiated")
            run.set_status(
                "DELETE_FAILED",
                f"Cannot delete export {name} as it is in use by {', '.join(users)}.",
            )
            run.save()
            return
    for change_set in tables.list_change_sets(tx, stack["StackId"]):
        if change_set["ExecutionStatus"] in ("AVAILABLE", "UNAVAILABLE"):
            tables.remove_change_set(tx, change_set)
    begun = tables.find_work(tx, stack["StackId"])
    if begun is not None and begun["target"]:
        # A creation is broken off: what it went for is what there is to show, and to delete.
        adopt_target(stack, begun["target"])
    run.set_status("DELETE_IN_PROGRESS", "User Initiated")
    run.save()
    work: tables.Document = {
        "kind": "DELETE",
        "phase": "delete",
        "call": kept_call(call),
        "target": None,
        "previous": None,
        "states": {},
        "failed": [],
        "doomed": list(stack.get("doomed") or ()),
        "retain": retain,
    }
    tables.save_work(tx, stack["StackId"], call.now, work)
    tx.stir(f"{WORK_TOPIC}:{stack['StackId']}")


def _patience(cf: Cloudformation, tx: Tx, call: Call, stack: Mapping[str, Any]) -> int:
    """How long (ms, counted from when it was asked) an answer may wait for the operation on a stack to end.

    Clients that ask whether an operation has ended wait many seconds before they ask again: most operations
    end within milliseconds, and they are better told after that. Where time stands still (a manual clock)
    only what is due this very moment is waited for.
    """
    due_at = tables.work_due_at(tx, stack["StackId"])
    if not call.protocol or due_at is None:
        return 0
    if isinstance(cf.clock, ManualClock) and due_at > call.now:
        return 0
    return cf.limits.describe_wait_milliseconds_max


def describe_stacks(
    cf: Cloudformation, call: Call, request: t.DescribeStacksInputTypeDef
) -> Result | Wait:
    name = request.get("StackName")
    with cf.store.read() as tx:
        if name:
            stack = require_stack(tx, call, name, "Stack with id {} does not exist")
            until = call.asked_at + _patience(cf, tx, call, stack)
            if call.now < until:
                return Wait(f"{STEPPED_TOPIC}:{stack['StackId']}", until)
            return {"Stacks": [_shown(stack, for_caller(cf, tx, call))]}
        found = tables.list_stacks(
            tx,
            call.account,
            call.region,
            with_deleted=False,
            before=_before(request.get("NextToken")),
            limit=_PAGE + 1,
        )
        local = for_caller(cf, tx, call)
        shown = [_shown(stack, local) for stack in found[:_PAGE]]
    result: dict[str, Any] = {"Stacks": shown}
    if len(found) > _PAGE:
        last = found[_PAGE - 1]
        result["NextToken"] = token_of(last["CreationTime"], last["StackId"])
    return result


def _shown(stack: tables.Document, local: LocalValues) -> Result:
    shown = described(stack)
    if "Outputs" in shown:
        shown["Outputs"] = local.of(shown["Outputs"])
    return shown


def list_stacks(cf: Cloudformation, call: Call, request: t.ListStacksInputTypeDef) -> Result:
    wanted = set(request.get("StackStatusFilter") or ())
    before = _before(request.get("NextToken"))
    shown: list[tables.Document] = []
    with cf.store.read() as tx:
        while True:
            found = tables.list_stacks(
                tx, call.account, call.region, with_deleted=True, before=before, limit=_PAGE
            )
            for stack in found:
                if not wanted or stack["StackStatus"] in wanted:
                    if len(shown) == _PAGE:
                        last = shown[-1]
                        return {
                            "StackSummaries": shown,
                            "NextToken": token_of(last["CreationTime"], last["StackId"]),
                        }
                    shown.append(summarized(stack))
            if len(found) < _PAGE:
                return {"StackSummaries": shown}
            before = (found[-1]["CreationTime"], found[-1]["StackId"])


def _before(token: str | None) -> tuple[int, str] | None:
    position = position_of(token, int, str)
    return (position[0], position[1]) if position else None


def update_termination_protection(
    cf: Cloudformation, call: Call, request: t.UpdateTerminationProtectionInputTypeDef
) -> Result:
    with cf.store.write() as tx:
        stack = require_stack(tx, call, request["StackName"], "Stack [{}] does not exist")
        if stack["StackStatus"] == "DELETE_COMPLETE":
            raise ValidationError(f"Stack [{request['StackName']}] does not exist")
        stack["EnableTerminationProtection"] = request["EnableTerminationProtection"]
        tables.save_stack(tx, stack)
    return {"StackId": stack["StackId"]}


def cancel_update_stack(
    cf: Cloudformation, call: Call, request: t.CancelUpdateStackInputTypeDef
) -> Result:
    with cf.store.write() as tx:
        stack = require_stack(tx, call, request["StackName"])
        work = tables.find_work(tx, stack["StackId"])
        if stack["StackStatus"] != "UPDATE_IN_PROGRESS" or work is None:
            raise ValidationError(
                f"CancelUpdateStack cannot be called from current stack status: {stack['StackStatus']}"
            )
        work["is_cancelled"] = True
        tables.save_work(tx, stack["StackId"], call.now, work)
        tx.stir(f"{WORK_TOPIC}:{stack['StackId']}")
    return {}


def continue_update_rollback(
    cf: Cloudformation, call: Call, request: t.ContinueUpdateRollbackInputTypeDef
) -> Result:
    with cf.store.write() as tx:
        stack = require_stack(tx, call, request["StackName"])
        left = stack.get("rollback")
        if stack["StackStatus"] != "UPDATE_ROLLBACK_FAILED" or left is None:
            raise ValidationError(
                f"Stack:{stack['StackId']} is in {stack['StackStatus']} state and can not continue rollback."
            )
        skip = list(request.get("ResourcesToSkip") or ())
        rows = tables.resources(tx, stack["StackId"])
        unknown = [name for name in skip if rows.get(name, {}).get("status") != "UPDATE_FAILED"]
        if unknown:
            raise ValidationError(
                f"One or more of the following resources cannot be skipped: [{', '.join(unknown)}]. "
                "Only resources in UPDATE_FAILED state can be."
            )
        work = make_work(cf, call, "UPDATE", left["previous"], stack)
        work.update(
            phase="rollback_update",
            previous=left["previous"],
            doomed=left["doomed"],
            skip=skip,
        )
        begin(cf, tx, call, stack, work, "UPDATE_ROLLBACK_IN_PROGRESS")
    return {}


def rollback_stack(cf: Cloudformation, call: Call, request: t.RollbackStackInputTypeDef) -> Result:
    with cf.store.write() as tx:
        stack = require_stack(tx, call, request["StackName"])
        status = stack["StackStatus"]
        if status != "CREATE_FAILED":
            raise ValidationError(
                f"Stack:{stack['StackId']} is in {status} state and can not be rolled back. "
                "Fogline rolls back stacks in CREATE_FAILED state; update or delete others."
            )
        target = present_target(stack)
        work = make_work(cf, call, "CREATE", target, stack)
        work["phase"] = "rollback_create"
        begin(cf, tx, call, stack, work, "ROLLBACK_IN_PROGRESS")
    return {"StackId": stack["StackId"]}
