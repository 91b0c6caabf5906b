"""The CloudFormation types that EventBridge Scheduler owns.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_Scheduler.html
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from fogline.aws.dates import iso_milliseconds
from fogline.ports.resources import Context, Done, Properties, ResourceRefused, ResourceType

_DATES = ("StartDate", "EndDate")
_SETTINGS = frozenset(
    (
        *_DATES,
        "ActionAfterCompletion",
        "Description",
        "FlexibleTimeWindow",
        "GroupName",
        "KmsKeyArn",
        "ScheduleExpression",
        "ScheduleExpressionTimezone",
        "State",
        "Target",
    )
)


# ---- AWS::Scheduler::Schedule


def _settings(properties: Properties) -> dict[str, Any]:
    settings = {name: value for name, value in properties.items() if name in _SETTINGS}
    for name in _DATES:
        if settings.get(name) is not None:
            settings[name] = _instant(name, str(settings[name]))
    return settings


def _instant(name: str, text: str) -> int:
    """A time as templates write it, in UTC where it says no more."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise ResourceRefused(f"{name} is not a date and time: {text}") from None
    aware = read if read.tzinfo is not None else read.replace(tzinfo=UTC)
    return round(aware.timestamp() * 1000)


def _create_schedule(context: Context, properties: Properties) -> Done:
    name = str(properties.get("Name") or context.name())
    request = {**_settings(properties), "Name": name, "ClientToken": _token(context)}
    made = context.ask("scheduler", "CreateSchedule", request)
    return Done(name, {"Arn": made["ScheduleArn"]})


def _update_schedule(context: Context, name: str, old: Properties, new: Properties) -> Done:
    if old.get("GroupName") != new.get("GroupName"):
        made = context.ask("scheduler", "CreateSchedule", {**_settings(new), "Name": name})
        _delete_schedule(context, name, old)
        return Done(name, {"Arn": made["ScheduleArn"]})
    changed = context.ask("scheduler", "UpdateSchedule", {**_settings(new), "Name": name})
    return Done(name, {"Arn": changed["ScheduleArn"]})


def _delete_schedule(context: Context, name: str, properties: Properties) -> None:
    context.ask(
        "scheduler", "DeleteSchedule", {"Name": name, "GroupName": properties.get("GroupName")}
    )


# ---- AWS::Scheduler::ScheduleGroup


def _create_group(context: Context, properties: Properties) -> Done:
    name = str(properties.get("Name") or context.name())
    context.ask(
        "scheduler",
        "CreateScheduleGroup",
        {
            "Name": name,
            "Tags": context.tag_list(properties.get("Tags")),
            "ClientToken": _token(context),
        },
    )
    return _group(context, name)


def _group(context: Context, name: str) -> Done:
    found = context.ask("scheduler", "GetScheduleGroup", {"Name": name})
    attributes = {
        "Arn": found["Arn"],
        "State": found["State"],
        "CreationDate": iso_milliseconds(found["CreationDate"]),
        "LastModificationDate": iso_milliseconds(found["LastModificationDate"]),
    }
    return Done(name, attributes)


def _update_group(context: Context, name: str, old: Properties, new: Properties) -> Done:
    arn = _group(context, name).attributes["Arn"]
    before, after = context.tags(old.get("Tags")), context.tags(new.get("Tags"))
    gone = [key for key in before if key not in after]
    if gone:
        context.ask("scheduler", "UntagResource", {"ResourceArn": arn, "TagKeys": gone})
    tags = context.tag_list(new.get("Tags"))
    context.ask("scheduler", "TagResource", {"ResourceArn": arn, "Tags": tags})
    return _group(context, name)


def _delete_group(context: Context, name: str, properties: Properties) -> None:
    context.ask("scheduler", "DeleteScheduleGroup", {"Name": name})


def _token(context: Context) -> str:
    """The same when a step is repeated after a crash: what it made is found again."""
    return context.name()[-12:]


RESOURCES: tuple[ResourceType, ...] = (
    ResourceType(
        name="AWS::Scheduler::Schedule",
        properties=_SETTINGS | {"Name"},
        required=frozenset(("FlexibleTimeWindow", "ScheduleExpression", "Target")),
        create_only=frozenset(("Name",)),
        attributes=frozenset(("Arn",)),
        primary_identifier="Name",
        create=_create_schedule,
        update=_update_schedule,
        delete=_delete_schedule,
    ),
    ResourceType(
        name="AWS::Scheduler::ScheduleGroup",
        properties=frozenset(("Name", "Tags")),
        create_only=frozenset(("Name",)),
        attributes=frozenset(("Arn", "CreationDate", "LastModificationDate", "State")),
        primary_identifier="Name",
        create=_create_group,
        update=_update_group,
        delete=_delete_group,
    ),
)
