"""Change sets: an update to look at before it is made."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.arn import make_arn
from fogline.aws.call import Call
from fogline.services.cloudformation import tables
from fogline.services.cloudformation.errors import (
    AlreadyExistsException,
    ChangeSetNotFoundException,
    InvalidChangeSetStatusException,
    ValidationError,
)
from fogline.services.cloudformation.foundation import Cloudformation
from fogline.services.cloudformation.pages import position_of, token_of
from fogline.services.cloudformation.preparation import Prepared, Submitted
from fogline.services.cloudformation.stack_run import StackRun
from fogline.services.cloudformation.stacks import (
    begin,
    new_stack,
    require_stack,
    require_updatable,
)
from fogline.services.cloudformation.submission import (
    check_resource_types,
    difference,
    make_target,
    make_work,
    prepare_for,
    read_submission,
)
from fogline.services.cloudformation.tables import Document
from fogline.services.cloudformation.transform import TransformFailed
from fogline.services.cloudformation.translator import waits_for_translator
from fogline.store.store import Tx

if TYPE_CHECKING:
    from types_boto3_cloudformation import type_defs as t

Result = Mapping[str, Any]

NO_CHANGES = "The submitted information didn't contain changes. Submit different information to create a change set."
_PAGE = 100


@waits_for_translator
def create_change_set(
    cf: Cloudformation, call: Call, request: t.CreateChangeSetInputTypeDef
) -> Result:
    kind = request.get("ChangeSetType", "UPDATE")
    # ImportExistingResources (which `cdk bootstrap` always asks for) changes nothing where nothing is in the way;
    # otherwise the creation of what is there already fails, and says so.
    if kind == "IMPORT":
        raise ValidationError("Fogline does not import existing resources into stacks yet.")
    with cf.store.write() as tx:
        stack = _stack_for(cf, tx, call, request, kind)
        submitted = read_submission(cf, tx, call, request, None if kind == "CREATE" else stack)
        change_set = _new_change_set(cf, call, request, kind, stack)
        tables.save_stack(tx, stack)
        _examine(cf, tx, call, request, change_set, stack, submitted)
        tables.save_change_set(tx, change_set)
    return {"Id": change_set["ChangeSetId"], "StackId": stack["StackId"]}


def _stack_for(
    cf: Cloudformation, tx: Tx, call: Call, request: Mapping[str, Any], kind: str
) -> Document:
    """The stack the change set is for: the one there is, or one that waits for its review."""
    name = request["StackName"]
    tx.lock(f"cfn:{call.account}:{call.region}:{name}")
    stack = tables.find_stack(tx, call.account, call.region, name)
    if stack is not None and stack["StackStatus"] == "DELETE_COMPLETE":
        stack = None
    if kind == "UPDATE":
        if stack is None:
            raise ValidationError(f"Stack [{name}] does not exist")
        require_updatable(stack)
    elif stack is None:
        stack = new_stack(cf, call, name)
        run = StackRun(tx, cf.ids, stack, call.now)
        run.set_status("REVIEW_IN_PROGRESS", "User Initiated")
        run.save()
    elif stack["StackStatus"] != "REVIEW_IN_PROGRESS":
        raise ValidationError(
            f"Stack [{name}] already exists and cannot be created again with the changeSet "
            f"[{request['ChangeSetName']}]."
        )
    present = tables.find_change_set_by_name(tx, stack["StackId"], request["ChangeSetName"])
    if present is not None and not present["ExecutionStatus"].startswith("EXECUTE_"):
        raise AlreadyExistsException(f"ChangeSet {request['ChangeSetName']} already exists")
    return stack


def _new_change_set(
    cf: Cloudformation, call: Call, request: Mapping[str, Any], kind: str, stack: Document
) -> Document:
    name = request["ChangeSetName"]
    return {
        "ChangeSetId": make_arn(
            "cloudformation", call.region, call.account, f"changeSet/{name}/{cf.ids.uuid()}"
        ),
        "ChangeSetName": name,
        "StackId": stack["StackId"],
        "StackName": stack["StackName"],
        "CreationTime": call.now,
        "Status": "CREATE_COMPLETE",
        "ExecutionStatus": "AVAILABLE",
        "kind": kind,
        "Description": request.get("Description"),
        "OnStackFailure": request.get("OnStackFailure"),
        "Capabilities": list(request.get("Capabilities") or ()),
        "NotificationARNs": list(request.get("NotificationARNs") or ()),
        "RollbackConfiguration": request.get("RollbackConfiguration") or {},
        "IncludeNestedStacks": bool(request.get("IncludeNestedStacks")),
        "Tags": request.get("Tags"),
        "Parameters": [],
        "target": None,
        "changes": [],
        "exact_changes": [],
    }


def _examine(
    cf: Cloudformation,
    tx: Tx,
    call: Call,
    request: Mapping[str, Any],
    change_set: Document,
    stack: Document,
    submitted: Submitted,
) -> None:
    """Find out what the change set would change; note it, or why it can't be had."""
    try:
        prepared = prepare_for(cf, call, submitted, stack, change_set["Capabilities"])
    except TransformFailed as failure:
        change_set.update(Status="FAILED", ExecutionStatus="UNAVAILABLE", StatusReason=failure.text)
        return
    check_resource_types(prepared, request.get("ResourceTypes"))
    # Clients ask for nested stacks whether there are any or not (the CDK always does).
    if change_set["IncludeNestedStacks"] and any(
        resource.type == "AWS::CloudFormation::Stack" for resource in prepared.active.values()
    ):
        raise ValidationError(
            "Fogline does not make change sets of nested stacks yet: leave IncludeNestedStacks out "
            "(cdk deploy --method=direct)."
        )
    target = make_target(cf, tx, call, request, prepared, stack)
    change_set["target"] = target
    change_set["Parameters"] = target["stack"]["Parameters"]
    found = difference(cf, tx, call, prepared, stack, target, exactly=False)
    exact = difference(cf, tx, call, prepared, stack, target, exactly=True)
    change_set["changes"] = [change.described(False) for change in found.changes]
    change_set["exact_changes"] = [change.described(True) for change in exact.changes]
    change_set["warning"] = _missing_export(prepared, exact.missing_exports)
    if found.is_nothing:
        change_set.update(Status="FAILED", ExecutionStatus="UNAVAILABLE", StatusReason=NO_CHANGES)


