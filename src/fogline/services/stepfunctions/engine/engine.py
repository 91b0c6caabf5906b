"""The engine of Standard executions: takes them up when something is due, moves them, and keeps where they are.

Each step of an execution is one transaction: what its tasks did in the store, the events of its history, and where it
stands now are kept together or not at all. Between steps an execution is only rows.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from time import perf_counter
from typing import Any

from fogline.aws.states.failures import StateFailed
from fogline.aws.states.texts import json_text
from fogline.background.lineage import Lineage
from fogline.background.supervisor import Run as RunWork
from fogline.services.stepfunctions.branches import RunningRow
from fogline.services.stepfunctions.engine.compiled import CompiledState
from fogline.services.stepfunctions.engine.context import view_of
from fogline.services.stepfunctions.engine.errors_matching import TASK_FAILED
from fogline.services.stepfunctions.engine.execution import (
    UNREAD,
    Branch,
    Facts,
    Phase,
    Run,
    Status,
)
from fogline.services.stepfunctions.engine.interpreter import Interpreter
from fogline.services.stepfunctions.engine.journal import Journal
from fogline.services.stepfunctions.engine.keeping import Keeping, kept_facts
from fogline.services.stepfunctions.engine.map_states import BegunMapRun, RedrivenMapRun
from fogline.services.stepfunctions.engine.nested import described_end, is_parsed
from fogline.services.stepfunctions.engine.performing import Performing
from fogline.services.stepfunctions.engine.redriving import resume
from fogline.services.stepfunctions.engine.task_runner import Begun, Outcome, TaskRunner
from fogline.services.stepfunctions.engine.tokens import Place, find_place, token_of
from fogline.services.stepfunctions.engine.view import View
from fogline.services.stepfunctions.engine.watching import Watchers
from fogline.services.stepfunctions.executions import ExecutionRow, Executions
from fogline.store.store import Store, StoreFailure, Tx
from fogline.world.clock import MINUTE, SECOND, Clock

log = logging.getLogger("fogline.stepfunctions")

TOPIC = "executions"
"""Stirred when something of an execution is due at another time than before."""

_TAKEN_PER_STEP_MAX = 100
_TAKEN_TOGETHER = 20
_TRANSITIONS_PER_TURN_MAX = 100
"""Of one execution, before others have their turn."""
_TRANSITIONS_PER_STEP_MAX = 300
_STEP_SECONDS_MAX = 0.01
_STEP_SECONDS_SHARED_MAX = 0.2
"""Where steps have a thread, which mostly waits for the store."""
_PAUSE_AFTER_BUG_MS = 5 * MINUTE

Ended = Callable[[Tx, Run, int], None]
Following = Callable[[], "list[Following]"]
"""Something to be done for another execution in the same transaction; gives what follows from that."""
RedriveMapRuns = Callable[[Tx, Run, int], Mapping[int, RedrivenMapRun]]


class Engine:
    """Runs Standard executions, as a Loop and for operations that change them."""

    name = "stepfunctions.executions"
    topics: tuple[str, ...] = (TOPIC,)

    def __init__(
        self,
        store: Store,
        executions: Executions,
        interpreter: Interpreter,
        performing: Performing,
        watchers: Watchers,
        clock: Clock,
        lineage: Lineage,
        run_work: RunWork,
    ) -> None:
        self._store = store
        self._executions = executions
        self._interpreter = interpreter
        self._watchers = watchers
        self._clock = clock
        self._lineage = lineage
        self._keeping = Keeping(executions)
        self._step_seconds_max = _STEP_SECONDS_SHARED_MAX if store.is_shared else _STEP_SECONDS_MAX
        self._tasks = TaskRunner(store, executions.branches, performing, run_work, self._end_task)
        self._has_begun = False
        self.map_run_ended: Ended = _nobody
        """Told of the end of a map run's child, in its transaction."""
        self.stop_map_run: Callable[[Tx, str, int], None] = _no_map_run
        self.begin_map_run: Callable[[Tx, Run, BegunMapRun, int], None] = _nothing_begins
        """Keeps what a state has begun."""
        self.redrive_map_runs: RedriveMapRuns = _nothing_to_redrive
        """Lets map runs go on that had failed, by the branches that waited for them."""

    # ---- starting and ending

    def start(
        self,
        tx: Tx,
        facts: Facts,
        input_text: str,
        now: int,
        *,
        seconds_max: int,
        waiter: str = "",
        more: dict[str, Any] | None = None,
    ) -> None:
        """Begin an execution whose name is free. `more` is kept with its facts for those who describe it."""
        machine = self._keeping.machine(tx, facts.definition)
        seconds = min(machine.timeout_seconds or seconds_max, seconds_max)
        row = ExecutionRow(
            facts.id,
            facts.account,
            facts.region,
            facts.arn.split(":", 7)[6],
            facts.name,
            Status.RUNNING,
            now,
            None,
            facts.map_run,
            kept_facts(facts, **(more or {})),
            None,
            None,
        )
        running = RunningRow(2, 1, now + seconds * SECOND, waiter)
        self._executions.add(tx, row, input_text, running)
        run = Run(facts, machine, Journal(2, keeps=True), 0, _Nothing(input_text))
        root = run.add_branch(None, 0, machine.start_at, UNREAD, input_text, 0)
        root.due_at = now
        self._keeping.keep(tx, run, now, {})
        self._watchers.began(tx, run, input_text, now)
        tx.stir(TOPIC)

    def redrive(self, tx: Tx, row: ExecutionRow, now: int, *, seconds_max: int, token: str) -> None:
        """Let an execution that ended without success go on from where it stood.

        `token` is kept with its facts, to know the same request again.
        """
        executions, count = self._executions, row.redrives + 1
        facts = {**row.facts, "redrives": count, "redriven_at": now, "redrive_token": token}
        executions.save_restart(tx, row.id, facts, count)
        seconds = self._keeping.machine(tx, facts["definition"]).timeout_seconds or seconds_max
        expires_at = now + min(seconds, seconds_max) * SECOND
        events = executions.histories.last_event_id(tx, row.id) + 1
        running = RunningRow(events, executions.branches.next_branch_id(tx, row.id), expires_at, "")
        executions.branches.add_running(tx, row.id, running)
        run = self._keeping.take(tx, row.id, running)
        resume(run, now, self.redrive_map_runs(tx, run, now))
        self._keeping.keep(tx, run, now, {})
        self._watchers.began(tx, run, run.input_text, now)
        self._watchers.went(tx, run, now)
        tx.stir(TOPIC)

    def stop(self, tx: Tx, execution: str, error: str | None, cause: str | None, now: int) -> bool:
        """Abort an execution; False when it has ended already."""
        run, waiter = self._take(tx, execution)
        if run is None:
            return False
        self._interpreter.abort(run, error, cause, now)
        self._keep(tx, run, waiter, now, None)
        return True

    # ---- answers to tasks

    def succeed_task(self, tx: Tx, token: str, result: Any, text: str, now: int) -> bool:
        """The task of that token has this result; False when nobody waits for it."""
        return self._answer(
            tx,
            token,
            now,
            lambda run, branch: self._interpreter.tasks.succeed(run, branch, result, now, text),
        )

    def fail_task(self, tx: Tx, token: str, error: str | None, cause: str | None, now: int) -> bool:
        """The task of that token failed; False when nobody waits for it."""
        return self._answer(
            tx,
            token,
            now,
            lambda run, branch: self._interpreter.tasks.fail(run, branch, error, cause, now),
        )

    def beat(self, tx: Tx, token: str, now: int) -> bool:
        """A heartbeat for the task of that token; False when nobody waits for it."""
        return self._answer(
            tx, token, now, lambda run, branch: self._interpreter.tasks.beat(run, branch, now)
        )

    def give(self, tx: Tx, token: str, worker: str, now: int) -> str | None:
        """A worker takes the activity's task of that token: its input, or None when nobody waits for it any more."""
        given: list[str] = []
        self._answer(
            tx,
            token,
            now,
            lambda run, branch: given.append(
                self._interpreter.tasks.give(run, branch, worker, now)
            ),
        )
        return given[0] if given else None

    def end_map_run(
        self, tx: Tx, place: Place, results: Any, failure: StateFailed | None, now: int
    ) -> bool:
        """The map run that the branch waits for has these results, or this failure; False when nobody waits."""
        return self._answer(
            tx,
            token_of(place),
            now,
            lambda run, branch: self._interpreter.fan_outs.map_run_ended(
                run, branch, results, failure, now
            ),
        )

    def view_at(self, tx: Tx, place: Place, now: int) -> tuple[CompiledState, View] | None:
        """The state that waits for the task at that place, and what its fields see; None when nobody waits."""
        run, _ = self._take(tx, place.execution)
        branch = None if run is None else _task_branch(run, place)
        if run is None or branch is None:
            return None
        state = run.machine.states[branch.state]
        return state, view_of(run, branch, state, self._interpreter.ids, now)

    def _answer(self, tx: Tx, token: str, now: int, act: Callable[[Run, Branch], None]) -> bool:
        place = find_place(token)
        if place is None:
            return False
        run, waiter = self._take(tx, place.execution)
        if run is None:
            return False
        branch = _task_branch(run, place)
        if branch is None:
            return False
        run.touched.add(branch.id)
        act(run, branch)
        self._go(run, now)
        self._keep(tx, run, waiter, now, None)
        return True

    # ---- steps

    def step(self, now: int) -> int | None:
        """Go on with what is due, and begin the tasks that nobody performs."""
        begun: Begun = []
        executions = self._executions
        with self._store.write() as tx:
            if not self._has_begun:
                # Whoever performed tasks before was this process' forerunner: nobody performs them now.
                if not self._store.is_shared:
                    executions.branches.release_all_tasks(tx)
                self._has_begun = True
            self._tasks.renew(tx, now)
            is_more = self._advance_due(tx, now, begun)
            for execution in executions.branches.expired(tx, now, _TAKEN_PER_STEP_MAX):
                self._guarded(tx, execution, now, partial(self._expire, tx, execution, now))
            for execution, branch in self._tasks.take_due(tx, now, begun):
                again = partial(self._take_task, tx, execution, branch, now, begun)
                self._guarded(tx, execution, now, again)
            next_at = now if is_more else executions.branches.next_due(tx, now)
        self._tasks.begin(begun)
        renew_at = self._tasks.next_at()
        return renew_at if next_at is None else min(next_at, renew_at or next_at)

    def _advance_due(self, tx: Tx, now: int, begun: Begun) -> bool:
        """Go on with branches that are due; True when there may be more of them."""
        due = self._executions.branches.due_branches(tx, now, _TAKEN_PER_STEP_MAX)
        branches: dict[str, list[int]] = {}
        for execution, branch in due:
            branches.setdefault(execution, []).append(branch)
        left = _TRANSITIONS_PER_STEP_MAX
        ends = perf_counter() + self._step_seconds_max
        waiting = list(branches.items())
        while waiting and left > 0 and perf_counter() < ends:
            some, waiting = waiting[:_TAKEN_TOGETHER], waiting[_TAKEN_TOGETHER:]
            left -= self._advance_some(tx, some, now, begun, ends)
        # Branches that were stopped by a bound are due at once, too.
        is_stopped = left <= 0 or perf_counter() >= ends
        return len(due) == _TAKEN_PER_STEP_MAX or is_stopped or self._is_due(tx, now)

    def _is_due(self, tx: Tx, now: int) -> bool:
        return not self._store.is_shared and bool(
            self._executions.branches.due_branches(tx, now, 1)
        )

    def _advance_some(
        self,
        tx: Tx,
        some: Sequence[tuple[str, list[int]]],
        now: int,
        begun: Begun,
        ends: float,
    ) -> int:
        """Go on with a few executions, the first at least; how many events that was."""
        begun_before = len(begun)
        events = 0
        try:
            # One savepoint for all of them is much cheaper than one for each, and hardly ever needed.
            with self._store.write() as own:
                for each in some:
                    events += self._advance(own, *each, now, begun)
                    if perf_counter() >= ends:
                        break
            return events
        except StoreFailure:
            raise
        except Exception:  # noqa: BLE001 - told when it is met again, alone
            del begun[begun_before:]
            if len(some) > 1:
                return sum(self._advance_some(tx, [each], now, begun, ends) for each in some)
            # Again, for it alone: what breaks is told, and waits.
            execution, branches = some[0]
            again = partial(self._advance, tx, execution, branches, now, begun)
            if not self._guarded(tx, execution, now, again):
                del begun[begun_before:]
            return 1

    def _advance(
        self,
        tx: Tx,
        execution: str,
        branches: Sequence[int],
        now: int,
        begun: Begun,
    ) -> int:
        running = self._executions.branches.try_hold(tx, execution)
        if running is None:
            return 0
        run = self._keeping.take(tx, execution, running)
        for each in branches:
            branch = run.branch(each)
            if branch is not None and branch.due_at is not None and branch.due_at <= now:
                self._interpreter.wake(run, branch, now)
        self._go(run, now)
        self._keep(tx, run, running.waiter, now, begun)
        return run.journal.next_id - running.next_event

    def _guarded(self, tx: Tx, execution: str, now: int, work: Callable[[], object]) -> bool:
        """Do something for one execution; False when that broke.

        A bug must not be met again without a pause, nor hold up all others.
        """
        try:
            with self._store.write():
                work()
            return True
        except StoreFailure:
            raise
        except Exception:
            log.exception("Execution %s broke", execution)
            self._executions.branches.put_off(tx, execution, now + _PAUSE_AFTER_BUG_MS)
            return False

    def _expire(self, tx: Tx, execution: str, now: int) -> None:
        run, waiter = self._take(tx, execution)
        if run is not None:
            self._interpreter.time_out(run, now)
            self._keep(tx, run, waiter, now, None)

    def _go(self, run: Run, now: int) -> None:
        self._interpreter.go(run, now, _TRANSITIONS_PER_TURN_MAX, self._step_seconds_max / 2)

    # ---- taking up and keeping

    def _take(self, tx: Tx, execution: str) -> tuple[Run | None, str]:
        running = self._executions.branches.hold(tx, execution)
        if running is None:
            return None, ""
        return self._keeping.take(tx, execution, running), running.waiter

    def _keep(
        self,
        tx: Tx,
        run: Run,
        waiter: str,
        now: int,
        begun: Begun | None,
    ) -> None:
        """Keep what changed, and do what follows from it.

        Tasks are added to `begun`; without it the loop takes them. An execution that ends may let another go on, which
        ends, and so on: one after the other, however long that chain is.
        """
        following = deque(self._keep_one(tx, run, waiter, now, begun))
        while following:
            following.extend(following.popleft()())

    def _keep_one(
        self,
        tx: Tx,
        run: Run,
        waiter: str,
        now: int,
        begun: Begun | None,
    ) -> list[Following]:
        """Keep what changed of this execution; gives what follows from it for others."""
        following: list[Following] = []
        task_due: dict[int, int] = {}
        for beginning in run.begun:
            is_here = begun is not None and self._tasks.room(begun) > 0
            task_due[beginning.branch] = self._tasks.leased_until(now) if is_here else now
            if is_here and begun is not None:
                begun.append((run.facts.id, beginning))
        self._keeping.keep(tx, run, now, task_due)
        self._watchers.went(tx, run, now)
        for arn, token in run.offered:
            self._executions.offers.add(tx, arn, self._interpreter.ids.ordered(now), token)
            tx.stir(activity_topic(arn))
        for arn, token in run.awaited:
            self._await(tx, arn, token)
        for map_run in run.map_runs:
            self.begin_map_run(tx, run, map_run, now)
        for arn in run.stopped:
            following.append(partial(self._stop_awaited, tx, arn, now))
        tx.stir(TOPIC)
        if run.has_ended:
            tx.stir(f"{TOPIC}:{run.facts.id}")
            self._lineage.work(
                run.facts.trace,
                "execution",
                run.facts.arn,
                run.facts.account,
                run.facts.region,
                run.facts.started_at,
                now,
                run.error or ("" if run.status == Status.SUCCEEDED else run.status),
            )
            if run.facts.map_run:
                self.map_run_ended(tx, run, now)
            if waiter:
                following.append(partial(self._tell_waiter, tx, run, waiter, now))
        return following

    def _await(self, tx: Tx, arn: str, token: str) -> None:
        row = self.find(tx, arn)
        if row is not None:
            self._executions.branches.save_waiter(tx, row.id, token)

    def _stop_awaited(self, tx: Tx, arn: str, now: int) -> list[Following]:
        """Nobody waits any more for that execution or map run."""
        if ":mapRun:" in arn:
            self.stop_map_run(tx, arn, now)
            return []
        row = self.find(tx, arn)
        run, waiter = self._take(tx, row.id) if row is not None else (None, "")
        if run is None:
            return []
        self._interpreter.abort(run, None, None, now)
        return self._keep_one(tx, run, waiter, now, None)

    def _tell_waiter(self, tx: Tx, run: Run, token: str, now: int) -> list[Following]:
        """The execution was started by a task that waits for its end."""
        place = find_place(token)
        parent, waiter = self._take(tx, place.execution) if place is not None else (None, "")
        branch = _task_branch(parent, place) if parent is not None and place is not None else None
        if parent is None or branch is None:
            return []
        state = parent.machine.states[branch.state]
        input_text = self._executions.input_of(tx, run.facts.id)
        shown = described_end(run, input_text, parsed=is_parsed(state))
        assert branch.task is not None, "it waits for its task"
        branch.task.awaits = ""
        parent.touched.add(branch.id)
        tasks = self._interpreter.tasks
        if run.status == Status.SUCCEEDED:
            tasks.succeed(parent, branch, shown, now)
        else:
            tasks.fail(parent, branch, TASK_FAILED, json_text(shown), now)
        self._go(parent, now)
        return self._keep_one(tx, parent, waiter, now, None)

    def find(self, tx: Tx, arn: str) -> ExecutionRow | None:
        """An execution by its ARN."""
        parts = arn.split(":")
        if len(parts) != 8 or parts[5] != "execution":
            return None
        return self._executions.find(tx, parts[4], parts[3], parts[6], parts[7])

    # ---- tasks that take time

    def _take_task(self, tx: Tx, execution: str, id: int, now: int, begun: Begun) -> None:
        run, _ = self._take(tx, execution)
        branch = None if run is None else run.branch(id)
        if run is not None and branch is not None:
            again = self._interpreter.tasks.again(run, branch, now)
            if again is not None:
                begun.append((execution, again))

    def _end_task(self, tx: Tx, place: Place, outcome: Outcome) -> Begun:
        """A task that took time has ended: go on with its execution, if that still waits for it."""
        now = self._clock.now()
        begun: Begun = []
        run, waiter = self._take(tx, place.execution)
        if run is None:
            return begun
        branch = _task_branch(run, place)
        if branch is None:
            return begun
        run.touched.add(branch.id)
        tasks = self._interpreter.tasks
        if outcome.failure is not None:
            tasks.fail(run, branch, outcome.failure.error, outcome.failure.cause, now)
        else:
            tasks.answer(run, branch, outcome.result, now)
        self._go(run, now)
        self._keep(tx, run, waiter, now, begun)
        return begun


