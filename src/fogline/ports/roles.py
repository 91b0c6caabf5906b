"""Roles as other services know them: answered by IAM."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from fogline.store.store import Tx


@dataclass(frozen=True, slots=True)
class Role:
    """What somebody who wants to act as a role must know of it."""

    arn: str
    name: str
    id: str
    session_seconds_max: int


class Roles(Protocol):
    def find(self, tx: Tx, arn: str) -> Role | None:
        """The role of that ARN, or None if IAM has none."""
