"""How what functions and services print reaches CloudWatch Logs, inside the transaction of its cause."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from fogline.store.store import Tx

Line = tuple[int, str]
"""When (milliseconds since the epoch), and what."""


class LogLines(Protocol):
    """Keeps lines in log streams."""

    def put_lines(
        self, tx: Tx, account: str, region: str, group: str, stream: str, lines: Sequence[Line]
    ) -> None:
        """Keep `lines` in a stream, making the group and the stream where they are missing.

        Empty lines are left out; lines beyond the size of an event are cut into several.
        """
