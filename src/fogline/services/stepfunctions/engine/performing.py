"""What the interpreter asks of those who perform tasks (`tasks/`)."""

from __future__ import annotations

from typing import Any, Protocol

from fogline.aws.states.machine.resources import Resource
from fogline.services.stepfunctions.tasks.task import Task


class Performing(Protocol):
    """Asks services to do what tasks ask for. Results are JSON values; failures are raised as TaskFailed."""

    def refusal(self, resource: Resource) -> str | None:
        """Why such tasks can't be performed, or None when they can."""

    def problems(self, resource: Resource, given: Any) -> list[str]:
        """Why no task can be started with this input: [] for a usable one."""

    def is_immediate(self, resource: Resource) -> bool:
        """True when `perform` does it, in the caller's transaction."""

    def perform(self, task: Task) -> Any:
        """Do it now. What a failing task changed is taken back."""

    async def perform_waiting(self, task: Task) -> Any:
        """Do it, however long it takes."""


class NeverAtOnce:
    """Performs everything by `perform_waiting`: for the event loop, where each wait for the store would hold it up."""

    def __init__(self, performing: Performing) -> None:
        self._performing = performing

    def refusal(self, resource: Resource) -> str | None:
        return self._performing.refusal(resource)

    def problems(self, resource: Resource, given: Any) -> list[str]:
        return self._performing.problems(resource, given)

    def is_immediate(self, resource: Resource) -> bool:
        return False

    def perform(self, task: Task) -> Any:
        raise AssertionError("nothing is immediate")

    async def perform_waiting(self, task: Task) -> Any:
        return await self._performing.perform_waiting(task)
