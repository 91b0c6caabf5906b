"""Who is told what executions do, in the transaction in which they do it: logs, and events on the default bus."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from fogline.services.stepfunctions.engine.execution import Run
from fogline.store.store import Tx


class Watcher(Protocol):
    """Is told of each step."""

    def began(self, tx: Tx, run: Run, input_text: str, now: int) -> None:
        """The execution was started, or started again."""

    def went(self, tx: Tx, run: Run, events: Sequence[Mapping[str, Any]], now: int) -> None:
        """These events were added to its history; with them it may have ended (`run.has_ended`)."""


class Watchers:
    """All of them."""

    def __init__(self) -> None:
        self._watchers: list[Watcher] = []

    def add(self, watcher: Watcher) -> None:
        self._watchers.append(watcher)

    def began(self, tx: Tx, run: Run, input_text: str, now: int) -> None:
        for each in self._watchers:
            each.began(tx, run, input_text, now)

    def went(self, tx: Tx, run: Run, now: int) -> None:
        for each in self._watchers:
            each.went(tx, run, run.journal.events, now)
