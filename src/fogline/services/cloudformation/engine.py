"""Carries out stack operations, in steps that are each kept whole or not at all.

An operation is a row (`work`): its phase, the template it goes for, and where each resource stands.

    apply            make every resource what the template says, those that are needed first
    cleanup          after an update: delete what was replaced or taken out
    rollback_create  after a failed creation: delete what was made
    rollback_update  after a failed update: put back what was changed, then clean up
    delete           delete everything

A step does all the work that can be done now, up to a bound. What is in progress somewhere else is asked
again when it is due. After a crash the row says where to go on, and the tokens of unfinished steps are
the same, so that nothing is made twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.aws.call import Call
from fogline.aws.errors import AwsError
from fogline.services.cloudformation import tables
from fogline.services.cloudformation.deletion import Deletion
from fogline.services.cloudformation.dependencies import dependencies
from fogline.services.cloudformation.errors import ValidationError
from fogline.services.cloudformation.foundation import Cloudformation
from fogline.services.cloudformation.handlers import Handlers
from fogline.services.cloudformation.outcome import Outputs, outputs_of
from fogline.services.cloudformation.parameters import restored
from fogline.services.cloudformation.policy import denial
from fogline.services.cloudformation.preparation import order_of, supports_attribute
from fogline.services.cloudformation.references import references
from fogline.services.cloudformation.resource_run import ResourceRun
from fogline.services.cloudformation.resource_scope import ResourceScope
from fogline.services.cloudformation.stack_run import StackRun, restored_call
from fogline.services.cloudformation.stacks import adopt_target
from fogline.services.cloudformation.tables import Document
from fogline.services.cloudformation.template import Template
from fogline.services.cloudformation.template_cache import parsed
from fogline.services.cloudformation.topics import RESOURCE_TOPIC

_PASSING = ("before", "is_new", "is_replaced", "is_touched", "pending")
"""What a resource's row says only while an operation lasts."""


