"""An execution in hand: what it is, where each of its branches stands, and what happened since it was taken up."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Protocol

from fogline.aws.call import Trace
from fogline.services.stepfunctions.engine.compiled import CompiledMachine
from fogline.services.stepfunctions.engine.journal import Journal
from fogline.services.stepfunctions.engine.payloads import read_payload

if TYPE_CHECKING:
    from fogline.services.stepfunctions.engine.map_states import BegunMapRun

ROOT = 0
UNREAD: Any = object()
"""The input of a branch that nobody has looked at: only its text is known."""


class Phase(IntEnum):
    """What a branch is about."""

    ENTERING = 0
    """To enter its state."""
    ATTEMPTING = 1
    """To do its state's work again, after a failure."""
    WAITING = 2
    """In a Wait state."""
    WORKING = 3
    """A task is in hand, or a map run."""
    JOINING = 4
    """Branches or iterations of its own are on their way."""
    ENDED = 5
    """Its output waits for the others."""


class Status:
    """Of an execution."""

    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    TIMED_OUT = "TIMED_OUT"
    ABORTED = "ABORTED"
    PENDING_REDRIVE = "PENDING_REDRIVE"


@dataclass(frozen=True, slots=True)
class Facts:
    """What does not change while an execution runs."""

    id: str
    arn: str
    name: str
    account: str
    region: str
    machine_arn: str
    """Of the state machine, unqualified."""
    machine_name: str
    is_express: bool
    definition: str
    """The id that the definition is kept under."""
    role_arn: str
    started_at: int
    trace: Trace
    redrive_count: int = 0
    redriven_at: int | None = None
    mock_case: str = ""
    """The test case of mocked integrations that it was started with."""
    logging: Mapping[str, Any] = field(default_factory=dict)
    map_run: str = ""
    """The ARN of the map run that it is a child of."""
    context: Mapping[str, Any] = field(default_factory=dict)
    """Further members of the context object."""
    whole_context: Mapping[str, Any] | None = None
    """The context object, where a test brings its own."""
    version_arn: str = ""
    """Of the version that it was started from, if one was named or an alias chose one."""
    alias_arn: str = ""


@dataclass(slots=True)
class FanOut:
    """How far a Parallel or an inline Map is. `items` are None for Parallel."""

    count: int
    begun: int
    ended: int
    at_once: int
    items: list[Any] | None = None
    characters: int = 0
    """Of the outputs that are there."""


@dataclass(slots=True)
class TaskInHand:
    """A task that was begun. `attempt` is different for each, so that a late answer is known to be late."""

    attempt: str
    timeout_at: int | None
    heartbeat_ms: int | None
    heartbeat_at: int | None
    token: str = ""
    awaits: str = ""
    """The execution or activity whose end, or worker, it waits for."""
    input_text: str = ""
    """What is asked, for those who are not asked at once; "" where that is the state's input."""
    is_given: bool = False
    """True once an activity's worker has taken it."""
    role_arn: str = ""
    """The role of its `Credentials`, if it names one."""
    performed_until: int | None = None
    """Until when a node has promised to perform it; None for what nobody performs."""

    @property
    def due_at(self) -> int | None:
        due = [at for at in (self.timeout_at, self.heartbeat_at) if at is not None]
        return min(due) if due else None


class Branch:
    """One line of states: the execution's own, a branch of a Parallel, or an iteration of a Map.

    `last_id` is the event that the next one follows, `before_id` the one before the state was entered.
    """

    __slots__ = (
        "_input",
        "before_id",
        "due_at",
        "entered_at",
        "entered_id",
        "fan_out",
        "id",
        "index",
        "is_body_changed",
        "is_body_large",
        "is_new",
        "last_id",
        "output_text",
        "parent",
        "phase",
        "retries",
        "state",
        "task",
        "text",
        "variables",
    )

    def __init__(
        self,
        id: int,
        parent: int | None,
        index: int,
        state: str,
        input: Any,
        text: str,
        last_id: int,
    ) -> None:
        self.id = id
        self.parent = parent
        self.index = index
        self.state = state
        self._input = input
        self.text = text
        """The input as it is written: what it was read from, where it came from outside."""
        self.last_id = last_id
        self.phase = Phase.ENTERING
        self.due_at: int | None = 0
        self.before_id = 0
        self.entered_id = 0
        self.entered_at = 0
        self.retries: dict[int, int] = {}
        self.variables: dict[str, Any] = {}
        self.task: TaskInHand | None = None
        self.fan_out: FanOut | None = None
        self.output_text = ""
        self.is_body_changed = True
        self.is_new = True
        self.is_body_large = False

    @property
    def input(self) -> Any:
        """The state's raw input."""
        if self._input is UNREAD:
            self._input = read_payload(self.text)
        return self._input

    @input.setter
    def input(self, value: Any) -> None:
        self._input = value

    @property
    def retry_count(self) -> int:
        """How often the state was tried again."""
        return sum(self.retries.values())


