"""Templates: compiled from their text, and rendered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from fogline.aws.velocity.directives import Broken, MacroDefinition, Stopped, write_all
from fogline.aws.velocity.expressions import Statement
from fogline.aws.velocity.limits import (
    LARGE_CHARACTERS_MIN,
    LARGE_TEMPLATES_CACHED_MAX,
    STEPS_MAX,
    TEMPLATES_CACHED_MAX,
)
from fogline.aws.velocity.reader import Reader
from fogline.aws.velocity.run import Run


@dataclass(frozen=True, slots=True)
class Template:
    """A template. Safe to use from any thread."""

    statements: Sequence[Statement]
    macros: Mapping[str, MacroDefinition]

    def render(self, variables: Mapping[str, Any], steps: int = STEPS_MAX) -> str:
        """What the template makes of these variables. Raises TemplateFailed.

        Where `variables` is a dict, it holds afterwards what the template has set. Lists and maps among its values
        may be changed too.
        """
        known = variables if isinstance(variables, dict) else dict(variables)
        run = Run(known, self.macros, steps)
        with suppress(Broken, Stopped):
            write_all(self.statements, run)
        return "".join(run.parts)


def compile_template(text: str) -> Template:
    """The template that the text spells. Raises InvalidTemplate with line and column."""
    return _large(text) if len(text) >= LARGE_CHARACTERS_MIN else _small(text)


def _compiled(text: str) -> Template:
    reader = Reader(text)
    return Template(reader.read(), reader.macros)


_small = lru_cache(TEMPLATES_CACHED_MAX)(_compiled)
_large = lru_cache(LARGE_TEMPLATES_CACHED_MAX)(_compiled)
