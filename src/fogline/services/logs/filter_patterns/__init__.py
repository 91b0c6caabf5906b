"""Filter patterns: the language that picks log events, in its three forms, as pure rules."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Protocol

from fogline.services.logs.filter_patterns.columns import read_columns
from fogline.services.logs.filter_patterns.expressions import InvalidFilterPattern
from fogline.services.logs.filter_patterns.selectors import read_selectors
from fogline.services.logs.filter_patterns.terms import read_terms

__all__ = ["FilterPattern", "InvalidFilterPattern", "compile_filter"]

COMPILED_MAX = 1_024


class FilterPattern(Protocol):
    """A compiled filter pattern."""

    def matches(self, message: str) -> bool: ...

    def extract(self, message: str) -> Mapping[str, str]:
        """The values that the pattern names, from a message that matches."""


@lru_cache(COMPILED_MAX)
def compile_filter(text: str) -> FilterPattern:
    """Compile a pattern: `{...}` reads JSON, `[...]` reads columns, anything else looks for terms.

    Raises InvalidFilterPattern.
    """
    text = text.strip()
    if text.startswith("{"):
        return read_selectors(text)
    if text.startswith("["):
        return read_columns(text)
    return read_terms(text)