@dataclass(frozen=True, slots=True)
class Beginning:
    """A task to be performed once what is written is durable."""

    branch: int
    attempt: str
    work: Any
    """A `tasks.task.Task`."""


class Shelf(Protocol):
    """Where an execution's branches are while they are not in hand."""

    def find(self, id: int) -> Branch | None:
        """A branch by its id."""

    def children_of(self, parent: int) -> list[Branch]:
        """The branches inside one; those in hand may be among them, as they were."""

    def input_text(self) -> str:
        """The execution's input."""


class Run:
    """An execution taken up: changed in memory by the interpreter, then kept by whoever took it up."""

    __slots__ = (
        "_input",
        "_inside",
        "_shelf",
        "awaited",
        "begun",
        "branches",
        "cause",
        "ended_at",
        "error",
        "facts",
        "journal",
        "laid_aside",
        "machine",
        "map_runs",
        "next_branch",
        "offered",
        "output_text",
        "queue",
        "removed",
        "status",
        "stopped",
        "touched",
    )

    def __init__(
        self,
        facts: Facts,
        machine: CompiledMachine,
        journal: Journal,
        next_branch: int,
        shelf: Shelf,
    ) -> None:
        self.facts = facts
        self.machine = machine
        self.journal = journal
        self.next_branch = next_branch
        self._shelf = shelf
        self.branches: dict[int, Branch] = {}
        self._inside: dict[int | None, dict[int, Branch]] = {}
        self.queue: deque[int] = deque()
        """Branches that can go on now."""
        self.touched: set[int] = set()
        self.removed: set[int] = set()
        self.laid_aside: list[Branch] = []
        """Branches inside a state that fails, as they stood: kept if its failure ends the execution."""
        self.begun: list[Beginning] = []
        self.awaited: list[tuple[str, str]] = []
        """Executions whose end a task waits for, with the token of that task."""
        self.map_runs: list[BegunMapRun] = []
        """Map runs that states have begun."""
        self.offered: list[tuple[str, str]] = []
        """Activities that have a task for a worker, with its token."""
        self.stopped: list[str] = []
        """Executions and map runs that nobody waits for any more."""
        self.status = Status.RUNNING
        self.output_text: str | None = None
        self.error: str | None = None
        self.cause: str | None = None
        self.ended_at: int | None = None
        self._input: Any = UNREAD

    def branch(self, id: int) -> Branch | None:
        """A branch of the execution, taken up now if it was not; None if it has ended."""
        if id in self.removed:
            return None
        found = self.branches.get(id)
        if found is None:
            found = self._shelf.find(id)
            if found is not None:
                self._hold(found)
        return found

    @property
    def input(self) -> Any:
        """The execution's input."""
        if self._input is UNREAD:
            self._input = read_payload(self._shelf.input_text())
        return self._input

    @property
    def input_text(self) -> str:
        """The same as it was written."""
        return self._shelf.input_text()

    def children_of(self, parent: int) -> list[Branch]:
        """Every branch inside that branch, those that ended among them."""
        for each in self._shelf.children_of(parent):
            if each.id not in self.removed and each.id not in self.branches:
                self._hold(each)
        return list(self._inside.get(parent, {}).values())

    def around(self, branch: Branch) -> Branch | None:
        """The branch around it, if that is in hand."""
        return None if branch.parent is None else self.branches.get(branch.parent)

    def _hold(self, branch: Branch) -> None:
        self.branches[branch.id] = branch
        self._inside.setdefault(branch.parent, {})[branch.id] = branch

    def require_branch(self, id: int) -> Branch:
        found = self.branch(id)
        assert found is not None, f"branch {id} of {self.facts.arn} is gone"
        return found

    def add_branch(
        self, parent: int | None, index: int, state: str, input: Any, text: str, last_id: int
    ) -> Branch:
        """A new branch, to go on at once."""
        branch = Branch(self.next_branch, parent, index, state, input, text, last_id)
        self.next_branch += 1
        self._hold(branch)
        self.touched.add(branch.id)
        self.queue.append(branch.id)
        return branch

    def remove(self, branch: Branch) -> None:
        """The branch has come to its end, and nothing of it is needed any more."""
        self.branches.pop(branch.id, None)
        self._inside.get(branch.parent, {}).pop(branch.id, None)
        self.touched.discard(branch.id)
        self.removed.add(branch.id)

    def lay_aside(self, branch: Branch) -> None:
        """What is around the branch fails: it ends where it stands, and can go on from there if that is redriven."""
        self.remove(branch)
        self.laid_aside.append(branch)

    @property
    def has_ended(self) -> bool:
        return self.status != Status.RUNNING
