"""Tags of parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.call import Call
from fogline.aws.errors import NotImplementedByFogline
from fogline.services.ssm.errors import InvalidResourceId, TooManyTagsError
from fogline.services.ssm.names import check_tags, read_asked
from fogline.services.ssm.service import Ssm
from fogline.store.documents import Document
from fogline.store.store import Tx

if TYPE_CHECKING:
    from types_boto3_ssm.type_defs import (
        AddTagsToResourceRequestTypeDef,
        ListTagsForResourceRequestTypeDef,
        RemoveTagsFromResourceRequestTypeDef,
    )

Result = Mapping[str, Any]


def add_tags_to_resource(ssm: Ssm, call: Call, request: AddTagsToResourceRequestTypeDef) -> Result:
    check_tags(call, [tag["Key"] for tag in request["Tags"]])
    with ssm.store.write() as tx:
        key, parameter = _require(ssm, tx, call, request)
        tags = dict(parameter.get("tags") or {})
        tags.update({tag["Key"]: tag["Value"] for tag in request["Tags"]})
        if len(tags) > ssm.limits.tags_max:
            raise TooManyTagsError(max=ssm.limits.tags_max)
        _save(ssm, tx, call, key, parameter, tags)
    return {}


def remove_tags_from_resource(
    ssm: Ssm, call: Call, request: RemoveTagsFromResourceRequestTypeDef
) -> Result:
    with ssm.store.write() as tx:
        key, parameter = _require(ssm, tx, call, request)
        tags = dict(parameter.get("tags") or {})
        for name in request["TagKeys"]:
            tags.pop(name, None)
        _save(ssm, tx, call, key, parameter, tags)
    return {}


def list_tags_for_resource(
    ssm: Ssm, call: Call, request: ListTagsForResourceRequestTypeDef
) -> Result:
    with ssm.store.read() as tx:
        _, parameter = _require(ssm, tx, call, request)
    tags = parameter.get("tags") or {}
    return {"TagList": [{"Key": key, "Value": value} for key, value in tags.items()]}


def _require(ssm: Ssm, tx: Tx, call: Call, request: Mapping[str, Any]) -> tuple[str, Document]:
    if request["ResourceType"] != "Parameter":
        raise NotImplementedByFogline(
            service="ssm", operation=f"tags of a {request['ResourceType']}"
        )
    key = read_asked(call, request["ResourceId"]).key
    parameter = ssm.tables.find(tx, (call.account, call.region), key)
    if parameter is None:
        raise InvalidResourceId()
    return key, parameter


def _save(
    ssm: Ssm, tx: Tx, call: Call, key: str, parameter: Document, tags: Mapping[str, str]
) -> None:
    place = (call.account, call.region)
    ssm.tables.save_present(tx, place, key, {**parameter, "tags": dict(tags)})
