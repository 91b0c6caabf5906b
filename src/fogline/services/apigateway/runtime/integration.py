"""An integration as requests ask for it: its parameters and templates compiled, its responses in order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.apis.body_templates import BodyTemplate, Untransformed
from fogline.apis.regexes import fits
from fogline.services.apigateway.runtime.exchange import Exchange
from fogline.services.apigateway.runtime.faults import Fault, misconfigured
from fogline.services.apigateway.runtime.mappings import Read, Reply, source
from fogline.services.apigateway.runtime.statuses import read_status

Document = Mapping[str, Any]
Mapped = list[tuple[str, str, Read]]
"""Where it goes (`header`, `querystring`, `path`), under which name, and what reads it."""

JSON = "application/json"
_FORBIDDEN = frozenset(
    ("content-length", "transfer-encoding", "connection", "expect", "proxy-authenticate", "te")
)
"""Headers that no API may set on requests to an integration: its calls fail (recorded)."""


def rendered(template: BodyTemplate, exchange: Exchange, body: str) -> str:
    """What a template makes of a body. Raises Fault."""
    try:
        return template.render(exchange, body)
    except Untransformed as failed:
        raise misconfigured(f"Unable to transform request: {failed}") from None


class IntegrationResponse:
    """What is made of answers whose status, or error, fits its pattern."""

    def __init__(self, response: Document) -> None:
        self.status = read_status(response.get("statusCode"), 200)
        self.pattern: str = response.get("selectionPattern") or ""
        self.content_handling: str = response.get("contentHandling") or ""
        self.templates = _templates(response.get("responseTemplates"))
        self.parameters: list[tuple[str, Read]] = [
            (name.removeprefix("method.response.header."), source(expression))
            for name, expression in (response.get("responseParameters") or {}).items()
        ]

    def template(self, accept: str) -> tuple[str, BodyTemplate] | None:
        """The template for what the caller accepts, or else the first, with its content type."""
        templates = self.templates
        if not templates:
            return None
        if accept and len(templates) > 1:
            for kind in accept.split(","):
                name = kind.partition(";")[0].strip().lower()
                if name in templates:
                    return name, templates[name]
        if JSON in templates:
            return JSON, templates[JSON]
        return next(iter(templates.items()))


class Integration:
    """One method's integration."""

    def __init__(self, document: Document, resource_id: str) -> None:
        self.document = document
        self.kind: str = document["type"]
        self.uri: str = document.get("uri") or ""
        self.verb: str = document.get("httpMethod") or ""
        self.streams = document.get("responseTransferMode") == "STREAM"
        self.timeout_seconds = (document.get("timeoutInMillis") or 29_000) / 1000
        self.credentials: str = document.get("credentials") or ""
        self.is_private = document.get("connectionType") == "VPC_LINK"
        self.content_handling: str = document.get("contentHandling") or ""
        self.passthrough: str = document.get("passthroughBehavior") or "WHEN_NO_MATCH"
        self.templates = _templates(document.get("requestTemplates"))
        self.parameters = _parameters(document.get("requestParameters") or {})
        self.fault = self._forbidden()
        responses = [
            IntegrationResponse(each)
            for _, each in sorted((document.get("integrationResponses") or {}).items())
        ]
        self._selected = [each for each in responses if each.pattern]
        self._default = next((each for each in responses if not each.pattern), None)

    def _forbidden(self) -> str:
        forbidden = _FORBIDDEN | {"authorization"} if self.kind.startswith("AWS") else _FORBIDDEN
        for where, name, _ in self.parameters:
            if where == "header" and name.lower() in forbidden:
                return f"Invalid mapping expression parameter specified: {name}"
        return ""

    def response_for(self, selector: str) -> IntegrationResponse:
        """The response for a status or an error. Raises Fault."""
        if selector:
            for response in self._selected:
                if fits(response.pattern, selector):
                    return response
        if self._default is None:
            raise misconfigured(
                "No match for output mapping and no default output mapping configured. "
                f"Endpoint Response Status Code: {selector[:100]}"
            )
        return self._default

    def mapped(self, exchange: Exchange, reply: Reply | None = None) -> dict[str, dict[str, Any]]:
        """The parameters that have a value, by where they go. Raises Fault."""
        if self.fault:
            raise misconfigured(self.fault)
        places: dict[str, dict[str, Any]] = {"header": {}, "querystring": {}, "path": {}}
        for where, name, read in self.parameters:
            values = read(exchange, reply)
            if values is not None:
                places[where][name] = values
        return places


def _templates(templates: Mapping[str, str | None] | None) -> dict[str, BodyTemplate]:
    return {
        kind.partition(";")[0].strip().lower(): BodyTemplate(text)
        for kind, text in (templates or {}).items()
        if text
    }


def _parameters(parameters: Mapping[str, str]) -> Mapped:
    mapped: Mapped = []
    for name, expression in parameters.items():
        where, _, rest = name.removeprefix("integration.request.").partition(".")
        where = {"multivalueheader": "header", "multivaluequerystring": "querystring"}.get(
            where, where
        )
        if where in ("header", "querystring", "path") and rest:
            mapped.append((where, rest, source(expression)))
    return mapped


__all__ = ["BodyTemplate", "Fault", "Integration", "IntegrationResponse", "rendered"]
