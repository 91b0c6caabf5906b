"""`fogline doctor`: what this machine offers, and what to do about what is missing."""

from __future__ import annotations

import os
import platform
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from fogline import __version__
from fogline.cli.exits import FAILED
from fogline.cli.local_names import are_local_names_known
from fogline.cli.options import Command, client, output, server_options, state_folder
from fogline.cli.programs import find_program

RUNTIMES = (
    *(f"python3.{minor}" for minor in range(9, 15)),
    *(f"nodejs{major}.x" for major in (18, 20, 22, 24)),
)
_FREE_BYTES_WANTED = 1 << 30
_PORT = 4566
_MARKS = {"ok": ("ok  ", "good"), "warn": ("warn", "warn"), "fail": ("fail", "bad")}


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, how it stands, and what to do about it."""

    topic: str
    state: str
    """`ok`, `warn` or `fail`."""
    text: str
    advice: str = ""


@click.command(name="doctor", cls=Command)
@server_options
@click.pass_context
def command(ctx: click.Context) -> None:
    """Say what this machine offers, and what to do about what is missing.

    Each line is ok, warn (something works differently or not at all) or fail (Fogline cannot do its work). The exit
    code is 1 when there is a fail.
    """
    out = output()
    findings = []
    for examine in CHECKS:
        for finding in examine():
            findings.append(finding)
            mark, kind = _MARKS[finding.state]
            out.say(f"{out.paint(mark, kind)}  {finding.topic}: {finding.text}")
            if finding.advice:
                out.say(f"      {finding.advice}", "dim")
    out.document(
        {
            "findings": [
                {"topic": each.topic, "state": each.state, "text": each.text, "advice": each.advice}
                for each in findings
            ]
        }
    )
    if any(finding.state == "fail" for finding in findings):
        ctx.exit(FAILED)


def _versions() -> Iterator[Finding]:
    yield Finding(
        "Fogline",
        "ok",
        f"{__version__} on Python {platform.python_version()}, {platform.system()} {platform.machine()}",
    )


def _runtimes() -> Iterator[Finding]:
    from fogline.ports.functions import NoRuntime
    from fogline.workers.interpreters import find_interpreter

    for runtime in RUNTIMES:
        try:
            found = find_interpreter(runtime)
        except NoRuntime as reason:
            yield Finding(runtime, "warn", str(reason), _install_advice(runtime))
            continue
        where = f"{found.version} ({found.path})"
        if found.is_exact:
            yield Finding(runtime, "ok", where)
        else:
            yield Finding(
                runtime, "warn", f"runs on {where}, the nearest there is", _install_advice(runtime)
            )


def _install_advice(runtime: str) -> str:
    if runtime.startswith("python"):
        return f"For the very version: `uv python install {runtime.removeprefix('python')}`."
    major = runtime.removeprefix("nodejs").removesuffix(".x")
    return f"For the very version: `nvm install {major}`, or from https://nodejs.org."


def _builders() -> Iterator[Finding]:
    uv, pip = find_program("uv"), _has_pip()
    if uv:
        yield Finding("requirements.txt", "ok", f"installed by uv ({uv})")
    elif pip:
        yield Finding(
            "requirements.txt", "ok", "installed by pip; uv would be several times faster"
        )
    else:
        yield Finding(
            "requirements.txt",
            "warn",
            "cannot be installed: there is neither uv nor pip",
            "Install uv: https://docs.astral.sh/uv/",
        )
    npm = shutil.which("npm")
    if npm:
        yield Finding("package.json", "ok", f"installed by npm ({npm})")
    else:
        yield Finding(
            "package.json", "warn", "cannot be installed: there is no npm", "It comes with Node.js."
        )
    aws = find_program("aws")
    if aws:
        yield Finding("AWS CLI", "ok", aws)
    else:
        yield Finding("AWS CLI", "warn", "not found", "`uv tool install awscli` brings it.")


def _has_pip() -> bool:
    from importlib.util import find_spec

    return find_spec("pip") is not None or shutil.which("pip3") is not None


def _isolation() -> Iterator[Finding]:
    from fogline.workers.isolation import isolation

    found = isolation()
    if found.level == "none":
        yield Finding(
            "Isolation",
            "warn",
            found.description,
            "Run only code that you trust. Linux with user namespaces keeps functions apart.",
        )
    else:
        yield Finding("Isolation", "ok", f"{found.level}: {found.description}")


def _postgres() -> Iterator[Finding]:
    url = os.environ.get("FOGLINE_STORE", "")
    if url:
        yield _asked_postgres(url)
        return
    server = shutil.which("postgres") or shutil.which("pg_ctl")
    text = f"not configured; state is kept in SQLite{f' (a server is installed: {server})' if server else ''}"
    yield Finding(
        "PostgreSQL",
        "ok",
        text,
        "To share state between machines: `fogline up --store postgresql://...`.",
    )


def _asked_postgres(url: str) -> Finding:
    import psycopg

    try:
        with psycopg.connect(url, connect_timeout=5) as connection:
            version = connection.info.server_version // 10_000
    except psycopg.Error as error:
        return Finding(
            "PostgreSQL",
            "fail",
            f"FOGLINE_STORE does not answer: {str(error).strip()}",
            "Start that server, or correct the URL.",
        )
    return Finding("PostgreSQL", "ok", f"version {version} answers")


def _port() -> Iterator[Finding]:
    from fogline.cli.exits import Failure

    port = int(os.environ.get("FOGLINE_PORT") or _PORT)
    server = client()
    try:
        health = server.health(seconds=2.0)
    except Failure:
        pass
    else:
        yield Finding(
            "Server", "ok", f"Fogline {health.get('version')} answers at {server.endpoint}"
        )
        return
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            yield Finding(
                "Port",
                "warn",
                f"{port} is in use by another program",
                "Stop that one, or `fogline up --port 4567`.",
            )
            return
    yield Finding("Port", "ok", f"{port} is free")


def _names() -> Iterator[Finding]:
    if are_local_names_known():
        yield Finding("Names", "ok", "names under localhost are this machine")
        return
    yield Finding(
        "Names",
        "warn",
        "the resolver does not know names under localhost; curl, browsers and functions do",
        "Programs that do not find API.execute-api.REGION.localhost: give them /_aws/execute-api/API/STAGE of the"
        " endpoint, or let libnss-myhostname or systemd-resolved resolve names.",
    )


def _disk() -> Iterator[Finding]:
    folder = state_folder()
    existing = next(
        each for each in (folder.absolute(), *folder.absolute().parents) if each.exists()
    )
    if not os.access(existing, os.W_OK):
        yield Finding(
            "State",
            "fail",
            f"{existing} cannot be written to",
            "Name another folder with --data, or use --ephemeral.",
        )
        return
    free = shutil.disk_usage(existing).free
    text = f"{folder} on a disk with {free / (1 << 30):.1f} GB free"
    if free < _FREE_BYTES_WANTED:
        yield Finding("State", "warn", text, "Make room: packages and state need some.")
    else:
        yield Finding("State", "ok", text)
    kind = _file_system(existing)
    if kind in ("nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs"):
        yield Finding(
            "State",
            "warn",
            f"{existing} is on a network file system ({kind}), where SQLite's locks may not hold",
            "Keep the state on a local disk with --data.",
        )


def _file_system(folder: Path) -> str:
    try:
        answer = subprocess.run(
            ["stat", "-f", "-c", "%T", str(folder)],
            capture_output=True, text=True, timeout=5, check=False,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return ""
    return answer.stdout.strip()


CHECKS: tuple[Callable[[], Iterator[Finding]], ...] = (
    _versions,
    _runtimes,
    _builders,
    _isolation,
    _postgres,
    _port,
    _names,
    _disk,
)
