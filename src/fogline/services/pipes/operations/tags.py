"""Tags of pipes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.arn import find_arn
from fogline.aws.call import Call
from fogline.services.pipes import states
from fogline.services.pipes.errors import NotFoundException, ValidationException
from fogline.services.pipes.service import Pipes
from fogline.store.documents import Document
from fogline.store.store import Tx

if TYPE_CHECKING:
    from types_boto3_pipes import type_defs as types

Result = Mapping[str, Any]


def tag_resource(pipes: Pipes, call: Call, request: types.TagResourceRequestTypeDef) -> Result:
    with pipes.store.write() as tx:
        tx.lock(states.lock_name(call.account, call.region))
        document = _require(pipes, tx, call, request["resourceArn"])
        tags = {**document["tags"], **request["tags"]}
        if len(tags) > pipes.limits.tags_max:
            raise ValidationException(f"A pipe has at most {pipes.limits.tags_max} tags.")
        pipes.tables.save(tx, {**document, "tags": tags})
    return {}


def untag_resource(pipes: Pipes, call: Call, request: types.UntagResourceRequestTypeDef) -> Result:
    with pipes.store.write() as tx:
        tx.lock(states.lock_name(call.account, call.region))
        document = _require(pipes, tx, call, request["resourceArn"])
        gone = set(request["tagKeys"])
        tags = {key: value for key, value in document["tags"].items() if key not in gone}
        pipes.tables.save(tx, {**document, "tags": tags})
    return {}


def list_tags_for_resource(
    pipes: Pipes, call: Call, request: types.ListTagsForResourceRequestTypeDef
) -> Result:
    with pipes.store.read() as tx:
        document = _require(pipes, tx, call, request["resourceArn"])
    return {"tags": document["tags"]}


def _require(pipes: Pipes, tx: Tx, call: Call, text: str) -> Document:
    arn = find_arn(text)
    name = arn.resource.removeprefix("pipe/") if arn is not None else text
    found = pipes.tables.find(tx, call.account, call.region, name)
    if found is None or found["Arn"] != text or states.is_gone(found, call.now):
        raise NotFoundException(name=name)
    return found
