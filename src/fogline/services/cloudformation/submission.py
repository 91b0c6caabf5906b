"""From a request to the work it asks for: the target a stack is to reach, and the difference it makes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fogline.aws.call import Call
from fogline.services.cloudformation import tables
from fogline.services.cloudformation.document import read_document
from fogline.services.cloudformation.errors import ValidationError
from fogline.services.cloudformation.foundation import Cloudformation
from fogline.services.cloudformation.intrinsics import evaluate
from fogline.services.cloudformation.parameters import kept, restored
from fogline.services.cloudformation.plan import Change, Progress, Standing, plan_changes
from fogline.services.cloudformation.preparation import (
    Prepared,
    Submitted,
    prepare,
    submit,
    template_text,
)
from fogline.services.cloudformation.resource_scope import ResourceScope
from fogline.services.cloudformation.stack_run import kept_call
from fogline.services.cloudformation.tables import Document
from fogline.services.cloudformation.template_cache import parsed
from fogline.services.cloudformation.transform import SERVERLESS
from fogline.store.store import Tx
from fogline.world.clock import MINUTE

NO_UPDATES = "No updates are to be performed."
_KEPT_MEMBERS = ("Tags", "NotificationARNs", "RoleARN", "RollbackConfiguration")
_TRIGGER_TYPES = ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")
_TRIGGER_ARN = re.compile(r"arn:[a-z-]+:cloudwatch:[a-z0-9-]+:\d{12}:alarm:.+\Z")


@dataclass(frozen=True, slots=True)
class Difference:
    """What an update would change."""

    changes: list[Change]
    is_nothing: bool
    missing_exports: frozenset[str] = frozenset()


def read_submission(
    cf: Cloudformation,
    tx: Tx,
    call: Call,
    request: Mapping[str, Any],
    stack: Mapping[str, Any] | None,
) -> Submitted:
    """The template and parameters of a request; with `stack`, of an update to it."""
    check_members(request, is_internal=not call.protocol)
    role = request.get("RoleARN")
    if role and not cf.outside(call).may_assume(role):
        raise ValidationError(f"Role {role} is invalid or cannot be assumed")
    text = template_text(request, cf.api, call)
    if request.get("UsePreviousTemplate"):
        if text is not None:
            raise ValidationError(
                "Template body or URL cannot be given when the previous template is used."
            )
        template = (
            tables.find_template(tx, stack["template_id"])
            if stack and stack.get("template_id")
            else None
        )
        if template is None:
            raise ValidationError("There is no previous template to use.")
        text = template[0]
    if text is None:
        raise ValidationError("Either Template URL or Template Body must be specified.")
    previous = None
    if stack is not None:
        previous = {
            name: each.given for name, each in restored(stack.get("parameters", {})).items()
        }
    submitted = submit(text, request.get("Parameters") or (), previous, cf.outside(call))
    if SERVERLESS in submitted.transforms:
        cf.translator.require(call)
    return submitted


def prepare_for(
    cf: Cloudformation,
    call: Call,
    submitted: Submitted,
    stack: Mapping[str, Any],
    capabilities: Sequence[str],
) -> Prepared:
    return prepare(
        submitted,
        call,
        cf.types,
        cf.outside(call),
        stack_id=stack["StackId"],
        stack_name=stack["StackName"],
        capabilities=capabilities,
        managed_policies=cf.managed_policies(),
    )


def make_target(
    cf: Cloudformation,
    tx: Tx,
    call: Call,
    request: Mapping[str, Any],
    prepared: Prepared,
    stack: Mapping[str, Any],
) -> Document:
    """What the stack is to become; its template is kept from now on."""
    template_id = cf.ids.uuid()
    tables.add_template(tx, template_id, prepared.original, prepared.processed)
    members: Document = {
        "Description": prepared.template.description,
        "Parameters": [each.described() for each in prepared.parameters.values()],
        "Capabilities": list(request.get("Capabilities") or ()),
    }
    for member in _KEPT_MEMBERS:
        given = request.get(member)
        if given is not None:
            members[member] = given
        elif member in stack:
            members[member] = stack[member]
    return {
        "template_id": template_id,
        "parameters": kept(prepared.parameters),
        "tags": tag_map(members.get("Tags") or ()),
        "stack": members,
    }


def present_target(stack: Mapping[str, Any]) -> Document:
    """What the stack is now, to go back to."""
    return {
        "template_id": stack.get("template_id", ""),
        "parameters": stack.get("parameters", {}),
        "tags": tag_map(stack.get("Tags") or ()),
        "stack": {},
    }


def make_work(
    cf: Cloudformation,
    call: Call,
    kind: str,
    target: Document,
    stack: Mapping[str, Any],
    *,
    on_failure: str = "ROLLBACK",
    timeout_minutes: int | None = None,
    change_set_id: str = "",
) -> Document:
    """The row of an operation about to begin."""
    return {
        "kind": kind,
        "phase": "apply",
        "call": kept_call(call),
        "target": target,
        "previous": present_target(stack),
        "states": {},
        "failed": [],
        "doomed": list(stack.get("doomed") or ()),
        "is_checked": False,
        "on_failure": on_failure,
        "deadline": call.now + timeout_minutes * MINUTE if timeout_minutes else None,
        "change_set_id": change_set_id,
    }


def difference(
    cf: Cloudformation,
    tx: Tx,
    call: Call,
    prepared: Prepared,
    stack: Mapping[str, Any],
    target: Mapping[str, Any],
    *,
    exactly: bool,
) -> Difference:
    """What would change if `stack` became `target`."""
    rows = {
        name: row for name, row in tables.resources(tx, stack["StackId"]).items() if row["is_there"]
    }
    old = parsed(tx, stack["template_id"]) if stack.get("template_id") else None
    standing: dict[str, Standing] = {}
    for name, row in rows.items():
        before = old.resources.get(name) if old else None
        standing[name] = Standing(
            row["type"],
            row["physical_id"],
            row["properties"],
            before.properties if before else {},
            before.metadata if before else None,
            row["deletion_policy"],
            row["update_replace_policy"],
        )
    _refuse_new_types(standing, prepared)
    progress = Progress()

    def export(name: str) -> str | None:
        found = tables.find_export(tx, call.account, call.region, name)
        return found[0] if found else None

    scope = ResourceScope(
        call.account,
        call.region,
        prepared.values(),
        prepared.template.mappings,
        prepared.template.conditions,
        stack_id=stack["StackId"],
        stack_name=stack["StackName"],
        notification_arns=target["stack"].get("NotificationARNs", []),
        find=lambda name: None if progress.is_new(name) else rows.get(name),
        export=export,
        is_final=False,
    )
    before_parameters = restored(stack.get("parameters", {}))
    changed_parameters = frozenset(
        name
        for name, each in prepared.parameters.items()
        if name in before_parameters and before_parameters[name].given != each.given
    )
    tags_changed = bool(stack.get("template_id")) and target["tags"] != tag_map(
        stack.get("Tags") or ()
    )
    changes = plan_changes(
        standing,
        prepared.active,
        list(prepared.order),
        cf.types.find,
        lambda properties: evaluate(dict(properties), scope),
        changed_parameters,
        progress,
        exactly=exactly,
        tags_changed=tags_changed,
    )
    is_nothing = (
        not changes
        and not tags_changed
        and old is not None
        and not _outputs_differ(old.document, prepared, stack, scope)
        and target["stack"].get("NotificationARNs", []) == (stack.get("NotificationARNs") or [])
    )
    missing = frozenset(name for name in scope.imports if export(name) is None)
    return Difference(changes, is_nothing, missing)


def _outputs_differ(
    old: Mapping[str, Any], prepared: Prepared, stack: Mapping[str, Any], scope: ResourceScope
) -> bool:
    if old.get("Outputs", {}) != prepared.template.document.get("Outputs", {}):
        return True
    present = {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs") or ()}
    for name, output in prepared.template.outputs.items():
        if output.condition is not None and not scope.condition(output.condition):
            if name in present:
                return True
            continue
        value = evaluate(output.value, scope)
        if isinstance(value, str) and "{{resolve:" not in value and present.get(name) != value:
            return True
    return False


def _refuse_new_types(standing: Mapping[str, Standing], prepared: Prepared) -> None:
    changed = sorted(
        name
        for name, present in standing.items()
        if name in prepared.active and prepared.active[name].type != present.type
    )
    if changed:
        raise ValidationError(
            "Update of resource type is not permitted. The new template modifies resource type of the "
            f"following resources: [{', '.join(changed)}]"
        )


def check_members(request: Mapping[str, Any], *, is_internal: bool) -> None:
    """Rules for the other members of requests that bring templates."""
    if request.get("NotificationARNs"):
        raise ValidationError(
            "Fogline does not send notifications of stack events yet; leave NotificationARNs out."
        )
    for trigger in (request.get("RollbackConfiguration") or {}).get("RollbackTriggers") or ():
        if trigger.get("Type") not in _TRIGGER_TYPES:
            raise ValidationError("Rollback Trigger Type not supported")
        if not _TRIGGER_ARN.match(trigger.get("Arn", "")):
            raise ValidationError("RelativeId of a Rollback Trigger's ARN is incorrect")
        # Without triggers, the monitoring time delays nothing but the clean-up of an update: it is kept and shown.
        raise ValidationError(
            "Fogline does not watch alarms while stacks change; leave RollbackTriggers out."
        )
    for tag in request.get("Tags") or ():
        if str(tag.get("Key", "")).startswith("aws:") and not is_internal:
            raise ValidationError("Tag keys must not start with aws:")


def check_resource_types(prepared: Prepared, allowed: Sequence[str] | None) -> None:
    """Refuse types that the request's ResourceTypes does not let through."""
    if not allowed:
        return
    for name in prepared.template.types():
        if not any(
            name == pattern or (pattern.endswith("::*") and name.startswith(pattern[:-1]))
            for pattern in allowed
        ):
            raise ValidationError(
                f"Resource type {name} is not allowed by parameter ResourceTypes [{', '.join(allowed)}]"
            )


def tag_map(tags: Sequence[Mapping[str, str]]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags}


def parameter_declarations(text: str) -> Mapping[str, Any]:
    """The Parameters section of a template's text."""
    declared = read_document(text).get("Parameters", {})
    return declared if isinstance(declared, dict) else {}
