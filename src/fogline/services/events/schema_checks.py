"""Schema checks: a bus that is tagged to care looks at each event that is put on it, and rejects or flags misfits.

This is ours, and off by default: the tag `fogline:schemas` says `reject:<registry>` or `flag:<registry>`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

TAG = "fogline:schemas"

ERRORS_TOLD_MAX = 10


@dataclass(frozen=True, slots=True)
class SchemaWish:
    """What a bus wants: events that fit the schemas of `registry`, or else."""

    registry: str
    is_strict: bool
    """Misfits are rejected, not flagged."""


def schema_wish(bus: Mapping[str, Any]) -> SchemaWish | None:
    """What the tags of a bus say about schemas, if anything."""
    mode, _, registry = (bus.get("tags") or {}).get(TAG, "").partition(":")
    if mode not in ("reject", "flag") or not registry:
        return None
    return SchemaWish(registry, mode == "reject")


def schema_name(event: Mapping[str, Any]) -> str:
    """The name under which AWS keeps the schema of such events: `source@DetailType`."""
    return f"{event['source']}@{event['detail-type'].replace(' ', '')}"
