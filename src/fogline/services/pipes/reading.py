"""Reading: where a pipe's reading of its source begins, and what is left when it ends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.services.pipes.service import Pipes
from fogline.store.store import Tx


def begin_reading(pipes: Pipes, tx: Tx, document: Mapping[str, Any], now: int) -> None:
    """Note where a new pipe begins to read its stream."""


def end_reading(pipes: Pipes, tx: Tx, document: Mapping[str, Any]) -> None:
    """Forget how far a pipe that is gone had read."""
