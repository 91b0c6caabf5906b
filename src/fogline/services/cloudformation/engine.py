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

import logging
from collections.abc import Callable, Mapping
from typing import Any

from fogline.aws.call import Call
from fogline.aws.errors import AwsError
from fogline.ports.resources import Context, Done, InProgress, ResourceRefused, ResourceType
from fogline.services.cloudformation import tables
from fogline.services.cloudformation.errors import ValidationError
from fogline.services.cloudformation.foundation import Cloudformation
from fogline.services.cloudformation.intrinsics import evaluate, references, resolve_dynamic
from fogline.services.cloudformation.outcome import Outputs, outputs_of
from fogline.services.cloudformation.parameters import restored
from fogline.services.cloudformation.plan import changed_properties, replaces
from fogline.services.cloudformation.policy import denial
from fogline.services.cloudformation.preparation import order_of, supports_attribute
from fogline.services.cloudformation.resource_scope import ResourceScope
from fogline.services.cloudformation.stack_run import StackRun, restored_call
from fogline.services.cloudformation.tables import Document
from fogline.services.cloudformation.template import Resource, Template, dependencies, with_policies
from fogline.services.cloudformation.template_cache import parsed
from fogline.services.cloudformation.topics import RESOURCE_TOPIC

log = logging.getLogger("fogline.cloudformation")

_PASSING = ("before", "is_new", "is_replaced", "is_touched", "pending")
"""What a resource's row says only while an operation lasts."""

_Outcome = Done | InProgress | None


class ResourceFailed(Exception):
    """A resource could not be made, changed or deleted; the text is the reason shown."""


