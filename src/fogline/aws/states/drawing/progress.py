"""What happened to each state of an execution, read from its history; as well while it runs as afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from fogline.aws.states.drawing.graph import EdgeKind, Key, Terminal
from fogline.aws.states.drawing.outcomes import ExecutionProgress, Items, StateProgress, Status
from fogline.aws.states.machine import Machine, inner_machines

Event = Mapping[str, Any]
"""An event as GetExecutionHistory tells it, its time in milliseconds."""

_CONTAINERS = ("Parallel", "Map")
_EXECUTION_ENDS = {
    "ExecutionSucceeded": "SUCCEEDED",
    "ExecutionFailed": "FAILED",
    "ExecutionTimedOut": "TIMED_OUT",
    "ExecutionAborted": "ABORTED",
}
_ITERATION_ENDS = {
    "MapIterationSucceeded": "succeeded",
    "MapIterationFailed": "failed",
    "MapIterationAborted": "aborted",
}
_ATTEMPTS = frozenset({"TaskScheduled", "LambdaFunctionScheduled", "ActivityScheduled"})
_FAILURES = frozenset(
    {
        *(f"{kind}{end}" for kind in ("Task", "LambdaFunction", "Activity") for end in ("Failed", "TimedOut")),
        "ActivityScheduleFailed",
        "LambdaFunctionScheduleFailed",
        "LambdaFunctionStartFailed",
        "TaskStartFailed",
        "TaskSubmitFailed",
        "EvaluationFailed",
        "MapRunFailed",
    }
)  # fmt: skip


@dataclass(slots=True, eq=False)
class _Visit:
    """One stay in a state, inside a visit of the state around it."""

    state: StateProgress
    parent: _Visit | None
    entered_at: int
    ended_at: int = 0
    is_open: bool = True
    last_failed: bool = False
    attempts: int = 0
    inner: list[_Visit] = field(default_factory=list)


class Progress:
    """Give it the events of an execution, in order and each once, in as many pieces as they come in.

    Without its machine the states are found as they are entered.
    """

    def __init__(self, machine: Machine | None) -> None:
        self.execution = ExecutionProgress()
        self.states: dict[str, StateProgress] = {}
        self.taken: dict[tuple[Key, Key, bool], int] = {}
        """How often each way was gone: from, to, and whether by a Catch."""
        self.last_id = 0
        self._type_of: dict[str, str] = {}
        self._around: dict[str, str] = {}
        self._catch_only: set[tuple[str, str]] = set()
        if machine is not None:
            self._index(machine)
        self._is_known = machine is not None
        self._names: dict[int, str] = {}
        self._scope: dict[int, _Visit | None] = {0: None}
        self._left: dict[int, _Visit] = {}
        self._latest: dict[str, _Visit] = {}
        self._roots: list[_Visit] = []

    def _index(self, machine: Machine) -> None:
        for state in machine.every_state():
            self.states[state.name] = StateProgress(state.name)
            self._type_of[state.name] = state.type
            caught = {catcher.next for catcher in getattr(state, "catch", ())}
            self._catch_only |= {(state.name, to) for to in caught - {state.next}}
            for inner in inner_machines(state):
                self._around.update(dict.fromkeys(inner.states, state.name))

    def of(self, name: str) -> StateProgress:
        """What happened in that state; nothing, for one that the machine does not have."""
        return self.states.get(name) or StateProgress(name)

    def went(self, source: Key, target: Key, kind: EdgeKind) -> bool:
        """Whether the execution went that way; to its end it went where it succeeded from there."""
        if target is Terminal.END:
            ended_well = self.execution.status == "SUCCEEDED" and isinstance(source, str)
            return ended_well and self.of(str(source)).status is Status.SUCCEEDED
        return (source, target, kind is EdgeKind.CATCH) in self.taken

    def state_of(self, event_id: int) -> str | None:
        """The state that an event belongs to."""
        return self._names.get(event_id)

    def add(self, events: Iterable[Event]) -> None:
        """Take in what happened next."""
        for event in events:
            self._add(event)
            number = int(event.get("id", 0))
            self.last_id = max(self.last_id, number)
            named = next(
                (v["name"] for k, v in event.items() if k.startswith("state") and "name" in v), None
            )
            visit = self._scope.get(number)
            if named is not None:
                self._names[number] = str(named)
            elif visit is not None and not str(event.get("type", "")).startswith("Execution"):
                self._names[number] = visit.state.name

    def count_items(self, name: str, items: Items) -> None:
        """Set what the history does not tell: how far the children of a Map run are."""
        if name in self.states:
            self.states[name].items = items

    # ---- one event

    def _add(self, event: Event) -> None:
        type_ = str(event.get("type", ""))
        number, at = int(event.get("id", 0)), int(event.get("timestamp", 0))
        scope = self._scope.get(int(event.get("previousEventId", 0)))
        details: Mapping[str, Any] = next(
            (value for key, value in event.items() if key.endswith("EventDetails")), {}
        )
        if type_.startswith("Execution"):
            self._scope[number] = scope
            self._add_of_execution(type_, at, details, scope)
        elif type_.endswith("StateEntered"):
            self._enter(event, number, at, details)
        elif type_.endswith("StateExited"):
            self._exit(number, at, details, scope)
        elif type_.startswith("MapIteration"):
            visit = self._climb(scope, lambda one: one.state.name == details.get("name"))
            visit = visit or self._latest.get(str(details.get("name")))
            self._scope[number] = visit
            if visit is not None:
                self._iterate(visit, type_, at, details)
        elif type_.startswith(("MapState", "ParallelState")):
            kind = "Map" if type_.startswith("Map") else "Parallel"
            visit = self._climb(
                scope, lambda one: one.is_open and self._type_of[one.state.name] == kind
            )
            self._scope[number] = visit
            if visit is not None:
                self._work_of_container(visit, type_, at, details)
        else:
            if type_ == "EvaluationFailed":
                # It follows what came before the state was entered, but says which state it is.
                scope = self._latest.get(str(details.get("state")), scope)
            self._scope[number] = scope
            if scope is not None:
                self._work(scope, type_, at, details)

    def _add_of_execution(
        self, type_: str, at: int, details: Mapping[str, Any], scope: _Visit | None
    ) -> None:
        whole = self.execution
        if type_ == "ExecutionStarted":
            whole.started_at, whole.input = at, details.get("input")
        elif type_ == "ExecutionRedriven":
            whole.status, whole.ended_at = "RUNNING", None
            whole.error = whole.cause = None
            whole.redrives += 1
        elif type_ in _EXECUTION_ENDS:
            whole.status, whole.ended_at = _EXECUTION_ENDS[type_], at
            whole.output = details.get("output")
            whole.error, whole.cause = details.get("error"), details.get("cause")
            if type_ == "ExecutionFailed":
                while scope is not None:
                    if scope.is_open:
                        if scope.state.error is None:
                            self._note_error(scope, details)
                        self._close(scope, at, Status.FAILED)
                    scope = scope.parent
            for visit in self._roots:
                self._stop(visit, at)

    def _enter(self, event: Event, number: int, at: int, details: Mapping[str, Any]) -> None:
        name = str(details.get("name", ""))
        previous = int(event.get("previousEventId", 0))
        state = self.states.setdefault(name, StateProgress(name))
        self._type_of.setdefault(name, str(event.get("type", "")).removesuffix("StateEntered"))
        around = self._around.get(name)
        parent = None
        if not self._is_known:
            parent = self._climb(
                self._scope.get(previous),
                lambda one: one.is_open and self._type_of[one.state.name] in _CONTAINERS,
            )
        elif around is not None:
            parent = self._climb(self._scope.get(previous), lambda one: one.state.name == around)
            parent = parent or self._latest.get(around)
        visit = _Visit(state, parent, at)
        (parent.inner if parent else self._roots).append(visit)
        self._scope[number] = self._latest[name] = visit
        round_ = (id(parent), parent.attempts) if parent else None
        if state.round != round_:
            state.round, state.failed = round_, 0
        state.entered += 1
        state.running += 1
        state.status = Status.RUNNING
        state.started_at = at if state.started_at is None else state.started_at
        state.ended_at, state.input, state.output = None, details.get("input"), None
        left = self._left.get(previous)
        if left is not None and left.parent is parent:
            source = left.state.name
            if (source, name) in self._catch_only and left.state.status is Status.SUCCEEDED:
                # Not every failure has an event of its own; where it went on then tells.
                left.last_failed = True
                left.state.status = Status.CAUGHT
                left.state.caught += 1
            self._take(source, name, left.last_failed)
        elif parent is None and state.entered == 1 and len(self._roots) == 1:
            self._take(Terminal.START, name, False)

    def _exit(self, number: int, at: int, details: Mapping[str, Any], scope: _Visit | None) -> None:
        name = str(details.get("name", ""))
        visit = self._climb(scope, lambda one: one.is_open and one.state.name == name)
        visit = visit or self._latest.get(name)
        if visit is None:
            self._scope[number] = None
            return
        visit.state.output = details.get("output")
        visit.state.exited += 1
        self._close(visit, at, Status.CAUGHT if visit.last_failed else Status.SUCCEEDED)
        self._scope[number], self._left[number] = visit.parent, visit

    def _iterate(self, visit: _Visit, type_: str, at: int, details: Mapping[str, Any]) -> None:
        items = visit.state.items = visit.state.items or Items()
        if type_ == "MapIterationStarted":
            items.started += 1
            items.total = max(items.total, items.started)
        elif (ending := _ITERATION_ENDS.get(type_)) is not None:
            setattr(items, ending, getattr(items, ending) + 1)

    def _work_of_container(
        self, visit: _Visit, type_: str, at: int, details: Mapping[str, Any]
    ) -> None:
        if type_.endswith("Started"):
            visit.attempts += 1
            visit.last_failed = False
            visit.state.attempts += 1
            for inner in visit.inner:  # of an attempt before this one
                self._stop(inner, at)
            visit.inner = []
            if type_ == "MapStateStarted":
                self._count(visit, int(details.get("length", 0)))
        elif type_.endswith(("Failed", "Aborted")):
            self._fail(visit, at, details)

    def _count(self, visit: _Visit, length: int) -> None:
        """A Map that is entered side by side (in another) counts all its items; one that starts anew begins anew."""
        items = visit.state.items
        if items is None or visit.attempts > 1 or visit.state.running == 1:
            items = visit.state.items = Items()
        items.total += length

    def _work(self, visit: _Visit, type_: str, at: int, details: Mapping[str, Any]) -> None:
        if type_ in _FAILURES:
            self._fail(visit, at, details)
            return
        if type_ == "MapRunStarted":
            visit.state.map_run_arn = details.get("mapRunArn")
        if type_ in _ATTEMPTS:
            visit.attempts += 1
            visit.state.attempts += 1
            visit.last_failed = False
            if not visit.is_open:  # it goes on, after a redrive
                state = visit.state
                visit.is_open = True
                state.running += 1
                state.failed = max(state.failed - 1, 0)
                state.ended, state.ended_at = state.ended - 1, None
                state.busy -= visit.ended_at - visit.entered_at
                state.status = Status.RUNNING

    # ---- what follows from it

    def _fail(self, visit: _Visit, at: int, details: Mapping[str, Any]) -> None:
        """Something failed in a state; whether that is the end of it, the next events tell."""
        visit.last_failed = True
        self._note_error(visit, details)
        for inner in visit.inner:
            self._stop(inner, at)

    def _note_error(self, visit: _Visit, details: Mapping[str, Any]) -> None:
        if details.get("error") is not None or details.get("cause") is not None:
            visit.state.error, visit.state.cause = details.get("error"), details.get("cause")

    def _stop(self, visit: _Visit, at: int) -> None:
        """End what is still open in a visit: as failed what failed last or is there to fail, else as stopped."""
        if not visit.is_open:
            return
        has_failed = visit.last_failed or self._type_of[visit.state.name] == "Fail"
        self._close(visit, at, Status.FAILED if has_failed else Status.STOPPED)

    def _close(self, visit: _Visit, at: int, status: Status) -> None:
        for inner in visit.inner:
            self._stop(inner, at)
        if not visit.is_open:
            return
        visit.is_open, visit.ended_at = False, at
        state = visit.state
        state.running = max(state.running - 1, 0)
        state.busy += max(at - visit.entered_at, 0)
        state.ended += 1
        state.ended_at = at
        if status is Status.FAILED:
            state.failed += 1
        if status is Status.CAUGHT:
            state.caught += 1
        if status is Status.SUCCEEDED:
            state.error = state.cause = None  # of an attempt before the one that succeeded
        if state.running:
            return
        # In one round of a Map a failed item is not made good by one that succeeds after it.
        state.status = Status.FAILED if state.failed else status

    def _take(self, source: Key, target: Key, is_catch: bool) -> None:
        way = (source, target, is_catch)
        self.taken[way] = self.taken.get(way, 0) + 1

    def _climb(self, visit: _Visit | None, is_wanted: Callable[[_Visit], bool]) -> _Visit | None:
        """The visit itself or the nearest around it that is wanted."""
        return next((one for one in _outward(visit) if is_wanted(one)), None)


def _outward(visit: _Visit | None) -> Iterator[_Visit]:
    while visit is not None:
        yield visit
        visit = visit.parent
