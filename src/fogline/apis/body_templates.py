"""Mapping templates of bodies, compiled when they are first needed."""

from __future__ import annotations

from typing import Protocol

from fogline.aws.velocity import InvalidTemplate, Template, TemplateFailed, compile_template
from fogline.aws.velocity.gateway import MappingVariables


class Rendering(Protocol):
    """An exchange, as far as its templates are concerned."""

    @property
    def has_no_variables(self) -> bool:
        """True until a template has run that could have set overrides."""

    def variables(self) -> MappingVariables:
        """What all templates of the exchange share."""


class Untransformed(Exception):
    """A template that cannot be read, or fails with this body; `str()` says why."""


class BodyTemplate:
    """A mapping template. One without variables and directives is its own text."""

    __slots__ = ("_template", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._template: Template | None = None

    @property
    def is_plain(self) -> bool:
        return "$" not in self.text and "#" not in self.text

    def render(self, exchange: Rendering, body: str) -> str:
        """Raises Untransformed."""
        if self.is_plain and exchange.has_no_variables:
            return self.text
        try:
            if self._template is None:
                self._template = compile_template(self.text)
            return exchange.variables().render(self._template, body)
        except (InvalidTemplate, TemplateFailed) as failed:
            raise Untransformed(str(failed)) from None
