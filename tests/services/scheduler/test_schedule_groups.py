"""Schedule groups: what is kept, what is refused, and what goes with them."""

from __future__ import annotations

DEFAULT_REFUSED = (
    "ValidationException",
    "This operation cannot be performed on schedule group default.",
)


def test_a_group_is_shown(fogline, scheduler):
    arn = scheduler.create_schedule_group(Name="g")["ScheduleGroupArn"]
    assert arn == f"arn:aws:scheduler:us-east-1:{fogline.id}:schedule-group/g"
    shown = scheduler.get_schedule_group(Name="g")
    assert (shown["Arn"], shown["Name"], shown["State"]) == (arn, "g", "ACTIVE")
    assert shown["CreationDate"] == shown["LastModificationDate"]


def test_the_default_group_is_always_there(scheduler, refusal):
    assert scheduler.get_schedule_group(Name="default")["State"] == "ACTIVE"
    assert refusal(scheduler.create_schedule_group, Name="default") == DEFAULT_REFUSED
    assert refusal(scheduler.delete_schedule_group, Name="default") == DEFAULT_REFUSED


def test_a_name_is_taken_once(scheduler, refusal):
    scheduler.create_schedule_group(Name="g", ClientToken="once")
    scheduler.create_schedule_group(Name="g", ClientToken="once")
    assert refusal(scheduler.create_schedule_group, Name="g") == (
        "ConflictException",
        "Schedule group g already exists.",
    )


def test_groups_are_listed_in_pages(scheduler):
    for name in ("a", "c", "e", "ef"):
        scheduler.create_schedule_group(Name=name)

    def names(**wishes):
        pages = scheduler.get_paginator("list_schedule_groups").paginate(**wishes)
        return [each["Name"] for page in pages for each in page["ScheduleGroups"]]

    assert names() == ["a", "c", "default", "e", "ef"]
    assert names(PaginationConfig={"PageSize": 1}) == names()
    assert names(NamePrefix="e") == ["e", "ef"]
    assert names(NamePrefix="d") == ["default"]


def test_a_group_takes_its_schedules_with_it(
    fogline_platform, scheduler, make_schedule, bodies, refusal
):
    scheduler.create_schedule_group(Name="g")
    make_schedule("rate(1 minute)", GroupName="g")
    make_schedule("rate(1 minute)", name="other", target={"Input": "other"}, State="DISABLED")
    fogline_platform.settle()
    assert bodies() == ["tick"]
    scheduler.delete_schedule_group(Name="g")
    fogline_platform.advance(seconds=300)
    assert bodies() == []
    assert [each["Name"] for each in scheduler.list_schedules()["Schedules"]] == ["other"]
    assert refusal(scheduler.get_schedule_group, Name="g") == (
        "ResourceNotFoundException",
        "Schedule group g does not exist.",
    )
    assert refusal(scheduler.delete_schedule_group, Name="g")[0] == "ResourceNotFoundException"
