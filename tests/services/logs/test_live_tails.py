from __future__ import annotations

import boto3
import pytest
from botocore.config import Config


@pytest.fixture
def tail(fogline):
    client = boto3.client(
        "logs",
        endpoint_url=fogline.platform.endpoint,
        region_name="us-east-1",
        aws_access_key_id=fogline.id,
        aws_secret_access_key="test",
        config=Config(inject_host_prefix=False, read_timeout=60),
    )
    streams = []

    def tail(**request):
        stream = client.start_live_tail(**request)["responseStream"]
        streams.append(stream)
        return iter(stream)

    yield tail
    for stream in streams:
        stream.close()
    client.close()


def next_results(events) -> list[dict]:
    while True:
        results = next(events)["sessionUpdate"]["sessionResults"]
        if results:
            return results


def test_a_tail_shows_what_arrives_and_nothing_before(logs, group, put, now, tail, fogline) -> None:
    arn = logs.describe_log_groups()["logGroups"][0]["logGroupArn"]
    put((now, "before"))
    events = tail(logGroupIdentifiers=[arn], logEventFilterPattern="-quiet")
    start = next(events)["sessionStart"]
    assert start["logGroupIdentifiers"] == [arn]
    put((now, "quiet"), (now + 1, "loud"))
    assert next_results(events) == [
        {
            "logStreamName": "main",
            "logGroupIdentifier": f"{fogline.id}:{group}",
            "message": "loud",
            "timestamp": now + 1,
            "ingestionTime": now,
        }
    ]


def test_a_tail_can_choose_streams(logs, group, put, now, tail, stream) -> None:
    logs.create_log_stream(logGroupName=group, logStreamName="other")
    events = tail(logGroupIdentifiers=[group], logStreamNamePrefixes=["oth"])
    next(events)
    put((now, "unseen"))
    put((now, "seen"), stream="other")
    assert [each["message"] for each in next_results(events)] == ["seen"]


def test_a_quiet_tail_reports_every_second_and_ends_after_three_hours(group, tail, fogline) -> None:
    events = tail(logGroupIdentifiers=[group])
    next(events)
    fogline.platform.advance(seconds=1)
    assert next(events)["sessionUpdate"]["sessionResults"] == []


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ({"logGroupIdentifiers": ["none"]}, "ResourceNotFoundException"),
        (
            {"logGroupIdentifiers": ["a"], "logEventFilterPattern": "a:b"},
            "InvalidParameterException",
        ),
        ({"logGroupIdentifiers": ["a", "b"], "logStreamNames": ["c"]}, "InvalidParameterException"),
    ],
)
def test_a_wrong_tail_is_refused(tail, refusal, request_, code) -> None:
    assert refusal(tail, **request_)[0] == code
