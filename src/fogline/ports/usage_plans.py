"""Usage plans: may the holder of an API key call a stage once more? Asked by APIs of all kinds; API Gateway answers."""

from __future__ import annotations

from typing import NamedTuple, Protocol


class Called(NamedTuple):
    """What is called: a method (`path/VERB`) or a route of a stage."""

    account: str
    region: str
    api: str
    stage: str
    method: str
    now: int


class KeyRefused(Exception):
    """The key is not let on: it is nobody's here (403), or its plan allows no more for now (429)."""

    def __init__(self, status: int, message: str, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.message = message
        """What the caller is told."""


class UsagePlans(Protocol):
    async def admit(self, key: str, called: Called) -> str:
        """Count one call of the holder of a key; the id of the key. Raises KeyRefused."""
