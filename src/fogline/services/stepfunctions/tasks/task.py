"""One task that a state asks for, and how it fails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fogline.aws.call import Trace
from fogline.aws.states.machine.resources import Resource


@dataclass(frozen=True, slots=True)
class Task:
    """A task, complete: what is asked, for whom, and caused by what."""

    resource: Resource
    input: Any
    """JSON, after `Parameters` or `Arguments`."""
    account: str
    region: str
    role_arn: str
    """The role that the task is done with: that of the machine, or of its `Credentials`."""
    execution_arn: str
    trace: Trace
    now: int
    token: str = ""
    """What `.waitForTaskToken` and activities are answered with; "" for others."""


class TaskFailed(Exception):
    """The task failed with this error, as workflows name and tell it."""

    def __init__(self, error: str, cause: str) -> None:
        super().__init__(f"{error}: {cause}")
        self.error = error
        self.cause = cause
