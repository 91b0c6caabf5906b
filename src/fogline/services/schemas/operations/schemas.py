"""Schemas: create, describe, update, delete, list, search, export."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import orjson

from fogline.aws.call import Call
from fogline.aws.json_schema import InvalidSchema
from fogline.services.schemas import discovered
from fogline.services.schemas.content import (
    DRAFT_4,
    OPENAPI,
    check_content,
    read_content,
    write_content,
)
from fogline.services.schemas.errors import (
    BadRequestException,
    ConflictException,
    ForbiddenException,
    NotFoundException,
)
from fogline.services.schemas.lookup import (
    lock_registry,
    page_after,
    page_limit,
    page_of,
    refuse_managed,
    require_registry,
    require_schema,
    require_version,
    schema_arn,
    schema_key,
    stored_text,
)
from fogline.services.schemas.openapi import draft4_of
from fogline.services.schemas.operations.tags import check_tags
from fogline.services.schemas.service import Schemas
from fogline.services.schemas.versions import add_version, new_schema
from fogline.store.documents import Document

if TYPE_CHECKING:
    from types_boto3_schemas import type_defs as types

Result = Mapping[str, Any]


def create_schema(
    schemas: Schemas, call: Call, request: types.CreateSchemaRequestTypeDef
) -> Result:
    registry, name = request["RegistryName"], request["SchemaName"]
    key = schema_key(schemas, registry, name)
    refuse_managed(registry)
    tags = request.get("Tags") or {}
    check_tags(schemas, tags, call)
    check_content(request["Type"], request["Content"])
    place = (call.account, call.region)
    with schemas.store.write() as tx:
        lock_registry(tx, (call.account, call.region), registry)
        require_registry(schemas, tx, call, registry)
        if schemas.tables.schemas.find(tx, *place, key) is not None:
            raise ConflictException(thing=f"Schema with name {name}")
        schema = new_schema(registry, name, request["Type"], tags)
        schema["description"] = request.get("Description", "")
        made, version = add_version(
            schemas, tx, place, schema, request["Content"], call.now, call.trace
        )
    return _described(call, made, version)


def describe_schema(
    schemas: Schemas, call: Call, request: types.DescribeSchemaRequestTypeDef
) -> Result:
    with schemas.store.read() as tx:
        schema = require_schema(schemas, tx, call, request["RegistryName"], request["SchemaName"])
        version = require_version(schemas, tx, call, schema, request.get("SchemaVersion"))
    return {**_described(call, schema, version), "Content": version["content"]}


def update_schema(
    schemas: Schemas, call: Call, request: types.UpdateSchemaRequestTypeDef
) -> Result:
    registry, name = request["RegistryName"], request["SchemaName"]
    key = schema_key(schemas, registry, name)
    refuse_managed(registry)
    place = (call.account, call.region)
    with schemas.store.write() as tx:
        lock_registry(tx, (call.account, call.region), registry)
        schema: Mapping[str, Any] = require_schema(schemas, tx, call, registry, name)
        version = require_version(schemas, tx, call, schema, None)
        if "Description" in request:
            schema = {**schema, "description": request["Description"], "modified": call.now}
            schemas.tables.schemas.save(tx, *place, key, schema)
        content = request.get("Content", version["content"])
        kind = request.get("Type", schema["type"])
        if not _is_same(version, kind, content):
            check_content(kind, content)
            if schema["count"] >= schemas.limits.versions_max:
                raise BadRequestException(
                    f"A schema has at most {schemas.limits.versions_max} versions."
                )
            schema, version = add_version(
                schemas, tx, place, {**schema, "type": kind}, content, call.now, call.trace
            )
    return _described(call, schema, version)


def _is_same(version: Document, kind: str, content: str) -> bool:
    """True if nothing changes but how the JSON is spaced."""
    if version["type"] != kind:
        return False
    return content == version["content"] or read_content(content) == read_content(
        version["content"]
    )


def delete_schema(
    schemas: Schemas, call: Call, request: types.DeleteSchemaRequestTypeDef
) -> Result:
    registry, name = request["RegistryName"], request["SchemaName"]
    key = schema_key(schemas, registry, name)
    with schemas.store.write() as tx:
        lock_registry(tx, (call.account, call.region), registry)
        require_schema(schemas, tx, call, registry, name)
        schemas.tables.remove_schema(tx, (call.account, call.region), key)
    return {}


def list_schemas(schemas: Schemas, call: Call, request: types.ListSchemasRequestTypeDef) -> Result:
    registry, limit = request["RegistryName"], page_limit(schemas, request)
    prefix = stored_text(request.get("SchemaNamePrefix", ""))
    with schemas.store.read() as tx:
        require_registry(schemas, tx, call, registry)
        found = schemas.tables.schemas.page(
            tx,
            call.account,
            call.region,
            prefix=f"{registry}/{prefix}",
            after=page_after(request),
            limit=limit + 1,
        )
    return page_of("Schemas", [(key, _summary(call, each)) for key, each in found], limit)


def export_schema(
    schemas: Schemas, call: Call, request: types.ExportSchemaRequestTypeDef
) -> Result:
    """A discovered schema as JSON Schema draft 4, the only other format that AWS exports."""
    registry, name = request["RegistryName"], request["SchemaName"]
    if request["Type"] != DRAFT_4:
        raise BadRequestException(f"Type must be {DRAFT_4}.")
    with schemas.store.read() as tx:
        schema = require_schema(schemas, tx, call, registry, name)
        version = require_version(schemas, tx, call, schema, request.get("SchemaVersion"))
    if registry != discovered.REGISTRY:
        raise ForbiddenException("You cannot export non discovered or non aws managed schemas.")
    return {
        "Content": _as_draft4(version),
        "SchemaArn": schema_arn(call, schema),
        "SchemaName": name,
        "SchemaVersion": str(version["number"]),
        "Type": DRAFT_4,
    }


def _as_draft4(version: Document) -> str:
    if version["type"] != OPENAPI:
        content: str = version["content"]
        return content
    try:
        return write_content(draft4_of(orjson.loads(version["content"])))
    except InvalidSchema as broken:
        raise NotFoundException(str(broken)) from None


def _summary(call: Call, schema: Document) -> dict[str, Any]:
    return {
        "LastModified": schema["modified"],
        "SchemaArn": schema_arn(call, schema),
        "SchemaName": schema["name"],
        "Tags": schema["tags"],
        "VersionCount": schema["count"],
    }


def _described(call: Call, schema: Document, version: Document) -> dict[str, Any]:
    described = {
        "LastModified": schema["modified"],
        "SchemaArn": schema_arn(call, schema),
        "SchemaName": schema["name"],
        "SchemaVersion": str(version["number"]),
        "Tags": schema["tags"],
        "Type": version["type"],
        "VersionCreatedDate": version["created"],
    }
    return (
        {**described, "Description": schema["description"]} if schema["description"] else described
    )
