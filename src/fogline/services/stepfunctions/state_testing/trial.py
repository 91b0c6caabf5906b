"""A trial: one state, run once by the interpreter that runs executions, with nothing kept of it.

What takes time in it takes none: a Wait ends at once, however long it would wait within what a test may last.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from fogline.aws.call import Call
from fogline.aws.states.failures import StateFailed
from fogline.services.stepfunctions.distributed.failures import (
    ItemReaderFailed,
    ToleranceExceeded,
)
from fogline.services.stepfunctions.engine.errors_matching import matches
from fogline.services.stepfunctions.engine.execution import Branch, Phase, Run, Status
from fogline.services.stepfunctions.engine.journal import Journal
from fogline.services.stepfunctions.engine.performing import NeverAtOnce
from fogline.services.stepfunctions.engine.task_states import TIMEOUT
from fogline.services.stepfunctions.service import StepFunctions
from fogline.services.stepfunctions.state_testing.asked import TRACE, Asked
from fogline.services.stepfunctions.state_testing.deadline import within
from fogline.services.stepfunctions.state_testing.facts import facts_of
from fogline.services.stepfunctions.state_testing.fan_outs import MockedFanOuts, NoMapRuns
from fogline.services.stepfunctions.state_testing.http_exchanges import HttpExchange
from fogline.services.stepfunctions.state_testing.inspection import Seen, watch
from fogline.services.stepfunctions.state_testing.map_items import MapItems
from fogline.services.stepfunctions.state_testing.telling import (
    MockedAnswers,
    Nowhere,
    TellingInterpreter,
)
from fogline.services.stepfunctions.tasks.task import TaskFailed
from fogline.world.clock import SECOND

SECONDS_MAX = 300
"""How long a state may take ("up to five minutes")."""
_FIRST_EVENT = 2


@dataclass(slots=True)
class Outcome:
    """What became of the state."""

    status: str = "FAILED"
    output: str | None = None
    error: str | None = None
    cause: str | None = None
    next_state: str | None = None
    error_details: dict[str, Any] = field(default_factory=dict)
    variables: Mapping[str, Any] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    numbers: Mapping[str, Any] = field(default_factory=dict)
    exchange: Mapping[str, Any] = field(default_factory=dict)


class Trial:
    """Of one state, once."""

    def __init__(self, sfn: StepFunctions, call: Call, asked: Asked) -> None:
        self._sfn = sfn
        self._asked = asked
        self._state = asked.state
        self._seen = Seen()
        watch(self._state, self._seen)
        performing = NeverAtOnce(sfn.performing)
        self._interpreter = TellingInterpreter(
            sfn.ids, sfn.limits, performing, NoMapRuns(), MockedAnswers(asked.mock)
        )
        self._fan_outs = MockedFanOuts(self._interpreter, self._seen)
        self._interpreter.fan_outs = self._fan_outs
        self._exchange = HttpExchange(reveals_secrets=asked.reveals_secrets)
        self._begun_at = call.now
        self._ends_at = call.now + SECONDS_MAX * SECOND
        self._run = Run(
            facts_of(sfn.ids, call, asked),
            asked.machine,
            Journal(_FIRST_EVENT, keeps=False),
            0,
            Nowhere(asked.input_text),
        )
        self._branch = self._entered(call.now)

    def _entered(self, now: int) -> Branch:
        """The state, entered, and tried as often as was said."""
        run, state, asked = self._run, self._state, self._asked
        branch = run.add_branch(None, 0, state.name, asked.input, asked.input_text, 0)
        branch.entered_id = branch.last_id = run.journal.entered(
            now, state.entered_type, 0, state.name, asked.input_text
        )
        branch.entered_at = now
        branch.variables = dict(asked.variables)
        branch.phase = Phase.ATTEMPTING
        branch.retries = self._tried()
        return branch

    def _tried(self) -> dict[int, int]:
        """How often each retrier has tried: that which meets the mocked error, or else all that there are."""
        asked = self._asked
        tried = asked.configuration.retry_count
        if not tried:
            return {}
        error = asked.mock.error if asked.mock is not None else None
        if error is None:
            return dict.fromkeys(range(len(self._state.retry)), tried)
        at = self._retrier_of(error)
        return {} if at is None else {at: tried}

    def _retrier_of(self, error: str | None) -> int | None:
        for at, retrier in enumerate(self._state.retry):
            if matches(retrier.error_equals, error):
                return at
        return None

    async def perform(self) -> Outcome:
        """Run it."""
        self._interpreter.go(self._run, self._begun_at, 1)
        branch = self._branch
        if self._run.has_ended:
            return self._outcome()
        if self._run.begun:
            await self._perform_task()
        elif branch.phase is Phase.JOINING:
            await self._join()
        elif branch.phase is Phase.WORKING:
            self._answer_activity()
        elif branch.phase is Phase.WAITING:
            self._wait()
        return self._outcome()

    # ---- work

    async def _perform_task(self) -> None:
        run, branch, tasks = self._run, self._branch, self._interpreter.tasks
        [beginning] = run.begun
        task = beginning.work
        if self._asked.level == TRACE:
            task = replace(task, watch=self._exchange)
        clock = self._sfn.clock
        until = min(branch.due_at or self._ends_at, self._ends_at)
        try:
            done, result = await within(clock, until, self._sfn.performing.perform_waiting(task))
        except TaskFailed as failed:
            tasks.fail(run, branch, failed.error, failed.cause, clock.now())
            return
        now = clock.now()
        if done:
            tasks.answer(run, branch, result, now)
        elif now >= self._ends_at:
            self._give_up()
        else:
            tasks.time_out(run, branch, now)

    def _answer_activity(self) -> None:
        mock = self._asked.mock
        assert mock is not None, "an activity is not tested without"
        tasks, now = self._interpreter.tasks, self._begun_at
        if mock.is_failure:
            tasks.fail(self._run, self._branch, mock.error, mock.cause, now)
        else:
            tasks.succeed(self._run, self._branch, mock.result, now)

    def _wait(self) -> None:
        due_at = self._branch.due_at
        assert due_at is not None, "it waits"
        if due_at > self._ends_at:
            self._give_up()
        else:
            self._interpreter.wake(self._run, self._branch, due_at)

    async def _join(self) -> None:
        mock, view = self._asked.mock, self._fan_outs.begun
        assert mock is not None, "iterations are not tested without"
        assert view is not None, "it was begun"
        run, branch, state, now = self._run, self._branch, self._state, self._begun_at
        interpreter = self._interpreter
        try:
            if state.type == "Map":
                items = MapItems(
                    state,
                    self._asked.configuration,
                    self._seen,
                    self._sfn.clock,
                    self._sfn.limits.payload_bytes_max,
                )
                await items.prepare(view, self._ends_at)
        except (ItemReaderFailed, ToleranceExceeded) as failed:
            interpreter.fail(run, branch, state, failed.error, failed.cause, now)
            return
        except StateFailed as failed:
            interpreter.state_failed(run, branch, state, failed, now)
            return
        if mock.is_failure:
            interpreter.fail(run, branch, state, mock.error, mock.cause, now)
        else:
            interpreter.finish(run, branch, state, view, mock.result)

    def _give_up(self) -> None:
        cause = f"The state took longer than the {SECONDS_MAX} seconds that a test may take."
        self._interpreter.branch_failed(
            self._run, self._branch, TIMEOUT, cause, self._sfn.clock.now()
        )

    # ---- what became of it

    def _outcome(self) -> Outcome:
        run, interpreter, seen = self._run, self._interpreter, self._seen
        outcome = Outcome(
            variables=self._branch.variables,
            values=seen.values,
            texts=seen.texts,
            numbers=seen.numbers,
            exchange=self._exchange.shown(),
        )
        if interpreter.has_failed:
            outcome.error, outcome.cause = interpreter.error, interpreter.cause
            outcome.error_details = self._error_details()
        if run.status == Status.FAILED:
            outcome.error, outcome.cause = run.error, run.cause
        elif interpreter.has_left:
            outcome.status = "CAUGHT_ERROR" if interpreter.has_failed else "SUCCEEDED"
            outcome.output = self._asked.texts.of(interpreter.output)
            outcome.next_state = interpreter.target
        else:
            assert self._branch.phase is Phase.ATTEMPTING, "it has ended, or is tried again"
            outcome.status = "RETRIABLE"
        return outcome

    def _error_details(self) -> dict[str, Any]:
        """Which retrier and which catcher met the error. One that had its attempts is told, too.

        Recorded: test_state_configuration_retrier_retry_count.
        """
        details: dict[str, Any] = {}
        retrier = self._retrier_of(self._interpreter.error)
        if retrier is not None:
            details["retryIndex"] = retrier
        branch = self._branch
        if branch.phase is Phase.ATTEMPTING and self._run.status == Status.RUNNING:
            assert branch.due_at is not None, "it is tried again at some time"
            waits = max(branch.due_at - self._begun_at, 0)
            details["retryBackoffIntervalSeconds"] = waits // SECOND
        if self._seen.caught_by is not None:
            details["catchIndex"] = self._seen.caught_by
        return details
