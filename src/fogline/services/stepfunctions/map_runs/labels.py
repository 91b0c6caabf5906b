"""Labels: what a distributed Map's children are told apart by."""

from __future__ import annotations

import re
from hashlib import sha256

from fogline.aws.states.machine.model import MapState

_UNFIT = re.compile(r"[^A-Za-z0-9_-]")
_NAME_CHARACTERS_MAX = 31
_SEAL_DIGITS = 8


def label_of(state: MapState) -> str:
    """The state's `Label`, or one made from its name: that is unique in its machine, and so is this."""
    if state.label:
        return state.label
    seal = sha256(state.name.encode()).hexdigest()[:_SEAL_DIGITS]
    return f"{_UNFIT.sub('', state.name)[:_NAME_CHARACTERS_MAX]}{seal}"
