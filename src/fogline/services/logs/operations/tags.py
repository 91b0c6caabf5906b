"""Tags of log groups, through the present operations and the older ones."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.call import Call
from fogline.services.logs.errors import InvalidParameterException, TooManyTagsException
from fogline.services.logs.identifiers import check_tags, group_name_from, require_group
from fogline.services.logs.service import Logs
from fogline.services.logs.tables import tags_of

if TYPE_CHECKING:
    from types_boto3_logs.type_defs import (
        ListTagsForResourceRequestTypeDef,
        ListTagsLogGroupRequestTypeDef,
        TagLogGroupRequestTypeDef,
        TagResourceRequestTypeDef,
        UntagLogGroupRequestTypeDef,
        UntagResourceRequestTypeDef,
    )

Result = Mapping[str, Any]


def tag_resource(logs: Logs, call: Call, request: TagResourceRequestTypeDef) -> Result:
    return _tag(logs, call, _group_from(call, request["resourceArn"]), request["tags"])


def untag_resource(logs: Logs, call: Call, request: UntagResourceRequestTypeDef) -> Result:
    return _untag(logs, call, _group_from(call, request["resourceArn"]), request["tagKeys"])


def list_tags_for_resource(
    logs: Logs, call: Call, request: ListTagsForResourceRequestTypeDef
) -> Result:
    return _list(logs, call, _group_from(call, request["resourceArn"]))


def tag_log_group(logs: Logs, call: Call, request: TagLogGroupRequestTypeDef) -> Result:
    return _tag(logs, call, request["logGroupName"], request["tags"])


def untag_log_group(logs: Logs, call: Call, request: UntagLogGroupRequestTypeDef) -> Result:
    return _untag(logs, call, request["logGroupName"], request["tags"])


def list_tags_log_group(logs: Logs, call: Call, request: ListTagsLogGroupRequestTypeDef) -> Result:
    return _list(logs, call, request["logGroupName"])


def _group_from(call: Call, arn: str) -> str:
    if not arn.startswith("arn:"):
        raise InvalidParameterException(reason=f"Invalid resource ARN: {arn}")
    return group_name_from(call, arn)


def _tag(logs: Logs, call: Call, name: str, tags: Mapping[str, str]) -> Result:
    check_tags(call, tags)
    with logs.store.write() as tx:
        group = require_group(logs.tables, tx, call, name)
        merged = {**tags_of(group), **tags}
        if len(merged) > logs.limits.tags_max:
            raise TooManyTagsException(max=logs.limits.tags_max)
        logs.tables.groups.save(tx, call.account, call.region, name, {**group, "tags": merged})
    return {}


def _untag(logs: Logs, call: Call, name: str, keys: Collection[str]) -> Result:
    with logs.store.write() as tx:
        group = require_group(logs.tables, tx, call, name)
        left = {key: value for key, value in tags_of(group).items() if key not in keys}
        logs.tables.groups.save(tx, call.account, call.region, name, {**group, "tags": left})
    return {}


def _list(logs: Logs, call: Call, name: str) -> Result:
    with logs.store.read() as tx:
        return {"tags": tags_of(require_group(logs.tables, tx, call, name))}
