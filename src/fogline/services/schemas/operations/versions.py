"""Versions of schemas: list and delete."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.call import Call
from fogline.services.schemas.errors import BadRequestException
from fogline.services.schemas.lookup import (
    lock_registry,
    page_after,
    page_limit,
    page_of,
    require_schema,
    require_version,
    schema_arn,
    schema_key,
    version_number,
)
from fogline.services.schemas.service import Schemas
from fogline.services.schemas.versions import remove_version

if TYPE_CHECKING:
    from types_boto3_schemas import type_defs as types

Result = Mapping[str, Any]


def list_schema_versions(
    schemas: Schemas, call: Call, request: types.ListSchemaVersionsRequestTypeDef
) -> Result:
    registry, name = request["RegistryName"], request["SchemaName"]
    key = schema_key(schemas, registry, name)
    limit, after = page_limit(schemas, request), page_after(request)
    with schemas.store.read() as tx:
        schema = require_schema(schemas, tx, call, registry, name)
        found = schemas.tables.versions(
            tx,
            (call.account, call.region),
            key,
            after=version_number(after) if after else 0,
            limit=limit + 1,
        )
    entries = [
        (
            str(version["number"]),
            {
                "SchemaArn": schema_arn(call, schema),
                "SchemaName": name,
                "SchemaVersion": str(version["number"]),
                "Type": version["type"],
            },
        )
        for version in found
    ]
    return page_of("SchemaVersions", entries, limit)


def delete_schema_version(
    schemas: Schemas, call: Call, request: types.DeleteSchemaVersionRequestTypeDef
) -> Result:
    registry, name = request["RegistryName"], request["SchemaName"]
    schema_key(schemas, registry, name)
    with schemas.store.write() as tx:
        lock_registry(tx, (call.account, call.region), registry)
        schema = require_schema(schemas, tx, call, registry, name)
        version = require_version(schemas, tx, call, schema, request["SchemaVersion"])
        if schema["count"] == 1:
            raise BadRequestException(
                "The only version of a schema cannot be deleted. Delete the schema instead."
            )
        place = (call.account, call.region)
        remove_version(schemas, tx, place, schema, version["number"], call.now)
    return {}
