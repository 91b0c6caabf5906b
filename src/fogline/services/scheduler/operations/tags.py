"""Tags of schedule groups; schedules have none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.call import Call
from fogline.services.scheduler.errors import ResourceNotFoundException
from fogline.services.scheduler.groups import require_group
from fogline.services.scheduler.schedule import group_arn
from fogline.services.scheduler.service import Scheduler

if TYPE_CHECKING:
    from types_boto3_scheduler import type_defs as types

Result = Mapping[str, Any]


def list_tags_for_resource(
    scheduler: Scheduler, call: Call, request: types.ListTagsForResourceInputTypeDef
) -> Result:
    name = _group_of(call, request["ResourceArn"])
    with scheduler.store.read() as tx:
        tags = require_group(scheduler, tx, call, name)["tags"]
    return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}


def tag_resource(
    scheduler: Scheduler, call: Call, request: types.TagResourceInputTypeDef
) -> Result:
    added = {tag["Key"]: tag["Value"] for tag in request["Tags"]}
    _change(scheduler, call, request["ResourceArn"], lambda tags: {**tags, **added})
    return {}


def untag_resource(
    scheduler: Scheduler, call: Call, request: types.UntagResourceInputTypeDef
) -> Result:
    gone = request["TagKeys"]
    _change(
        scheduler,
        call,
        request["ResourceArn"],
        lambda tags: {key: value for key, value in tags.items() if key not in gone},
    )
    return {}


def _change(scheduler: Scheduler, call: Call, arn: str, change: Any) -> None:
    name = _group_of(call, arn)
    with scheduler.store.write() as tx:
        tx.lock(f"scheduler:{call.account}:{call.region}:{name}")
        group = require_group(scheduler, tx, call, name)
        changed = {**group, "tags": change(group["tags"])}
        scheduler.tables.groups.save(tx, call.account, call.region, name, changed)


def _group_of(call: Call, arn: str) -> str:
    name = arn.rpartition("/")[2]
    if arn != group_arn(call.account, call.region, name):
        raise ResourceNotFoundException(what="Schedule group", name=name)
    return name
