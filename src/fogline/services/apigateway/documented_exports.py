"""Documented exports: what a published documentation version says, where an OpenAPI document has a place for it.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-documenting-api-quick-start-publishing.html
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

Document = Mapping[str, Any]

_SAID = {
    "API": (),
    "RESOURCE": (),
    "METHOD": ("description", "summary", "tags", "externalDocs", "deprecated"),
    "MODEL": ("title", "description"),
}
"""The members that OpenAPI knows, beside `x-...`; of other kinds it knows a description."""
_INFO = ("description", "termsOfService", "contact", "license")
_PARAMETERS = {
    "path": "PATH_PARAMETER",
    "query": "QUERY_PARAMETER",
    "header": "REQUEST_HEADER",
    "body": "REQUEST_BODY",
}
_ANY = "x-amazon-apigateway-any-method"
_DEFAULTS = {"path": "/", "method": "*", "statusCode": "*"}


def documented(document: Document, version: Document) -> dict[str, Any]:
    """The document with what that version says: at the places it is about, and whole."""
    said = _Said(version)
    api = said.all_of("API")
    info = api.get("info")
    whole = {
        **document,
        "info": {**document["info"], **_taken(info if isinstance(info, dict) else {}, _INFO)},
        "paths": {path: _path(said, path, item) for path, item in document["paths"].items()},
        **said.about("API"),
        "x-amazon-apigateway-documentation": {
            "version": version["version"],
            "createdDate": f"{datetime.fromtimestamp(version['createdDate'] / 1000, UTC):%Y-%m-%dT%H:%M:%SZ}",
            "documentationParts": [_shown(part) for part in version["parts"]],
        },
    }
    whole |= _named(said, document, "definitions", "securityDefinitions")
    if "components" in document:
        parts = document["components"]
        whole["components"] = {**parts, **_named(said, parts, "schemas", "securitySchemes")}
    return whole


def _named(said: _Said, holder: Document, models: str, schemes: str) -> dict[str, Any]:
    return {
        member: {
            name: {**each, **said.about(kind, name=name)} for name, each in holder[member].items()
        }
        for member, kind in ((models, "MODEL"), (schemes, "AUTHORIZER"))
        if member in holder
    }


def _path(said: _Said, path: str, item: Document) -> dict[str, Any]:
    operations = {
        key: _operation(said, path, "ANY" if key == _ANY else key.upper(), operation)
        for key, operation in item.items()
    }
    return {**operations, **said.about("RESOURCE", path)}


def _operation(said: _Said, path: str, verb: str, operation: Document) -> dict[str, Any]:
    whole = {**operation, **said.about("METHOD", path, verb)}
    if "parameters" in operation:
        whole["parameters"] = [
            {
                **each,
                **said.about(kind, path, verb, name=each["name"] if kind != "REQUEST_BODY" else ""),
            }
            for each in operation["parameters"]
            for kind in (_PARAMETERS[each["in"]],)
        ]
    if "requestBody" in operation:
        body = said.about("REQUEST_BODY", path, verb)
        whole["requestBody"] = {**operation["requestBody"], **body}
    whole["responses"] = {
        status: _response(said, path, verb, status, response)
        for status, response in operation["responses"].items()
    }
    return whole


def _response(said: _Said, path: str, verb: str, status: str, response: Document) -> dict[str, Any]:
    whole = {**response, **said.about("RESPONSE", path, verb, status)}
    if "headers" in response:
        whole["headers"] = {
            name: {**each, **said.about("RESPONSE_HEADER", path, verb, status, name)}
            for name, each in response["headers"].items()
        }
    return whole


class _Said:
    """The parts of a version, found by what they are about."""

    def __init__(self, version: Document) -> None:
        self._parts: dict[tuple[str, str], list[tuple[Document, dict[str, Any]]]] = {}
        for part in version["parts"]:
            location = {**_DEFAULTS, **part["location"]}
            key = location["type"], location.get("name") or ""
            self._parts.setdefault(key, []).append((location, orjson.loads(part["properties"])))

    def all_of(
        self, kind: str, path: str = "/", verb: str = "*", status: str = "*", name: str = ""
    ) -> dict[str, Any]:
        """All that is said there. What is said of less special places is said of all below them."""
        found = [
            (len(location["path"]), location["statusCode"] != "*", location["method"] != "*", text)
            for location, text in self._parts.get((kind, name), ())
            if location["method"] in ("*", verb)
            and location["statusCode"] in ("*", status)
            and (
                location["path"] == path
                or (kind != "RESOURCE" and _is_below(path, location["path"]))
            )
        ]
        return max(found, key=lambda each: each[:3])[3] if found else {}

    def about(
        self, kind: str, path: str = "/", verb: str = "*", status: str = "*", name: str = ""
    ) -> dict[str, Any]:
        """What of it OpenAPI has a member for."""
        text = self.all_of(kind, path, verb, status, name)
        return _taken(text, _SAID.get(kind, ("description",)))


def _is_below(path: str, upper: str) -> bool:
    return path.startswith(upper if upper.endswith("/") else f"{upper}/")


def _taken(text: Document, members: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name, value in text.items() if name in members or name.startswith("x-")}


def _shown(part: Document) -> dict[str, Any]:
    location = {
        name: value for name, value in part["location"].items() if value != _DEFAULTS.get(name)
    }
    return {"location": location, "properties": orjson.loads(part["properties"])}