class Engine:
    """One step of the operation on one stack."""

    def __init__(self, cf: Cloudformation, run: StackRun, work: Document) -> None:
        self._cf = cf
        self._run = run
        self._work = work
        self._call: Call = restored_call(work["call"], run.now)
        self._actions = 0

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
                if self._actions >= self._cf.limits.actions_per_step_max:
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
        kind = self._kind(resource.type)
        present = run.standing(logical_id)
        try:
            properties = self._evaluated(resource, scope)
        except AwsError as refusal:
            self._note_unmade(resource, needs, present)
            self._fail_resource(logical_id, refusal.text)
            return
        if present is None:
            self._actions += 1
            self._create(resource, kind, needs, properties)
            return
        changed = changed_properties(kind, present["properties"], properties)
        retag = self._tags_changed() and "Tags" in kind.properties
        row = run.change(logical_id)
        if not changed and not retag:
            row.update(_lasting(resource, needs))
            self._work["states"][logical_id] = "done"
            return
        self._actions += 1
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
        self._perform(logical_id, "create", lambda: self._made(kind, row, properties))

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
        self._perform(logical_id, "replace", lambda: self._made(kind, row, properties))

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
            logical_id, "update", lambda: self._changed(kind, row, before, properties, self._tags())
        )

    def _perform(self, logical_id: str, action: str, work: Callable[[], _Outcome]) -> None:
        """Ask a resource type to do something; note what came of it."""
        try:
            outcome = self._guarded(logical_id, work)
        except ResourceFailed as failure:
            self._fail_resource(logical_id, str(failure))
            return
        self._take(logical_id, action, outcome)

    def _take(self, logical_id: str, action: str, outcome: _Outcome) -> None:
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
        kind = self._kind(row["type"])
        assert kind.resume is not None, f"{kind.name} answered InProgress and has no resume"
        resume = kind.resume
        self._perform(
            logical_id,
            pending["action"],
            lambda: resume(
                self._context(logical_id, row["type"], row["token"], self._tags()),
                InProgress(
                    pending["physical_id"], pending["ask_at"], pending["topic"], pending["state"]
                ),
                self._resolved(row["properties"]),
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
            outputs = outputs_of(template, scope, self._resolve_text)
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
        for member, value in target["stack"].items():
            stack[member] = value
        if self._work["change_set_id"]:
            stack["ChangeSetId"] = self._work["change_set_id"]
        stack["template_id"] = target["template_id"]
        stack["parameters"] = target["parameters"]

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
            for member, value in work["target"]["stack"].items():
                run.stack[member] = value
            run.stack["parameters"] = work["target"]["parameters"]
            run.stack["template_id"] = work["target"]["template_id"]
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
        due = self._delete_rows(is_rollback=True)
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
        kind = self._kind(row["type"])
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
            lambda: self._changed(kind, row, after, before["properties"], tags),
        )

    # ---- deleting

    def _cleanup(self) -> int | None:
        due = self._clean_all()
        if due is not None:
            return due
        self._run.set_status(self._work["after_cleanup"])
        self._end()
        return None

    def _clean_all(self) -> int | None:
        """Delete all that is doomed. None when that is over."""
        run = self._run
        doomed: list[Document] = self._work["doomed"]
        next_at: int | None = None
        for entry in _dependents_first(doomed):
            if self._actions >= self._cf.limits.actions_per_step_max:
                return run.now
            due = self._clean(entry)
            if due is None:
                doomed.remove(entry)
            else:
                next_at = due if next_at is None else min(next_at, due)
        if doomed:
            return next_at
        run.stack.pop("doomed", None)
        return None

    def _clean(self, entry: Document) -> int | None:
        """Delete one thing; when to ask again while that is in progress, None when it is over."""
        run = self._run
        pending = entry.get("pending")
        if pending is None:
            if entry["policy"].startswith("Retain"):
                run.record_cleanup(entry, "DELETE_SKIPPED")
                return None
            run.record_cleanup(entry, "DELETE_IN_PROGRESS")
        elif not pending["topic"] and run.now < pending["ask_at"]:
            return int(pending["ask_at"])
        self._actions += 1
        try:
            outcome = self._gone(entry["logical_id"], entry, pending)
        except ResourceFailed as failure:
            run.record_cleanup(entry, "DELETE_FAILED", str(failure))
            return None
        if outcome is not None:
            entry["pending"] = outcome
            return max(run.now + 1, int(outcome["ask_at"]))
        run.record_cleanup(entry, "DELETE_COMPLETE")
        return None

    def _delete(self) -> int | None:
        run, work = self._run, self._work
        due = self._delete_rows(is_rollback=False)
        if due is None:
            due = self._clean_all()
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

    def _delete_rows(self, *, is_rollback: bool) -> int | None:
        """Delete the resources of the stack, each after all that need it. None when that is over."""
        run, states = self._run, self._work["states"]
        next_at: int | None = None
        progress = True
        while progress:
            progress = False
            for logical_id in sorted(run.rows, reverse=True):
                row = run.rows[logical_id]
                if not row["is_there"] or states.get(logical_id) in ("done", "failed"):
                    continue
                if self._is_needed(logical_id):
                    continue
                if self._actions >= self._cf.limits.actions_per_step_max:
                    return run.now
                due = self._delete_row(logical_id, row, is_rollback)
                if due is None:
                    progress = True
                else:
                    next_at = due if next_at is None else min(next_at, due)
            if next_at is not None:
                break
        return next_at

    def _is_needed(self, logical_id: str) -> bool:
        states = self._work["states"]
        return any(
            other["is_there"] and logical_id in other["needs"] and states.get(name) != "done"
            for name, other in self._run.rows.items()
            if name != logical_id
        )

    def _delete_row(self, logical_id: str, row: Document, is_rollback: bool) -> int | None:
        run, work = self._run, self._work
        states: dict[str, str] = work["states"]
        pending = row.get("pending") if states.get(logical_id) == "pending" else None
        if pending is None:
            policy = row["deletion_policy"]
            is_retained = policy == "Retain" or (
                policy == "RetainExceptOnCreate" and not is_rollback
            )
            if is_retained or logical_id in work.get("retain", ()):
                self._change_gone(logical_id, "DELETE_SKIPPED")
                return None
            run.set_resource_status(logical_id, "DELETE_IN_PROGRESS")
            row = run.change(logical_id)
            if not row.get("deleting_token"):
                row["deleting_token"] = self._cf.ids.uuid()
        elif not pending["topic"] and run.now < pending["ask_at"]:
            return int(pending["ask_at"])
        self._actions += 1
        entry = {**row, "logical_id": logical_id, "token": row["deleting_token"]}
        try:
            outcome = self._gone(logical_id, entry, pending)
        except ResourceFailed as failure:
            row.pop("pending", None)
            states[logical_id] = "failed"
            work["failed"].append([logical_id, False])
            run.set_resource_status(logical_id, "DELETE_FAILED", str(failure))
            return None
        if outcome is not None:
            run.change(logical_id)["pending"] = outcome
            states[logical_id] = "pending"
            return max(run.now + 1, int(outcome["ask_at"]))
        self._change_gone(logical_id, "DELETE_COMPLETE")
        return None

    def _change_gone(self, logical_id: str, status: str) -> None:
        row = self._run.change(logical_id)
        row.pop("pending", None)
        self._work["states"][logical_id] = "done"
        self._run.set_resource_status(logical_id, status)
        row["is_there"] = False

    # ---- asking resource types

    def _made(self, kind: ResourceType, row: Document, properties: Document) -> _Outcome:
        resolved = self._resolved(properties)
        _check(kind, resolved)
        return kind.create(self._context_of(row, self._tags()), resolved)

    def _changed(
        self,
        kind: ResourceType,
        row: Document,
        before: Document,
        after: Document,
        tags: Mapping[str, str],
    ) -> _Outcome:
        assert kind.update is not None
        resolved = self._resolved(after)
        _check(kind, resolved)
        return kind.update(
            self._context_of(row, tags), row["physical_id"], self._resolved(before), resolved
        )

    def _gone(
        self, logical_id: str, entry: Mapping[str, Any], pending: Mapping[str, Any] | None
    ) -> Document | None:
        """Delete a physical resource. What to remember while that is in progress, None when it is gone."""
        kind = self._cf.types.find(entry["type"])
        if kind is None:
            raise ResourceFailed(f"Fogline has no resource type {entry['type']} any more")
        kind_found = kind
        context = self._context(logical_id, entry["type"], entry["token"], self._tags())

        def work() -> _Outcome:
            properties = self._resolved_leniently(entry["properties"])
            if pending is None:
                return kind_found.delete(context, entry["physical_id"], properties)
            assert kind_found.resume is not None
            progress = InProgress(
                pending["physical_id"], pending["ask_at"], pending["topic"], pending["state"]
            )
            return kind_found.resume(context, progress, properties)

        outcome = self._guarded(logical_id, work, is_deletion=True)
        if isinstance(outcome, InProgress):
            return {
                "action": "delete",
                "physical_id": outcome.physical_id,
                "ask_at": outcome.ask_at,
                "topic": outcome.topic,
                "state": dict(outcome.state),
            }
        return None

    def _guarded(
        self, logical_id: str, work: Callable[[], _Outcome], *, is_deletion: bool = False
    ) -> _Outcome:
        """Run a handler under a savepoint of its own: what it did is kept whole or not at all."""
        try:
            with self._cf.store.write():
                return work()
        except AwsError as refusal:
            if is_deletion and _is_not_found(refusal):
                return None
            raise ResourceFailed(self._reason(logical_id, refusal)) from refusal
        except Exception as bug:
            log.exception("Resource %s of %s", logical_id, self._run.stack_id)
            raise ResourceFailed(f"Internal Failure ({type(bug).__name__})") from bug

    def _reason(self, logical_id: str, refusal: AwsError) -> str:
        if isinstance(refusal, ValidationError):
            return refusal.text
        row = self._run.rows.get(logical_id)
        parts = (row["type"] if row else "").split("::")
        token = row["token"] if row else ""
        source = ""
        if not isinstance(refusal, ResourceRefused) and len(parts) == 3:
            source = (
                f" (Service: {parts[1]}, Status Code: {refusal.status}, "
                f"Request ID: {self._call.request_id})"
            )
        return (
            f'Resource handler returned message: "{refusal.text}{source}" '
            f"(RequestToken: {token}, HandlerErrorCode: {_handler_code(refusal)})"
        )

    # ---- what handlers are given

    def _context_of(self, row: Document, tags: Mapping[str, str]) -> Context:
        logical_id = next(name for name, other in self._run.rows.items() if other is row)
        return self._context(logical_id, row["type"], row["token"], tags)

    def _context(
        self, logical_id: str, type_name: str, token: str, tags: Mapping[str, str]
    ) -> Context:
        return Context(
            call=self._call,
            api=self._cf.api,
            stack_id=self._run.stack_id,
            stack_name=self._run.stack["StackName"],
            logical_id=logical_id,
            resource_type=type_name,
            token=token,
            stack_tags=tags,
        )

    def _tags(self) -> Mapping[str, str]:
        target = self._work.get("target")
        tags: Mapping[str, str] = (
            target["tags"] if target else _tag_map(self._run.stack.get("Tags", []))
        )
        return tags

    def _tags_changed(self) -> bool:
        previous = self._work.get("previous")
        return previous is not None and previous["tags"] != self._tags()

    def _kind(self, name: str) -> ResourceType:
        kind = self._cf.types.find(name)
        if kind is None:
            raise ValidationError(f"Fogline has no resource type {name} any more")
        return kind

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

    def _resolved(self, properties: Mapping[str, Any]) -> Document:
        resolved: Document = resolve_dynamic(dict(properties), self._cf.outside(self._call))
        return resolved

    def _resolved_leniently(self, properties: Mapping[str, Any]) -> Document:
        """For deletion: a secret that is gone must not keep what used it alive."""
        try:
            return self._resolved(properties)
        except AwsError:
            return dict(properties)

    def _resolve_text(self, value: Any) -> Any:
        return resolve_dynamic(value, self._cf.outside(self._call))

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


def _check(kind: ResourceType, properties: Mapping[str, Any]) -> None:
    if kind.check is not None and (reason := kind.check(properties)):
        raise ResourceRefused(reason)


def _failed_to_delete(failed: list[list[Any]]) -> str:
    names = ", ".join(logical_id for logical_id, _ in failed)
    return f"The following resource(s) failed to delete: [{names}]. "


def _dependents_first(doomed: list[Document]) -> list[Document]:
    """What an update took out, each before what it needs; then what was replaced, the last made first."""
    removed = {entry["logical_id"]: entry for entry in doomed if "needs" in entry}
    order = order_of(
        {name: set(entry["needs"]) & removed.keys() for name, entry in removed.items()}
    )
    replaced = [entry for entry in reversed(doomed) if "needs" not in entry]
    return [removed[name] for name in reversed(order)] + replaced


def _is_not_found(refusal: AwsError) -> bool:
    name = (refusal.code + " " + refusal.legacy_code).lower()
    return refusal.status == 404 or any(
        word in name for word in ("notfound", "nosuch", "nonexistent", "doesnotexist")
    )


def _handler_code(refusal: AwsError) -> str:
    name = refusal.code.lower()
    if ("exist" in name and "not" not in name and "non" not in name) or "inuse" in name:
        return "AlreadyExists"
    if _is_not_found(refusal):
        return "NotFound"
    if "accessdenied" in name or "unauthorized" in name:
        return "AccessDenied"
    if "throttl" in name or "toomany" in name:
        return "Throttling"
    return "InvalidRequest" if refusal.status < 500 else "ServiceInternalError"


def _tag_map(tags: list[Mapping[str, str]]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags}