def _missing_export(prepared: Prepared, missing: frozenset[str]) -> str:
    """What a change set with values says of an import that finds nothing yet."""
    for logical_id, resource in prepared.active.items():
        for name in sorted(missing):
            if name in json.dumps(resource.properties):
                return (
                    "[WARN] --include-property-values option can return incomplete ChangeSet data because: "
                    f"ChangeSet creation failed for resource [{logical_id}] because: No export named {name}"
                )
    return ""


def describe_change_set(
    cf: Cloudformation, call: Call, request: t.DescribeChangeSetInputTypeDef
) -> Result:
    with cf.store.read() as tx:
        change_set = _require(tx, call, request)
    member = "exact_changes" if request.get("IncludePropertyValues") else "changes"
    position = position_of(request.get("NextToken"), int)
    start = position[0] if position else 0
    changes = change_set[member]
    shown: dict[str, Any] = {
        key: change_set[key]
        for key in (
            "ChangeSetId", "ChangeSetName", "StackId", "StackName", "CreationTime", "Status", "ExecutionStatus",
            "Capabilities", "NotificationARNs", "RollbackConfiguration",
        )
    }  # fmt: skip
    for key in ("Description", "StatusReason", "Parameters", "Tags", "OnStackFailure"):
        if change_set.get(key):
            shown[key] = change_set[key]
    if member == "exact_changes" and change_set.get("warning"):
        shown.setdefault("StatusReason", change_set["warning"])
    shown["Changes"] = changes[start : start + _PAGE]
    shown["IncludeNestedStacks"] = change_set.get("IncludeNestedStacks", False)
    if len(changes) > start + _PAGE:
        shown["NextToken"] = token_of(start + _PAGE)
    return shown


