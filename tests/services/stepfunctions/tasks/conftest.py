"""What the tests of tasks share: integrations on the platform, asked as the engine asks them."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from fogline.aws.call import root_trace
from fogline.aws.states.machine.resources import parse_resource
from fogline.services.stepfunctions.tasks.integrations import Integrations
from fogline.services.stepfunctions.tasks.task import Task, TaskFailed
from fogline.testing.plugin import Account

MakeFunction = Callable[..., str]


class Tasks:
    """Performs tasks in the account of the test."""

    def __init__(self, fogline: Account) -> None:
        platform = fogline.platform
        self._platform, self._account = platform, fogline.id
        parts = platform.platform
        self.integrations = Integrations(
            parts.dispatch,
            parts.ids,
            parts.clock,
            lambda: parts.wiring.api_destinations,
            parts.endpoint,
            parts.wiring.find_endpoint,
            parts.outgoing,
        )

    def task(self, resource: str, given: Any, *, role_account: str = "") -> Task:
        account = self._account
        arn = resource if resource.startswith("arn:") else f"arn:aws:states:::{resource}"
        return Task(
            resource=parse_resource(arn),
            input=given,
            account=role_account or account,
            region="us-east-1",
            role_arn=f"arn:aws:iam::{role_account or account}:role/service/worker",
            execution_arn=f"arn:aws:states:us-east-1:{account}:execution:orders:first",
            trace=root_trace("0" * 24, "1" * 16, self._platform.now()),
            now=self._platform.now(),
        )

    def perform(self, resource: str, given: Any, **options: Any) -> Any:
        """The result, by the way that the engine would choose."""
        task = self.task(resource, given, **options)
        refusal = self.integrations.refusal(task.resource)
        assert refusal is None, refusal

        async def perform() -> Any:
            if self.integrations.is_immediate(task.resource):
                platform = self._platform.platform
                if platform.executor is None:
                    return self.integrations.perform(task)
            return await self.integrations.perform_waiting(task)

        return self._platform.ask(perform())

    def failure(self, resource: str, given: Any, **options: Any) -> TaskFailed:
        with pytest.raises(TaskFailed) as failed:
            self.perform(resource, given, **options)
        return failed.value


@pytest.fixture
def tasks(fogline: Account) -> Tasks:
    return Tasks(fogline)


@pytest.fixture
def make_function(fogline: Account) -> MakeFunction:
    """Make a Python function from the body of its handler."""

    def make(body: str, name: str = "work", **options: Any) -> str:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            lines = "".join(f"    {line}\n" for line in body.splitlines())
            archive.writestr("app.py", f"import json\n\ndef handler(event, context):\n{lines}")
        made = fogline.client("lambda").create_function(
            FunctionName=name,
            Runtime="python3.11",
            Role=f"arn:aws:iam::{fogline.id}:role/worker",
            Handler="app.handler",
            Code={"ZipFile": packed.getvalue()},
            # Real time, and the machine may be busy.
            **{"Timeout": 20, **options},
        )
        arn: str = made["FunctionArn"]
        return arn

    return make


def read_cause(failed: TaskFailed) -> Any:
    return json.loads(failed.cause)
