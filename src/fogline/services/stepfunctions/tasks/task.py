"""One task that a state asks for, and how it fails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from fogline.aws.call import Trace
from fogline.aws.states.machine.resources import Resource

if TYPE_CHECKING:
    from fogline.background.outgoing import Answer
    from fogline.ports.api_destinations import HttpCall


class HttpWatch(Protocol):
    """Sees the requests and responses of an HTTP Task."""

    def sent(self, plain: HttpCall, whole: HttpCall) -> None:
        """This is sent: `whole` with what the connection adds to it, `plain` without."""

    def answered(self, answer: Answer) -> None:
        """This came back."""


@dataclass(frozen=True, slots=True)
class Task:
    """A task, complete: what is asked, for whom, and caused by what."""

    resource: Resource
    input: Any
    """JSON, after `Parameters` or `Arguments`."""
    account: str
    """Whose resources it finds: the execution's, or that of the role in its `Credentials`."""
    region: str
    role_arn: str
    """The role that the task is done with: that of the machine, or of its `Credentials`."""
    execution_arn: str
    trace: Trace
    now: int
    token: str = ""
    """What `.waitForTaskToken` and activities are answered with; "" for others."""
    watch: HttpWatch | None = None
    """Who is to see what an HTTP Task sends and gets."""


class TaskFailed(Exception):
    """The task failed with this error, as workflows name and tell it."""

    def __init__(self, error: str, cause: str) -> None:
        super().__init__(f"{error}: {cause}")
        self.error = error
        self.cause = cause
