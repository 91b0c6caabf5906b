"""CORS of HTTP APIs: where their configuration is found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.apis.cors import Cors, is_preflight

__all__ = ["Cors", "find_cors", "is_preflight"]


def find_cors(document: Mapping[str, Any]) -> Cors | None:
    """The configuration of an API, or None where it has none."""
    found = document.get("CorsConfiguration")
    return Cors(found) if isinstance(found, Mapping) and found else None
