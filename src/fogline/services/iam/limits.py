"""The bounds of IAM, as AWS sets them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    tags_max: int = 50
    attached_policies_max: int = 10
    policy_versions_max: int = 5
    policy_characters_max: int = 6_144
    trust_characters_max: int = 2_048
    role_inline_characters_max: int = 10_240
    user_inline_characters_max: int = 2_048
    group_inline_characters_max: int = 5_120
    access_keys_max: int = 2
    session_seconds_default: int = 3_600
    page_items_default: int = 100
