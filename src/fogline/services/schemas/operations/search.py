"""Search: schemas of a registry by the words in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.call import Call
from fogline.aws.pages import next_token
from fogline.services.schemas.errors import BadRequestException
from fogline.services.schemas.lookup import (
    page_after,
    page_limit,
    require_registry,
    schema_arn,
)
from fogline.services.schemas.service import Schemas
from fogline.store.documents import Document

if TYPE_CHECKING:
    from types_boto3_schemas import type_defs as types

Result = Mapping[str, Any]


def search_schemas(
    schemas: Schemas, call: Call, request: types.SearchSchemasRequestTypeDef
) -> Result:
    """Schemas in which every keyword occurs: in the name, the description or the content of a version."""
    words = request["Keywords"].casefold().split()
    if not words:
        raise BadRequestException("Keywords must not be empty.")
    registry, limit = request["RegistryName"], page_limit(schemas, request)
    hits: list[Mapping[str, Any]] = []
    place, room = (call.account, call.region), schemas.limits.searched_characters_max
    page: dict[str, Any] = {"Schemas": hits}
    with schemas.store.read() as tx:
        require_registry(schemas, tx, call, registry)
        found = schemas.tables.schemas.page(
            tx, *place, prefix=f"{registry}/", after=page_after(request)
        )
        for key, schema in found:
            versions = schemas.tables.versions(tx, place, key)
            matching = _matching(schema, versions, words)
            if matching:
                hits.append(_found(call, schema, matching))
            room -= sum(len(version["content"]) for version in versions)
            if (len(hits) == limit or room < 0) and key != found[-1][0]:
                page["NextToken"] = next_token(key)
                break
    return page


def _matching(schema: Document, versions: list[Document], words: list[str]) -> list[Document]:
    about = f"{schema['name']} {schema['description']}".casefold()
    missing = [word for word in words if word not in about]
    return [
        version
        for version in versions
        if all(word in version["content"].casefold() for word in missing)
    ]


def _found(call: Call, schema: Document, versions: list[Document]) -> dict[str, Any]:
    return {
        "RegistryName": schema["registry"],
        "SchemaArn": schema_arn(call, schema),
        "SchemaName": schema["name"],
        "SchemaVersions": [
            {
                "CreatedDate": version["created"],
                "SchemaVersion": str(version["number"]),
                "Type": version["type"],
            }
            for version in versions
        ],
    }
