"""What the interpreter asks of those who run distributed Maps."""

from __future__ import annotations

from typing import Protocol

from fogline.services.stepfunctions.engine.compiled import CompiledState
from fogline.services.stepfunctions.engine.execution import Branch, Run
from fogline.services.stepfunctions.engine.view import View


class DistributedMaps(Protocol):
    """Begins and gives up map runs, in the transaction of the execution that they belong to."""

    def begin(self, run: Run, branch: Branch, state: CompiledState, view: View) -> None:
        """Begin a map run for the state. Raises StateFailed."""

    def stop(self, run: Run, branch: Branch) -> None:
        """Nobody waits for the branch's map run any more."""
