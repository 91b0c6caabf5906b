"""Tags of functions and of event source mappings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.arn import find_arn
from fogline.aws.call import Call
from fogline.services.lambda_.errors import (
    InvalidParameterValueException,
    ResourceNotFoundException,
)
from fogline.services.lambda_.lookup import require_function
from fogline.services.lambda_.names import Reference, read_reference
from fogline.services.lambda_.service import Lambda
from fogline.services.lambda_.tags import check_tags
from fogline.store.store import Tx

if TYPE_CHECKING:
    from types_boto3_lambda import type_defs as types

Result = Mapping[str, Any]


def list_tags(lambda_: Lambda, call: Call, request: types.ListTagsRequestTypeDef) -> Result:
    with lambda_.store.read() as tx:
        return {"Tags": dict(_tags(lambda_, tx, call, request["Resource"])[1])}


def tag_resource(lambda_: Lambda, call: Call, request: types.TagResourceRequestTypeDef) -> Result:
    if not request["Tags"]:
        raise InvalidParameterValueException(
            "An error occurred and the request cannot be processed."
        )
    with lambda_.store.write() as tx:
        key, tags = _tags(lambda_, tx, call, request["Resource"])
        tags = {**tags, **request["Tags"]}
        check_tags(tags, lambda_.limits)
        _save(lambda_, tx, key, tags)
    return {}


def untag_resource(
    lambda_: Lambda, call: Call, request: types.UntagResourceRequestTypeDef
) -> Result:
    gone = set(request["TagKeys"])
    with lambda_.store.write() as tx:
        key, tags = _tags(lambda_, tx, call, request["Resource"])
        _save(lambda_, tx, key, {name: tags[name] for name in tags if name not in gone})
    return {}


_Key = tuple[str, str, str, str]
"""Kind, account, region, name."""


def _tags(lambda_: Lambda, tx: Tx, call: Call, resource: str) -> tuple[_Key, Mapping[str, str]]:
    """What a resource's ARN leads to, and its tags. Raises ResourceNotFoundException."""
    arn = find_arn(resource)
    if arn is None:
        raise InvalidParameterValueException(f"Invalid resource ARN: {resource}")
    kind, _, name = arn.resource.partition(":")
    if kind == "event-source-mapping":
        tx.lock(f"lambda-mapping:{name}")
        mapping = lambda_.tables.mappings.find(tx, arn.account, arn.region, name)
        if mapping is None:
            raise ResourceNotFoundException(f"Event source mapping not found: {resource}")
        return ("mapping", arn.account, arn.region, name), mapping["tags"]
    if kind != "function":
        said = kind.replace("-", " ").capitalize()
        raise ResourceNotFoundException(f"{said} not found: {resource}")
    reference = read_reference(call.account, call.region, resource)
    if reference.qualifier:
        raise InvalidParameterValueException(
            "Tags on function aliases and versions are not supported. Please specify a function ARN."
        )
    tx.lock(f"lambda:{reference.account}:{reference.region}:{reference.name}")
    function = require_function(lambda_, tx, reference)
    return ("function", reference.account, reference.region, reference.name), function["tags"]


def _save(lambda_: Lambda, tx: Tx, key: _Key, tags: Mapping[str, str]) -> None:
    kind, account, region, name = key
    if kind == "mapping":
        mapping = lambda_.tables.mappings.find(tx, account, region, name)
        assert mapping is not None
        lambda_.tables.mappings.save(tx, account, region, name, {**mapping, "tags": dict(tags)})
        return
    function = require_function(lambda_, tx, Reference(account, region, name))
    latest = function["latest"]
    revision = lambda_.ids.uuid()
    lambda_.tables.save_function(
        tx,
        account,
        region,
        name,
        {
            **function,
            "tags": dict(tags),
            "latest": {**latest, "revisions": [latest["revisions"][0], revision]},
        },
    )
