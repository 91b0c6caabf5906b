"""Express executions: run in memory from start to end, for who waits for them or because a row promises them.

They are rows before they run and logs while they do; nothing else of them is kept. One that a crash ends is begun
again, if a row promises it: at least once, as AWS runs them.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol

from fogline.aws.errors import ThrottlingException
from fogline.aws.states.failures import RUNTIME
from fogline.background.lineage import Lineage
from fogline.background.supervisor import Run as RunWork
from fogline.services.stepfunctions.engine.compiled import CompiledMachine
from fogline.services.stepfunctions.engine.execution import Beginning, Facts, Run, Status
from fogline.services.stepfunctions.engine.flight import Flight, TaskEnd
from fogline.services.stepfunctions.engine.interpreter import Interpreter
from fogline.services.stepfunctions.engine.keeping import Keeping
from fogline.services.stepfunctions.engine.performing import Performing
from fogline.services.stepfunctions.engine.promises import EXPRESS_TOPIC, facts_of_promise
from fogline.services.stepfunctions.engine.turns import Turns
from fogline.services.stepfunctions.engine.watching import Watcher
from fogline.services.stepfunctions.executions import Executions
from fogline.services.stepfunctions.limits import Limits
from fogline.services.stepfunctions.tasks.task import TaskFailed
from fogline.store.store import Store, StoreFailure, Tx
from fogline.world.clock import SECOND, Clock

log = logging.getLogger("fogline.stepfunctions")

_TAKEN_PER_STEP_MAX = 100
_LEASE_MS = 30 * SECOND
_RENEW_MS = 10 * SECOND
_FULL_PAUSE_MS = 100
"""Until it is seen again whether there is room."""
Ended = Callable[[Tx, Run, int], None]
_BROKEN = "Fogline could not perform the task: its log says why."


class Reports(Protocol):
    """Is told of starts and ends, outside of any transaction."""

    def start(self, facts: Facts, now: int) -> None:
        """An execution begins."""

    def end(self, run: Run, now: int) -> None:
        """An execution has ended."""


class Express:
    """Runs Express executions: those that operations wait for, and as a Loop those that rows promise."""

    name = "stepfunctions.express"
    topics: tuple[str, ...] = (EXPRESS_TOPIC,)

    def __init__(
        self,
        store: Store,
        executions: Executions,
        interpreter: Interpreter,
        performing: Performing,
        logs: Watcher,
        reports: Reports,
        clock: Clock,
        lineage: Lineage,
        run_work: RunWork,
        limits: Limits,
    ) -> None:
        self._store = store
        self._executions = executions
        self._interpreter = interpreter
        self._performing = performing
        self._logs = logs
        self._reports = reports
        self._clock = clock
        self._lineage = lineage
        self._run_work = run_work
        self._seconds_max = limits.express_seconds_max
        self._at_once_max = limits.express_at_once_max
        self._keeping = Keeping(executions)
        self._flights: dict[str, Flight] = {}
        self._turns = Turns()
        self._renew_at = 0
        self._has_begun = False
        self.map_run_ended: Ended = _nobody
        """Told of the end of a map run's child, in the transaction that keeps it."""

    # ---- for those who wait

    async def perform(self, facts: Facts, machine: CompiledMachine, input_text: str) -> Run:
        """Run an execution to its end. Raises ThrottlingException when too many are on their way."""
        if len(self._flights) >= self._at_once_max:
            raise ThrottlingException
        flight = self._take_off(facts, machine, input_text, is_promised=False)
        await self._move(flight)
        await flight.until_landed()
        if flight.bug is not None:
            raise flight.bug
        return flight.run

    def in_flight_count(self) -> int:
        """How many are on their way."""
        return len(self._flights)

    # ---- for those who do not (a Loop)

    def step(self, now: int) -> int | None:
        """Begin executions that are promised, as many as there is room for."""
        executions = self._executions
        with self._store.write() as tx:
            if not self._has_begun:
                # Whoever ran them before was this process' forerunner: nobody runs them now.
                if not self._store.is_shared:
                    executions.promises.release_all(tx)
                self._has_begun = True
            self._renew(tx, now)
            limit = min(self._at_once_max - len(self._flights), _TAKEN_PER_STEP_MAX)
            if limit <= 0:
                return now + _FULL_PAUSE_MS
            rows = executions.promises.due(tx, now, limit)
            if rows:
                executions.promises.lease(tx, [id for id, _, _ in rows], now + _LEASE_MS)
            promised = [
                (facts, self._keeping.machine(tx, facts.definition), text)
                for facts, text in [(facts_of_promise(id, kept), text) for id, kept, text in rows]
            ]
            next_at = now if len(rows) == limit else executions.promises.next(tx, now)
        for facts, machine, text in promised:
            self._run_work(self._begin_promised(facts, machine, text), facts.arn)
        if promised or self._flights:
            return self._renew_at if next_at is None else min(next_at, self._renew_at)
        return next_at

    def _renew(self, tx: Tx, now: int) -> None:
        """What flies here is begun nowhere else."""
        if now >= self._renew_at:
            mine = [id for id, flight in list(self._flights.items()) if flight.is_promised]
            self._executions.promises.lease(tx, mine, now + _LEASE_MS)
            self._renew_at = now + _RENEW_MS

    async def _begin_promised(
        self, facts: Facts, machine: CompiledMachine, input_text: str
    ) -> None:
        if facts.id not in self._flights:
            await self._move(self._take_off(facts, machine, input_text, is_promised=True))

    # ---- flights

    def _take_off(
        self, facts: Facts, machine: CompiledMachine, input_text: str, *, is_promised: bool
    ) -> Flight:
        now = self._clock.now()
        seconds = min(machine.timeout_seconds or self._seconds_max, self._seconds_max)
        flight = Flight(
            facts,
            machine,
            input_text,
            begun_at=now,
            expires_at=now + seconds * SECOND,
            keeps_events=facts.logging.get("level", "OFF") != "OFF",
            is_promised=is_promised,
        )
        flight.is_moving = True
        self._flights[facts.id] = flight
        self._reports.start(facts, now)
        return flight

    def _stir(self, flight: Flight) -> None:
        """Something happened to a flight: move it, unless that is being done."""
        if not flight.is_moving and not flight.has_landed:
            flight.is_moving = True
            self._run_work(self._move(flight), flight.run.facts.arn)

    async def _move(self, flight: Flight) -> None:
        """Turn after turn, until the flight must wait or has landed."""
        run = flight.run
        try:
            while True:
                await self._turns.take(lambda: flight.turn(self._interpreter, self._clock.now()))
                if run.begun:
                    self._begin_tasks(flight)
                if run.journal.events or not flight.is_logged:
                    await self._keep_logs(flight)
                if run.has_ended:
                    await self._land(flight)
                    return
                if not flight.can_go_on(self._clock.now()):
                    break
                await self._turns.let_others()
        except Exception as bug:
            log.exception("Express execution %s broke", run.facts.arn)
            await self._crash(flight, bug)
            return
        except asyncio.CancelledError:
            self._flights.pop(run.facts.id, None)
            raise
        finally:
            flight.is_moving = False
        flight.wait_for(self._clock, lambda: self._stir(flight))

    async def _keep_logs(self, flight: Flight) -> None:
        run, now = flight.run, self._clock.now()
        events, run.journal.events = run.journal.events, []
        begins, flight.is_logged = not flight.is_logged, True

        def write(tx: Tx) -> None:
            if begins:
                self._logs.began(tx, run, flight.input_text(), now)
            self._logs.went(tx, run, events, now)

        await self._store.transact(write)

    async def _land(self, flight: Flight) -> None:
        run, now = flight.run, self._clock.now()
        facts = run.facts
        self._reports.end(run, now)
        outcome = run.error or ("" if run.status == Status.SUCCEEDED else run.status)
        self._lineage.work(
            facts.trace,
            "execution",
            facts.arn,
            facts.account,
            facts.region,
            flight.begun_at,
            now,
            outcome,
        )
        if flight.is_promised:
            await self._store.transact(lambda tx: self._fulfil(tx, run, now))
        self._let_go(flight)

    def _fulfil(self, tx: Tx, run: Run, now: int) -> None:
        """What was promised is done: of a map run's child it is kept how it ended."""
        facts = run.facts
        is_first = self._executions.promises.remove(tx, facts.id)
        if facts.map_run and is_first:
            self._executions.save_end(
                tx, facts.id, run.status, now, run.output_text, run.error, run.cause
            )
            self.map_run_ended(tx, run, now)

    def stop(self, id: str) -> None:
        """Abort an execution, if it is on its way here."""
        self._run_work(self._stop(id), "stop of an Express execution")

    async def _stop(self, id: str) -> None:
        flight = self._flights.get(id)
        if flight is not None and not flight.run.has_ended:
            self._interpreter.abort(flight.run, None, None, self._clock.now())
            self._stir(flight)

    async def _crash(self, flight: Flight, bug: Exception) -> None:
        """A bug ended it: it is not begun again, for it would end in the same way."""
        flight.bug = bug
        try:
            if flight.is_promised and not isinstance(bug, StoreFailure):
                run, now = flight.run, self._clock.now()
                run.status, run.error, run.cause = Status.FAILED, RUNTIME, _BROKEN
                await self._store.transact(lambda tx: self._fulfil(tx, run, now))
        finally:
            self._let_go(flight)

    def _let_go(self, flight: Flight) -> None:
        self._flights.pop(flight.run.facts.id, None)
        flight.land()

    # ---- tasks

    def _begin_tasks(self, flight: Flight) -> None:
        begun, flight.run.begun = flight.run.begun, []
        for each in begun:
            self._run_work(self._perform(flight, each), f"task of {flight.run.facts.arn}")

    async def _perform(self, flight: Flight, beginning: Beginning) -> None:
        result, failure = None, None
        try:
            await self._durable()
            result = await self._performing.perform_waiting(beginning.work)
        except TaskFailed as failed:
            failure = failed
        except Exception:
            log.exception("A task of %s broke", flight.run.facts.arn)
            failure = TaskFailed("States.Runtime", _BROKEN)
        flight.ends.append(TaskEnd(beginning.branch, beginning.attempt, result, failure))
        if not flight.is_moving and not flight.has_landed:
            flight.is_moving = True
            await self._move(flight)

    async def _durable(self) -> None:
        """What earlier tasks of the same turn wrote is kept before others are told to act on it."""
        if self._store.is_shared:
            return
        kept: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def settle(failure: StoreFailure | None) -> None:
            if failure is not None:
                kept.set_exception(failure)
            else:
                kept.set_result(None)

        self._store.when_durable(settle)
        await kept


def _nobody(tx: Tx, run: Run, now: int) -> None:
    raise AssertionError("nobody runs maps")
