"""Mapping templates: which one a message or an answer goes through, and what it makes of it."""

from __future__ import annotations

from collections.abc import Mapping

from fogline.apis.body_templates import BodyTemplate, Untransformed
from fogline.services.apigatewayv2.websocket.exchange import Exchange
from fogline.services.apigatewayv2.websocket.faults import misconfigured
from fogline.services.apigatewayv2.websocket.selection import DEFAULT, Lookup, selection

_JSON = "application/json"


def rendered(template: BodyTemplate, exchange: Exchange, body: str) -> bytes:
    """What a template makes of a body. Raises Fault."""
    try:
        return template.render(exchange, body).encode("utf-8", "replace")
    except Untransformed as failed:
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

        Without an expression, or with one that is always `$default`, one for JSON will do: so the examples of AWS's
        documentation and of the CDK have it.
        """
        found = self._by_key
        if not found:
            return None
        key = selection(self._expression).key(lookup) if self._expression else DEFAULT
        chosen = found.get(key) or found.get(DEFAULT)
        return found.get(_JSON) if chosen is None and key == DEFAULT else chosen
