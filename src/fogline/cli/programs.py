"""Programs of others that commands run: on the PATH, else beside the Python that runs us."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path


def find_program(name: str) -> str | None:
    """Where a program is, or None."""
    return shutil.which(name) or shutil.which(name, path=str(Path(sys.executable).parent))
