"""How much memory the processes of an environment hold."""

from __future__ import annotations

import os
import sys

_PAGE_BYTES = os.sysconf("SC_PAGESIZE")
_PROCESSES_WATCHED_MAX = 64


def memory_of(warden: int, limit_mb: int) -> int:
    """What the processes below a warden hold, in MB; 0 where the machine does not tell."""
    if sys.platform != "linux":
        return 0
    processes: list[str] = []
    waiting = [str(warden)]
    while waiting and len(processes) < _PROCESSES_WATCHED_MAX:
        children = _children(waiting.pop())
        processes += children
        waiting += children
    used = sum(_resident_bytes(process) for process in processes)
    if used > limit_mb << 20 and len(processes) > 1:
        # Forked processes share pages, which only this slower count divides fairly.
        used = sum(_proportional_bytes(process) for process in processes)
    return used >> 20


def _children(process: str) -> list[str]:
    """Each thread lists the processes it forked."""
    try:
        threads = os.listdir(f"/proc/{process}/task")[:_PROCESSES_WATCHED_MAX]
    except OSError:
        return []
    texts = [_read(f"/proc/{process}/task/{thread}/children") for thread in threads]
    return " ".join(texts).split()


def _resident_bytes(process: str) -> int:
    words = _read(f"/proc/{process}/statm").split()
    return int(words[1]) * _PAGE_BYTES if len(words) > 1 else 0


def _proportional_bytes(process: str) -> int:
    for line in _read(f"/proc/{process}/smaps_rollup").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) << 10
    return _resident_bytes(process)


def _read(path: str) -> str:
    try:
        with open(path) as file:
            return file.read()
    except OSError:
        return ""
