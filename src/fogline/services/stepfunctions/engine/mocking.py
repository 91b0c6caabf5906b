"""What the interpreter asks of those who know mocked answers: executions started as a test case get theirs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from fogline.services.stepfunctions.engine.compiled import CompiledState
from fogline.services.stepfunctions.engine.execution import Branch, Run


@dataclass(frozen=True, slots=True)
class Mocked:
    """The answer of one attempt: a result, or a failure."""

    result: Any = None
    is_failure: bool = False
    error: str | None = None
    cause: str | None = None


class Mocking(Protocol):
    """Answers tasks in place of services."""

    def answer(self, run: Run, branch: Branch, state: CompiledState) -> Mocked | None:
        """What the task gets, or None where it is really to be performed."""
