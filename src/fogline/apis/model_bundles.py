"""Schemas of models, with what they refer to in other models of the API brought in.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/models-mappings-models.html, to which the pages on
models of WebSocket APIs lead, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from fogline.aws.json_schema import InvalidSchema

_MODELS_MAX = 100
_NESTING_MAX = 100
_FRONT = "#/definitions/"


def whole_schema(name: str, schemas: Mapping[str, str]) -> dict[str, Any] | None:
    """A model's schema with all models that it leads to among its definitions; None if it has none.

    `schemas` are those of all models, by the names of the models.

    Raises InvalidSchema, orjson.JSONDecodeError.
    """
    if not schemas.get(name):
        return None
    bundle = _Bundle(name, schemas)
    whole = bundle.schema_of(name)
    whole.pop("id", None)
    found: dict[str, Any] = {}
    while bundle.waiting:
        each = bundle.waiting.pop()
        if each not in found:
            if len(found) >= _MODELS_MAX:
                raise InvalidSchema("it leads to too many other models")
            found[each] = bundle.schema_of(each)
    if not found:
        return whole
    own = whole.get("definitions")
    definitions = dict(own) if isinstance(own, dict) else {}
    return {**whole, "definitions": definitions | {_key(each): found[each] for each in found}}


def _key(name: str) -> str:
    return f"model:{name}"


class _Bundle:
    """Schemas on their way into one; `waiting` are the names of models they lead to."""

    def __init__(self, root: str, schemas: Mapping[str, str]) -> None:
        self._root = root
        self._schemas = schemas
        self.waiting: list[str] = []

    def schema_of(self, name: str) -> dict[str, Any]:
        text = self._schemas.get(name)
        schema = orjson.loads(text) if text else {}
        if not isinstance(schema, dict):
            raise InvalidSchema("it is no object")
        whole: dict[str, Any] = self._moved(schema, name, 0)
        return whole

    def _place(self, name: str) -> str:
        return "#" if name == self._root else f"{_FRONT}{_key(name)}"

    def _moved(self, value: Any, model: str, depth: int) -> Any:
        """The value with its references leading to where models and their parts are in the bundle."""
        if depth > _NESTING_MAX:
            raise InvalidSchema("it nests too deep")
        if isinstance(value, list):
            return [self._moved(each, model, depth + 1) for each in value]
        if not isinstance(value, dict):
            return value
        reference = value.get("$ref")
        if isinstance(reference, str):
            if reference.startswith("#"):
                return {"$ref": self._place(model) + reference[1:]}
            if "/models/" in reference:
                name, _, rest = reference.partition("/models/")[2].partition("#")
                if name != self._root:
                    self.waiting.append(name)
                return {"$ref": self._place(name) + rest}
        return {key: self._moved(each, model, depth + 1) for key, each in value.items()}
