"""Seals: what is costly to make and seldom read is added to a message when somebody reads it.

SNS signs what it publishes, and a signature takes longer than everything else about a message together. A body that
was sent with a seal is kept as it was sent; the queue that holds it breaks no seal, it asks for the finished body each
time it hands the message out. The same body must give the same finished one, so that its MD5 stands.
"""

from __future__ import annotations

from collections.abc import Callable

Finish = Callable[[str], str]
"""From the body as it was sent to the body as it is read."""


class Seals:
    """The registry: who finishes bodies of which seal."""

    def __init__(self) -> None:
        self._finish: dict[str, Finish] = {}

    def register(self, seal: str, finish: Finish) -> None:
        """Let `finish` complete the bodies sent with that seal."""
        self._finish[seal] = finish

    def finished(self, seal: str, body: str) -> str:
        """The body as its reader gets it."""
        return self._finish[seal](body)