def activity_topic(arn: str) -> str:
    """Stirred when a worker of the activity has something to do."""
    return f"activity-tasks:{arn}"


def _task_branch(run: Run, place: Place) -> Branch | None:
    """The branch whose task is at that place, if it still waits for that very attempt."""
    branch = run.branch(place.branch)
    if branch is None or branch.phase is not Phase.WORKING or branch.task is None:
        return None
    return branch if branch.task.attempt == place.attempt else None


class _Nothing:
    """The shelf of an execution that has just begun: nothing of it is kept yet."""

    def __init__(self, input_text: str) -> None:
        self._input_text = input_text

    def find(self, id: int) -> Branch | None:
        return None

    def children_of(self, parent: int) -> list[Branch]:
        return []

    def input_text(self) -> str:
        return self._input_text


def _nobody(tx: Tx, run: Run, now: int) -> None:
    raise AssertionError("nobody runs maps")


def _nothing_to_redrive(tx: Tx, run: Run, now: int) -> Mapping[int, RedrivenMapRun]:
    return {}


def _nothing_begins(tx: Tx, run: Run, begun: BegunMapRun, now: int) -> None:
    raise AssertionError("nobody runs maps")


def _no_map_run(tx: Tx, arn: str, now: int) -> None:
    raise AssertionError("nobody runs maps")
