"""Mapping templates: which one a message or an answer goes through, and what it makes of it."""

from __future__ import annotations

from collections.abc import Mapping

from fogline.aws.velocity import InvalidTemplate, Template, TemplateFailed, compile_template
from fogline.services.apigatewayv2.websocket.exchange import Exchange
from fogline.services.apigatewayv2.websocket.faults import misconfigured
from fogline.services.apigatewayv2.websocket.selection import DEFAULT, Lookup, selection

_JSON = "application/json"


class BodyTemplate:
    """A mapping template, compiled when it is first needed. One without variables is its own text."""

    __slots__ = ("_template", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._template: Template | None = None

    def render(self, exchange: Exchange, body: str) -> str:
        """Raises Fault."""
        is_plain = "$" not in self._text and "#" not in self._text
        if is_plain and exchange.has_no_variables:
            return self._text
        try:
            if self._template is None:
                self._template = compile_template(self._text)
            return exchange.variables().render(self._template, body)
        except (InvalidTemplate, TemplateFailed) as failed:
            raise misconfigured(f"Unable to transform the body: {failed}") from None


class Templates:
    """Templates by their keys, and the expression that selects one."""

    __slots__ = ("_by_key", "_expression")

    def __init__(self, expression: str | None, templates: Mapping[str, str] | None) -> None:
        self._expression = expression or ""
        self._by_key = {key: BodyTemplate(text) for key, text in (templates or {}).items() if text}

    def __bool__(self) -> bool:
        return bool(self._by_key)

    def select(self, lookup: Lookup) -> BodyTemplate | None:
        """The template of the key that the expression gives, or else of `$default`.

        Without an expression, one for JSON will do: so the documentation's own examples have it.
        """
        found = self._by_key
        if not found:
            return None
        if self._expression:
            key = selection(self._expression).key(lookup)
            return found.get(key) or found.get(DEFAULT)
        return found.get(DEFAULT) or found.get(_JSON)
