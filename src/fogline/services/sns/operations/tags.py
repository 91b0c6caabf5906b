"""Tags of topics."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.call import Call
from fogline.services.sns.errors import (
    InvalidParameterException,
    NotFoundException,
    ResourceNotFoundException,
    TagLimitExceededException,
)
from fogline.services.sns.lookup import require_topic, require_writable
from fogline.services.sns.service import Sns

if TYPE_CHECKING:
    from types_boto3_sns import type_defs as types

Result = Mapping[str, Any]

_CHARACTERS = re.compile(r"[\w \u00a0\u2000-\u200a\u3000.:/=+\-@]*")


def checked_tags(sns: Sns, call: Call, tags: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Tags by their keys. Raises InvalidParameterException, TagLimitExceededException."""
    found: dict[str, str] = {}
    for tag in tags:
        key = tag["Key"]
        if key in found:
            raise InvalidParameterException(reason="Duplicated keys are not allowed.")
        # CloudFormation marks what it makes; it calls from within and speaks no protocol.
        if key.lower().startswith("aws:") and call.protocol:
            raise InvalidParameterException(
                reason="Tag Reason: Tag keys that begin with aws: are reserved for internal use."
            )
        if _CHARACTERS.fullmatch(key) is None or _CHARACTERS.fullmatch(tag["Value"]) is None:
            raise InvalidParameterException(
                reason="Tag Reason: Tags can only include letters, digits, spaces and _ . : / = + - @"
            )
        found[key] = tag["Value"]
    if len(found) > sns.limits.tags_max:
        raise TagLimitExceededException()
    return found


def list_tags_for_resource(
    sns: Sns, call: Call, request: types.ListTagsForResourceRequestTypeDef
) -> Result:
    with sns.store.read() as tx:
        try:
            topic = require_topic(sns, tx, call, request["ResourceArn"], "ResourceArn")
        except NotFoundException:
            raise ResourceNotFoundException() from None
    return {"Tags": [{"Key": key, "Value": value} for key, value in topic.tags.items()]}


def tag_resource(sns: Sns, call: Call, request: types.TagResourceRequestTypeDef) -> Result:
    given = checked_tags(sns, call, request["Tags"])
    with sns.store.write() as tx:
        try:
            topic = require_writable(sns, tx, call, request["ResourceArn"], "ResourceArn")
        except NotFoundException:
            raise ResourceNotFoundException() from None
        tags = {**topic.tags, **given}
        if len(tags) > sns.limits.tags_max:
            raise TagLimitExceededException()
        sns.tables.save_topic(tx, topic.account, topic.region, {**topic.document, "tags": tags})
    return {}


def untag_resource(sns: Sns, call: Call, request: types.UntagResourceRequestTypeDef) -> Result:
    gone = set(request["TagKeys"])
    with sns.store.write() as tx:
        try:
            topic = require_writable(sns, tx, call, request["ResourceArn"], "ResourceArn")
        except NotFoundException:
            raise ResourceNotFoundException() from None
        tags = {key: value for key, value in topic.tags.items() if key not in gone}
        sns.tables.save_topic(tx, topic.account, topic.region, {**topic.document, "tags": tags})
    return {}
