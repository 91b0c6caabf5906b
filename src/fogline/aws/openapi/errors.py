"""How documents are refused."""

from __future__ import annotations


class InvalidDocument(ValueError):
    """The document describes no API; `str()` says why, as far as known in AWS's words."""
