"""Members of requests and answers: which of them are there, and which are shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def given(members: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """The members that have a value; with `names`, those of them."""
    return {name: members[name] for name in names or members if members.get(name) is not None}


def without_empty(members: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """The members, without those of `names` that are empty."""
    return {name: value for name, value in members.items() if value or name not in names}
