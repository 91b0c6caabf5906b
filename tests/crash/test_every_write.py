"""No place to die loses what was answered."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_no_place_to_die_loses_what_was_answered() -> None:
    assert "nothing was lost" in said("every_write.py")


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_workflows_end_once_wherever_they_are_stopped() -> None:
    """At each third place, for the time it takes; the script alone stops at each."""
    assert "0 things are wrong" in said("workflows_every_write.py", "--every", "3")


def said(script: str, *arguments: str) -> str:
    command = [sys.executable, Path(__file__).with_name(script), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=590)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
