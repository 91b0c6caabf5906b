"""The bounds of STS, as AWS sets them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    role_session_seconds_default: int = 3_600
    chained_session_seconds_max: int = 3_600
    """For callers who are themselves in a role's session."""
    token_seconds_default: int = 43_200
    root_token_seconds_max: int = 3_600
    session_tags_max: int = 50
    packed_policy_bytes_max: int = 2_048
