"""What the interpreter asks of those who run distributed Maps, and what they note for those who keep executions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from fogline.aws.states.failures import StateFailed
from fogline.services.stepfunctions.distributed.batching import Input
from fogline.services.stepfunctions.engine.compiled import CompiledState
from fogline.services.stepfunctions.engine.execution import Branch, Run
from fogline.services.stepfunctions.engine.view import View
from fogline.services.stepfunctions.map_runs.map_run import Settings


@dataclass(slots=True)
class BegunMapRun:
    """A map run that is to be kept with the execution that began it."""

    arn: str
    branch: int
    attempt: str
    state: str
    settings: Settings
    inputs: Sequence[Input] | None = None
    """Of its children; None where its items are still to be read."""
    failure: StateFailed | None = None
    """Why it has failed already."""


@dataclass(frozen=True, slots=True)
class RedrivenMapRun:
    """A map run that goes on with the execution that it belongs to."""

    arn: str
    redrives: int
    attempt: str


class DistributedMaps(Protocol):
    """Begins map runs."""

    def begin(self, run: Run, branch: Branch, state: CompiledState, view: View) -> None:
        """Note a map run for the state in the run. Raises StateFailed."""
