"""Labels: what a distributed Map's children are told apart by."""

from __future__ import annotations

from hashlib import sha256
from uuid import UUID

from fogline.aws.states.machine.model import MapState

_UUID_BYTES = 16


def label_of(machine: str, state: MapState) -> str:
    """The state's `Label`, or one made for it, a UUID as AWS makes: always the same for that state of that machine."""
    if state.label:
        return state.label
    digest = sha256(f"{machine}/{state.name}".encode()).digest()
    return str(UUID(bytes=digest[:_UUID_BYTES], version=4))
