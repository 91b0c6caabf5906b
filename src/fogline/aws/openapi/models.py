"""The models of a document: those it names, and those that stand where they are used."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson

from fogline.aws.openapi.api import Model
from fogline.aws.openapi.fields import find_text, members_of

_MODEL_PLACES = ("#/definitions/", "#/components/schemas/", "#/models/")
_INLINE_NAME_DIGITS = 6


class Models:
    """Collects models; `named` is asked for the name of whatever schema a body has."""

    def __init__(self, schemas: Mapping[str, Any], warnings: list[str]) -> None:
        self._warnings = warnings
        self.found: dict[str, Model] = {}
        self._inline: dict[int, str] = {}
        """Names of schemas without one, by the identity of the schema: many methods may refer to where it stands."""
        for name, schema in schemas.items():
            described = members_of(schema, f"model '{name}'")
            if not (name.isascii() and name.isalnum()):
                warnings.append(f"Model name must be alphanumeric: {name}")
                continue
            self._add(name, described)

    def _add(self, name: str, schema: Mapping[str, Any]) -> None:
        description = find_text(schema.get("description"), f"model '{name}'")
        canonical: Mapping[str, Any] = _canonical(schema)
        self.found[name] = Model(name, "application/json", description, canonical)

    def named(self, schema: Any, where: str) -> str | None:
        """The name of the model that the schema refers to, or of one made for it; None if there is none."""
        described = members_of(schema, where)
        reference = described.get("$ref")
        if isinstance(reference, str):
            name = model_name(reference)
            if name in self.found or name == "Empty" or name == "Error":
                return name
            self._warnings.append(f"Reference to model '{name}' not found. Ignoring.")
            return None
        if not described:
            return None
        if id(schema) in self._inline:
            return self._inline[id(schema)]
        # API Gateway makes a name for a schema without one; here the same schema has the same name again.
        content = orjson.dumps(described, option=orjson.OPT_SORT_KEYS)
        name = "MODEL" + hashlib.sha256(content).hexdigest()[:_INLINE_NAME_DIGITS]
        if name not in self.found:
            self._add(name, described)
        self._inline[id(schema)] = name
        return name


def model_name(reference: str) -> str:
    """The name at the end of a reference: `#/components/schemas/Pet`, `https://.../models/Pet`."""
    return reference.rpartition("/")[2].replace("~1", "/").replace("~0", "~")


def _canonical(schema: Any) -> Any:
    """The schema with references to models as `#/models/Name`."""
    if isinstance(schema, dict):
        return {
            name: f"#/models/{model_name(value)}"
            if name == "$ref" and isinstance(value, str) and _is_model(value)
            else _canonical(value)
            for name, value in schema.items()
        }
    return [_canonical(value) for value in schema] if isinstance(schema, list) else schema


def _is_model(reference: str) -> bool:
    is_url = reference.startswith("https://") and "/models/" in reference
    return is_url or reference.startswith(_MODEL_PLACES)
