"""Circles: names that wait for one another, so that none of them can be first."""

from __future__ import annotations

from collections.abc import Mapping


def circle_of(needs: Mapping[str, set[str]]) -> list[str]:
    """Every name that can never be first: those on circles, and those between and after them."""
    waiting = {name: set(others) for name, others in needs.items()}
    while True:
        ready = [name for name, others in waiting.items() if not others & waiting.keys()]
        if not ready:
            break
        for name in ready:
            del waiting[name]
    # What merely needs a circle is not part of it.
    while True:
        needed = set().union(*waiting.values()) if waiting else set()
        outside = [name for name in waiting if name not in needed]
        if not outside:
            return sorted(waiting)
        for name in outside:
            del waiting[name]
