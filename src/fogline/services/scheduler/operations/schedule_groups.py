"""Schedule groups: created, looked at, and deleted with all their schedules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.call import Call
from fogline.aws.errors import ValidationException
from fogline.services.scheduler.errors import ConflictException, ServiceQuotaExceededException
from fogline.services.scheduler.groups import require_group, shown
from fogline.services.scheduler.pages import after, member
from fogline.services.scheduler.schedule import DEFAULT_GROUP, group_arn
from fogline.services.scheduler.service import Scheduler

if TYPE_CHECKING:
    from types_boto3_scheduler import type_defs as types

Result = Mapping[str, Any]


def create_schedule_group(
    scheduler: Scheduler, call: Call, request: types.CreateScheduleGroupInputTypeDef
) -> Result:
    name, token = request["Name"], request.get("ClientToken", "")
    _refuse_default(name)
    arn = group_arn(call.account, call.region, name)
    groups = scheduler.tables.groups
    with scheduler.store.write() as tx:
        tx.lock(f"scheduler-groups:{call.account}:{call.region}")
        existing = groups.find(tx, call.account, call.region, name)
        if existing is not None:
            if token and existing["ClientToken"] == token:
                return {"ScheduleGroupArn": arn}
            raise ConflictException(what="Schedule group", name=name)
        limit = scheduler.limits.groups_max
        if len(groups.page(tx, call.account, call.region, limit=limit)) == limit:
            raise ServiceQuotaExceededException(things="schedule groups", max=limit)
        document = {
            "CreationDate": call.now,
            "LastModificationDate": call.now,
            "tags": {tag["Key"]: tag["Value"] for tag in request.get("Tags", ())},
            "ClientToken": token,
        }
        groups.save(tx, call.account, call.region, name, document)
    return {"ScheduleGroupArn": arn}


def get_schedule_group(
    scheduler: Scheduler, call: Call, request: types.GetScheduleGroupInputTypeDef
) -> Result:
    with scheduler.store.read() as tx:
        return shown(call, request["Name"], require_group(scheduler, tx, call, request["Name"]))


def delete_schedule_group(
    scheduler: Scheduler, call: Call, request: types.DeleteScheduleGroupInputTypeDef
) -> Result:
    """AWS does this over some minutes, in the state DELETING; here it is done when it is answered."""
    name = request["Name"]
    _refuse_default(name)
    with scheduler.store.write() as tx:
        tx.lock(f"scheduler:{call.account}:{call.region}:{name}")
        require_group(scheduler, tx, call, name)
        scheduler.tables.remove_of_group(tx, call.account, call.region, name)
        scheduler.tables.groups.remove(tx, call.account, call.region, name)
    return {}


def list_schedule_groups(
    scheduler: Scheduler, call: Call, request: types.ListScheduleGroupsInputTypeDef
) -> Result:
    limit = request.get("MaxResults", scheduler.limits.page_results_max)
    prefix, start = request.get("NamePrefix", ""), after(request.get("NextToken"))
    with scheduler.store.read() as tx:
        found = dict(
            scheduler.tables.groups.page(
                tx, call.account, call.region, prefix=prefix, after=start, limit=limit + 1
            )
        )
        if DEFAULT_GROUP.startswith(prefix) and start < DEFAULT_GROUP:
            found[DEFAULT_GROUP] = require_group(scheduler, tx, call, DEFAULT_GROUP)
    names = sorted(found)
    page = names[:limit]
    return {
        "ScheduleGroups": [shown(call, name, found[name]) for name in page],
        **member(page[-1] if len(names) > limit else None),
    }


def _refuse_default(name: str) -> None:
    if name == DEFAULT_GROUP:
        raise ValidationException(
            f"This operation cannot be performed on schedule group {DEFAULT_GROUP}."
        )
