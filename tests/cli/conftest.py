import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from click.testing import CliRunner

from fogline.cli.group import fogline as command
from fogline.cli.programs import OURSELVES
from fogline.cli.server_file import ServerFile, find_server_file
from fogline.cli.waiting import wait_for

PROGRAM = [*OURSELVES]
START_SECONDS_MAX = 60


def clean_environment() -> dict[str, str]:
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "FOGLINE_"))
    }


@dataclass
class Answer:
    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


class Program:
    """The installed command in a process of its own, in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.state = folder / ".fogline"
        self._started: list[subprocess.Popen[str]] = []

    def run(self, *words: str, given: str = "", **variables: str) -> Answer:
        done = subprocess.run(
            [*PROGRAM, *words],
            cwd=self.folder,
            env=clean_environment() | variables,
            input=given,
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
        return Answer(done.returncode, done.stdout, done.stderr)

    def start(self, *words: str, **variables: str) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [*PROGRAM, *words],
            cwd=self.folder,
            env=clean_environment() | variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._started.append(process)
        return process

    def up(self, *words: str) -> "subprocess.Popen[str]":
        """A server in the foreground, once it listens."""
        process = self.start("up", "--port", "0", *words)
        wait_for(
            lambda: find_server_file(self.state) or process.poll() is not None, START_SECONDS_MAX
        )
        return process

    def server(self) -> ServerFile:
        found = find_server_file(self.state)
        assert found is not None
        return found

    def stop(self) -> None:
        if (found := find_server_file(self.state)) is not None:
            os.kill(found.pid, signal.SIGTERM)
            wait_for(lambda: find_server_file(self.state) is None, 60)
        for process in self._started:
            if process.poll() is None:
                process.terminate()
            process.communicate(timeout=60)


class Watched:
    """`fogline up --json` in an application's folder, event by event."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process

    def until(self, name: str) -> dict[str, Any]:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            event: dict[str, Any] = json.loads(line)
            if event.get("event") == name:
                return event
        raise AssertionError(f"{name} never came")


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    program = Program(tmp_path)
    yield program
    program.stop()


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """One server for all tests that only ask it."""
    program = Program(tmp_path_factory.mktemp("server"))
    process = program.up("--no-app")
    assert process.poll() is None
    yield program
    program.stop()


@pytest.fixture
def ask(shared_server: Program) -> Callable[..., Answer]:
    """Run a command in this process against the shared server."""
    endpoint = shared_server.server().endpoint

    def ask(*words: str, given: str = "", **variables: str) -> Answer:
        variables = {"FOGLINE_ENDPOINT": endpoint, "AWS_REGION": "us-east-1", **variables}
        done = CliRunner().invoke(command, list(words), input=given, env=variables)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return Answer(done.exit_code, done.stdout, done.stderr)

    return ask


@pytest.fixture
def call(shared_server: Program) -> Callable[..., Any]:
    """Ask the shared server for any operation, by name."""
    endpoint = shared_server.server().endpoint

    def call(service: str, operation: str, **asked: Any) -> Any:
        page = f"{endpoint}/_fogline/api/{service}/{operation}"
        body = json.dumps({"request": asked}).encode()
        with urlopen(Request(page, body), timeout=60) as answer:
            return json.load(answer)["result"]

    return call
