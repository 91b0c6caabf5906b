"""One running `fogline up`, and the clients people have, each in a folder and an account of its own."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import boto3
import pytest
from botocore.config import Config

from fogline.cli.programs import OURSELVES

T = TypeVar("T")

NODE_MODULES = Path(sys.prefix) / "node" / "node_modules"
"""The AWS SDK for JavaScript, as scripts/setup put it there."""

_accounts = itertools.count(1)


def clean_environment() -> dict[str, str]:
    own = ("AWS_", "FOGLINE_", "SAM_", "LOCALSTACK_")
    return {name: value for name, value in os.environ.items() if not name.startswith(own)}


def until(look: Callable[[], T], seconds: float = 60.0) -> T:
    """What `look` sees once that is something: real clients live in real time."""
    end = time.monotonic() + seconds
    while not (seen := look()):
        assert time.monotonic() < end, "it never came"
        time.sleep(0.05)
    return seen


@pytest.fixture(scope="session")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server in a process of its own."""
    folder = tmp_path_factory.mktemp("server")
    state = str(folder / "state")

    def fogline(*words: str) -> str:
        done = subprocess.run(
            [*OURSELVES, *words, "--data", state],
            cwd=folder,
            env=clean_environment(),
            capture_output=True,
            text=True,
            timeout=180,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    started = json.loads(fogline("up", "--no-app", "--detach", "--json", "--port", "0"))
    yield started["endpoint"]
    fogline("down")


class Clients:
    """What stands on somebody's machine: programs, an environment that leads here, and a folder."""

    def __init__(self, endpoint: str, folder: Path) -> None:
        self.endpoint, self.folder = endpoint, folder
        self.account = f"{next(_accounts):012d}"
        home = folder / "home"
        home.mkdir()
        self.environment = {
            **clean_environment(),
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_ACCESS_KEY_ID": self.account,
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_REGION": "us-east-1",
            "HOME": str(home),
            "PATH": f"{os.environ['PATH']}{os.pathsep}{Path(sys.prefix) / 'bin'}",
            "SAM_CLI_POLL_DELAY": "0.1",
            "SAM_CLI_TELEMETRY": "0",
        }

    def write(self, **files: str) -> None:
        """Files in the folder: `src__app_py="..."` is src/app.py."""
        for name, text in files.items():
            path, _, ending = name.replace("__", "/").rpartition("_")
            file = self.folder / f"{path}.{ending}"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)

    def run(self, *words: str, code: int = 0, **variables: str) -> str:
        """What a program says, which ends with `code`."""
        done = subprocess.run(
            words,
            cwd=self.folder,
            env=self.environment | variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=280,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def boto3(self, service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            aws_access_key_id=self.account,
            aws_secret_access_key="test",
            region_name="us-east-1",
            config=Config(retries={"max_attempts": 0}),
        )

    def outputs(self, stack: str) -> dict[str, str]:
        (found,) = self.boto3("cloudformation").describe_stacks(StackName=stack)["Stacks"]
        return {each["OutputKey"]: each["OutputValue"] for each in found.get("Outputs", [])}

    def invoke(self, name: str, event: object = None) -> Any:
        answer = self.boto3("lambda").invoke(FunctionName=name, Payload=json.dumps(event))
        payload = answer["Payload"].read()
        assert "FunctionError" not in answer, payload
        return json.loads(payload)


@pytest.fixture
def clients(endpoint: str, tmp_path: Path) -> Clients:
    return Clients(endpoint, tmp_path)
