"""Asks resource types to do things, guards against what they raise, and says in AWS's words what went wrong."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from fogline.aws.call import Call
from fogline.aws.errors import AwsError
from fogline.ports.resources import Context, Done, InProgress, ResourceRefused, ResourceType
from fogline.services.cloudformation.dynamic_references import resolve_dynamic
from fogline.services.cloudformation.errors import CustomResourceFailed, ValidationError
from fogline.services.cloudformation.foundation import Cloudformation
from fogline.services.cloudformation.local_values import LocalValues, is_for_users_code
from fogline.services.cloudformation.stack_run import StackRun
from fogline.services.cloudformation.tables import Document

log = logging.getLogger("fogline.cloudformation")

Outcome = Done | InProgress | None


class ResourceFailed(Exception):
    """A resource could not be made, changed or deleted; the text is the reason shown."""

    def __init__(self, reason: str, physical_id: str = "") -> None:
        super().__init__(reason)
        self.physical_id = physical_id
        """What a failed creation left behind."""


class Handlers:
    """The resource types of one stack at one step, each asked under a savepoint of its own."""

    def __init__(self, cf: Cloudformation, run: StackRun, work: Document, call: Call) -> None:
        self._cf = cf
        self._run = run
        self._work = work
        self._call = call
        self._actions = 0

    def is_tired(self) -> bool:
        """True when this step has done enough, and other work should have its turn."""
        return self._actions >= self._cf.limits.actions_per_step_max

    def count(self) -> None:
        """One more resource is touched in this step."""
        self._actions += 1

    def made(self, kind: ResourceType, row: Document, properties: Document) -> Outcome:
        resolved = self.resolved(properties, kind.name)
        _check(kind, resolved)
        return kind.create(self._context_of(row, self.tags()), resolved)

    def changed(
        self,
        kind: ResourceType,
        row: Document,
        before: Document,
        after: Document,
        tags: Mapping[str, str],
    ) -> Outcome:
        assert kind.update is not None
        resolved = self.resolved(after, kind.name)
        _check(kind, resolved)
        return kind.update(
            self._context_of(row, tags),
            row["physical_id"],
            self.resolved(before, kind.name),
            resolved,
        )

    def gone(
        self, logical_id: str, entry: Mapping[str, Any], pending: Mapping[str, Any] | None
    ) -> Document | None:
        """Delete a physical resource. What to remember while that is in progress, None when it is gone."""
        kind = self._cf.types.find(entry["type"])
        if kind is None:
            raise ResourceFailed(f"Fogline has no resource type {entry['type']} any more")
        kind_found = kind
        context = self.context(logical_id, entry["type"], entry["token"], self.tags())

        def work() -> Outcome:
            properties = self._resolved_leniently(entry["properties"], entry["type"])
            if pending is None:
                return kind_found.delete(context, entry["physical_id"], properties)
            assert kind_found.resume is not None
            progress = InProgress(
                pending["physical_id"], pending["ask_at"], pending["topic"], pending["state"]
            )
            return kind_found.resume(context, progress, properties)

        outcome = self.guarded(logical_id, work, is_deletion=True)
        if isinstance(outcome, InProgress):
            return {
                "action": "delete",
                "physical_id": outcome.physical_id,
                "ask_at": outcome.ask_at,
                "topic": outcome.topic,
                "state": dict(outcome.state),
            }
        return None

    def guarded(
        self, logical_id: str, work: Callable[[], Outcome], *, is_deletion: bool = False
    ) -> Outcome:
        """Run a handler under a savepoint of its own: what it did is kept whole or not at all."""
        try:
            with self._cf.store.write():
                return work()
        except AwsError as refusal:
            if is_deletion and _is_not_found(refusal):
                return None
            left = refusal.physical_id if isinstance(refusal, CustomResourceFailed) else ""
            raise ResourceFailed(self._reason(logical_id, refusal), left) from refusal
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
        return self.context(logical_id, row["type"], row["token"], tags)

    def context(
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

    def tags(self) -> Mapping[str, str]:
        target = self._work.get("target")
        tags: Mapping[str, str] = (
            target["tags"] if target else _tag_map(self._run.stack.get("Tags", []))
        )
        return tags

    def tags_changed(self) -> bool:
        previous = self._work.get("previous")
        return previous is not None and previous["tags"] != self.tags()

    def kind(self, name: str) -> ResourceType:
        kind = self._cf.types.find(name)
        if kind is None:
            raise ValidationError(f"Fogline has no resource type {name} any more")
        return kind

    def resolved(self, properties: Mapping[str, Any], type_name: str) -> Document:
        """Properties as the resource type is given them. Rows and events have them as the template says."""
        resolved: Document = resolve_dynamic(dict(properties), self._cf.outside(self._call))
        if is_for_users_code(type_name):
            here = self._cf.endpoint()
            resolved = LocalValues(self._cf.addresses, self._run.tx, here).of(resolved)
        return resolved

    def _resolved_leniently(self, properties: Mapping[str, Any], type_name: str) -> Document:
        """For deletion: a secret that is gone must not keep what used it alive."""
        try:
            return self.resolved(properties, type_name)
        except AwsError:
            return dict(properties)

    def resolve_text(self, value: Any) -> Any:
        return resolve_dynamic(value, self._cf.outside(self._call))


def _check(kind: ResourceType, properties: Mapping[str, Any]) -> None:
    if kind.check is not None and (reason := kind.check(properties)):
        raise ResourceRefused(reason)


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
