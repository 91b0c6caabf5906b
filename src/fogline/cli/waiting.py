"""Waiting on the command line, where a person waits too: pauses with a bound, measured on the monotonic clock."""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic
from typing import TypeVar

from fogline.cli.interrupts import check_interrupted

T = TypeVar("T")

_never = threading.Event()


def pause(seconds: float) -> None:
    """Do nothing for that long. Ctrl-C ends it."""
    _never.wait(seconds)
    check_interrupted()


def wait_for(
    question: Callable[[], T | None], seconds_max: float, every_seconds: float = 0.05
) -> T | None:
    """The first answer that is not None (or False), or None when the time is up."""
    until = monotonic() + seconds_max
    while True:
        answer = question()
        if answer:
            return answer
        if monotonic() >= until:
            return None
        pause(every_seconds)
