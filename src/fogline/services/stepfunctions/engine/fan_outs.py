"""Parallel and inline Map: branches and iterations of one state, their joining, and their failing together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fogline.aws.states.failures import RUNTIME, StateFailed
from fogline.aws.states.machine.model import MapState
from fogline.services.stepfunctions.engine.compiled import CompiledState
from fogline.services.stepfunctions.engine.context import view_of
from fogline.services.stepfunctions.engine.execution import Branch, FanOut, Phase, Run
from fogline.services.stepfunctions.engine.jsonata_fields import QueryFailed
from fogline.services.stepfunctions.engine.map_states import DistributedMaps
from fogline.services.stepfunctions.engine.payloads import (
    payload_text,
    read_payload,
    require_input,
    require_payload,
)
from fogline.services.stepfunctions.engine.view import View

if TYPE_CHECKING:
    from fogline.services.stepfunctions.engine.interpreter import Interpreter

_ABORTED = frozenset({"Task", "Wait", "Map", "Parallel"})
"""The types of states of which a history says that they were aborted."""


class FanOuts:
    """Part of the interpreter."""

    def __init__(self, interpreter: Interpreter, distributed: DistributedMaps) -> None:
        self._interpreter = interpreter
        self._distributed = distributed

    # ---- beginning

    def begin(self, run: Run, branch: Branch, state: CompiledState, view: View) -> None:
        """Begin the branches of a Parallel, the first iterations of a Map, or a map run. Raises StateFailed."""
        if state.type == "Parallel":
            self._begin_parallel(run, branch, state, view)
        elif isinstance(state.model, MapState) and state.model.is_distributed:
            self._distributed.begin(run, branch, state, view)
        else:
            self._begin_map(run, branch, state, view)

    def _begin_parallel(self, run: Run, branch: Branch, state: CompiledState, view: View) -> None:
        given = state.fields.task_input(view)
        text = branch.text if given is branch.input else payload_text(given)
        require_input(text, state.name, self._interpreter.limits.payload_bytes_max)
        count = len(state.starts)
        branch.last_id = run.journal.add(view.now, "ParallelStateStarted", branch.last_id)
        branch.fan_out = FanOut(count, count, 0, count)
        _join(branch)
        for index, start in enumerate(state.starts):
            run.add_branch(branch.id, index, start, given, text, branch.last_id)

    def _begin_map(self, run: Run, branch: Branch, state: CompiledState, view: View) -> None:
        items = items_of(state, view)
        limits = self._interpreter.limits
        at_once = state.max_concurrency(view) if state.max_concurrency is not None else 0
        at_once = min(at_once or limits.inline_concurrency_max, limits.inline_concurrency_max)
        branch.last_id = run.journal.add(
            view.now,
            "MapStateStarted",
            branch.last_id,
            "mapStateStartedEventDetails",
            {"length": len(items)},
        )
        branch.fan_out = FanOut(len(items), 0, 0, at_once, items)
        _join(branch)
        if not items:
            self._succeed(run, branch, state, [], view.now)
            return
        try:
            for _ in range(min(at_once, len(items))):
                self._begin_iteration(run, branch, state, view, branch.last_id)
        except StateFailed:
            self._give_up_inside(run, branch, view.now)
            raise

    def _begin_iteration(
        self, run: Run, branch: Branch, state: CompiledState, view: View, follows: int
    ) -> None:
        fan_out = branch.fan_out
        assert fan_out is not None, "it has begun"
        assert fan_out.items is not None, "a Map knows its items"
        index = fan_out.begun
        item = fan_out.items[index]
        given = selected_item(state, view, index, item)
        text = payload_text(given)
        require_input(text, state.name, self._interpreter.limits.payload_bytes_max)
        fan_out.begun += 1
        last_id = run.journal.add(
            view.now,
            "MapIterationStarted",
            follows,
            "mapIterationStartedEventDetails",
            {"name": state.name, "index": index},
        )
        run.add_branch(branch.id, index, state.starts[0], given, text, last_id)

    # ---- joining

    def child_ended(self, run: Run, child: Branch, text: str, now: int) -> None:
        """A branch or iteration came to its end with this output."""
        assert child.parent is not None, "it has a parent"
        parent = run.require_branch(child.parent)
        run.touched.add(parent.id)
        state = run.machine.states[parent.state]
        fan_out = parent.fan_out
        assert fan_out is not None, "its parent waits for it"
        child.phase = Phase.ENDED
        child.due_at = None
        # Outputs that are too large together are not kept: nobody is given them.
        fan_out.characters += len(text)
        child.output_text = text if self._fits(fan_out) else ""
        child.text = ""
        child.variables = {}
        child.is_body_changed = True
        fan_out.ended += 1
        parent.last_id = child.last_id
        if state.type == "Map":
            parent.last_id = run.journal.add(
                now,
                "MapIterationSucceeded",
                child.last_id,
                "mapIterationSucceededEventDetails",
                {"name": state.name, "index": child.index},
            )
        if fan_out.ended == fan_out.count:
            children = sorted(run.children_of(parent.id), key=lambda one: one.index)
            for each in children:
                run.remove(each)
            fits = self._fits(fan_out)
            results = [read_payload(one.output_text) for one in children] if fits else None
            self._succeed(run, parent, state, results, now, fits=fits)
        elif fan_out.begun < fan_out.count:
            # Recorded: the next iteration follows what the last state of the ended one left.
            self._next_iteration(run, parent, state, child.last_id, now)

    def _next_iteration(
        self, run: Run, parent: Branch, state: CompiledState, follows: int, now: int
    ) -> None:
        view = view_of(run, parent, state, self._interpreter.ids, now)
        try:
            self._begin_iteration(run, parent, state, view, follows)
        except StateFailed as failed:
            self._give_up_inside(run, parent, now)
            self._interpreter.state_failed(run, parent, state, failed, now)

    def _fits(self, fan_out: FanOut) -> bool:
        return fan_out.characters <= self._interpreter.limits.payload_bytes_max

    def _succeed(
        self,
        run: Run,
        branch: Branch,
        state: CompiledState,
        results: Any,
        now: int,
        *,
        fits: bool = True,
    ) -> None:
        run.journal.add(now, f"{state.type}StateSucceeded", branch.last_id)
        bytes_max = self._interpreter.limits.payload_bytes_max
        try:
            require_payload(payload_text(results), state.name, bytes_max if fits else 0)
        except StateFailed as failed:
            self._interpreter.fail(run, branch, state, failed.error, failed.cause, now)
            return
        view = view_of(run, branch, state, self._interpreter.ids, now)
        self._interpreter.finish(run, branch, state, view, results)

    def map_run_ended(
        self, run: Run, branch: Branch, results: Any, failure: StateFailed | None, now: int
    ) -> None:
        """The branch's map run came to its end: with these results, or with this failure."""
        state = run.machine.states[branch.state]
        branch.task = None
        if failure is None:
            branch.last_id = run.journal.add(now, "MapRunSucceeded", branch.last_id)
            self._succeed(run, branch, state, results, now)
            return
        branch.last_id = run.journal.add(
            now,
            "MapRunFailed",
            branch.last_id,
            "mapRunFailedEventDetails",
            {"error": failure.error, "cause": failure.cause},
        )
        self._interpreter.fail(run, branch, state, failure.error, failure.cause, now)

    # ---- failing

    def child_failed(
        self, run: Run, child: Branch, error: str | None, cause: str | None, now: int
    ) -> None:
        """A branch or iteration failed: the others are given up, and the state around them fails."""
        assert child.parent is not None, "it has a parent"
        parent = run.require_branch(child.parent)
        run.touched.add(parent.id)
        state = run.machine.states[parent.state]
        parent.last_id = child.last_id
        if state.type == "Map":
            run.journal.add(
                now,
                "MapIterationFailed",
                child.last_id,
                "mapIterationFailedEventDetails",
                {"name": state.name, "index": child.index},
            )
        elif run.machine.states[child.state].type == "Task":
            # Recorded: test_parallel_catch_error.
            run.journal.add(now, "TaskStateAborted", child.last_id)
        run.lay_aside(child)
        self._give_up_inside(run, parent, now)
        self._interpreter.fail(run, parent, state, error, cause, now)

    def abort_inside(self, run: Run, branch: Branch, now: int) -> None:
        """Give up whatever runs in a branch, and what it runs itself."""
        self._give_up_inside(run, branch, now)
        self._abort_state(run, branch, now)

    def _give_up_inside(self, run: Run, parent: Branch, now: int) -> None:
        if parent.phase is not Phase.JOINING:
            return
        state = run.machine.states[parent.state]
        for child in sorted(run.children_of(parent.id), key=lambda one: one.index):
            if child.phase is not Phase.ENDED:
                self._give_up_inside(run, child, now)
                self._abort_state(run, child, now)
                if state.type == "Map":
                    run.journal.add(
                        now,
                        "MapIterationAborted",
                        child.last_id,
                        "mapIterationAbortedEventDetails",
                        {"name": state.name, "index": child.index},
                    )
            run.lay_aside(child)

    def _abort_state(self, run: Run, branch: Branch, now: int) -> None:
        if branch.task is not None and ":mapRun:" in branch.task.awaits:
            branch.last_id = run.journal.add(now, "MapRunAborted", branch.last_id)
        self._interpreter.tasks.let_go(run, branch)
        state = run.machine.states[branch.state]
        was_entered = branch.phase is not Phase.ENTERING
        if was_entered and state.type in _ABORTED:
            branch.last_id = run.journal.add(now, f"{state.type}StateAborted", branch.last_id)


