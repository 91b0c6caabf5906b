"""What all tests share: a PostgreSQL of their own, and the platform on either store (`--store`)."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, settings

from fogline.config import read_config
from fogline.testing.platform import LocalPlatform

# The AWS CLI and SAM CLI pin packages that Fogline wants newer, so they have an environment of their own.
CLIENTS = Path(sys.prefix) / "clients" / "bin"
os.environ["PATH"] = f"{CLIENTS}{os.pathsep}{os.environ['PATH']}"

# How long an example takes says how busy the machine is. What else is set for CI stays.
settings.register_profile(
    "busy", settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
)
settings.load_profile("busy")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--store",
        choices=("sqlite", "postgres"),
        default="sqlite",
        help="the store under the platform that service tests share",
    )


def _binaries() -> Path:
    """The newest PostgreSQL server's programs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb")) or [
        Path(which) for which in [shutil.which("initdb")] if which
    ]
    if not found:
        pytest.fail(
            "These tests need a PostgreSQL server: apt-get install postgresql, brew install postgresql, "
            "or set FOGLINE_TEST_POSTGRES to the URL of a database they may fill and empty."
        )
    return found[-1].parent


class PostgresServer:
    """A cluster of our own on a socket in a temporary folder. PostgreSQL refuses to run as root."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._bin = _binaries()
        self._as: list[str] = []
        if os.geteuid() == 0:
            pwd.getpwnam("postgres")
            shutil.chown(folder, "postgres")
            self._as = ["runuser", "-u", "postgres", "--"]

    def _run(self, *command: str) -> None:
        done = subprocess.run(
            [*self._as, *command], cwd="/", capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def start(self) -> None:
        data = str(self.folder / "data")
        self._run(
            str(self._bin / "initdb"),
            "-D",
            data,
            "-U",
            "postgres",
            "-A",
            "trust",
            "--no-sync",
            "-E",
            "UTF8",
        )
        options = f"-c listen_addresses='' -c unix_socket_directories='{self.folder}' -c fsync=off"
        self._run(
            str(self._bin / "pg_ctl"),
            "-D",
            data,
            "-w",
            "-o",
            options,
            "-l",
            str(self.folder / "log"),
            "start",
        )

    def stop(self) -> None:
        data = str(self.folder / "data")
        self._run(str(self._bin / "pg_ctl"), "-D", data, "-w", "-m", "immediate", "stop")

    @property
    def url(self) -> str:
        return f"postgresql://postgres@/postgres?host={self.folder}"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a PostgreSQL server for the session."""
    given = os.environ.get("FOGLINE_TEST_POSTGRES")
    if given:
        yield given
        return
    folder = Path(tempfile.mkdtemp(prefix="fogline-postgres-"))
    server = PostgresServer(folder)
    server.start()
    yield server.url
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


def _fresh_schema(server: str) -> str:
    """A URL whose tables are nobody else's. A schema is made in no time, a database is not."""
    name = f"fogline_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE SCHEMA "{name}"')
    return f"{server}{'&' if '?' in server else '?'}options=-csearch_path%3D{name}"


@pytest.fixture
def postgres_url(postgres_server: str) -> str:
    """The URL of an empty place in it."""
    return _fresh_schema(postgres_server)


def open_platform(request: pytest.FixtureRequest) -> Iterator[LocalPlatform]:
    """A platform of one's own, on the store that `--store` names."""
    config = read_config({}, port=0, ephemeral=True, clock="manual")
    if request.config.getoption("--store") == "postgres":
        url = _fresh_schema(request.getfixturevalue("postgres_server"))
        config = read_config({}, port=0, ephemeral=True, clock="manual", store=url)
    with LocalPlatform(config) as platform:
        yield platform


@pytest.fixture(scope="session")
def fogline_platform(request: pytest.FixtureRequest) -> Iterator[LocalPlatform]:
    """The platform that tests share, on the store that `--store` names."""
    yield from open_platform(request)
