"""Compiled APIs: what a snapshot says, in the form in which connections and messages ask for it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import orjson

from fogline.apis.model_bundles import whole_schema
from fogline.apis.regexes import fits
from fogline.aws.json_schema import InvalidSchema, Validator, compile_schema
from fogline.services.apigatewayv2.websocket.exchange import Exchange
from fogline.services.apigatewayv2.websocket.faults import BAD_BODY, Fault, misconfigured
from fogline.services.apigatewayv2.websocket.reading import NO_JSON
from fogline.services.apigatewayv2.websocket.selection import (
    DEFAULT,
    Selection,
    pattern_of,
    selection,
)
from fogline.services.apigatewayv2.websocket.templates import Templates

Document = Mapping[str, Any]

CONNECT_KEY, DISCONNECT_KEY = "$connect", "$disconnect"
_TARGET = "integrations/"
_TIMEOUT_MS = 29_000


class IntegrationResponse:
    """What is made of an answer whose status, or error, fits its key."""

    def __init__(self, response: Document) -> None:
        self.key: str = response.get("IntegrationResponseKey") or ""
        self.pattern = pattern_of(self.key)
        self.content_handling: str = response.get("ContentHandlingStrategy") or ""
        self.parameters: Mapping[str, str] = response.get("ResponseParameters") or {}
        self.templates = Templates(
            response.get("TemplateSelectionExpression"), response.get("ResponseTemplates")
        )

    def is_for(self, selector: str) -> bool:
        return fits(self.pattern, selector) if self.pattern is not None else self.key == selector


class Integration:
    """What stands behind a route."""

    def __init__(self, document: Document) -> None:
        self.kind: str = document["IntegrationType"]
        self.uri: str = document.get("IntegrationUri") or ""
        self.verb: str = document.get("IntegrationMethod") or "POST"
        self.timeout_seconds = (document.get("TimeoutInMillis") or _TIMEOUT_MS) / 1000
        self.credentials: str = document.get("CredentialsArn") or ""
        self.is_private = document.get("ConnectionType") == "VPC_LINK"
        self.content_handling: str = document.get("ContentHandlingStrategy") or ""
        self.passthrough: str = document.get("PassthroughBehavior") or "WHEN_NO_MATCH"
        self.parameters: Mapping[str, str] = document.get("RequestParameters") or {}
        self.templates = Templates(
            document.get("TemplateSelectionExpression"), document.get("RequestTemplates")
        )
        responses = [IntegrationResponse(each) for each in document.get("responses", {}).values()]
        self.responses = sorted(responses, key=lambda response: response.key)

    @property
    def is_proxy(self) -> bool:
        return self.kind.endswith("_PROXY")

    def response_for(self, selector: str) -> IntegrationResponse | None:
        """The response for a status or an error; None where there is none, and no `$default` either."""
        default = None
        for response in self.responses:
            if response.key == DEFAULT:
                default = response
            elif selector and response.is_for(selector):
                return response
        return default


class Route:
    """One route."""

    def __init__(self, api: SocketApi, document: Document) -> None:
        self._api = api
        self.document = document
        self.key: str = document["RouteKey"]
        self.authorization: str = document.get("AuthorizationType") or "NONE"
        self.requires_key: bool = bool(document.get("ApiKeyRequired"))
        self.parameters: Document = document.get("RequestParameters") or {}
        # A route response alone is what makes a route answer, as published applications have it.
        self.answers = bool(document.get("responses"))
        self._validators: dict[str, Validator | None] = {}

    @cached_property
    def integration(self) -> Integration | None:
        id = (self.document.get("Target") or "").removeprefix(_TARGET)
        found = self._api.document["integrations"].get(id)
        return Integration(found) if found is not None else None

    @property
    def authorizer(self) -> Document | None:
        found: Document | None = self._api.document["authorizers"].get(
            self.document.get("AuthorizerId") or ""
        )
        return found

    def check_body(self, exchange: Exchange) -> None:
        """Hold a message against the model that its route selects for it. Raises Fault."""
        expression = self.document.get("ModelSelectionExpression")
        if not expression:
            return
        names: Mapping[str, str] = self.document.get("RequestModels") or {}
        key = selection(expression).key(exchange.value)
        name = names.get(key) or names.get(DEFAULT)
        if name is None:
            raise Fault(BAD_BODY, f"There is no model for {key[:100]!r}")
        validator = self._validator(name)
        if validator is None:
            return
        if exchange.document is NO_JSON:
            raise Fault(BAD_BODY, "The message is not JSON")
        if not validator.fits(exchange.document):
            errors = ", ".join(validator.errors(exchange.document)[:10])
            raise Fault(BAD_BODY, f"Request body does not match model schema: [{errors}]")

    def _validator(self, name: str) -> Validator | None:
        """Of the model of that name; None for one without a schema."""
        if name not in self._validators:
            schemas = self._api.schemas
            if name not in schemas:
                raise misconfigured(f"There is no model {name[:128]}")
            try:
                schema = whole_schema(name, schemas)
                self._validators[name] = compile_schema(schema) if schema is not None else None
            except (InvalidSchema, orjson.JSONDecodeError) as invalid:
                raise misconfigured(f"The model {name[:128]} is invalid: {invalid}") from None
        return self._validators[name]


class SocketApi:
    """A WebSocket API as it was deployed."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.settings: Document = document["api"]
        self.expression: Selection = selection(self.settings.get("RouteSelectionExpression") or "")
        self._routes = {
            route["RouteKey"]: Route(self, route) for route in document["routes"].values()
        }

    @cached_property
    def schemas(self) -> Mapping[str, str]:
        """The schemas of models, by the names of the models."""
        models = self.document["models"].values()
        return {model["Name"]: model.get("Schema") or "" for model in models}

    def find(self, key: str) -> Route | None:
        """The route of exactly that key."""
        return self._routes.get(key)

    def route_of(self, exchange: Exchange) -> Route | None:
        """The route for a message; those for connecting and disconnecting are for no message."""
        key = self._key_of(exchange)
        if key not in (CONNECT_KEY, DISCONNECT_KEY):
            found = self._routes.get(key)
            if found is not None:
                return found
        return self._routes.get(DEFAULT)

    def _key_of(self, exchange: Exchange) -> str:
        if self.expression.reads_body and exchange.document is NO_JSON:
            return DEFAULT
        return self.expression.key(exchange.value)