def _join(branch: Branch) -> None:
    branch.phase = Phase.JOINING
    branch.due_at = None
    branch.is_body_changed = True


def items_of(state: CompiledState, view: View) -> list[Any]:
    """The items of a Map that has no reader. Raises StateFailed."""
    if state.is_jsonata:
        if state.items is not None:
            items: list[Any] = state.items(view)
            return items
        if not isinstance(view.input, list):
            raise QueryFailed(
                f"Map state input must be an array but was: {payload_text(view.input)}", ""
            )
        return view.input
    given = _effective(state, view)
    found = given.input if state.items is None else state.items(given)
    if not isinstance(found, list):
        path = getattr(state.model, "items_path", None) or "$"
        raise StateFailed(RUNTIME, f'Reference path "{path}" must point to array.')
    return found


def selected_item(state: CompiledState, view: View, index: int, item: Any) -> Any:
    """What an iteration is given: the item, or what the `ItemSelector` makes of it. Raises StateFailed."""
    if state.item_selector is None:
        return item
    context = {**view.context, "Map": {"Item": {"Index": index, "Value": item}}}
    given = view if state.is_jsonata else _effective(state, view)
    return state.item_selector(View(given.input, context, view.variables, view.ids, view.now))


def _effective(state: CompiledState, view: View) -> View:
    """A view of what `InputPath` leaves of the input."""
    given = state.fields.effective_input(view)
    if given is view.input:
        return view
    return View(given, view.context, view.variables, view.ids, view.now)
