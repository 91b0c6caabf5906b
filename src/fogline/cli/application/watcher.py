"""Edits of files, gathered by a thread from the moment it is started, so that none is missed during a deployment."""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable
from pathlib import Path

_GATHER_MILLISECONDS = 60
_DEBOUNCE_MILLISECONDS = 240


class Watcher:
    """Watches folders with all in them; `matters` decides which paths count."""

    def __init__(self, folders: list[Path], matters: Callable[[Path], bool]) -> None:
        self.folders = folders
        self._matters = matters
        self._changes: queue.Queue[set[Path]] = queue.Queue()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        import watchfiles

        for changes in watchfiles.watch(
            *self.folders,
            watch_filter=lambda change, path: self._matters(Path(path)),
            step=_GATHER_MILLISECONDS,
            debounce=_DEBOUNCE_MILLISECONDS,
            stop_event=self._stopped,
        ):
            self._changes.put({Path(path) for _, path in changes})

    def changes(self, seconds_max: float) -> set[Path]:
        """What changed since the last time; waits that long for a first change."""
        found: set[Path] = set()
        try:
            found |= self._changes.get(timeout=seconds_max)
            while True:
                found |= self._changes.get_nowait()
        except queue.Empty:
            return found

    def stop(self) -> None:
        self._stopped.set()


def outermost(paths: set[Path]) -> list[Path]:
    """The folders of these paths, without those that lie inside others."""
    folders = {path if path.is_dir() else path.parent for path in paths}
    return sorted(
        folder
        for folder in folders
        if not any(other != folder and folder.is_relative_to(other) for other in folders)
    )


def is_own_output(path: Path, descriptors: tuple[int, ...] = (1, 2)) -> bool:
    """True for the file that our own words are led into: each of them would else be a change to speak of."""
    try:
        about = path.stat()
        return any(os.path.samestat(about, os.fstat(each)) for each in descriptors)
    except OSError:
        return False
