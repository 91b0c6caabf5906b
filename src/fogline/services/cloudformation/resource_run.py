"""What an operation does to single resources: makes, changes, replaces them, and puts them back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fogline.aws.errors import AwsError
from fogline.ports.resources import InProgress, ResourceType
from fogline.services.cloudformation.errors import ValidationError
from fogline.services.cloudformation.handlers import Handlers, Outcome, ResourceFailed
from fogline.services.cloudformation.intrinsics import evaluate
from fogline.services.cloudformation.plan import changed_properties, replaces
from fogline.services.cloudformation.policy import denial
from fogline.services.cloudformation.resource_scope import ResourceScope
from fogline.services.cloudformation.stack_run import StackRun
from fogline.services.cloudformation.tables import Document
from fogline.services.cloudformation.template import Resource, with_policies
from fogline.world.ids import Ids


class ResourceRun:
    """The resources of one stack at one step of its operation.

    What becomes of each is noted in its row, and in the operation's `states`: pending, done or failed.
    """

    def __init__(self, ids: Ids, run: StackRun, work: Document, handlers: Handlers) -> None:
        self._ids = ids
        self._run = run
        self._work = work
        self._handlers = handlers

    def start(self, resource: Resource, needs: set[str], scope: ResourceScope) -> None:
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
            self.fail(logical_id, refusal.text)
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
            self.fail(logical_id, refusal_reason)
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
                "token": self._ids.uuid(),
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
        row["properties"], row["token"] = properties, self._ids.uuid()
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
            self.fail(
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
        row["properties"], row["token"] = properties, self._ids.uuid()
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
            self.fail(logical_id, str(failure))
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
            self.doom(logical_id, row["type"], row["before"], row["update_replace_policy"])
        self._work["states"][logical_id] = "done"
        run.set_resource_status(
            logical_id, "CREATE_COMPLETE" if action == "create" else "UPDATE_COMPLETE"
        )

    def doom(self, logical_id: str, type_name: str, old: Mapping[str, Any], policy: str) -> None:
        self._work["doomed"].append(
            {
                "logical_id": logical_id,
                "type": type_name,
                "physical_id": old["physical_id"],
                "properties": old["properties"],
                "policy": policy,
                "token": self._ids.uuid(),
            }
        )

    def resume_all(self) -> list[int]:
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
                self._handlers.resolved(row["properties"], row["type"]),
            ),
        )

    def earliest_due(self, due: list[int], deadline: int | None) -> int:
        for row in self._run.rows.values():
            if "pending" in row:
                due.append(int(row["pending"]["ask_at"]))
        if deadline is not None:
            due.append(deadline)
        return max(self._run.now + 1, min(due, default=self._run.now + 1_000))

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

    def fail(self, logical_id: str, reason: str) -> None:
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

    def cancel_pending(self) -> None:
        """Give up what is in progress somewhere else."""
        for logical_id, state in sorted(self._work["states"].items()):
            if state == "pending":
                word = "creation" if self._run.rows[logical_id].get("is_new") else "update"
                self.fail(logical_id, f"Resource {word} cancelled")

    def restore(self, logical_id: str, *, is_skipped: bool) -> None:
        run, work = self._run, self._work
        row = run.change(logical_id)
        before, after = row["before"], row["properties"]
        kind = self._handlers.kind(row["type"])
        made_id = row["physical_id"]
        was_replaced = bool(row.get("is_replaced")) or made_id != before["physical_id"]
        if was_replaced:
            self.doom(logical_id, row["type"], row, "Delete")
            work["doomed"] = [
                doomed
                for doomed in work["doomed"]
                if doomed["physical_id"] != before["physical_id"]
            ]
        was_attempted = row.pop("is_touched", False) or row["status"] == "UPDATE_COMPLETE"
        row.update({key: before[key] for key in before})
        row["token"] = self._ids.uuid()
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

    def _evaluated(self, resource: Resource, scope: ResourceScope) -> Document:
        properties = evaluate(resource.properties, scope)
        if not isinstance(properties, dict):
            raise ValidationError("The properties of a resource must be an object.")
        return properties


def _lasting(resource: Resource, needs: set[str]) -> Document:
    return {
        "needs": sorted(needs),
        "deletion_policy": resource.deletion_policy,
        "update_replace_policy": resource.update_replace_policy,
        "condition": resource.condition,
    }
