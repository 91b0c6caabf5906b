"""Does an event fit its schema? Asked by event buses that were told to care, answered by the schema registry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from fogline.store.store import Tx


class EventSchemas(Protocol):
    """Schemas of events, by registry."""

    def misfits(
        self, tx: Tx, account: str, region: str, registry: str, event: Mapping[str, Any]
    ) -> list[str]:
        """Where and why `event` (as a rule's target gets it) does not fit the newest version of its schema.

        A schema is found by AWS's name for it: `source@DetailType`, without spaces. Empty when it fits, and when the
        registry has no such schema.
        """
