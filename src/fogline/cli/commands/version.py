"""`fogline version`."""

from __future__ import annotations

import platform
import sys

import apsw
import click

from fogline import __version__
from fogline.cli.options import Command, json_option, output


@click.command(name="version", cls=Command)
@json_option
def command() -> None:
    """Print the version of Fogline, and of what it stands on."""
    versions = {
        "fogline": __version__,
        "python": platform.python_version(),
        "sqlite": apsw.sqlite_lib_version(),
        "platform": f"{sys.platform} {platform.machine()}",
    }
    out = output()
    out.document(versions)
    for name, version in versions.items():
        out.say(f"{name} {version}")
