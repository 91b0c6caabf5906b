"""Request validation: required parameters, and bodies by the models of their content types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from fogline.apis.model_bundles import whole_schema
from fogline.aws.json_schema import InvalidSchema, Validator, compile_schema
from fogline.services.apigateway.runtime.exchange import Exchange
from fogline.services.apigateway.runtime.faults import (
    BAD_REQUEST_BODY,
    BAD_REQUEST_PARAMETERS,
    Fault,
    misconfigured,
)
from fogline.services.apigateway.runtime.integration import JSON
from fogline.services.apigateway.runtime.media_types import media_type

Document = Mapping[str, Any]


class Validation:
    """What a request validator asks of one method's requests."""

    def __init__(self, validator: Document, method: Document, models: Document) -> None:
        self._required = (
            [
                name
                for name, is_required in (method.get("requestParameters") or {}).items()
                if is_required
            ]
            if validator.get("validateRequestParameters")
            else []
        )
        self._model_names: Mapping[str, str] = (
            method.get("requestModels") or {} if validator.get("validateRequestBody") else {}
        )
        self._models = models
        self._compiled: dict[str, Validator | None] = {}

    def check(self, exchange: Exchange) -> None:
        """Raises Fault."""
        missing = [name for name in self._required if not _has(exchange, name)]
        if missing:
            names = ", ".join(name.rpartition(".")[2] for name in missing)
            raise Fault(
                BAD_REQUEST_PARAMETERS,
                f"Request failed validation: missing required request parameters [{names}]",
                message=f"Missing required request parameters: [{names}]",
            )
        if self._model_names:
            self._check_body(exchange)

    def _check_body(self, exchange: Exchange) -> None:
        kind = media_type(exchange.headers.find("content-type")) or JSON
        name = self._model_names.get(kind) or self._model_names.get("$default")
        if name is None:
            return
        validator = self._validator(name)
        if validator is None:
            return
        try:
            body = orjson.loads(exchange.body or b"null")
        except orjson.JSONDecodeError:
            raise Fault(
                BAD_REQUEST_BODY, "Request body is not JSON", detail="Malformed JSON"
            ) from None
        if not validator.fits(body):
            detail = ", ".join(validator.errors(body)[:10])
            raise Fault(
                BAD_REQUEST_BODY,
                f"Request body does not match model schema for content type {kind}: [{detail}]",
                detail=f"[{detail}]",
            )

    def _validator(self, name: str) -> Validator | None:
        """Of that model; None for one that has no schema."""
        if name not in self._compiled:
            try:
                schemas = {each: model.get("schema") or "" for each, model in self._models.items()}
                schema = whole_schema(name, schemas)
                self._compiled[name] = compile_schema(schema) if schema is not None else None
            except (InvalidSchema, orjson.JSONDecodeError) as invalid:
                raise misconfigured(f"The model {name} is invalid: {invalid}") from None
        return self._compiled[name]


def _has(exchange: Exchange, name: str) -> bool:
    """True if the request says something there: a parameter that is blank is missing, as AWS documents."""
    where, _, rest = name.removeprefix("method.request.").partition(".")
    if where in ("header", "multivalueheader"):
        return bool((exchange.headers.find(rest) or "").strip())
    if where in ("querystring", "multivaluequerystring"):
        return any(value.strip() for value in exchange.query.get(rest, ()))
    return rest in exchange.path_parameters
