"""`.fogline/server.json`: which server keeps its state in a folder, and whether it still lives.

The server holds a lock on `server.lock` as long as it lives; the system lets go of it however the server ends, so a
file left behind by a killed server is known to be stale.
"""

from __future__ import annotations

import fcntl
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

import orjson

from fogline.cli.exits import Failure

FILE = "server.json"
_LOCK = "server.lock"


@dataclass(frozen=True, slots=True)
class ServerFile:
    """What a running server says about itself. `started_at` is in milliseconds."""

    pid: int
    port: int
    endpoint: str
    started_at: int


class FolderTaken(Exception):
    """Another server keeps its state in this folder."""


def lock_folder(folder: Path) -> IO[str]:
    """Make the folder this process's own for as long as the answer stays open. Raises FolderTaken."""
    if not folder.exists():
        folder.mkdir(parents=True)
        (folder / ".gitignore").write_text("*\n")
    lock = (folder / _LOCK).open("a")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise FolderTaken(str(folder)) from None
    remove_server_file(folder)  # whoever wrote it is dead
    return lock


def is_locked(folder: Path) -> bool:
    """True while a server lives that keeps its state in the folder."""
    try:
        lock = (folder / _LOCK).open("a")
    except OSError:
        return False
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
        return False


def write_json(path: Path, value: Any) -> None:
    """Write a file whole: a reader sees all of it or the one before."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_bytes(orjson.dumps(value) + b"\n")
    draft.replace(path)


def write_server_file(folder: Path, server: ServerFile) -> None:
    write_json(folder / FILE, asdict(server))


def remove_server_file(folder: Path) -> None:
    (folder / FILE).unlink(missing_ok=True)


def find_server_file(folder: Path) -> ServerFile | None:
    """The server that lives in the folder; None when there is none, or only the file of a dead one."""
    try:
        known = orjson.loads((folder / FILE).read_bytes())
        server = ServerFile(
            int(known["pid"]), int(known["port"]), str(known["endpoint"]), int(known["started_at"])
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return server if is_locked(folder) and _is_alive(server.pid) else None


def _is_alive(pid: int) -> bool:
    """Between taking the lock and removing a dead server's file, the lock alone would vouch for the dead."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def find_folder(start: Path, name: str = ".fogline") -> Path | None:
    """The nearest state folder with a living server, from `start` upwards."""
    for folder in (start, *start.parents):
        if (folder / name / FILE).is_file() and find_server_file(folder / name):
            return folder / name
    return None


def taken(folder: Path) -> Failure:
    """What to say when a server keeps its state in the folder already."""
    known = find_server_file(folder)
    where = f" at {known.endpoint} (process {known.pid})" if known else ""
    return Failure(
        f"Fogline is already running here{where}.",
        "Stop it with `fogline down`, or start another with its own --data and --port.",
    )
