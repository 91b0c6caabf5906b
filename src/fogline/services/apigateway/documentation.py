"""What an API says for its readers: where a part of it stands, and how it is told from others.

Source: https://docs.aws.amazon.com/apigateway/latest/api/API_DocumentationPartLocation.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from fogline.services.apigateway.errors import BadRequestException

_OF_METHODS = ("path", "method")
_MEMBERS = {
    "API": (),
    "AUTHORIZER": ("name",),
    "MODEL": ("name",),
    "RESOURCE": ("path",),
    "METHOD": _OF_METHODS,
    "PATH_PARAMETER": (*_OF_METHODS, "name"),
    "QUERY_PARAMETER": (*_OF_METHODS, "name"),
    "REQUEST_HEADER": (*_OF_METHODS, "name"),
    "REQUEST_BODY": _OF_METHODS,
    "RESPONSE": (*_OF_METHODS, "statusCode"),
    "RESPONSE_HEADER": (*_OF_METHODS, "statusCode", "name"),
    "RESPONSE_BODY": (*_OF_METHODS, "statusCode"),
}
_NAMED = (
    "AUTHORIZER",
    "MODEL",
    "PATH_PARAMETER",
    "QUERY_PARAMETER",
    "REQUEST_HEADER",
    "RESPONSE_HEADER",
)
_PROPERTIES_BYTES_MAX = 34_000


def whole_location(location: Mapping[str, str]) -> dict[str, str]:
    """A location as AWS keeps it: without a path it is at the root. Raises BadRequestException."""
    kind = location.get("type", "")
    members = _MEMBERS.get(kind)
    if members is None:
        raise BadRequestException(f"Invalid documentation part type specified: {kind[:100]}")
    for name in location:
        if name != "type" and name not in members:
            raise BadRequestException(f"Invalid location: {name} is not valid for type {kind}")
    if kind in _NAMED and not location.get("name"):
        raise BadRequestException(f"Invalid location: name is required for type {kind}")
    whole = dict(location)
    if "path" in members:
        whole.setdefault("path", "/")
    return whole


def place_of(location: Mapping[str, str]) -> tuple[str, ...]:
    """By what two locations are the same: what is not said stands for any."""
    return (
        location["type"],
        location.get("path") or "/",
        location.get("method") or "*",
        location.get("statusCode") or "*",
        location.get("name") or "",
    )


def check_properties(properties: str) -> None:
    """Raises BadRequestException."""
    try:
        read = orjson.loads(properties)
    except ValueError:
        read = None
    if not isinstance(read, dict):
        raise BadRequestException("Documentation part properties must be JSON objects.")
    if len(properties.encode()) > _PROPERTIES_BYTES_MAX:
        raise BadRequestException("Documentation part properties are too large.")


def is_asked_for(part: Mapping[str, Any], request: Mapping[str, Any]) -> bool:
    """Whether a part is among those that GetDocumentationParts asks for."""
    location = part["location"]
    asked = {
        "type": request.get("type"),
        "path": request.get("path"),
        "name": request.get("nameQuery"),
    }
    return all(not value or location.get(name) == value for name, value in asked.items())
