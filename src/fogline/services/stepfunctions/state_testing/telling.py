"""What stands around a state under test: the interpreter, which tells how it leaves it, and what it is handed."""

from __future__ import annotations

from typing import Any

from fogline.services.stepfunctions.engine.compiled import CompiledState
from fogline.services.stepfunctions.engine.execution import Branch, Run
from fogline.services.stepfunctions.engine.interpreter import Interpreter
from fogline.services.stepfunctions.engine.mocking import Mocked
from fogline.services.stepfunctions.state_testing.mocks import Mock


class TellingInterpreter(Interpreter):
    """The interpreter, which says how it leaves the state."""

    has_left = False
    output: Any = None
    target: str | None = None
    error: str | None = None
    cause: str | None = None
    has_failed = False

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
        self.has_left, self.output, self.target = True, output, target
        super().leave(run, branch, state, output, assigned, target, now)

    def fail(
        self,
        run: Run,
        branch: Branch,
        state: CompiledState,
        error: str | None,
        cause: str | None,
        now: int,
    ) -> None:
        self.has_left, self.has_failed = False, True
        self.error, self.cause = error, cause
        super().fail(run, branch, state, error, cause, now)


class MockedAnswers:
    """Answers with the mock (answers `Mocking`)."""

    def __init__(self, mock: Mock | None) -> None:
        self._mock = mock

    def answer(self, run: Run, branch: Branch, state: CompiledState) -> Mocked | None:
        mock = self._mock
        if mock is None:
            return None
        return Mocked(mock.result, mock.is_failure, mock.error, mock.cause)


class Nowhere:
    """There are no branches that are not in hand (answers `Shelf`)."""

    def __init__(self, input_text: str) -> None:
        self._input_text = input_text

    def find(self, id: int) -> Branch | None:
        return None

    def children_of(self, parent: int) -> list[Branch]:
        return []

    def input_text(self) -> str:
        return self._input_text
