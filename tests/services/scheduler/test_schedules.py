"""Schedules: what is kept, what is refused, how they are listed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

ROLE = "arn:aws:iam::000000000000:role/scheduler"
OFF = {"Mode": "OFF"}


def when(fogline_platform, **later):
    return datetime.fromtimestamp(fogline_platform.now() / 1000, UTC) + timedelta(**later)


def test_a_schedule_is_shown_with_what_was_left_out(fogline, scheduler, make_schedule, queue):
    arn = make_schedule("cron(0 2 * * ? *)", name="nightly", Description="at night")
    shown = scheduler.get_schedule(Name="nightly")
    assert arn == f"arn:aws:scheduler:us-east-1:{fogline.id}:schedule/default/nightly"
    assert shown["CreationDate"] == shown["LastModificationDate"]
    kept = {name: shown[name] for name in shown if name not in ("ResponseMetadata", "CreationDate")}
    del kept["LastModificationDate"]
    assert kept == {
        "ActionAfterCompletion": "NONE",
        "Arn": arn,
        "Description": "at night",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "GroupName": "default",
        "Name": "nightly",
        "ScheduleExpression": "cron(0 2 * * ? *)",
        "ScheduleExpressionTimezone": "UTC",
        "State": "ENABLED",
        "Target": {
            "Arn": queue[1],
            "Input": "tick",
            "RetryPolicy": {"MaximumEventAgeInSeconds": 86400, "MaximumRetryAttempts": 185},
            "RoleArn": ROLE,
        },
    }


def test_an_update_replaces_all_but_the_age(fogline_platform, scheduler, make_schedule, queue):
    make_schedule(Description="old", State="DISABLED")
    before = scheduler.get_schedule(Name="schedule")
    fogline_platform.advance(seconds=60)
    scheduler.update_schedule(
        Name="schedule",
        ScheduleExpression="rate(1 days)",
        FlexibleTimeWindow=OFF,
        Target={"Arn": queue[1], "RoleArn": ROLE},
    )
    after = scheduler.get_schedule(Name="schedule")
    assert "Description" not in after
    assert after["State"] == "ENABLED"
    assert after["CreationDate"] == before["CreationDate"]
    assert after["LastModificationDate"] == before["LastModificationDate"] + timedelta(minutes=1)


def test_a_name_is_taken_once_in_its_group(scheduler, make_schedule, refusal):
    make_schedule()
    assert refusal(make_schedule) == ("ConflictException", "Schedule schedule already exists.")
    scheduler.create_schedule_group(Name="other")
    assert make_schedule(GroupName="other").endswith("schedule/other/schedule")


def test_the_same_request_made_twice_makes_one_schedule(make_schedule):
    assert make_schedule(ClientToken="once") == make_schedule(ClientToken="once")


def test_what_is_not_there_is_not_found(scheduler, make_schedule, refusal, queue):
    missing = ("ResourceNotFoundException", "Schedule missing does not exist.")
    assert refusal(scheduler.get_schedule, Name="missing") == missing
    assert refusal(scheduler.delete_schedule, Name="missing") == missing
    update = {
        "ScheduleExpression": "rate(1 day)",
        "FlexibleTimeWindow": OFF,
        "Target": {"Arn": queue[1], "RoleArn": ROLE},
    }
    assert refusal(scheduler.update_schedule, Name="missing", **update) == missing
    no_group = ("ResourceNotFoundException", "Schedule group nowhere does not exist.")
    assert refusal(make_schedule, GroupName="nowhere") == no_group
    assert refusal(scheduler.get_schedule, Name="any", GroupName="nowhere") == no_group
    assert refusal(scheduler.list_schedules, GroupName="nowhere") == no_group


def test_a_deleted_schedule_is_gone(scheduler, make_schedule, refusal):
    make_schedule()
    scheduler.delete_schedule(Name="schedule")
    assert refusal(scheduler.get_schedule, Name="schedule")[0] == "ResourceNotFoundException"
    assert scheduler.list_schedules()["Schedules"] == []


def test_schedules_are_listed_by_prefix_state_and_group_in_pages(scheduler, make_schedule):
    scheduler.create_schedule_group(Name="g")
    for number in range(5):
        make_schedule(name=f"a{number}", State="DISABLED" if number % 2 else "ENABLED")
    make_schedule(name="b", GroupName="g")
    make_schedule(name="a9", GroupName="g")

    def names(**wishes):
        pages = scheduler.get_paginator("list_schedules").paginate(**wishes)
        return [each["Name"] for page in pages for each in page["Schedules"]]

    assert names() == ["a0", "a1", "a2", "a3", "a4", "a9", "b"]
    assert names(PaginationConfig={"PageSize": 2}) == names()
    assert names(NamePrefix="a", PaginationConfig={"PageSize": 2}) == [*names()[:5], "a9"]
    assert names(GroupName="g") == ["a9", "b"]
    assert names(GroupName="g", NamePrefix="b") == ["b"]
    assert names(State="DISABLED", PaginationConfig={"PageSize": 1}) == ["a1", "a3"]
    summary = scheduler.list_schedules(GroupName="g", NamePrefix="b")["Schedules"][0]
    assert set(summary) == {
        "Arn", "CreationDate", "GroupName", "LastModificationDate", "Name", "State", "Target"
    }  # fmt: skip
    assert set(summary["Target"]) == {"Arn"}


def test_a_token_that_is_none_is_refused(scheduler, refusal):
    assert refusal(scheduler.list_schedules, NextToken="?") == (
        "ValidationException",
        "Invalid NextToken.",
    )


@pytest.mark.parametrize(
    "expression",
    [
        "cron(0 1 * * * *)",
        "cron()",
        "rate(10 seconds)",
        " rate(10 minutes)",
        "at(2021-12-31T23:59:59Z)",
        "at(2021-12-31)",
    ],
)
def test_an_expression_that_is_none_is_refused(make_schedule, refusal, expression):
    assert refusal(make_schedule, expression) == (
        "ValidationException",
        f"Invalid Schedule Expression {expression}.",
    )


def test_a_time_zone_that_is_none_is_refused(make_schedule, refusal):
    assert refusal(make_schedule, ScheduleExpressionTimezone="Mars/Olympus") == (
        "ValidationException",
        "Invalid Schedule Expression Timezone Mars/Olympus.",
    )


def test_a_window_says_how_large_it_is_if_it_is_one(make_schedule, refusal):
    told = {"Mode": "OFF", "MaximumWindowInMinutes": 5}
    assert refusal(make_schedule, FlexibleTimeWindow=told)[1] == (
        "MaximumWindowInMinutes must not be provided when FlexibleTimeWindowMode is set to OFF."
    )
    assert refusal(make_schedule, FlexibleTimeWindow={"Mode": "FLEXIBLE"})[1] == (
        "MaximumWindowInMinutes must be provided when FlexibleTimeWindowMode is set to FLEXIBLE."
    )


def test_dates_are_in_order_and_not_long_past(fogline_platform, make_schedule, refusal):
    start, end = when(fogline_platform, days=2), when(fogline_platform, days=1)
    assert refusal(make_schedule, StartDate=start, EndDate=end)[1] == (
        "The StartDate you specify must come before the EndDate."
    )
    late = when(fogline_platform, minutes=-5, milliseconds=-1000)
    assert refusal(make_schedule, StartDate=late)[1] == (
        "The StartDate you specify cannot be earlier than 5 minutes ago."
    )
    make_schedule(StartDate=when(fogline_platform, minutes=-5))
    assert refusal(make_schedule, EndDate=when(fogline_platform, minutes=-1), name="e")[1] == (
        "The EndDate you specify cannot be in the past."
    )


@pytest.mark.parametrize(
    ("target", "code", "message"),
    [
        ({"Arn": "queue"}, "ValidationException", "Provided Arn is not in correct format."),
        (
            {"Arn": "arn:aws:s3:::bucket"},
            "ValidationException",
            "s3 is not a supported service for a target.",
        ),
        (
            {"Arn": "arn:aws:scheduler:us-east-1:000000000000:aws-sdk:sqs:sendMessage"},
            "ValidationException",
            "scheduler is not a supported service for a target.",
        ),
        (
            {"Arn": "arn:aws:sqs:eu-west-1:000000000000:queue"},
            "ValidationException",
            "The target ARN provided does not match the current region us-east-1.",
        ),
        (
            {"Arn": "arn:aws:lambda:us-east-1:000000000000:function:f", "Input": "tick"},
            "ValidationException",
            "JSON syntax error in input for the target.",
        ),
        (
            {"SqsParameters": {"MessageGroupId": "g"}},
            "ValidationException",
            "Parameters MessageGroupId not valid for the target.",
        ),
        (
            {"Arn": "arn:aws:sqs:us-east-1:000000000000:queue.fifo"},
            "ValidationException",
            "Parameters SqsParameters must be specified.",
        ),
        (
            {"KinesisParameters": {"PartitionKey": "k"}},
            "ValidationException",
            "Parameters KinesisParameters not supported for the target.",
        ),
        (
            {"Arn": "arn:aws:events:us-east-1:000000000000:event-bus/default", "Input": "{}"},
            "ValidationException",
            "Parameters EventBridgeParameters must be specified.",
        ),
        (
            {
                "Arn": "arn:aws:ecs:us-east-1:000000000000:cluster/c",
                "EcsParameters": {"TaskDefinitionArn": "t"},
            },
            "NotImplemented",
            "Fogline does not implement scheduler schedules for ecs yet.",
        ),
        (
            {"Arn": "arn:aws:scheduler:::aws-sdk:sqs:sendMessage", "Input": None},
            "ValidationException",
            "You must provide an input to set this target for your schedule.",
        ),
        (
            {"Arn": "arn:aws:scheduler:::aws-sdk:sqs:getQueueUrl", "Input": "{}"},
            "ValidationException",
            "getQueueUrl API is not supported.",
        ),
        (
            {"Arn": "arn:aws:scheduler:::aws-sdk:sqs:sendMessage", "Input": "{"},
            "ValidationException",
            "JSON syntax error in input for the target.",
        ),
        (
            {"Arn": "arn:aws:scheduler:::aws-sdk:ec2:startInstances", "Input": "{}"},
            "NotImplemented",
            "Fogline does not implement ec2 StartInstances yet.",
        ),
        (
            {"Input": "x" * 262_145},
            "ValidationException",
            "The Input of the target exceeds 256 KB.",
        ),
    ],
)
def test_a_target_that_could_not_be_invoked_is_refused(
    make_schedule, refusal, target, code, message
):
    assert refusal(make_schedule, target=target) == (code, message)


def test_the_largest_input_is_taken(make_schedule):
    make_schedule("at(2199-01-01T00:00:00)", target={"Input": "x" * 262_144})
