"""The interpreter: takes an execution from state to state until it must wait for something.

Nothing here waits or writes: an execution (`Run`) is changed in memory, its events go to its journal, and what is to be
done by others is noted in it. Whoever took the execution up keeps the outcome, whole or not at all.
"""

from __future__ import annotations

from time import perf_counter
from typing import Any

from fogline.aws.states.failures import RUNTIME, StateFailed, cause_in_state
from fogline.aws.states.machine.model import ABSENT, Retrier
from fogline.services.stepfunctions.engine.compiled import CompiledState
from fogline.services.stepfunctions.engine.context import view_of
from fogline.services.stepfunctions.engine.errors_matching import matches
from fogline.services.stepfunctions.engine.execution import ROOT, Branch, Phase, Run, Status
from fogline.services.stepfunctions.engine.fan_outs import FanOuts
from fogline.services.stepfunctions.engine.jsonata_fields import QueryFailed
from fogline.services.stepfunctions.engine.map_states import DistributedMaps
from fogline.services.stepfunctions.engine.mocking import Mocking
from fogline.services.stepfunctions.engine.payloads import (
    payload_text,
    require_payload,
    require_variables,
)
from fogline.services.stepfunctions.engine.performing import Performing
from fogline.services.stepfunctions.engine.task_states import TaskStates
from fogline.services.stepfunctions.engine.view import View
from fogline.services.stepfunctions.limits import Limits
from fogline.world.clock import SECOND
from fogline.world.ids import Ids

NO_CHOICE_MATCHED = "States.NoChoiceMatched"
_FAN_OUTS = frozenset({"Parallel", "Map"})
_DELAY_SECONDS_MAX = 31_622_400
_TURN_SECONDS_MAX = 0.005
_TURN_CHARACTERS_MAX = 1_048_576
"""Of payloads that a turn adds to a history: they are kept together."""


