"""The server in the background: started in a session of its own, and answered for before the command returns."""

from __future__ import annotations

import os
import subprocess
from dataclasses import fields
from pathlib import Path

import orjson

from fogline.cli.client import Client
from fogline.cli.exits import Failure
from fogline.cli.output import Output
from fogline.cli.programs import OURSELVES
from fogline.cli.server_file import FolderTaken, ServerFile, find_server_file, lock_folder, taken
from fogline.cli.waiting import wait_for
from fogline.config import Config

LOG_FILE = "server.log"
APP_FILE = "app.json"
_LOG_LINES_SHOWN = 15
_HEALTH_SECONDS_MAX = 30.0
_APP_SECONDS_MAX = 600.0
_FLAGS = {"ephemeral", "tls"}


def start_detached(config: Config, app: list[str] | None, out: Output) -> None:
    """Start a server; return when it answers and its application is deployed, or say why not."""
    try:
        lock_folder(config.data).close()
        log_path = config.data / LOG_FILE
        (config.data / APP_FILE).unlink(missing_ok=True)
        log = log_path.open("wb")
    except FolderTaken:
        raise taken(config.data) from None
    except OSError as error:
        raise Failure(
            f"The data folder {config.data} cannot be used: {error.strerror}.",
            "Name another with --data.",
        ) from None
    with log:
        process = subprocess.Popen(
            [*OURSELVES, "up", *_flags(config), *_app_flags(app)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
    server = wait_for(lambda: _ready(config.data, process), _HEALTH_SECONDS_MAX)
    if server is None or process.poll() is not None:
        if process.poll() is None:
            process.terminate()
        raise Failure(
            f"Fogline did not start:\n{_tail(log_path)}", f"All it said is in {log_path}."
        )
    answer: dict[str, object] = {
        "pid": server.pid,
        "port": server.port,
        "endpoint": server.endpoint,
        "log": str(log_path),
    }
    out.say(f"Fogline listens at {out.paint(server.endpoint, 'name')} (process {server.pid})")
    if app is not None:
        answer["app"] = _wait_for_app(config.data, process, log_path, out)
    out.say(f"It writes to {log_path}. `fogline down` stops it.", "dim")
    out.document(answer)


def _ready(folder: Path, process: subprocess.Popen[bytes]) -> ServerFile | None:
    """The server once it answers, or once its process has ended (then the caller looks why)."""
    known = find_server_file(folder)
    if process.poll() is not None:
        return known or ServerFile(process.pid, 0, "", 0)
    if known is None or known.pid != process.pid:
        return None
    try:
        with Client(known.endpoint) as client:
            client.health(seconds=2.0)
    except Failure:
        return None
    return known


def _wait_for_app(
    folder: Path, process: subprocess.Popen[bytes], log_path: Path, out: Output
) -> dict[str, object]:
    out.say("Deploying the application ...")

    def deployed() -> dict[str, object] | None:
        if process.poll() is not None:
            return {"state": "failed", "reason": "the server ended"}
        try:
            report = orjson.loads((folder / APP_FILE).read_bytes())
        except (OSError, ValueError):
            return None
        return report if report.get("state") in ("deployed", "failed") else None

    report = wait_for(deployed, _APP_SECONDS_MAX, every_seconds=0.1)
    if report is None:
        raise Failure(
            f"The application was not deployed within {_APP_SECONDS_MAX:g} seconds; the server runs on.",
            f"Look into {log_path}.",
        )
    if report["state"] == "failed":
        raise Failure(
            f"The application was not deployed: {report.get('reason')}. The server runs on.",
            f"More is in {log_path}. An edit of the template is tried at once; `fogline down` stops.",
        )
    outputs = report.get("outputs")
    if isinstance(outputs, dict) and outputs:
        out.table(("output", "value"), list(outputs.items()))
    urls = report.get("urls")
    if isinstance(urls, list):
        from fogline.cli.application.entrances import Entrance, tell

        tell(out, [Entrance(**each) for each in urls])
    return report


def _flags(config: Config) -> list[str]:
    """The settings as the words of a command line."""
    words = []
    for each in fields(config):
        value = getattr(config, each.name)
        name = f"--{each.name.replace('_', '-')}"
        if each.name in _FLAGS:
            words += [name] if value else []
        elif value != each.default and each.name not in ("functions_max", "store_threads"):
            words += [name, str(value)]
    return words


def _app_flags(app: list[str] | None) -> list[str]:
    return ["--no-app"] if app is None else app


def _tail(path: Path) -> str:
    try:
        lines = path.read_text("utf-8", "replace").splitlines()
    except OSError:
        return ""
    return "\n".join(f"  {line}" for line in lines[-_LOG_LINES_SHOWN:]) or "  (it said nothing)"
