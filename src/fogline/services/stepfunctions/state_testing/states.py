"""The state under test: found in its definition, and what of it can only be tested with a mock.

https://docs.aws.amazon.com/step-functions/latest/apireference/API_TestState.html
"""

from __future__ import annotations

from dataclasses import dataclass

from fogline.aws.errors import ValidationException
from fogline.aws.states.machine import (
    DefinitionRefused,
    Kind,
    Machine,
    MapState,
    ParallelState,
    QueryLanguage,
    Severity,
    State,
    TaskState,
    diagnose_state,
    inner_machines,
    parse_machine,
    read_json,
)
from fogline.aws.states.machine.build import build_state
from fogline.services.stepfunctions.engine.compiled import CompiledMachine
from fogline.services.stepfunctions.errors import InvalidDefinition

UNNAMED = "StateName"
"""What a state is called whose definition comes alone (recorded: test_state_task_catch_error)."""
_NO_FAN_OUTS = (
    "TestState API does not support Map or Parallel states. "
    "Supported state types include: [Task, Wait, Pass, Succeed, Fail, Choice]"
)


@dataclass(frozen=True, slots=True)
class Tested:
    """A state, and the Map that it is an iteration's part of, if any."""

    state: State
    around: MapState | None = None

    @property
    def is_distributed(self) -> bool:
        return isinstance(self.state, MapState) and self.state.is_distributed

    def inner_states(self) -> list[State]:
        """The states of its branches or of its processor."""
        return [one for inner in inner_machines(self.state) for one in inner.every_state()]

    def compiled(self) -> CompiledMachine:
        """A machine of this state alone, of its own: what watches it may be put into it."""
        alone = Machine(
            start_at=self.state.name,
            states={self.state.name: self.state},
            query_language=self.state.query_language,
        )
        return CompiledMachine(alone)


def find_tested(definition: str, name: str | None) -> Tested:
    """The state of a definition; `name` picks it from a whole machine.

    Raises InvalidDefinition, ValidationException.
    """
    if name is None:
        return Tested(_alone(definition))
    try:
        machine = parse_machine(definition)
    except DefinitionRefused as refused:
        raise InvalidDefinition(str(refused)) from None
    found = _find(machine, name, None)
    if found is None:
        raise ValidationException(f"There is no state '{name}' in the definition.")
    return found


def _alone(definition: str) -> State:
    diagnostics = diagnose_state(definition)
    if any(one.severity is Severity.ERROR for one in diagnostics):
        raise InvalidDefinition(str(DefinitionRefused(diagnostics)))
    document = read_json(definition)
    language = QueryLanguage(document.get("QueryLanguage", QueryLanguage.JSONPATH))
    return build_state(UNNAMED, document, language)


def _find(machine: Machine, name: str, around: MapState | None) -> Tested | None:
    if name in machine.states:
        return Tested(machine.states[name], around)
    for state in machine.states.values():
        inside = state if isinstance(state, MapState) else around
        for inner in inner_machines(state):
            found = _find(inner, name, inside)
            if found is not None:
                return found
    return None


def require_mock(tested: Tested) -> None:
    """Refuse what nobody could run to its end here. Raises InvalidDefinition, ValidationException."""
    state = tested.state
    if isinstance(state, MapState | ParallelState):
        raise InvalidDefinition(_NO_FAN_OUTS)
    if not isinstance(state, TaskState):
        return
    if state.resource.kind is Kind.ACTIVITY:
        raise ValidationException("Activity tasks can only be tested with a mock.")
    if state.resource.pattern.waits:
        raise ValidationException(
            f"The '{state.resource.pattern}' service integration pattern can only be tested with a mock."
        )
