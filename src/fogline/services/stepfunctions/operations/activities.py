"""Activities: work that is done by whoever asks for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.call import Call
from fogline.services.stepfunctions.arns import ActivityArn, read_activity_arn
from fogline.services.stepfunctions.encryption import OWNED, read_encryption, written_encryption
from fogline.services.stepfunctions.errors import (
    ActivityAlreadyExists,
    ActivityDoesNotExist,
    ActivityLimitExceeded,
)
from fogline.services.stepfunctions.names import check_name
from fogline.services.stepfunctions.pages import next_member, page_size, page_start
from fogline.services.stepfunctions.service import StepFunctions
from fogline.services.stepfunctions.tag_lists import read_tags
from fogline.store.documents import Document

if TYPE_CHECKING:
    from types_boto3_stepfunctions import type_defs as types

Result = Mapping[str, Any]


def create_activity(
    service: StepFunctions, call: Call, request: types.CreateActivityInputTypeDef
) -> Result:
    """One that exists already is answered as it is, with the tags that it has."""
    name, activities = check_name(request["name"]), service.machines.activities
    arn = ActivityArn(call.account, call.region, name)
    activity: Document = {
        "created": call.now,
        "tags": read_tags(request.get("tags"), call, service.limits),
        "encryption": read_encryption(request.get("encryptionConfiguration")),
    }
    with service.store.write() as tx:
        tx.lock(arn.lock)
        existing = activities.find(tx, call.account, call.region, name)
        if existing is None:
            limit = service.limits.activities_max
            if activities.count(tx, call.account, call.region) >= limit:
                raise ActivityLimitExceeded(max=limit)
            activities.save(tx, call.account, call.region, name, activity)
        elif _key(existing) != _key(activity):
            raise ActivityAlreadyExists(arn=arn)
    return {"activityArn": str(arn), "creationDate": (existing or activity)["created"]}


def _key(activity: Document) -> Mapping[str, Any]:
    return activity["encryption"] or {"type": OWNED}


def describe_activity(
    service: StepFunctions, call: Call, request: types.DescribeActivityInputTypeDef
) -> Result:
    arn = read_activity_arn(request["activityArn"])
    found = None
    if (arn.account, arn.region) == (call.account, call.region):
        with service.store.read() as tx:
            found = service.machines.activities.find(tx, arn.account, arn.region, arn.name)
    if found is None:
        raise ActivityDoesNotExist(arn=arn)
    return {
        "activityArn": str(arn),
        "name": arn.name,
        "creationDate": found["created"],
        **written_encryption(found["encryption"]),
    }


def delete_activity(
    service: StepFunctions, call: Call, request: types.DeleteActivityInputTypeDef
) -> Result:
    arn = read_activity_arn(request["activityArn"])
    if (arn.account, arn.region) == (call.account, call.region):
        with service.store.write() as tx:
            tx.lock(arn.lock)
            service.machines.activities.remove(tx, arn.account, arn.region, arn.name)
    return {}


def list_activities(
    service: StepFunctions, call: Call, request: types.ListActivitiesInputTypeDef
) -> Result:
    limit, start = page_size(request, service.limits), page_start(request)
    with service.store.read() as tx:
        found = service.machines.activities.page(
            tx, call.account, call.region, after=start, limit=limit + 1
        )
    page = found[:limit]
    return {
        "activities": [
            {
                "activityArn": str(ActivityArn(call.account, call.region, name)),
                "name": name,
                "creationDate": activity["created"],
            }
            for name, activity in page
        ],
        **next_member(page[-1][0] if len(found) > limit else None),
    }
