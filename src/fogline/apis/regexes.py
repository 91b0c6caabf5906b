"""Patterns that APIs give, matched against whole texts in bounded time."""

from __future__ import annotations

from functools import lru_cache

from fogline.aws.jsonata.regex import InvalidRegex
from fogline.aws.velocity.errors import TemplateFailed
from fogline.aws.velocity.methods.regexes import JavaRegex
from fogline.aws.velocity.run import Run

_STEPS_MAX = 300_000
_KEPT_MAX = 512


@lru_cache(_KEPT_MAX)
def _compiled(source: str) -> JavaRegex | None:
    try:
        return JavaRegex(source)
    except InvalidRegex:
        return None


def fits(source: str, text: str) -> bool:
    """True if the whole text matches; never for what is no regular expression, or costs too much to tell."""
    if source == text:
        return True
    pattern = _compiled(source)
    if pattern is None:
        return False
    try:
        return pattern.matches(text, Run({}, {}, _STEPS_MAX))
    except TemplateFailed:
        return False
