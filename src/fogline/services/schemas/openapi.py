"""OpenAPI 3 schemas as JSON Schema draft 4: what ExportSchema answers, and what events are held to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fogline.aws.schema_bounds import LEVELS_MAX, InvalidSchema
from fogline.services.schemas.discovered import COMPONENTS, EVENT

DRAFT = "http://json-schema.org/draft-04/schema#"
_DEFINITIONS = "#/definitions/"

_LISTS = ("allOf", "anyOf", "oneOf")
_MAPS = ("properties", "patternProperties")
_ONES = ("not", "items", "additionalProperties")
_ONLY_OPENAPI = frozenset(
    (
        "deprecated",
        "discriminator",
        "example",
        "externalDocs",
        "nullable",
        "readOnly",
        "writeOnly",
        "xml",
    )
)


def root_of(document: Mapping[str, Any]) -> str:
    """The component that the others serve: the event itself, or the first. Raises InvalidSchema."""
    components = components_of(document)
    if EVENT in components:
        return EVENT
    if not components:
        raise InvalidSchema("The document has no schemas under components")
    return next(iter(components))


def components_of(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The document's schemas by name."""
    components = document.get("components")
    schemas = components.get("schemas") if isinstance(components, Mapping) else None
    return schemas if isinstance(schemas, Mapping) else {}


def draft4_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """The draft 4 schema of the document's root component; the others are its definitions. Raises InvalidSchema."""
    root = root_of(document)
    if not all(isinstance(each, Mapping) for each in components_of(document).values()):
        raise InvalidSchema("Every schema under components must be an object")
    written = {name: _convert(each) for name, each in components_of(document).items()}
    is_referred = _refers_to(written, _DEFINITIONS + _escaped(root))
    definitions = {
        name: _sorted(written[name]) for name in sorted(written) if name != root or is_referred
    }
    head: dict[str, Any] = {"$schema": DRAFT}
    info = document.get("info")
    if isinstance(info, Mapping) and isinstance(info.get("title"), str):
        head["title"] = info["title"]
    if definitions:
        head["definitions"] = definitions
    return {**head, **_sorted(written[root])}


def _convert(schema: Any, level: int = 0) -> Any:
    if not isinstance(schema, Mapping):
        return schema
    if level > LEVELS_MAX:
        raise InvalidSchema(f"A schema may be nested {LEVELS_MAX} levels deep at most")
    if "$ref" in schema:
        return {"$ref": _reference(schema["$ref"])}
    made = {name: value for name, value in schema.items() if name not in _ONLY_OPENAPI}
    for name in _LISTS:
        if isinstance(made.get(name), list):
            made[name] = [_convert(each, level + 1) for each in made[name]]
    for name in _MAPS:
        if isinstance(made.get(name), Mapping):
            made[name] = {each: _convert(inner, level + 1) for each, inner in made[name].items()}
    for name in _ONES:
        if name in made:
            made[name] = _convert(made[name], level + 1)
    return _or_null(made) if schema.get("nullable") is True else made


def _reference(reference: Any) -> Any:
    """Where the schema stands in the draft 4 document."""
    if not isinstance(reference, str) or not reference.startswith(COMPONENTS):
        return reference
    return _DEFINITIONS + reference.removeprefix(COMPONENTS)


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    kind = schema.get("type")
    if isinstance(kind, str) and not any(name in schema for name in (*_LISTS, "not")):
        schema["type"] = [kind, "null"]
        if isinstance(schema.get("enum"), list) and None not in schema["enum"]:
            schema["enum"] = [*schema["enum"], None]
        return schema
    return {"anyOf": [schema, {"type": "null"}]}


def _refers_to(value: Any, reference: str) -> bool:
    if isinstance(value, Mapping):
        own = value.get("$ref")
        is_own = isinstance(own, str) and (own + "/").startswith(reference + "/")
        return is_own or any(_refers_to(each, reference) for each in value.values())
    if isinstance(value, list):
        return any(_refers_to(each, reference) for each in value)
    return False


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _sorted(value: Any) -> Any:
    """The same with members in the order of their names, as AWS exports them; lists keep their order."""
    if isinstance(value, Mapping):
        return {name: _sorted(value[name]) for name in sorted(value)}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_sorted(each) for each in value]
    return value
