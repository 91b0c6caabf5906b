"""Paths of an API: what a part of one may be, which parameters it has, and how resources make a tree.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-settings-method-request.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from fogline.services.apigateway.errors import (
    BadRequestException,
    ConflictException,
    NotFoundException,
)

_PART = re.compile(r"[a-zA-Z0-9._\-:]+|\{[a-zA-Z0-9._\-:]+\+?\}")
_PART_CHARACTERS_MAX = 1_024

Resources = Mapping[str, Mapping[str, Any]]


def check_part(part: str) -> None:
    """Raises BadRequestException unless one part of a path may be written so."""
    if len(part) > _PART_CHARACTERS_MAX or _PART.fullmatch(part) is None:
        raise BadRequestException(
            "Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces "
            "at the beginning and the end."
        )


def is_variable(part: str) -> bool:
    return part.startswith("{")


def is_greedy(part: str) -> bool:
    """Whether it stands for all the rest of a path."""
    return part.endswith("+}")


def path_parameters(path: str) -> list[str]:
    """The names of its variables, in their order."""
    return [part[1:-1].removesuffix("+") for part in path.split("/") if is_variable(part)]


def path_under(parent: str, part: str) -> str:
    return f"{parent.rstrip('/')}/{part}"


def check_place(
    resources: Resources, parent: Mapping[str, Any], part: str, itself: str = ""
) -> None:
    """Raises BadRequestException, ConflictException unless a resource may stand under that parent."""
    check_part(part)
    if is_greedy(parent.get("pathPart", "")):
        raise BadRequestException(
            "Cannot create a child of a resource with a greedy path variable."
        )
    for sibling in resources.values():
        if sibling.get("parentId") != parent["id"] or sibling["id"] == itself:
            continue
        other = sibling["pathPart"]
        if other == part:
            raise ConflictException(
                f"Another resource with the same parent already has this name: {part}"
            )
        if is_variable(other) and is_variable(part) and is_greedy(other) == is_greedy(part):
            raise BadRequestException(
                f"A sibling ({other}) of this resource already has a variable path part -- only one is allowed"
            )
    names = path_parameters(path_under(parent["path"], part))
    if len(names) != len(set(names)):
        raise BadRequestException(
            "Resource's path contains a path variable more than once -- its name has to be unique."
        )


def descendants(resources: Resources, id: str) -> Iterator[str]:
    """The ids of all resources under that one."""
    children: dict[str, list[str]] = {}
    for resource in resources.values():
        children.setdefault(resource.get("parentId", ""), []).append(resource["id"])
    waiting = list(children.get(id, ()))
    while waiting:
        found = waiting.pop()
        yield found
        waiting += children.get(found, ())


def place_resource(
    resources: dict[str, dict[str, Any]], id: str, parent_id: str, part: str
) -> None:
    """Let a resource stand under that parent, by that name, with all that is under it."""
    parent = resources.get(parent_id)
    if parent is None:
        raise NotFoundException(kind="Resource")
    below = list(descendants(resources, id))
    if parent_id == id or parent_id in below:
        raise BadRequestException("Resources cannot be cyclical.")
    if below and is_greedy(part):
        raise BadRequestException(
            "Cannot create a child of a resource with a greedy path variable."
        )
    check_place(resources, parent, part, id)
    moved = resources[id]
    before = moved["path"]
    moved |= {"parentId": parent_id, "pathPart": part, "path": path_under(parent["path"], part)}
    for child in below:
        path = resources[child]["path"]
        resources[child]["path"] = moved["path"] + path.removeprefix(before)


def sorted_by_path(resources: Resources) -> list[Mapping[str, Any]]:
    return sorted(resources.values(), key=lambda resource: str(resource["path"]))