class Interpreter:
    """Moves executions. Holds none of them."""

    def __init__(
        self,
        ids: Ids,
        limits: Limits,
        performing: Performing,
        distributed: DistributedMaps,
        mocks: Mocking,
    ) -> None:
        self.ids = ids
        self.limits = limits
        self.mocks = mocks
        self.tasks = TaskStates(self, performing)
        self.fan_outs = FanOuts(self, distributed)

    def go(
        self, run: Run, now: int, transitions_max: int, seconds_max: float = _TURN_SECONDS_MAX
    ) -> None:
        """Go on with the branches that can, until none can, the execution ends, or a bound is reached.

        Whatever it is that its states make, there is a transition in each turn, and others have theirs soon.
        """
        left = transitions_max
        queue, journal = run.queue, run.journal
        most = journal.characters + _TURN_CHARACTERS_MAX
        ends = perf_counter() + seconds_max
        while queue and left and not run.has_ended:
            left = left - 1 if perf_counter() < ends and journal.characters < most else 0
            branch = run.branch(queue.popleft())
            if branch is None:
                continue
            run.touched.add(branch.id)
            if branch.phase is Phase.ENTERING:
                self._enter(run, branch, now)
            elif branch.phase is Phase.ATTEMPTING:
                self._attempt(run, branch, run.machine.states[branch.state], now)
            if run.journal.next_id > self.limits.history_events_max and not run.has_ended:
                self._refuse_longer_history(run, branch, now)

    def wake(self, run: Run, branch: Branch, now: int) -> None:
        """What a branch that is due does: goes on after a wait, tries again, or gives its task up."""
        run.touched.add(branch.id)
        if branch.phase is Phase.WAITING:
            state = run.machine.states[branch.state]
            self.finish(
                run, branch, state, view_of(run, branch, state, self.ids, now), branch.input
            )
        elif branch.phase is Phase.WORKING:
            self.tasks.time_out(run, branch, now)
        else:
            run.queue.append(branch.id)

    # ---- states

    def _enter(self, run: Run, branch: Branch, now: int) -> None:
        state = run.machine.states[branch.state]
        branch.before_id = branch.last_id
        branch.entered_id = branch.last_id = run.journal.entered(
            now, state.entered_type, branch.last_id, state.name, branch.text
        )
        branch.entered_at = now
        if branch.retries:
            branch.retries = {}
        self._attempt(run, branch, state, now)

    def _attempt(self, run: Run, branch: Branch, state: CompiledState, now: int) -> None:
        if state.type == "Pass" and state.passes_through:
            self.leave(run, branch, state, branch.input, None, state.next, now)
            return
        view = view_of(run, branch, state, self.ids, now)
        try:
            self._do(run, branch, state, view)
        except StateFailed as failed:
            self.state_failed(run, branch, state, failed, now)

    def _do(self, run: Run, branch: Branch, state: CompiledState, view: View) -> None:
        kind = state.type
        if kind == "Task":
            self.tasks.begin(run, branch, state, view)
        elif kind == "Pass":
            result = getattr(state.model, "result", ABSENT)
            if result is ABSENT:
                result = state.fields.task_input(view)
            self.finish(run, branch, state, view, result)
        elif kind == "Choice":
            self._choose(run, branch, state, view)
        elif kind in _FAN_OUTS:
            self.fan_outs.begin(run, branch, state, view)
        elif kind == "Wait":
            assert state.wait_until is not None, "a Wait knows until when"
            branch.due_at = state.wait_until(view)
            if branch.due_at <= view.now:
                self.finish(run, branch, state, view, branch.input)
            else:
                branch.phase = Phase.WAITING
        elif kind == "Succeed":
            self.finish(run, branch, state, view, branch.input)
        else:
            error, cause = state.say_error(view), state.say_cause(view)
            self.branch_failed(run, branch, error, cause, view.now)

    def _choose(self, run: Run, branch: Branch, state: CompiledState, view: View) -> None:
        fields = state.fields
        if not state.is_jsonata:
            chosen_from = View(
                fields.effective_input(view), view.context, view.variables, view.ids, view.now
            )
        else:
            chosen_from = view
        for holds, target, rule in state.rules:
            if not holds(chosen_from):
                continue
            result = chosen_from.input
            assigned = rule.assigned(chosen_from, result)
            if state.is_jsonata:
                output = rule.output(view, result)
            else:
                output = fields.output(view, result)
            self.leave(run, branch, state, output, assigned, target, view.now)
            return
        default = getattr(state.model, "default", None)
        if default is None:
            raise StateFailed(
                NO_CHOICE_MATCHED,
                "Failed to transition out of the state. The state does not point to a next state.",
            )
        result = chosen_from.input
        assigned = fields.assigned(chosen_from, result)
        self.leave(run, branch, state, fields.output(view, result), assigned, default, view.now)

    def finish(
        self, run: Run, branch: Branch, state: CompiledState, view: View, result: Any
    ) -> None:
        """The state's work is done: make its output of the result, and go on to the next state.

        `view` is as of now. Raises nothing: what fails in it fails the state.
        """
        try:
            fields = state.fields
            if state.type in ("Wait", "Succeed"):
                result = fields.effective_input(view)
            assigned = fields.assigned(view, result)
            output = fields.output(view, result)
        except StateFailed as failed:
            self.state_failed(run, branch, state, failed, view.now)
            return
        self.leave(run, branch, state, output, assigned, state.next, view.now)

    def leave(
        self,
        run: Run,
        branch: Branch,
        state: CompiledState,
        output: Any,
        assigned: dict[str, Any] | None,
        target: str | None,
        now: int,
    ) -> None:
        """Leave the state with this output."""
        try:
            text = branch.text if output is branch.input else payload_text(output)
            require_payload(text, state.name, self.limits.payload_bytes_max)
            shown = self._shown(branch, state, assigned) if assigned else None
        except StateFailed as failed:
            self.fail(run, branch, state, failed.error, failed.cause, now)
            return
        if assigned:
            branch.variables = {**branch.variables, **assigned}
        branch.last_id = run.journal.exited(
            now, state.exited_type, branch.last_id, state.name, text, shown
        )
        branch.task = None
        branch.fan_out = None
        branch.is_body_changed = True
        if target is None:
            self._end_branch(run, branch, output, text, now)
            return
        branch.state = target
        branch.input = output
        branch.text = text
        branch.phase = Phase.ENTERING
        branch.due_at = now
        run.queue.append(branch.id)

    def _shown(
        self, branch: Branch, state: CompiledState, assigned: dict[str, Any]
    ) -> dict[str, str]:
        """The variables that are set, as texts. Raises StateFailed where they, or all there are, are too large."""
        shown = {name: payload_text(value) for name, value in assigned.items()}
        require_variables(shown.values(), state.name, self.limits.payload_bytes_max)
        # So many are never too large together, for each of them may only be so large.
        if len(branch.variables) + len(shown) > self.limits.variables_unweighed_max:
            others = {n: v for n, v in branch.variables.items() if n not in shown}
            texts = [*shown.values(), *map(payload_text, others.values())]
            require_variables(texts, state.name, self.limits.variables_bytes_max)
        return shown

    def _end_branch(self, run: Run, branch: Branch, output: Any, text: str, now: int) -> None:
        if branch.parent is not None:
            self.fan_outs.child_ended(run, branch, text, now)
            return
        run.journal.add(
            now,
            "ExecutionSucceeded",
            branch.last_id,
            "executionSucceededEventDetails",
            {"output": text, "outputDetails": {"truncated": False}},
        )
        self._end(run, Status.SUCCEEDED, now)
        run.output_text = text

    # ---- failures

    def state_failed(
        self, run: Run, branch: Branch, state: CompiledState, failed: StateFailed, now: int
    ) -> None:
        """Something that the definition says could not be done."""
        cause = cause_in_state(state.name, branch.entered_id, failed.cause)
        if isinstance(failed, QueryFailed):
            # Recorded: it follows what came before the state, as if the state had not been entered.
            is_first = branch.last_id == branch.entered_id and state.type != "Wait"
            branch.last_id = run.journal.add(
                now,
                "EvaluationFailed",
                branch.before_id if is_first else branch.last_id,
                "evaluationFailedEventDetails",
                {
                    "error": failed.error,
                    "cause": cause,
                    **({"location": failed.location} if failed.location else {}),
                    "state": state.name,
                },
            )
        self.fail(run, branch, state, failed.error, cause, now)

    def fail(
        self,
        run: Run,
        branch: Branch,
        state: CompiledState,
        error: str | None,
        cause: str | None,
        now: int,
    ) -> None:
        """The state failed: it is tried again, or caught, or fails what is around it."""
        error = error if error is None else error[: self.limits.error_characters_max]
        cause = cause if cause is None else cause[: self.limits.cause_characters_max]
        branch.task = None
        if self._try_again(branch, state, error, now):
            run.laid_aside.clear()
            if branch.due_at is not None and branch.due_at <= now:
                run.queue.append(branch.id)
            return
        if state.type in _FAN_OUTS and error != RUNTIME:
            branch.last_id = run.journal.add(now, f"{state.type}StateFailed", branch.last_id)
        for catcher, catch in state.catches:
            if not matches(catcher.error_equals, error):
                continue
            view = view_of(run, branch, state, self.ids, now)
            error_output = {"Error": error, "Cause": cause}
            try:
                assigned = catch.assigned(view, error_output)
                output = catch.output(view, error_output)
                # What a catcher makes itself is no failure that it could catch.
                require_payload(payload_text(output), state.name, self.limits.payload_bytes_max)
                if assigned:
                    self._shown(branch, state, assigned)
            except StateFailed as failed:
                text = cause_in_state(state.name, branch.entered_id, failed.cause)
                self.branch_failed(run, branch, failed.error, text, now)
                return
            run.laid_aside.clear()
            self.leave(run, branch, state, output, assigned, catcher.next, now)
            return
        self.branch_failed(run, branch, error, cause, now)

    def _try_again(self, branch: Branch, state: CompiledState, error: str | None, now: int) -> bool:
        for index, retrier in enumerate(state.retry):
            if not matches(retrier.error_equals, error):
                continue
            made = branch.retries.get(index, 0)
            if made >= retrier.max_attempts:
                return False
            delay = _delay_seconds(retrier, made)
            if retrier.jitter_strategy == "FULL":
                delay *= self.ids.fraction()
            branch.retries = {**branch.retries, index: made + 1}
            branch.phase = Phase.ATTEMPTING
            branch.due_at = now + int(delay * SECOND)
            branch.fan_out = None
            return True
        return False

    def branch_failed(
        self, run: Run, branch: Branch, error: str | None, cause: str | None, now: int
    ) -> None:
        """A branch failed, and with it the state around it, or the execution. `States.Runtime` ends that at once."""
        if branch.parent is not None:
            self.fan_outs.child_failed(run, branch, error, cause, now)
            return
        facts = {"error": error, "cause": cause}
        run.journal.add(
            now,
            "ExecutionFailed",
            branch.last_id,
            "executionFailedEventDetails",
            {name: text for name, text in facts.items() if text is not None},
        )
        self._end(run, Status.FAILED, now)
        run.error, run.cause = error, cause

    def _refuse_longer_history(self, run: Run, branch: Branch, now: int) -> None:
        root = run.require_branch(ROOT)
        root.last_id = branch.last_id
        most = self.limits.history_events_max
        cause = f"The execution reached the maximum number of history events ({most})."
        self.branch_failed(run, root, RUNTIME, cause, now)

    # ---- ends from outside

    def abort(self, run: Run, error: str | None, cause: str | None, now: int) -> None:
        """StopExecution."""
        self._end_from_outside(run, Status.ABORTED, "ExecutionAborted", error, cause, now)

    def time_out(self, run: Run, now: int) -> None:
        """The execution ran longer than it may."""
        self._end_from_outside(
            run, Status.TIMED_OUT, "ExecutionTimedOut", "States.Timeout", None, now
        )

    def _end_from_outside(
        self, run: Run, status: str, type: str, error: str | None, cause: str | None, now: int
    ) -> None:
        root = run.require_branch(ROOT)
        self.fan_outs.abort_inside(run, root, now)
        facts = {"error": error, "cause": cause}
        details = type[0].lower() + type[1:] + "EventDetails"
        run.journal.add(
            now,
            type,
            root.last_id,
            details,
            {name: text for name, text in facts.items() if text is not None},
        )
        self._end(run, status, now)
        run.error, run.cause = error, cause

    def _end(self, run: Run, status: str, now: int) -> None:
        run.status = status
        run.ended_at = now
        run.queue.clear()


def _delay_seconds(retrier: Retrier, made: int) -> float:
    """How long a retrier waits when it has tried so often."""
    most = retrier.max_delay_seconds or _DELAY_SECONDS_MAX
    try:
        return float(min(retrier.interval_seconds * float(retrier.backoff_rate) ** made, most))
    except OverflowError:  # a rate to some power is more than a number can be
        return most if retrier.interval_seconds else 0.0
