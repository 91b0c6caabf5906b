"""Programs that commands run: ourselves in a process of our own, and those of others."""

from __future__ import annotations

import sys
from pathlib import Path

OURSELVES = (sys.executable, "-P", "-m", "fogline.cli.main")
"""The command `fogline` as a process of its own. -P: the user's folder may hold a `click.py`, too."""


def find_program(name: str) -> str | None:
    """Where a program is: on the PATH, else beside the Python that runs us; None when it is nowhere."""
    import shutil

    return shutil.which(name) or shutil.which(name, path=str(Path(sys.executable).parent))
