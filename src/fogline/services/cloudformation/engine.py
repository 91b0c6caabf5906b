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

from collections.abc import Callable, Mapping
from typing import Any

from fogline.aws.call import Call
from fogline.aws.errors import AwsError
from fogline.ports.resources import InProgress, ResourceType
from fogline.services.cloudformation import tables
from fogline.services.cloudformation.deletion import Deletion
from fogline.services.cloudformation.errors import ValidationError
from fogline.services.cloudformation.foundation import Cloudformation
from fogline.services.cloudformation.handlers import Handlers, Outcome, ResourceFailed
from fogline.services.cloudformation.intrinsics import evaluate
from fogline.services.cloudformation.outcome import Outputs, outputs_of
from fogline.services.cloudformation.parameters import restored
from fogline.services.cloudformation.plan import changed_properties, replaces
from fogline.services.cloudformation.policy import denial
from fogline.services.cloudformation.preparation import order_of, supports_attribute
from fogline.services.cloudformation.references import references
from fogline.services.cloudformation.resource_scope import ResourceScope
from fogline.services.cloudformation.stack_run import StackRun, restored_call
from fogline.services.cloudformation.stacks import adopt_target
from fogline.services.cloudformation.tables import Document
from fogline.services.cloudformation.template import Resource, Template, dependencies, with_policies
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
            self._cancel_pending()
            return self._fail_stack("Update was cancelled.")
        if not work["is_checked"]:
            work["is_checked"] = True
            reason = self._unsupported_output(template, scope)
            if reason:
                return self._fail_stack(reason)
        needs = dependencies(template, scope.condition)
        order = order_of(needs)
        due = self._resume_all()
        if not work["failed"]:
            for logical_id in order:
                if logical_id in states or any(
                    states.get(need) != "done" for need in needs[logical_id]
                ):
                    continue
                if self._handlers.is_tired():
                    return run.now
                self._start(template.resources[logical_id], needs[logical_id], scope)
                if work["failed"]:
                    break
        if work["failed"]:
            return self._fail_resources()
        pending = [logical_id for logical_id in order if states.get(logical_id) == "pending"]
        deadline = work.get("deadline")
        if pending and deadline is not None and run.now >= deadline:
            for logical_id in pending:
                self._fail_resource(logical_id, "Resource creation cancelled")
            return self._fail_resources()
        if pending or len(states) < len(order):
            return self._earliest_due(due, deadline)
        return self._applied(template, scope, order)

    def _start(self, resource: Resource, needs: set[str], scope: ResourceScope) -> None:
        """Create, update or replace one resource, or find that nothing is to be done."""
        run = self._run
        logical_id = resource.logical_id
        resource = with_policies(resource, lambda value: evaluate(value, scope))
        kind = self._handlers.kind(resource.type)
        present = run.standing(logical_id)
        try:
            properties = self._evaluated(resource, scope)
        except AwsError as refusal:
            self._note_unmade(resource, needs, present)
            self._fail_resource(logical_id, refusal.text)
            return
        if present is None:
            self._handlers.count()
            self._create(resource, kind, needs, properties)
            return
        changed = changed_properties(kind, present["properties"], properties)
        retag = self._handlers.tags_changed() and "Tags" in kind.properties
        row = run.change(logical_id)
        if not changed and not retag:
            row.update(_lasting(resource, needs))
            self._work["states"][logical_id] = "done"
            return
        self._handlers.count()
        is_replacement = replaces(kind, changed, present["properties"], properties)
        action = "Update:Replace" if is_replacement else "Update:Modify"
        refusal_reason = denial(self._work.get("policy", ""), action, logical_id, resource.type)
        if refusal_reason:
            self._fail_resource(logical_id, refusal_reason)
            return
        if "before" not in row:
            row["before"] = {
                key: row[key]
                for key in (
                    "physical_id", "properties", "attributes", "needs", "deletion_policy",
                    "update_replace_policy", "condition",
                )
            }  # fmt: skip
        if is_replacement:
            self._replace(resource, kind, needs, properties)
        else:
            self._update(resource, kind, needs, properties)

    def _create(
        self, resource: Resource, kind: ResourceType, needs: set[str], properties: Document
    ) -> None:
        run, logical_id = self._run, resource.logical_id
        row = run.add(
            logical_id,
            {
                "type": resource.type,
                "physical_id": "",
                "properties": properties,
                "attributes": {},
                "is_there": False,
                "is_new": True,
                "token": self._cf.ids.uuid(),
                **_lasting(resource, needs),
            },
        )
        run.set_resource_status(logical_id, "CREATE_IN_PROGRESS")
        self._perform(logical_id, "create", lambda: self._handlers.made(kind, row, properties))

    def _replace(
        self, resource: Resource, kind: ResourceType, needs: set[str], properties: Document
    ) -> None:
        run, logical_id = self._run, resource.logical_id
        row = run.change(logical_id)
        old_id = row["physical_id"]
        name = kind.primary_identifier
        row["properties"], row["token"] = properties, self._cf.ids.uuid()
        row.update(_lasting(resource, needs))
        run.set_resource_status(
            logical_id,
            "UPDATE_IN_PROGRESS",
            "Requested update requires the creation of a new physical resource; hence creating one.",
            physical_id=old_id,
        )
        if (
            name
            and name in properties
            and properties[name] == row["before"]["properties"].get(name)
        ):
            self._fail_resource(
                logical_id,
                "CloudFormation cannot update a stack when a custom-named resource requires replacing. "
                f"Rename {properties[name]} and update the stack again.",
            )
            return
        self._perform(logical_id, "replace", lambda: self._handlers.made(kind, row, properties))

    def _update(
        self, resource: Resource, kind: ResourceType, needs: set[str], properties: Document
    ) -> None:
        run, logical_id = self._run, resource.logical_id
        row = run.change(logical_id)
        before = row["before"]["properties"]
        row["properties"], row["token"] = properties, self._cf.ids.uuid()
        row.update(_lasting(resource, needs))
        run.set_resource_status(logical_id, "UPDATE_IN_PROGRESS")
        self._perform(
            logical_id,
            "update",
            lambda: self._handlers.changed(kind, row, before, properties, self._handlers.tags()),
        )

    def _perform(self, logical_id: str, action: str, work: Callable[[], Outcome]) -> None:
        """Ask a resource type to do something; note what came of it."""
        try:
            outcome = self._handlers.guarded(logical_id, work)
        except ResourceFailed as failure:
            if failure.physical_id and action != "update":
                # What was left behind is deleted when this is undone.
                self._run.change(logical_id)["physical_id"] = failure.physical_id
            self._fail_resource(logical_id, str(failure))
            return
        self._take(logical_id, action, outcome)

    def _take(self, logical_id: str, action: str, outcome: Outcome) -> None:
        """Done, or in progress and to be asked again."""
        run = self._run
        row = run.change(logical_id)
        assert outcome is not None
        is_first = "pending" not in row
        progress = "CREATE_IN_PROGRESS" if action == "create" else "UPDATE_IN_PROGRESS"
        if action != "update":
            row["physical_id"] = outcome.physical_id
            row["is_there"] = True
            if is_first:
                run.set_resource_status(logical_id, progress, "Resource creation Initiated")
        if isinstance(outcome, InProgress):
            row["pending"] = {
                "action": action,
                "physical_id": outcome.physical_id,
                "ask_at": outcome.ask_at,
                "topic": outcome.topic,
                "state": dict(outcome.state),
            }
            self._work["states"][logical_id] = "pending"
            return
        row.pop("pending", None)
        old_id = row["before"]["physical_id"] if "before" in row else ""
        row["physical_id"], row["attributes"] = outcome.physical_id, dict(outcome.attributes)
        if action != "create" and old_id != outcome.physical_id:
            row["is_replaced"] = True
            self._doom(logical_id, row["type"], row["before"], row["update_replace_policy"])
        self._work["states"][logical_id] = "done"
        run.set_resource_status(
            logical_id, "CREATE_COMPLETE" if action == "create" else "UPDATE_COMPLETE"
        )

    def _doom(self, logical_id: str, type_name: str, old: Mapping[str, Any], policy: str) -> None:
        self._work["doomed"].append(
            {
                "logical_id": logical_id,
                "type": type_name,
                "physical_id": old["physical_id"],
                "properties": old["properties"],
                "policy": policy,
                "token": self._cf.ids.uuid(),
            }
        )

    def _resume_all(self) -> list[int]:
        """Ask again about everything in progress that is due or may have been stirred."""
        run, due = self._run, []
        for logical_id in sorted(run.rows):
            row = run.rows[logical_id]
            pending = row.get("pending")
            if pending is None or self._work["states"].get(logical_id) != "pending":
                continue
            if pending["topic"] or run.now >= pending["ask_at"]:
                self._resume(logical_id, pending)
            if (still := row.get("pending")) is not None:
                due.append(int(still["ask_at"]))
        return due

    def _resume(self, logical_id: str, pending: Mapping[str, Any]) -> None:
        row = self._run.change(logical_id)
        kind = self._handlers.kind(row["type"])
        assert kind.resume is not None, f"{kind.name} answered InProgress and has no resume"
        resume = kind.resume
        self._perform(
            logical_id,
            pending["action"],
            lambda: resume(
                self._handlers.context(
                    logical_id, row["type"], row["token"], self._handlers.tags()
                ),
                InProgress(
                    pending["physical_id"], pending["ask_at"], pending["topic"], pending["state"]
                ),
                self._handlers.resolved(row["properties"]),
            ),
        )

    def _earliest_due(self, due: list[int], deadline: int | None) -> int:
        for row in self._run.rows.values():
            if "pending" in row:
                due.append(int(row["pending"]["ask_at"]))
        if deadline is not None:
            due.append(deadline)
        return max(self._run.now + 1, min(due, default=self._run.now + 1_000))

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
                self._fail_resource(logical_id, refusal_reason)
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
                self._doom(logical_id, row["type"], row, row["deletion_policy"])
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

    def _note_unmade(self, resource: Resource, needs: set[str], present: Document | None) -> None:
        if present is None:
            self._run.add(
                resource.logical_id,
                {
                    "type": resource.type,
                    "physical_id": "",
                    "properties": {},
                    "attributes": {},
                    "is_there": False,
                    "is_new": True,
                    "token": "",
                    **_lasting(resource, needs),
                },
            )

    def _fail_resource(self, logical_id: str, reason: str) -> None:
        run = self._run
        row = run.change(logical_id)
        if row.pop("pending", None) is not None:
            row["is_touched"] = True
        is_creation = bool(row.get("is_new"))
        self._work["states"][logical_id] = "failed"
        self._work["failed"].append([logical_id, is_creation])
        run.set_resource_status(
            logical_id, "CREATE_FAILED" if is_creation else "UPDATE_FAILED", reason
        )

    def _fail_resources(self) -> int | None:
        """At least one resource failed: cancel what is in progress, then undo, or stop here."""
        work = self._work
        named = list(work["failed"])
        self._cancel_pending()
        created = [logical_id for logical_id, is_creation in named if is_creation]
        updated = [logical_id for logical_id, is_creation in named if not is_creation]
        reason = ""
        if created:
            reason += f"The following resource(s) failed to create: [{', '.join(created)}]. "
        if updated:
            reason += f"The following resource(s) failed to update: [{', '.join(updated)}]. "
        return self._fail_stack(reason.rstrip() if work["kind"] == "CREATE" else reason)

    def _cancel_pending(self) -> None:
        """Give up what is in progress somewhere else."""
        for logical_id, state in sorted(self._work["states"].items()):
            if state == "pending":
                word = "creation" if self._run.rows[logical_id].get("is_new") else "update"
                self._fail_resource(logical_id, f"Resource {word} cancelled")

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
        due = self._resume_all()
        skipped = set(work.get("skip", ()))
        for logical_id in sorted(run.rows):
            row = run.rows[logical_id]
            if logical_id in states:
                continue
            if row.get("is_new"):
                if row["is_there"]:
                    self._doom(logical_id, row["type"], row, "Delete")
                    work["doomed"][-1]["needs"] = row["needs"]
                run.remove(logical_id)
            elif "before" in row:
                self._restore(logical_id, is_skipped=logical_id in skipped)
        if any(state == "pending" for state in states.values()):
            return self._earliest_due(due, None)
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

    def _restore(self, logical_id: str, *, is_skipped: bool) -> None:
        run, work = self._run, self._work
        row = run.change(logical_id)
        before, after = row["before"], row["properties"]
        kind = self._handlers.kind(row["type"])
        made_id = row["physical_id"]
        was_replaced = bool(row.get("is_replaced")) or made_id != before["physical_id"]
        if was_replaced:
            self._doom(logical_id, row["type"], row, "Delete")
            work["doomed"] = [
                doomed
                for doomed in work["doomed"]
                if doomed["physical_id"] != before["physical_id"]
            ]
        was_attempted = row.pop("is_touched", False) or row["status"] == "UPDATE_COMPLETE"
        row.update({key: before[key] for key in before})
        row["token"] = self._cf.ids.uuid()
        run.set_resource_status(logical_id, "UPDATE_IN_PROGRESS")
        if was_replaced or not was_attempted or is_skipped or kind.update is None:
            work["states"][logical_id] = "done"
            row["before"] = before
            run.set_resource_status(logical_id, "UPDATE_COMPLETE")
            return
        tags = work["previous"]["tags"]
        self._perform(
            logical_id,
            "update",
            lambda: self._handlers.changed(kind, row, after, before["properties"], tags),
        )

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

    def _evaluated(self, resource: Resource, scope: ResourceScope) -> Document:
        properties = evaluate(resource.properties, scope)
        if not isinstance(properties, dict):
            raise ValidationError("The properties of a resource must be an object.")
        return properties

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


def _lasting(resource: Resource, needs: set[str]) -> Document:
    return {
        "needs": sorted(needs),
        "deletion_policy": resource.deletion_policy,
        "update_replace_policy": resource.update_replace_policy,
        "condition": resource.condition,
    }


def _failed_to_delete(failed: list[list[Any]]) -> str:
    names = ", ".join(logical_id for logical_id, _ in failed)
    return f"The following resource(s) failed to delete: [{names}]. "
