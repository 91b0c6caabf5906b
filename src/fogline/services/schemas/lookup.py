"""What a request names: registries, schemas and versions; and what none may name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from fogline.aws.arn import make_arn
from fogline.aws.call import Call
from fogline.aws.errors import NotImplementedByFogline
from fogline.aws.pages import InvalidNextToken, next_token, page_start
from fogline.services.schemas import discovered
from fogline.services.schemas.errors import (
    BadRequestException,
    ForbiddenException,
    NotFoundException,
)
from fogline.services.schemas.service import Schemas
from fogline.services.schemas.tables import Place
from fogline.store.documents import Document
from fogline.store.store import Tx

AWS_REGISTRY = "aws.events"
"""AWS's registry of its own services' events, which Fogline does not have."""

_NAME = re.compile(r"[0-9A-Za-z._@-]+")
_VERSION = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)


def check_registry_name(schemas: Schemas, name: str) -> None:
    """Raises BadRequestException, and NotImplemented for AWS's own registry."""
    if name == AWS_REGISTRY:
        raise NotImplementedByFogline(service="schemas", operation=f"the registry {name}")
    _check_name("registry", name, schemas.limits.registry_name_characters_max)


def schema_key(schemas: Schemas, registry: str, schema: str) -> str:
    """Where a schema is kept. Raises BadRequestException."""
    check_registry_name(schemas, registry)
    _check_name("schema", schema, schemas.limits.schema_name_characters_max)
    return f"{registry}/{schema}"


def _check_name(kind: str, name: str, characters_max: int) -> None:
    if len(name) > characters_max or not _NAME.fullmatch(name):
        raise BadRequestException(
            f"The name of a {kind} has 1 to {characters_max} characters: letters, digits, and any of . - _ @."
        )


def require_registry(schemas: Schemas, tx: Tx, call: Call, name: str) -> Document:
    """The registry of that name. Raises NotFoundException."""
    check_registry_name(schemas, name)
    registry = schemas.tables.registries.find(tx, call.account, call.region, name)
    if registry is None:
        raise NotFoundException(thing=f"Registry with name {name}")
    return registry


def require_schema(schemas: Schemas, tx: Tx, call: Call, registry: str, name: str) -> Document:
    """The schema of that name. Raises NotFoundException."""
    key = schema_key(schemas, registry, name)
    schema = schemas.tables.schemas.find(tx, call.account, call.region, key)
    if schema is None:
        require_registry(schemas, tx, call, registry)
        raise NotFoundException(thing=f"Schema with name {name}")
    return schema


def require_version(
    schemas: Schemas, tx: Tx, call: Call, schema: Document, version: str | None
) -> Document:
    """A version of that schema, the newest if none is named. Raises NotFoundException."""
    number = schema["newest"] if not version else version_number(version)
    key = f"{schema['registry']}/{schema['name']}"
    found = schemas.tables.find_version(tx, (call.account, call.region), key, number)
    if found is None:
        raise NotFoundException(thing=f"Version {number} of schema {schema['name']}")
    return found


def version_number(version: str) -> int:
    """The number of a version. Raises BadRequestException."""
    if not _VERSION.fullmatch(version):
        raise BadRequestException(f"{version[:20]} is not a schema version.")
    return int(version)


def refuse_managed(registry: str) -> None:
    """Refuse to write by hand what discovery writes. Raises ForbiddenException."""
    if registry == discovered.REGISTRY or registry.startswith("aws."):
        raise ForbiddenException(f"The registry {registry} is managed by EventBridge.")


def lock_registry(tx: Tx, place: Place, registry: str) -> None:
    """Let nobody else change the registry, or any schema in it, until the commit.

    One lock for all of it: a publish that brings several new shapes must not wait for another that waits for it.
    """
    tx.lock(f"schemas:{place[0]}:{place[1]}:{registry}")


def registry_arn(call: Call, name: str) -> str:
    return make_arn("schemas", call.region, call.account, f"registry/{name}")


def schema_arn(call: Call, schema: Document) -> str:
    resource = f"schema/{schema['registry']}/{schema['name']}"
    return make_arn("schemas", call.region, call.account, resource)


def stored_text(text: str) -> str:
    """Text that names something kept. PostgreSQL knows no NUL in text. Raises BadRequestException."""
    if "\0" in text:
        raise BadRequestException("A name cannot contain the character NUL.")
    return text


def page_limit(schemas: Schemas, request: Mapping[str, Any]) -> int:
    """How many results a page has. Raises BadRequestException."""
    limit: int = request.get("Limit", schemas.limits.page_results_max)
    if not 1 <= limit <= schemas.limits.page_results_max:
        raise BadRequestException(f"Limit must be between 1 and {schemas.limits.page_results_max}.")
    return limit


def page_after(request: Mapping[str, Any]) -> str:
    """What the page before ended with. Raises BadRequestException."""
    try:
        return stored_text(page_start(request.get("NextToken")))
    except InvalidNextToken as broken:
        raise BadRequestException(broken.text) from None


def page_of(
    member: str, found: Sequence[tuple[str, Mapping[str, Any]]], limit: int
) -> Mapping[str, Any]:
    """A page as it is answered; `found` are names and entries, one more than fit if there are more."""
    page: dict[str, Any] = {member: [entry for _, entry in found[:limit]]}
    if len(found) > limit:
        page["NextToken"] = next_token(found[limit - 1][0])
    return page