def execute_change_set(
    cf: Cloudformation, call: Call, request: t.ExecuteChangeSetInputTypeDef
) -> Result:
    with cf.store.write() as tx:
        change_set = _require(tx, call, request)
        name = request["ChangeSetName"]
        if change_set["Status"] != "CREATE_COMPLETE":
            raise InvalidChangeSetStatusException(
                change_set=change_set["ChangeSetId"],
                verb="executed",
                change_set_status=change_set["Status"],
            )
        if change_set["ExecutionStatus"] != "AVAILABLE":
            raise InvalidChangeSetStatusException(
                f"ChangeSet [{name}] cannot be executed in its current execution status of "
                f"[{change_set['ExecutionStatus']}]"
            )
        stack = require_stack(tx, call, change_set["StackId"])
        is_creation = change_set["kind"] == "CREATE"
        if not is_creation:
            require_updatable(stack)
        change_set["ExecutionStatus"] = "EXECUTE_IN_PROGRESS"
        tables.save_change_set(tx, change_set)
        for other in tables.list_change_sets(tx, stack["StackId"]):
            if other["ExecutionStatus"] in ("AVAILABLE", "UNAVAILABLE"):
                tables.remove_change_set(tx, other)
        _start(cf, tx, call, request, change_set, stack, is_creation)
    return {}


def _start(
    cf: Cloudformation,
    tx: Tx,
    call: Call,
    request: Mapping[str, Any],
    change_set: Document,
    stack: Document,
    is_creation: bool,
) -> None:
    target = change_set["target"]
    stack["LastUpdatedTime"] = call.now
    stack["ClientRequestToken"] = request.get("ClientRequestToken")
    if is_creation:
        stack.update(target["stack"])
    if request.get("DisableRollback"):
        stack["DisableRollback"] = True
    on_failure = "DO_NOTHING" if request.get("DisableRollback") else "ROLLBACK"
    on_failure = change_set.get("OnStackFailure") or on_failure
    work = make_work(
        cf,
        call,
        change_set["kind"],
        target,
        stack,
        on_failure=on_failure,
        change_set_id=change_set["ChangeSetId"],
    )
    work["policy"] = stack.get("policy") or ""
    begin(cf, tx, call, stack, work, f"{change_set['kind']}_IN_PROGRESS")


def delete_change_set(
    cf: Cloudformation, call: Call, request: t.DeleteChangeSetInputTypeDef
) -> Result:
    with cf.store.write() as tx:
        try:
            change_set = _require(tx, call, request)
        except ChangeSetNotFoundException:
            return {}
        if change_set["ExecutionStatus"] == "EXECUTE_IN_PROGRESS":
            raise InvalidChangeSetStatusException(
                change_set=change_set["ChangeSetId"],
                verb="deleted",
                change_set_status=change_set["ExecutionStatus"],
            )
        tables.remove_change_set(tx, change_set)
    return {}


def list_change_sets(
    cf: Cloudformation, call: Call, request: t.ListChangeSetsInputTypeDef
) -> Result:
    with cf.store.read() as tx:
        stack = require_stack(tx, call, request["StackName"])
        found = tables.list_change_sets(tx, stack["StackId"])
    summaries = []
    for change_set in found:
        if change_set["ExecutionStatus"].startswith("EXECUTE_"):
            continue
        shown = {
            key: change_set[key]
            for key in (
                "StackId", "StackName", "ChangeSetId", "ChangeSetName", "ExecutionStatus", "Status", "CreationTime",
            )
        }  # fmt: skip
        for key in ("StatusReason", "Description"):
            if change_set.get(key):
                shown[key] = change_set[key]
        shown["IncludeNestedStacks"] = change_set.get("IncludeNestedStacks", False)
        summaries.append(shown)
    return {"Summaries": summaries}


def _require(tx: Tx, call: Call, request: Mapping[str, Any]) -> Document:
    name, stack_name = request["ChangeSetName"], request.get("StackName")
    if name.startswith("arn:"):
        found = tables.find_change_set(tx, name)
        if found is not None and f":{call.region}:{call.account}:" not in name:
            found = None
    else:
        if not stack_name:
            raise ValidationError(
                "StackName must be specified if ChangeSetName is not specified as an ARN."
            )
        stack = require_stack(tx, call, stack_name)
        found = tables.find_change_set_by_name(tx, stack["StackId"], name)
    if found is None:
        raise ChangeSetNotFoundException(change_set=name)
    return found
