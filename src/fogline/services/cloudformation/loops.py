"""The work on stacks, step by step, until every operation has ended."""

from __future__ import annotations

import logging

from fogline.services.cloudformation import tables
from fogline.services.cloudformation.foundation import Cloudformation
from fogline.services.cloudformation.stack_run import StackRun
from fogline.services.cloudformation.tables import Document
from fogline.services.cloudformation.topics import RESOURCE_TOPIC, STEPPED_TOPIC, WORK_TOPIC
from fogline.store.store import Tx
from fogline.world.clock import DAY

log = logging.getLogger("fogline.cloudformation")

_STACKS_PER_STEP_MAX = 100


class Expiry:
    """Forgets stacks that were deleted long ago."""

    name = "cloudformation.expiry"
    topics: tuple[str, ...] = ()

    def __init__(self, cf: Cloudformation) -> None:
        self._cf = cf

    def step(self, now: int) -> int | None:
        limits = self._cf.limits
        with self._cf.store.write() as tx:
            gone = tables.deleted_before(
                tx, now - limits.deleted_stack_days * DAY, limits.expired_per_step_max
            )
            for stack in gone:
                tables.forget_stack(tx, stack)
        return now if len(gone) == limits.expired_per_step_max else now + DAY


class Operations:
    """Carries every stack operation in progress on, each in a savepoint of its own."""

    name = "cloudformation.operations"
    topics: tuple[str, ...] = (WORK_TOPIC, RESOURCE_TOPIC)

    def __init__(self, cf: Cloudformation) -> None:
        self._cf = cf

    def step(self, now: int) -> int | None:
        next_at: int | None = None
        with self._cf.store.write() as tx:
            for stack_id, _, work in tables.take_work(tx, _STACKS_PER_STEP_MAX):
                due = self._advance(tx, stack_id, work, now)
                if due is not None:
                    next_at = due if next_at is None else min(next_at, due)
        return next_at

    def _advance(self, tx: Tx, stack_id: str, work: Document, now: int) -> int | None:
        tx.stir(f"{STEPPED_TOPIC}:{stack_id}")
        try:
            with self._cf.store.write():
                return self._carry_on(tx, stack_id, work, now)
        except Exception:
            log.exception("The operation on %s failed", stack_id)
        work = tables.find_work(tx, stack_id) or work
        run = self._run(tx, stack_id, now)
        verb = "DELETE" if work["phase"] == "delete" else work["kind"]
        run.set_status(f"{verb}_FAILED", "Internal Failure")
        self._finish(tx, run, work)
        return None

    def _run(self, tx: Tx, stack_id: str, now: int) -> StackRun:
        account, region = stack_id.split(":")[4], stack_id.split(":")[3]
        stack = tables.find_stack(tx, account, region, stack_id)
        assert stack is not None, f"{stack_id} has work to do and is there"
        return StackRun(tx, self._cf.ids, stack, now)

    def _carry_on(self, tx: Tx, stack_id: str, work: Document, now: int) -> int | None:
        # The engine reads templates, and what that takes is slow to import: not before there is work.
        from fogline.services.cloudformation.engine import Engine

        run = self._run(tx, stack_id, now)
        due = Engine(self._cf, run, work).step()
        if work["phase"] == "ended":
            self._finish(tx, run, work)
            return None
        run.save()
        due_at = due if due is not None else now
        tables.save_work(tx, stack_id, due_at, work)
        return due_at

    def _finish(self, tx: Tx, run: StackRun, work: Document) -> None:
        run.save()
        tables.remove_work(tx, run.stack_id)
        for target in (work["target"], work["previous"]):
            if target and target["template_id"] != run.stack.get("template_id"):
                tables.remove_template(tx, target["template_id"])
        change_set_id = work.get("change_set_id")
        if change_set_id and (change_set := tables.find_change_set(tx, change_set_id)) is not None:
            is_failed = (
                "ROLLBACK" in run.stack["StackStatus"] or "FAILED" in run.stack["StackStatus"]
            )
            change_set["ExecutionStatus"] = "EXECUTE_FAILED" if is_failed else "EXECUTE_COMPLETE"
            tables.save_change_set(tx, change_set)
