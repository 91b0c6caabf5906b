"""Query strings: parameters made into one again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode


def spelled_query(query: Mapping[str, Sequence[str]]) -> str:
    """The query string that says those parameters."""
    return urlencode(query, doseq=True)
