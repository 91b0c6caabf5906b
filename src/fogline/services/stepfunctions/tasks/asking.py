"""Asking other services: on whose behalf a task calls them, and what it stands on while it does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fogline.aws.arn import find_arn
from fogline.aws.call import Call, call_of_account
from fogline.aws.role_sessions import id_of_role, session_of
from fogline.aws.states.failures import DATA_LIMIT_EXCEEDED
from fogline.ports.api import Api
from fogline.services.stepfunctions.tasks.task import Task, TaskFailed
from fogline.world.clock import Clock
from fogline.world.ids import Ids

_SESSION_NAME_CHARACTERS_MAX = 64


@dataclass(frozen=True, slots=True)
class Asking:
    """What every integration stands on."""

    api: Api
    ids: Ids
    clock: Clock
    endpoint: Callable[[], str]
    result_bytes_max: int

    def cause(self, task: Task) -> Call:
        """The task's role acts, in the account of the task: people give machines roles that are none of theirs."""
        call = call_of_account(
            task.account, task.region, self.ids.uuid(), task.now, task.trace, self.endpoint()
        )
        role = find_arn(task.role_arn)
        if role is None or role.service != "iam" or not role.account:
            return call
        session = task.execution_arn.rpartition(":")[2][:_SESSION_NAME_CHARACTERS_MAX]
        principal = session_of(task.role_arn, id_of_role(task.role_arn), session)
        return call._replace(principal=principal)

    def too_large(self, what: str) -> TaskFailed:
        """The failure of a task whose result is larger than a state may have."""
        return TaskFailed(
            DATA_LIMIT_EXCEEDED,
            f"The state/task '{what}' returned a result with a size exceeding "
            "the maximum number of bytes service limit.",
        )
