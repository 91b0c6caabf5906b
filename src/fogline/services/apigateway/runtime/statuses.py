"""Statuses that users give to answers."""

from __future__ import annotations


def read_status(given: object, otherwise: int) -> int:
    """The status that somebody gave, if an answer can have it: what is lower than 200 would be no answer yet."""
    text = str(given)
    status = int(text) if text.isascii() and text.isdigit() and len(text) == 3 else 0
    return status if 200 <= status <= 599 else otherwise
