"""Ctrl-C: it ends a command, whoever started it and whatever it was doing at that moment."""

from __future__ import annotations

import os
import signal
from types import FrameType

from fogline.cli.exits import INTERRUPTED

_pressed = False


def heed_interrupts() -> None:
    """Be ended by SIGINT from now on, also when it was ignored before us.

    Shells start what they run in the background with it ignored; whoever then sends it to us by number means it.
    """
    signal.signal(signal.SIGINT, _on_interrupt)


def _on_interrupt(number: int, frame: FrameType | None) -> None:
    global _pressed
    if _pressed:
        os._exit(INTERRUPTED)  # asked twice: now
    _pressed = True
    raise KeyboardInterrupt


def check_interrupted() -> None:
    """Raise KeyboardInterrupt once more after a Ctrl-C.

    What is raised while Python finalizes an object (a response that was read, a generator) is told on stderr and lost.
    """
    if _pressed:
        raise KeyboardInterrupt
