"""Pipes as resources: made, changed, started, stopped, shown and removed."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.services.pipes.conftest import MakePipe, MakeQueue, Queue

from fogline.testing.plugin import Account


def error_of(caught: Any) -> tuple[str, str]:
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def test_create_pipe_answers_what_was_begun(fogline: Account, make_pipe: MakePipe) -> None:
    made = make_pipe(Name="orders")
    assert made["Arn"] == f"arn:aws:pipes:us-east-1:{fogline.id}:pipe/orders"
    assert (made["Name"], made["DesiredState"], made["CurrentState"]) == (
        "orders", "RUNNING", "CREATING",
    )  # fmt: skip
    assert made["CreationTime"] == made["LastModifiedTime"]


def test_describe_pipe_shows_the_defaults_of_its_source(
    client: Any, make_pipe: MakePipe, source: Queue, target: Queue, role: str
) -> None:
    make_pipe(Description="moves orders", Tags={"team": "a"})
    found = client.describe_pipe(Name="pipe")
    assert found["CurrentState"] == "RUNNING"
    assert found["StateReason"] == "USER_INITIATED"
    assert found["SourceParameters"] == {
        "SqsQueueParameters": {"BatchSize": 10, "MaximumBatchingWindowInSeconds": 0}
    }
    assert (found["Source"], found["Target"], found["RoleArn"]) == (source.arn, target.arn, role)
    assert (found["Description"], found["Tags"]) == ("moves orders", {"team": "a"})


def test_a_second_pipe_of_the_same_name_is_refused(make_pipe: MakePipe) -> None:
    make_pipe()
    with pytest.raises(ClientError) as caught:
        make_pipe()
    assert error_of(caught) == ("ConflictException", "Pipe pipe already exists.")


@pytest.mark.parametrize("operation", ["describe_pipe", "start_pipe", "stop_pipe", "delete_pipe"])
def test_a_pipe_that_does_not_exist_is_not_found(client: Any, operation: str) -> None:
    with pytest.raises(ClientError) as caught:
        getattr(client, operation)(Name="missing")
    assert error_of(caught) == ("NotFoundException", "Pipe missing does not exist.")
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404


def test_update_pipe_changes_what_it_says_and_nothing_else(
    client: Any, make_pipe: MakePipe, make_queue: MakeQueue, source: Queue, role: str
) -> None:
    make_pipe(
        Description="first",
        SourceParameters={
            "SqsQueueParameters": {"BatchSize": 2},
            "FilterCriteria": {"Filters": [{"Pattern": '{"body": ["a"]}'}]},
        },
    )
    other = make_queue("other")
    changed = client.update_pipe(Name="pipe", RoleArn=role, Target=other.arn)
    assert changed["CurrentState"] == "UPDATING"
    found = client.describe_pipe(Name="pipe")
    assert (found["Target"], found["Description"]) == (other.arn, "first")
    assert found["SourceParameters"]["SqsQueueParameters"]["BatchSize"] == 2
    source.send("a")
    assert [event["body"] for event in other.bodies()] == ["a"]


def test_update_pipe_sets_parameters_it_does_not_name_back_to_their_defaults(
    client: Any, make_pipe: MakePipe, role: str
) -> None:
    make_pipe(
        SourceParameters={
            "SqsQueueParameters": {"BatchSize": 2, "MaximumBatchingWindowInSeconds": 5}
        }
    )
    client.update_pipe(
        Name="pipe", RoleArn=role, SourceParameters={"SqsQueueParameters": {"BatchSize": 3}}
    )
    found = client.describe_pipe(Name="pipe")["SourceParameters"]["SqsQueueParameters"]
    assert found == {"BatchSize": 3, "MaximumBatchingWindowInSeconds": 0}


def test_an_empty_template_removes_it(client: Any, make_pipe: MakePipe, role: str) -> None:
    make_pipe(TargetParameters={"InputTemplate": '"hello"'})
    client.update_pipe(Name="pipe", RoleArn=role, TargetParameters={"InputTemplate": ""})
    assert "TargetParameters" not in client.describe_pipe(Name="pipe")


def test_stop_pipe_leaves_messages_in_the_queue_until_start_pipe(
    client: Any, make_pipe: MakePipe, source: Queue, target: Queue
) -> None:
    make_pipe()
    assert client.stop_pipe(Name="pipe")["CurrentState"] == "STOPPING"
    assert client.describe_pipe(Name="pipe")["CurrentState"] == "STOPPED"
    source.send("waits")
    assert (source.counts(), target.counts()) == ((1, 0), (0, 0))
    assert client.start_pipe(Name="pipe")["CurrentState"] == "STARTING"
    assert [event["body"] for event in target.bodies()] == ["waits"]


def test_a_pipe_may_begin_stopped(client: Any, make_pipe: MakePipe, source: Queue) -> None:
    assert make_pipe(DesiredState="STOPPED")["DesiredState"] == "STOPPED"
    source.send("waits")
    assert source.counts() == (1, 0)
    assert client.describe_pipe(Name="pipe")["CurrentState"] == "STOPPED"


def test_delete_pipe_ends_it(client: Any, make_pipe: MakePipe, source: Queue) -> None:
    make_pipe()
    gone = client.delete_pipe(Name="pipe")
    assert (gone["DesiredState"], gone["CurrentState"]) == ("DELETED", "DELETING")
    with pytest.raises(ClientError):
        client.describe_pipe(Name="pipe")
    source.send("stays")
    assert source.counts() == (1, 0)


def test_a_name_can_be_used_again_after_deletion(client: Any, make_pipe: MakePipe) -> None:
    make_pipe()
    client.delete_pipe(Name="pipe")
    assert make_pipe()["CurrentState"] == "CREATING"


def test_list_pipes_gives_pages_and_filters(
    client: Any, make_pipe: MakePipe, make_queue: MakeQueue
) -> None:
    other = make_queue("elsewhere")
    for name in ("a1", "a2", "b1"):
        make_pipe(Name=name)
    make_pipe(Name="b2", Target=other.arn, DesiredState="STOPPED")
    page = client.list_pipes(Limit=3)
    assert [pipe["Name"] for pipe in page["Pipes"]] == ["a1", "a2", "b1"]
    rest = client.list_pipes(Limit=3, NextToken=page["NextToken"])
    assert [pipe["Name"] for pipe in rest["Pipes"]] == ["b2"]
    assert "NextToken" not in rest

    def names(**filters: str) -> list[str]:
        return [pipe["Name"] for pipe in client.list_pipes(**filters)["Pipes"]]

    assert names(NamePrefix="a") == ["a1", "a2"]
    assert names(DesiredState="STOPPED") == ["b2"]
    assert names(CurrentState="RUNNING") == ["a1", "a2", "b1"]
    assert names(TargetPrefix=other.arn) == ["b2"]
    assert names(SourcePrefix="arn:aws:kinesis") == []


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"Source": "arn:aws:s3:::bucket"}, "Source: Invalid source ARN: arn:aws:s3:::bucket"),
        (
            {"SourceParameters": {"KinesisStreamParameters": {"StartingPosition": "LATEST"}}},
            "KinesisStreamParameters: Invalid source parameter provided for source.",
        ),
        (
            {"SourceParameters": {"SqsQueueParameters": {"BatchSize": 11}}},
            "Maximum batch window in seconds must be greater than 0 if maximum batch size is "
            "greater than 10",
        ),
        (
            {"TargetParameters": {"CloudWatchLogsParameters": {"LogStreamName": "s"}}},
            "CloudWatchLogsParameters: Invalid target parameter provided for target.",
        ),
        (
            {"Target": "arn:aws:s3:::bucket"},
            "Target: Invalid target ARN: arn:aws:s3:::bucket",
        ),
        (
            {"Enrichment": "arn:aws:sqs:us-east-1:000000000000:queue"},
            "Enrichment: Invalid enrichment ARN: arn:aws:sqs:us-east-1:000000000000:queue",
        ),
        (
            {"LogConfiguration": {"Level": "ERROR"}},
            "At least one log destination is required.",
        ),
    ],
)
def test_a_pipe_that_cannot_be_is_refused(
    make_pipe: MakePipe, options: dict[str, Any], text: str
) -> None:
    with pytest.raises(ClientError) as caught:
        make_pipe(**options)
    assert error_of(caught) == ("ValidationException", text)


def test_a_pattern_that_is_no_pattern_is_refused(make_pipe: MakePipe) -> None:
    with pytest.raises(ClientError) as caught:
        make_pipe(SourceParameters={"FilterCriteria": {"Filters": [{"Pattern": '{"body": 1}'}]}})
    code, text = error_of(caught)
    assert code == "ValidationException"
    assert text.startswith("Event pattern is not valid. Reason: ")


def test_a_template_that_is_no_json_is_refused(make_pipe: MakePipe) -> None:
    with pytest.raises(ClientError) as caught:
        make_pipe(TargetParameters={"InputTemplate": '{"a": <$.body>'})
    assert error_of(caught)[0] == "ValidationException"


@pytest.mark.parametrize(
    "options",
    [
        {"Source": "arn:aws:kafka:us-east-1:000000000000:cluster/c/1"},
        {"Source": "arn:aws:mq:us-east-1:000000000000:broker:b:b-1"},
        {"Source": "smk://broker.example.com:9092"},
        {"Target": "arn:aws:firehose:us-east-1:000000000000:deliverystream/d"},
        {"Target": "arn:aws:ecs:us-east-1:000000000000:cluster/c"},
        {"Target": "arn:aws:batch:us-east-1:000000000000:job-queue/q"},
    ],
)
def test_what_is_not_built_is_refused_by_name(make_pipe: MakePipe, options: dict[str, Any]) -> None:
    with pytest.raises(ClientError) as caught:
        make_pipe(**options)
    code, text = error_of(caught)
    assert code == "NotImplemented"
    assert text.startswith("Fogline does not implement ")


def test_a_pipe_from_a_stream_needs_a_starting_position(make_pipe: MakePipe) -> None:
    with pytest.raises(ClientError) as caught:
        make_pipe(Source="arn:aws:dynamodb:us-east-1:000000000000:table/t/stream/2026-01-01")
    assert error_of(caught)[0] == "ValidationException"
