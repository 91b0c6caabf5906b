"""Deletes what a stack made: each resource after all that need it, and what updates left over."""

from __future__ import annotations

from fogline.services.cloudformation.handlers import Handlers, ResourceFailed
from fogline.services.cloudformation.preparation import order_of
from fogline.services.cloudformation.stack_run import StackRun
from fogline.services.cloudformation.tables import Document
from fogline.world.ids import Ids


class Deletion:
    """The deletions of one stack at one step."""

    def __init__(self, ids: Ids, run: StackRun, work: Document, handlers: Handlers) -> None:
        self._ids = ids
        self._run = run
        self._work = work
        self._handlers = handlers

    def clean_all(self) -> int | None:
        """Delete all that is doomed. None when that is over."""
        run = self._run
        doomed: list[Document] = self._work["doomed"]
        next_at: int | None = None
        for entry in _dependents_first(doomed):
            if self._handlers.is_tired():
                return run.now
            if any(entry["logical_id"] in other.get("needs", ()) for other in doomed):
                # What needs it is being deleted somewhere else, perhaps by this very function.
                continue
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
        self._handlers.count()
        try:
            outcome = self._handlers.gone(entry["logical_id"], entry, pending)
        except ResourceFailed as failure:
            run.record_cleanup(entry, "DELETE_FAILED", str(failure))
            return None
        if outcome is not None:
            entry["pending"] = outcome
            return max(run.now + 1, int(outcome["ask_at"]))
        run.record_cleanup(entry, "DELETE_COMPLETE")
        return None

    def delete_rows(self, *, is_rollback: bool) -> int | None:
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
                if self._handlers.is_tired():
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
                row["deleting_token"] = self._ids.uuid()
        elif not pending["topic"] and run.now < pending["ask_at"]:
            return int(pending["ask_at"])
        self._handlers.count()
        entry = {**row, "logical_id": logical_id, "token": row["deleting_token"]}
        try:
            outcome = self._handlers.gone(logical_id, entry, pending)
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


def _dependents_first(doomed: list[Document]) -> list[Document]:
    """What an update took out, each before what it needs; then what was replaced, the last made first."""
    removed = {entry["logical_id"]: entry for entry in doomed if "needs" in entry}
    order = order_of(
        {name: set(entry["needs"]) & removed.keys() for name, entry in removed.items()}
    )
    replaced = [entry for entry in reversed(doomed) if "needs" not in entry]
    return [removed[name] for name in reversed(order)] + replaced
