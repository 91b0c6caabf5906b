"""HTTP parameters of targets: what rules and pipes put into the requests that carry their events."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote


def filled_path(path: str, values: Sequence[str]) -> str:
    """Each `*` of the path by the next value; one without a value stays what it is."""
    pieces = path.split("*")
    filled = pieces[0]
    for index, piece in enumerate(pieces[1:]):
        filled += (quote(values[index], safe="") if index < len(values) else "*") + piece
    return filled
