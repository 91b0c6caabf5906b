"""What the two stages of an execution, enrichment and target, have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Passing:
    """An event between two stages. `origin` is its place in the batch, None where that can't be told any more."""

    event: Any
    origin: int | None


class StageFailed(Exception):
    """An enrichment or a target failed for all events."""

    def __init__(self, reason: str, *, is_throttled: bool = False) -> None:
        super().__init__(reason)
        self.is_throttled = is_throttled
