"""Ctrl-C ends a command, even where Python loses its exception."""

import subprocess
import sys

LOST = """
import os, signal, sys
from fogline.cli.interrupts import heed_interrupts
from fogline.cli.waiting import pause

class Response:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT)
        for _ in range(10): pass  # where the handler runs

heed_interrupts()
Response()
print("goes on", flush=True)
try:
    pause(0.01)
except KeyboardInterrupt:
    sys.exit(130)
"""
TWICE = """
import os, signal
from fogline.cli.interrupts import heed_interrupts

heed_interrupts()
for _ in range(2):
    try:
        os.kill(os.getpid(), signal.SIGINT)
        for _ in range(10): pass
    except KeyboardInterrupt:
        print("once", flush=True)
"""


def run(code: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )


def test_an_interrupt_that_was_lost_in_a_finalizer_ends_the_next_pause():
    done = run(LOST)
    assert done.stdout == "goes on\n"
    assert "Exception ignored in" in done.stderr
    assert done.returncode == 130


def test_the_second_interrupt_ends_at_once():
    done = run(TWICE)
    assert (done.stdout, done.returncode) == ("once\n", 130)
