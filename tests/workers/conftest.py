"""Real functions in real processes, driven from plain tests."""

from __future__ import annotations

import asyncio
import itertools
import json
import shutil
import subprocess
from collections.abc import Coroutine, Iterator
from dataclasses import replace
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import uvloop

from fogline.aws.call import Trace
from fogline.ports.functions import Credentials, FunctionSpec, Invocation, Logging, Outcome
from fogline.workers.isolation import isolation
from fogline.workers.limits import WorkerLimits
from fogline.workers.pool import FunctionPool
from fogline.world.clock import ManualClock
from fogline.world.ids import Ids

TRACE = Trace("1-5759e988-bd862e3fe1be46a994272793", "53995c3f42cd8ad8")
_numbers = itertools.count(1)


def is_running(command: str) -> bool:
    """Whether the machine runs that command line."""
    told = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True)
    return command in told.stdout


class Workers:
    """A pool, with plain functions to call it."""

    def __init__(self, runner: asyncio.Runner, **options: Any) -> None:
        self.runner, self.clock, self.ids = runner, ManualClock(), Ids()
        limits = options.pop("limits", None)
        self.limits = limits or WorkerLimits(spares=1)
        self.run(self._make(options))

    async def _make(self, options: dict[str, Any]) -> None:
        self.pool = FunctionPool(self.clock, self.ids, self.limits, **options)

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(work)

    def invocation(self, event: object = None, **facts: Any) -> Invocation:
        payload = event if isinstance(event, bytes) else json.dumps(event).encode()
        arn = facts.pop("invoked_arn", "arn:aws:lambda:us-east-1:000000000000:function:f")
        return Invocation(self.ids.uuid(), payload, TRACE, arn, **facts)

    def invoke(self, spec: FunctionSpec, event: object = None, **facts: Any) -> Outcome:
        outcome: Outcome = self.run(self.pool.invoke(spec, self.invocation(event, **facts)))
        return outcome

    def invoke_together(self, spec: FunctionSpec, events: list[object]) -> list[Outcome]:
        async def together() -> list[Outcome]:
            calls = [self.pool.invoke(spec, self.invocation(event)) for event in events]
            return await asyncio.gather(*calls)

        outcomes: list[Outcome] = self.run(together())
        return outcomes

    def result(self, spec: FunctionSpec, event: object = None, **facts: Any) -> Any:
        """What the function answers."""
        outcome = self.invoke(spec, event, **facts)
        assert not outcome.function_error, outcome.payload + outcome.log_text()
        return json.loads(outcome.payload)

    def error(self, spec: FunctionSpec, event: object = None) -> Any:
        """The error that the function (or the platform) answers."""
        outcome = self.invoke(spec, event)
        assert outcome.function_error == "Unhandled", outcome.payload
        return json.loads(outcome.payload)

    def prints(self, spec: FunctionSpec, event: object = None) -> list[str]:
        """What is logged apart from the platform's own lines."""
        own = ("START RequestId", "END RequestId", "REPORT RequestId")
        log = self.invoke(spec, event).log
        return [event.message for event in log if not event.message.startswith(own)]

    def close(self) -> None:
        self.run(self.pool.close())


@pytest.fixture(scope="session")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        yield runner


@pytest.fixture(scope="session")
def shared_workers(runner: asyncio.Runner) -> Iterator[Workers]:
    workers = Workers(runner)
    yield workers
    workers.close()


@pytest.fixture
def workers(shared_workers: Workers) -> Workers:
    return shared_workers


@pytest.fixture
def make_workers(runner: asyncio.Runner) -> Iterator[Any]:
    made: list[Workers] = []

    def make(**options: Any) -> Workers:
        made.append(Workers(runner, **options))
        return made[-1]

    yield make
    for workers in made:
        workers.close()


@pytest.fixture
def make_function(tmp_path: Path) -> Any:
    """Writes code into a folder and describes the function."""

    def make(code: str | dict[str, str], runtime: str = "python3.11", **facts: Any) -> FunctionSpec:
        number = next(_numbers)
        folder = tmp_path / f"function-{number}"
        main = "index.js" if runtime.startswith("nodejs") else "index.py"
        for name, text in ({main: code} if isinstance(code, str) else code).items():
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(dedent(text))
        name = facts.pop("name", f"function-{number}")
        spec = FunctionSpec(
            arn=f"arn:aws:lambda:us-east-1:000000000000:function:{name}:$LATEST",
            name=name,
            version="$LATEST",
            account="000000000000",
            region="us-east-1",
            runtime=runtime,
            handler="index.handler",
            code_folder=folder,
            stamp="1",
            credentials=Credentials("ASIAEXAMPLE", "secret", "token"),
            endpoint="http://localhost:4566",
            logging=Logging(f"/aws/lambda/{name}"),
            timeout_ms=20_000,  # real time, and the machine may be busy
        )
        return replace(spec, **facts)

    return make


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what this machine cannot promise; `fogline doctor` tells its users so, too."""
    marked = [item for item in items if item.get_closest_marker("namespaces")]
    if marked and isolation().level == "none":
        config.hook.pytest_deselected(items=marked)
        items[:] = [item for item in items if item not in marked]


@pytest.fixture
def make_node_function(make_function):
    assert shutil.which("node"), "these tests need Node.js"
    return lambda code, **facts: make_function(code, **{"runtime": "nodejs20.x", **facts})
