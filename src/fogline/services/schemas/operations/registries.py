"""Registries: create, describe, update, delete, list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.call import Call
from fogline.aws.errors import NotImplementedByFogline
from fogline.services.schemas.errors import BadRequestException, ConflictException
from fogline.services.schemas.lookup import (
    AWS_REGISTRY,
    check_registry_name,
    lock_registry,
    page_after,
    page_limit,
    page_of,
    refuse_managed,
    registry_arn,
    require_registry,
    stored_text,
)
from fogline.services.schemas.operations.tags import check_tags
from fogline.services.schemas.service import Schemas
from fogline.store.documents import Document

if TYPE_CHECKING:
    from types_boto3_schemas import type_defs as types

Result = Mapping[str, Any]


def create_registry(
    schemas: Schemas, call: Call, request: types.CreateRegistryRequestTypeDef
) -> Result:
    name = request["RegistryName"]
    check_registry_name(schemas, name)
    refuse_managed(name)
    tags = request.get("Tags") or {}
    check_tags(schemas, tags, call)
    registry = {"name": name, "description": request.get("Description", ""), "tags": dict(tags)}
    with schemas.store.write() as tx:
        lock_registry(tx, (call.account, call.region), name)
        if schemas.tables.registries.find(tx, call.account, call.region, name) is not None:
            raise ConflictException(thing=f"Registry with name {name}")
        schemas.tables.registries.save(tx, call.account, call.region, name, registry)
    return _described(call, registry)


def describe_registry(
    schemas: Schemas, call: Call, request: types.DescribeRegistryRequestTypeDef
) -> Result:
    with schemas.store.read() as tx:
        return _described(call, require_registry(schemas, tx, call, request["RegistryName"]))


def update_registry(
    schemas: Schemas, call: Call, request: types.UpdateRegistryRequestTypeDef
) -> Result:
    name = request["RegistryName"]
    refuse_managed(name)
    with schemas.store.write() as tx:
        lock_registry(tx, (call.account, call.region), name)
        registry = dict(require_registry(schemas, tx, call, name))
        if "Description" in request:
            registry["description"] = request["Description"]
        schemas.tables.registries.save(tx, call.account, call.region, name, registry)
    return _described(call, registry)


def delete_registry(
    schemas: Schemas, call: Call, request: types.DeleteRegistryRequestTypeDef
) -> Result:
    name = request["RegistryName"]
    refuse_managed(name)
    place = (call.account, call.region)
    with schemas.store.write() as tx:
        lock_registry(tx, (call.account, call.region), name)
        require_registry(schemas, tx, call, name)
        if schemas.tables.schemas.page(tx, *place, prefix=f"{name}/", limit=1):
            raise BadRequestException(
                f"Registry with name {name} still has schemas. Delete them first."
            )
        schemas.tables.registries.remove(tx, *place, name)
    return {}


def list_registries(
    schemas: Schemas, call: Call, request: types.ListRegistriesRequestTypeDef
) -> Result:
    scope = request.get("Scope", "").upper()
    if scope == "AWS":
        raise NotImplementedByFogline(service="schemas", operation=f"the registry {AWS_REGISTRY}")
    if scope not in ("", "LOCAL"):
        raise BadRequestException("Scope must be Local or AWS.")
    limit = page_limit(schemas, request)
    with schemas.store.read() as tx:
        found = schemas.tables.registries.page(
            tx,
            call.account,
            call.region,
            prefix=stored_text(request.get("RegistryNamePrefix", "")),
            after=page_after(request),
            limit=limit + 1,
        )
    entries = [(name, _summary(call, registry)) for name, registry in found]
    return page_of("Registries", entries, limit)


def _summary(call: Call, registry: Document) -> dict[str, Any]:
    return {
        "RegistryArn": registry_arn(call, registry["name"]),
        "RegistryName": registry["name"],
        "Tags": registry["tags"],
    }


def _described(call: Call, registry: Document) -> dict[str, Any]:
    described = _summary(call, registry)
    return {
        **described,
        **({"Description": registry["description"]} if registry["description"] else {}),
    }