class Engine:
    """One step of the operation on one stack."""

    def __init__(self, cf: Cloudformation, run: StackRun, work: Document) -> None:
        self._cf = cf
        self._run = run
        self._work = work
        self._call: Call = restored_call(work["call"], run.now)
        self._handlers = Handlers(cf, run, work, self._call)
        self._resources = ResourceRun(cf.ids, run, work, self._handlers)
        self._deletion = Deletion(cf.ids, run, work, self._handlers)

    def step(self) -> int | None:
        """Do what can be done now. When to be called next, or None when the operation has ended."""
        while True:
            phase = self._work["phase"]
            next_at = getattr(self, f"_{phase}")()
            if self._work["phase"] == phase or next_at is not None:
                return int(next_at) if next_at is not None else None

    # ---- apply: create and update

    def _apply(self) -> int | None:
        run, work = self._run, self._work
        template, scope = self._target(work["target"])
        states: dict[str, str] = work["states"]
        if work.get("is_cancelled"):
            self._resources.cancel_pending()
            return self._fail_stack("Update was cancelled.")
        if not work["is_checked"]:
            work["is_checked"] = True
            reason = self._unsupported_output(template, scope)
            if reason:
                return self._fail_stack(reason)
        needs = dependencies(template, scope.condition)
        order = order_of(needs)
        due = self._resources.resume_all()
        if not work["failed"]:
            for logical_id in order:
                if logical_id in states or any(
                    states.get(need) != "done" for need in needs[logical_id]
                ):
                    continue
                if self._handlers.is_tired():
                    return run.now
                self._resources.start(template.resources[logical_id], needs[logical_id], scope)
                if work["failed"]:
                    break
        if work["failed"]:
            return self._fail_resources()
        pending = [logical_id for logical_id in order if states.get(logical_id) == "pending"]
        deadline = work.get("deadline")
        if pending and deadline is not None and run.now >= deadline:
            for logical_id in pending:
                self._resources.fail(logical_id, "Resource creation cancelled")
            return self._fail_resources()
        if pending or len(states) < len(order):
            return self._resources.earliest_due(due, deadline)
        return self._applied(template, scope, order)

    # ---- the end of apply

    def _applied(
        self, template: Template, scope: ResourceScope, order: tuple[str, ...]
    ) -> int | None:
        run, work = self._run, self._work
        for logical_id in sorted(run.rows.keys() - set(order)):
            row = run.rows[logical_id]
            refusal_reason = denial(
                work.get("policy", ""), "Update:Delete", logical_id, row["type"]
            )
            if refusal_reason and row["is_there"]:
                self._resources.fail(logical_id, refusal_reason)
        if work["failed"]:
            return self._fail_resources()
        try:
            outputs = outputs_of(template, scope, self._handlers.resolve_text)
            self._publish(outputs)
        except AwsError as refusal:
            return self._fail_stack(refusal.text)
        tables.replace_imports(
            run.tx, self._call.account, self._call.region, run.stack_id, sorted(scope.imports)
        )
        self._adopt(work["target"], outputs)
        if work["kind"] == "CREATE":
            run.set_status("CREATE_COMPLETE")
            return self._end()
        for logical_id in sorted(run.rows.keys() - set(order)):
            row = run.rows[logical_id]
            if row["is_there"]:
                self._resources.doom(logical_id, row["type"], row, row["deletion_policy"])
                work["doomed"][-1]["needs"] = row["needs"]
            run.remove(logical_id)
        self._settle_rows()
        run.set_status("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
        work["phase"], work["after_cleanup"] = "cleanup", "UPDATE_COMPLETE"
        return None

    def _adopt(self, target: Mapping[str, Any], outputs: Outputs) -> None:
        """From now on the stack is what the target says."""
        stack = self._run.stack
        stack["Outputs"] = outputs.described
        if self._work["change_set_id"]:
            stack["ChangeSetId"] = self._work["change_set_id"]
        adopt_target(stack, target)

    def _publish(self, outputs: Outputs) -> None:
        """Make the exports of the stack those of its outputs, where nobody else is in the way."""
        tx, call, stack_id = self._run.tx, self._call, self._run.stack_id
        for name in outputs.exports:
            found = tables.find_export(tx, call.account, call.region, name)
            if found is not None and found[1] != stack_id:
                other = tables.find_stack(tx, call.account, call.region, found[1])
                raise ValidationError(
                    f"Export with name {name} is already exported by stack {other['StackName'] if other else found[1]}."
                )
        for name, value in tables.exports_of(tx, stack_id).items():
            if outputs.exports.get(name) == value:
                continue
            users = tables.importers(tx, call.account, call.region, name)
            if users:
                verb = "update" if name in outputs.exports else "delete"
                raise ValidationError(
                    f"Cannot {verb} export {name} as it is in use by {', '.join(users)}."
                )
        tables.replace_exports(tx, call.account, call.region, stack_id, outputs.exports)

    def _settle_rows(self) -> None:
        for logical_id, row in self._run.rows.items():
            if any(key in row for key in _PASSING):
                self._run.change(logical_id)
                for key in _PASSING:
                    row.pop(key, None)

    def _end(self) -> int | None:
        self._settle_rows()
        self._work["phase"] = "ended"
        self._run.tx.stir(f"{RESOURCE_TOPIC}:{self._run.stack_id}")
        return None

    def _ended(self) -> None:
        return None

    # ---- failure

    def _fail_resources(self) -> int | None:
        """At least one resource failed: cancel what is in progress, then undo, or stop here."""
        work = self._work
        named = list(work["failed"])
        self._resources.cancel_pending()
        created = [logical_id for logical_id, is_creation in named if is_creation]
        updated = [logical_id for logical_id, is_creation in named if not is_creation]
        reason = ""
        if created:
            reason += f"The following resource(s) failed to create: [{', '.join(created)}]. "
        if updated:
            reason += f"The following resource(s) failed to update: [{', '.join(updated)}]. "
        return self._fail_stack(reason.rstrip() if work["kind"] == "CREATE" else reason)

    def _fail_stack(self, reason: str) -> int | None:
        run, work = self._run, self._work
        is_creation = work["kind"] == "CREATE"
        if work["on_failure"] == "DO_NOTHING":
            self._adopt(work["target"], Outputs(run.stack.get("Outputs", []), {}))
            # What was replaced stays until the next operation cleans up.
            run.stack["doomed"] = work["doomed"]
            run.set_status("CREATE_FAILED" if is_creation else "UPDATE_FAILED", reason)
            return self._end()
        if is_creation:
            run.stack["DeletionTime"] = run.now
            adopt_target(run.stack, work["target"])
            if work["on_failure"] == "DELETE":
                run.set_status("DELETE_IN_PROGRESS", reason)
                work["phase"] = "delete"
            else:
                run.set_status("ROLLBACK_IN_PROGRESS", f"{reason} Rollback requested by user.")
                work["phase"] = "rollback_create"
        else:
            run.set_status("UPDATE_ROLLBACK_IN_PROGRESS", reason)
            work["phase"] = "rollback_update"
        work["failed"] = []
        work["states"] = {}
        return None

    # ---- undoing

    def _rollback_create(self) -> int | None:
        due = self._deletion.delete_rows(is_rollback=True)
        if due is not None:
            return due
        failed = self._work["failed"]
        if failed:
            self._run.set_status("ROLLBACK_FAILED", _failed_to_delete(failed))
        else:
            self._run.set_status("ROLLBACK_COMPLETE")
        self._end()
        return None

    def _rollback_update(self) -> int | None:
        """Put back what was changed; what was made is deleted in the clean-up that follows."""
        run, work = self._run, self._work
        states: dict[str, str] = work["states"]
        due = self._resources.resume_all()
        skipped = set(work.get("skip", ()))
        for logical_id in sorted(run.rows):
            row = run.rows[logical_id]
            if logical_id in states:
                continue
            if row.get("is_new"):
                if row["is_there"]:
                    self._resources.doom(logical_id, row["type"], row, "Delete")
                    work["doomed"][-1]["needs"] = row["needs"]
                run.remove(logical_id)
            elif "before" in row:
                self._resources.restore(logical_id, is_skipped=logical_id in skipped)
        if any(state == "pending" for state in states.values()):
            return self._resources.earliest_due(due, None)
        if work["failed"]:
            names = ", ".join(logical_id for logical_id, _ in work["failed"])
            run.set_status(
                "UPDATE_ROLLBACK_FAILED", f"The following resource(s) failed to update: [{names}]. "
            )
            work["phase"] = "ended"
            for logical_id, state in states.items():
                if state == "done":
                    run.change(logical_id).pop("before", None)
            run.stack["rollback"] = {"previous": work["previous"], "doomed": work["doomed"]}
            run.tx.stir(f"{RESOURCE_TOPIC}:{run.stack_id}")
            return None
        self._settle_rows()
        run.stack.pop("rollback", None)
        run.set_status("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS")
        work["phase"], work["after_cleanup"] = "cleanup", "UPDATE_ROLLBACK_COMPLETE"
        return None

    # ---- deleting

    def _cleanup(self) -> int | None:
        due = self._deletion.clean_all()
        if due is not None:
            return due
        self._run.set_status(self._work["after_cleanup"])
        self._end()
        return None

    def _delete(self) -> int | None:
        run, work = self._run, self._work
        due = self._deletion.delete_rows(is_rollback=False)
        if due is None:
            due = self._deletion.clean_all()
        if due is not None:
            return due
        if work["failed"]:
            run.set_status("DELETE_FAILED", _failed_to_delete(work["failed"]))
        else:
            call = self._call
            tables.replace_exports(run.tx, call.account, call.region, run.stack_id, {})
            tables.replace_imports(run.tx, call.account, call.region, run.stack_id, ())
            run.stack["DeletionTime"] = run.now
            run.stack.pop("ChangeSetId", None)
            run.set_status("DELETE_COMPLETE")
        self._end()
        return None

    # ---- values

    def _target(self, target: Mapping[str, Any]) -> tuple[Template, ResourceScope]:
        run, call = self._run, self._call
        template = parsed(run.tx, target["template_id"])
        return template, ResourceScope(
            call.account,
            call.region,
            {name: each.value for name, each in restored(target["parameters"]).items()},
            template.mappings,
            template.conditions,
            stack_id=run.stack_id,
            stack_name=run.stack["StackName"],
            notification_arns=target["stack"].get("NotificationARNs", []),
            find=run.standing,
            export=self._export,
            is_final=True,
        )

    def _export(self, name: str) -> str | None:
        found = tables.find_export(self._run.tx, self._call.account, self._call.region, name)
        return found[0] if found else None

    def _unsupported_output(self, template: Template, scope: ResourceScope) -> str:
        for output in template.outputs.values():
            if output.condition is not None and not scope.condition(output.condition):
                continue
            found = references(output.value, scope.condition)
            for logical_id, name in sorted(found.attributes | found.sub_attributes):
                type_name = template.resources[logical_id].type
                if name and not supports_attribute(self._cf.types, type_name, name):
                    return (
                        f"[Error] /Outputs/{output.name}/Value/Fn::GetAtt: Resource type {type_name} "
                        f"does not support attribute {{{name}}}."
                    )
        return ""


def _failed_to_delete(failed: list[list[Any]]) -> str:
    names = ", ".join(logical_id for logical_id, _ in failed)
    return f"The following resource(s) failed to delete: [{names}]. "
