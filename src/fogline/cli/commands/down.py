"""`fogline down`: asks the server of a folder to end, and makes sure that it does."""

from __future__ import annotations

import os
import signal

import click

from fogline.cli.exits import Failure
from fogline.cli.options import Command, output, server_options, state_folder
from fogline.cli.server_file import find_server_file, is_locked
from fogline.cli.waiting import wait_for

_GRACE_SECONDS = 15.0
_KILL_SECONDS = 5.0


@click.command(name="down", cls=Command)
@server_options
def command() -> None:
    """Stop the Fogline of this folder.

    State stays for the next `fogline up`. That nothing runs is no failure.
    """
    out = output()
    folder = state_folder()
    server = find_server_file(folder)
    if server is None:
        out.document({"stopped": False})
        out.say("Nothing runs here.")
        return
    try:
        os.kill(server.pid, signal.SIGTERM)
    except ProcessLookupError:
        pass
    except PermissionError:
        raise Failure(
            f"Process {server.pid} belongs to another user.", "Stop it as that user."
        ) from None
    is_killed = False
    if not wait_for(lambda: not is_locked(folder), _GRACE_SECONDS):
        is_killed = True
        os.kill(server.pid, signal.SIGKILL)
        if not wait_for(lambda: not is_locked(folder), _KILL_SECONDS):
            raise Failure(f"Process {server.pid} does not end.")
    out.document({"stopped": True, "pid": server.pid, "endpoint": server.endpoint})
    out.say(f"Stopped {server.endpoint} (process {server.pid}).")
    if is_killed:
        out.note(
            f"It did not end within {_GRACE_SECONDS:g} seconds and was killed; nothing acknowledged is lost."
        )
