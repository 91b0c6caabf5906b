"""Likeness: patterns with `*` and `?`, in time that nobody's pattern can make long."""

from __future__ import annotations

_ARN_PARTS = 6


def is_like(pattern: str, text: str) -> bool:
    """True if the text is like a pattern with `*` and `?`; takes no longer than their lengths multiplied."""
    if pattern == "*":
        return True
    if "*" not in pattern and "?" not in pattern:
        return pattern == text
    at = place = 0
    star = mark = -1
    while at < len(text):
        if place < len(pattern) and pattern[place] == "*":
            star, mark = place, at
            place += 1
        elif place < len(pattern) and pattern[place] in ("?", text[at]):
            place += 1
            at += 1
        elif star >= 0:
            mark += 1
            place, at = star + 1, mark
        else:
            return False
    return all(letter == "*" for letter in pattern[place:])


def is_like_arn(pattern: str, text: str) -> bool:
    """True if the text is an ARN like the pattern: each of the six parts for itself, so no `*` reaches over a `:`."""
    patterns, parts = pattern.split(":", _ARN_PARTS - 1), text.split(":", _ARN_PARTS - 1)
    if len(patterns) != _ARN_PARTS or len(parts) != _ARN_PARTS:
        return False
    return all(is_like(each, part) for each, part in zip(patterns, parts, strict=True))
