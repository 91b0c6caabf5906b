"""Resource policies of registries: kept and answered, each change under a revision of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import orjson

from fogline.aws.call import Call
from fogline.services.schemas.errors import (
    BadRequestException,
    NotFoundException,
    PreconditionFailedException,
)
from fogline.services.schemas.lookup import lock_registry, require_registry
from fogline.services.schemas.service import Schemas
from fogline.store.documents import Document
from fogline.store.store import Tx

if TYPE_CHECKING:
    from types_boto3_schemas import type_defs as types

Result = Mapping[str, Any]


def put_resource_policy(
    schemas: Schemas, call: Call, request: types.PutResourcePolicyRequestTypeDef
) -> Result:
    policy = request["Policy"]
    _check(schemas, policy)
    name = _registry_name(request)
    with schemas.store.write() as tx:
        registry = _require_locked(schemas, tx, call, name)
        expected = request.get("RevisionId")
        if expected and expected != registry.get("revision"):
            raise PreconditionFailedException()
        changed = {**registry, "policy": policy, "revision": schemas.ids.uuid()}
        schemas.tables.registries.save(tx, call.account, call.region, name, changed)
    return {"Policy": policy, "RevisionId": changed["revision"]}


def get_resource_policy(
    schemas: Schemas, call: Call, request: types.GetResourcePolicyRequestTypeDef
) -> Result:
    name = _registry_name(request)
    with schemas.store.read() as tx:
        registry = require_registry(schemas, tx, call, name)
    _require_policy(registry)
    return {"Policy": registry["policy"], "RevisionId": registry["revision"]}


def delete_resource_policy(
    schemas: Schemas, call: Call, request: types.DeleteResourcePolicyRequestTypeDef
) -> Result:
    name = _registry_name(request)
    with schemas.store.write() as tx:
        registry = _require_locked(schemas, tx, call, name)
        _require_policy(registry)
        left = {key: registry[key] for key in registry if key not in ("policy", "revision")}
        schemas.tables.registries.save(tx, call.account, call.region, name, left)
    return {}


def _registry_name(request: Mapping[str, Any]) -> str:
    name: str = request.get("RegistryName") or ""
    if not name:
        raise BadRequestException("registryName is required.")
    return name


def _require_locked(schemas: Schemas, tx: Tx, call: Call, name: str) -> Document:
    lock_registry(tx, (call.account, call.region), name)
    return require_registry(schemas, tx, call, name)


def _require_policy(registry: Document) -> None:
    if "policy" not in registry:
        raise NotFoundException(thing=f"A policy of the registry {registry['name']}")


def _check(schemas: Schemas, policy: str) -> None:
    """Refuse what is no policy document. Raises BadRequestException."""
    if len(policy) > schemas.limits.policy_characters_max:
        raise BadRequestException("The policy is too long.")
    try:
        document = orjson.loads(policy)
    except ValueError:
        raise BadRequestException("The policy is not valid JSON.") from None
    if not isinstance(document, dict) or not isinstance(document.get("Statement"), dict | list):
        raise BadRequestException("The policy must be an object with a Statement.")
