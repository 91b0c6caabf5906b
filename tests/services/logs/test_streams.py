from __future__ import annotations

from datetime import timedelta


def test_a_stream_is_described_with_the_times_of_its_events(logs, group, stream, put, now) -> None:
    arn = logs.describe_log_groups()["logGroups"][0]["logGroupArn"]
    described = {
        "logStreamName": stream,
        "creationTime": now,
        "arn": f"{arn}:log-stream:{stream}",
        "storedBytes": 0,
    }
    assert logs.describe_log_streams(logGroupName=group)["logStreams"] == [described]
    token = put((now - 5, "a"), (now - 3, "b"))["nextSequenceToken"]
    assert logs.describe_log_streams(logGroupIdentifier=arn)["logStreams"] == [
        {
            **described,
            "firstEventTimestamp": now - 5,
            "lastEventTimestamp": now - 3,
            "lastIngestionTime": now,
            "uploadSequenceToken": token,
        }
    ]


def test_a_stream_needs_its_group_and_a_name_of_its_own(logs, group, stream, refusal) -> None:
    assert refusal(logs.create_log_stream, logGroupName="none", logStreamName="s") == (
        "ResourceNotFoundException",
        "The specified log group does not exist.",
    )
    assert refusal(logs.create_log_stream, logGroupName=group, logStreamName=stream) == (
        "ResourceAlreadyExistsException",
        "The specified log stream already exists",
    )


def test_a_deleted_stream_is_gone_with_its_events(logs, group, stream, put, now, refusal) -> None:
    put((now, "x"))
    logs.delete_log_stream(logGroupName=group, logStreamName=stream)
    assert refusal(logs.get_log_events, logGroupName=group, logStreamName=stream) == (
        "ResourceNotFoundException",
        "The specified log stream does not exist.",
    )
    logs.create_log_stream(logGroupName=group, logStreamName=stream)
    assert logs.get_log_events(logGroupName=group, logStreamName=stream)["events"] == []


def test_streams_are_ordered_by_name_or_by_last_event(logs, group, put, stream, now) -> None:
    for name in ("a", "b", "c"):
        logs.create_log_stream(logGroupName=group, logStreamName=name)
    put((now - 10, "x"), stream="c")
    put((now - 5, "x"), stream="a")

    def names(**request) -> list[str]:
        pages = logs.get_paginator("describe_log_streams").paginate(
            logGroupName=group, PaginationConfig={"PageSize": 1}, **request
        )
        return [each["logStreamName"] for page in pages for each in page["logStreams"]]

    assert names() == ["a", "b", "c", "main"]
    assert names(descending=True) == ["main", "c", "b", "a"]
    assert names(logStreamNamePrefix="m") == ["main"]
    assert names(orderBy="LastEventTime", descending=True) == ["a", "c", "main", "b"]
    assert names(orderBy="LastEventTime") == ["b", "main", "c", "a"]


def test_a_prefix_and_the_order_of_time_exclude_each_other(logs, group, refusal) -> None:
    assert refusal(
        logs.describe_log_streams,
        logGroupName=group,
        orderBy="LastEventTime",
        logStreamNamePrefix="a",
    ) == (
        "InvalidParameterException",
        "Cannot order by LastEventTime with a logStreamNamePrefix.",
    )


def test_a_group_is_named_in_one_way(logs, group, refusal) -> None:
    code, _ = refusal(logs.describe_log_streams, logGroupName=group, logGroupIdentifier=group)
    assert code == "InvalidParameterException"
    code, _ = refusal(logs.describe_log_streams)
    assert code == "InvalidParameterException"


def test_ingestion_time_is_when_the_event_came(logs, group, stream, put, now, fogline) -> None:
    fogline.platform.advance(seconds=timedelta(minutes=5).seconds)
    put((now, "late"))
    (event,) = logs.get_log_events(logGroupName=group, logStreamName=stream)["events"]
    assert event["ingestionTime"] - event["timestamp"] == 300_000
