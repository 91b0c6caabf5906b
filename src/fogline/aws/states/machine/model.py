"""A state machine, ready to be run: what each state does, and where it goes next. Immutable.

Fields carry AWS's names in snake case. Payload templates, paths and JSONata texts stand as they were written:
whoever evaluates them compiles by text and keeps that. What a definition leaves out has the language's default;
where the language tells "absent" from null, absent is `ABSENT`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Any, ClassVar, Final, Literal

from fogline.aws.states.machine.resources import Resource


class Absent(Enum):
    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT


class QueryLanguage(StrEnum):
    JSONPATH = "JSONPath"
    JSONATA = "JSONata"


class ProcessorMode(StrEnum):
    INLINE = "INLINE"
    DISTRIBUTED = "DISTRIBUTED"


Json = Any
"""Any JSON value; a template or expression of the state's query language where the field allows one."""
Number = int | float | str | None
"""A number, a JSONata text that gives one, or nothing."""


@dataclass(frozen=True, slots=True)
class Retrier:
    error_equals: tuple[str, ...]
    interval_seconds: int = 1
    max_attempts: int = 3
    backoff_rate: float = 2.0
    max_delay_seconds: int | None = None
    jitter_strategy: Literal["FULL", "NONE"] = "NONE"


@dataclass(frozen=True, slots=True)
class Catcher:
    error_equals: tuple[str, ...]
    next: str
    result_path: str | None = "$"
    output: Json | Absent = ABSENT
    assign: Json | None = None


@dataclass(frozen=True, slots=True)
class ChoiceRule:
    """One way out of a Choice: a comparison (`rule`, JSONPath) or a `condition` (JSONata)."""

    next: str
    rule: Mapping[str, Json]
    condition: str | bool | None = None
    output: Json | Absent = ABSENT
    assign: Json | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _State:
    """What every state has. `next` is None where the state ends its machine (and in Choice, which says it by rule)."""

    type: ClassVar[str]
    name: str
    query_language: QueryLanguage
    comment: str | None = None
    next: str | None = None

    @property
    def is_terminal(self) -> bool:
        return self.next is None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Flow(_State):
    """Where the input comes from and the output goes. A path of None (null in the definition) discards."""

    input_path: str | None = "$"
    output_path: str | None = "$"
    output: Json | Absent = ABSENT
    assign: Json | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work(_Flow):
    """What states share that do something that can fail."""

    parameters: Json | Absent = ABSENT
    arguments: Json | Absent = ABSENT
    result_selector: Json | Absent = ABSENT
    result_path: str | None = "$"
    retry: tuple[Retrier, ...] = ()
    catch: tuple[Catcher, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PassState(_Flow):
    type: ClassVar[str] = "Pass"
    result: Json | Absent = ABSENT
    parameters: Json | Absent = ABSENT
    result_path: str | None = "$"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskState(_Work):
    type: ClassVar[str] = "Task"
    resource: Resource
    timeout_seconds: Number = None
    timeout_seconds_path: str | None = None
    heartbeat_seconds: Number = None
    heartbeat_seconds_path: str | None = None
    credentials: Json | Absent = ABSENT


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceState(_Flow):
    type: ClassVar[str] = "Choice"
    choices: tuple[ChoiceRule, ...]
    default: str | None = None

    @property
    def is_terminal(self) -> bool:
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitState(_Flow):
    """Exactly one of the four is there."""

    type: ClassVar[str] = "Wait"
    seconds: Number = None
    seconds_path: str | None = None
    timestamp: str | None = None
    timestamp_path: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SucceedState(_Flow):
    type: ClassVar[str] = "Succeed"


@dataclass(frozen=True, slots=True, kw_only=True)
class FailState(_State):
    type: ClassVar[str] = "Fail"
    error: str | None = None
    error_path: str | None = None
    cause: str | None = None
    cause_path: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ParallelState(_Work):
    type: ClassVar[str] = "Parallel"
    branches: tuple[Machine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemReader:
    resource: Resource
    parameters: Json | Absent = ABSENT
    arguments: Json | Absent = ABSENT
    reader_config: Mapping[str, Json] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemBatcher:
    batch_input: Json | Absent = ABSENT
    max_items_per_batch: Number = None
    max_items_per_batch_path: str | None = None
    max_input_bytes_per_batch: Number = None
    max_input_bytes_per_batch_path: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultWriter:
    """Without a resource the results are only formatted (`writer_config`), and stay in the output."""

    resource: Resource | None = None
    parameters: Json | Absent = ABSENT
    arguments: Json | Absent = ABSENT
    writer_config: Mapping[str, Json] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MapState(_Work):
    """`item_processor` also holds what the older `Iterator` says, `item_selector` what its `Parameters` said."""

    type: ClassVar[str] = "Map"
    item_processor: Machine
    mode: ProcessorMode = ProcessorMode.INLINE
    execution_type: Literal["STANDARD", "EXPRESS"] | None = None
    items: Json | Absent = ABSENT
    items_path: str | None = None
    item_selector: Json | Absent = ABSENT
    item_reader: ItemReader | None = None
    item_batcher: ItemBatcher | None = None
    result_writer: ResultWriter | None = None
    max_concurrency: Number = None
    max_concurrency_path: str | None = None
    tolerated_failure_percentage: Number = None
    tolerated_failure_percentage_path: str | None = None
    tolerated_failure_count: Number = None
    tolerated_failure_count_path: str | None = None
    label: str | None = None

    @property
    def is_distributed(self) -> bool:
        return self.mode is ProcessorMode.DISTRIBUTED


State = (
    PassState
    | TaskState
    | ChoiceState
    | WaitState
    | SucceedState
    | FailState
    | ParallelState
    | MapState
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """A whole machine, a branch of a Parallel, or the processor of a Map. Names are unique across all of them."""

    start_at: str
    states: Mapping[str, State]
    query_language: QueryLanguage = QueryLanguage.JSONPATH
    timeout_seconds: int | None = None
    version: str = "1.0"
    comment: str | None = None

    def every_state(self) -> Iterator[State]:
        """The states of this machine and of all machines inside it, outer before inner."""
        for state in self.states.values():
            yield state
            for inner in inner_machines(state):
                yield from inner.every_state()


def inner_machines(state: State) -> tuple[Machine, ...]:
    """The machines that a state runs: its branches, or its processor."""
    if isinstance(state, ParallelState):
        return state.branches
    return (state.item_processor,) if isinstance(state, MapState) else ()
