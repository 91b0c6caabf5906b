"""Tags of registries, schemas and discoverers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.arn import find_arn
from fogline.aws.call import Call
from fogline.services.schemas.errors import BadRequestException, NotFoundException
from fogline.services.schemas.lookup import lock_registry, stored_text
from fogline.services.schemas.service import Schemas
from fogline.store.documents import Document, Documents
from fogline.store.store import Tx

if TYPE_CHECKING:
    from types_boto3_schemas import type_defs as types

Result = Mapping[str, Any]

_KEY_CHARACTERS_MAX = 128
_VALUE_CHARACTERS_MAX = 256


def check_tags(schemas: Schemas, tags: Mapping[str, str], call: Call) -> None:
    """Refuse tags that AWS refuses. Raises BadRequestException."""
    if len(tags) > schemas.limits.tags_max:
        raise BadRequestException(f"A resource can have at most {schemas.limits.tags_max} tags.")
    _check_keys(tags, call)
    if any(len(value) > _VALUE_CHARACTERS_MAX for value in tags.values()):
        raise BadRequestException(f"A tag value has at most {_VALUE_CHARACTERS_MAX} characters.")


def _check_keys(keys: Iterable[str], call: Call) -> None:
    for key in keys:
        if not 1 <= len(key) <= _KEY_CHARACTERS_MAX:
            raise BadRequestException(f"A tag key has 1 to {_KEY_CHARACTERS_MAX} characters.")
        # CloudFormation marks what it makes; it calls from within and speaks no protocol.
        if key.lower().startswith("aws:") and call.protocol:
            raise BadRequestException("Tag keys that begin with aws: are reserved.")


def list_tags_for_resource(
    schemas: Schemas, call: Call, request: types.ListTagsForResourceRequestTypeDef
) -> Result:
    with schemas.store.read() as tx:
        _, _, resource = _require(schemas, tx, call, request["ResourceArn"])
    return {"Tags": resource["tags"]}


def tag_resource(schemas: Schemas, call: Call, request: types.TagResourceRequestTypeDef) -> Result:
    with schemas.store.write() as tx:
        documents, name, resource = _require_locked(schemas, tx, call, request["ResourceArn"])
        _check_keys(request["Tags"], call)
        tags = {**resource["tags"], **request["Tags"]}
        check_tags(schemas, tags, call._replace(protocol=""))
        documents.save(tx, call.account, call.region, name, {**resource, "tags": tags})
    return {}


def untag_resource(
    schemas: Schemas, call: Call, request: types.UntagResourceRequestTypeDef
) -> Result:
    gone = set(request["TagKeys"])
    with schemas.store.write() as tx:
        documents, name, resource = _require_locked(schemas, tx, call, request["ResourceArn"])
        tags = {key: value for key, value in resource["tags"].items() if key not in gone}
        documents.save(tx, call.account, call.region, name, {**resource, "tags": tags})
    return {}


def _require_locked(
    schemas: Schemas, tx: Tx, call: Call, arn: str
) -> tuple[Documents, str, Document]:
    _, name, _ = _require(schemas, tx, call, arn)
    lock_registry(tx, (call.account, call.region), name.partition("/")[0])
    return _require(schemas, tx, call, arn)


def _require(schemas: Schemas, tx: Tx, call: Call, text: str) -> tuple[Documents, str, Document]:
    """Where a resource is kept, its name there, and it. Raises BadRequestException, NotFoundException."""
    arn = find_arn(stored_text(text))
    if arn is None or arn.service != "schemas":
        raise BadRequestException("The resource ARN is not valid.")
    kind, _, name = arn.resource.partition("/")
    documents = {
        "registry": schemas.tables.registries,
        "schema": schemas.tables.schemas,
        "discoverer": schemas.tables.discoverers,
    }.get(kind)
    if documents is None:
        raise BadRequestException("The resource ARN is not valid.")
    found = None
    if (arn.account, arn.region) == (call.account, call.region):
        found = documents.find(tx, call.account, call.region, name)
    if found is None:
        raise NotFoundException(thing=f"Resource with ARN {text}")
    return documents, name, found
