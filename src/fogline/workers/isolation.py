"""How well this machine can keep functions apart, in words for `fogline doctor`."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass

from fogline.workers.environment import RUNTIMES

_ANSWER_SECONDS_MAX = 30


@dataclass(frozen=True, slots=True)
class Isolation:
    """`level` is `namespaces`, `user-namespaces` or `none`."""

    level: str
    description: str


def isolation() -> Isolation:
    """Try it out in a process of its own. Takes about 50 ms."""
    try:
        answer = subprocess.run(
            [sys.executable, "-I", "-B", f"{RUNTIMES}/sandbox.py"],
            capture_output=True,
            text=True,
            timeout=_ANSWER_SECONDS_MAX,
            check=False,
        )
    except (OSError, subprocess.SubprocessError) as error:
        return Isolation("none", f"could not be tried: {error}")
    level, _, reason = answer.stdout.strip().partition(" ")
    inside = (
        "each function sees the system, its own code at /var/task, its layers at /opt, a /tmp and "
        "processes of its own, and no other file of this machine"
    )
    if level == "namespaces":
        return Isolation(level, f"{inside}; it runs as a user of its own")
    if level == "user-namespaces":
        return Isolation(level, f"{inside}; it runs as your user without privileges")
    who = "as a user of its own" if os.geteuid() == 0 else "as your user"
    return Isolation(
        "none",
        f"functions run {who} and see what that user sees, code and /tmp at real paths "
        f"({reason or 'no answer'})",
    )
