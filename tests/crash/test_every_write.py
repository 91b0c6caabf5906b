"""No place to die loses what was answered."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_no_place_to_die_loses_what_was_answered() -> None:
    script = Path(__file__).with_name("every_write.py")
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=590)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "nothing was lost" in done.stdout
