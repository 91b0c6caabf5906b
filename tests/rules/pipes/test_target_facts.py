"""Target parameters: dynamic paths, and instants in all the forms that events have."""

from __future__ import annotations

from typing import Any

import pytest

from fogline.services.pipes.limits import Limits
from fogline.services.pipes.pipe import Pipe, ready
from fogline.services.pipes.target_facts import facts_of
from fogline.services.pipes.templates import TemplateFailed


def make_pipe(target: str, **parameters: Any) -> Pipe:
    return ready(
        {
            "id": "1",
            "revision": "1",
            "Name": "pipe",
            "Arn": "arn:aws:pipes:us-east-1:000000000000:pipe/pipe",
            "RoleArn": "arn:aws:iam::000000000000:role/pipe",
            "account": "000000000000",
            "region": "us-east-1",
            "Source": "arn:aws:sqs:us-east-1:000000000000:source",
            "SourceParameters": {"SqsQueueParameters": {}},
            "Target": target,
            "TargetParameters": parameters,
        },
        Limits(),
    )


def bus(**parameters: Any) -> Pipe:
    return make_pipe(
        "arn:aws:events:us-east-1:000000000000:event-bus/b",
        EventBridgeEventBusParameters=parameters,
    )


def test_paths_reach_into_a_body_that_is_json() -> None:
    facts = facts_of(bus(DetailType="$.body.kind", Source="shop"), {"body": '{"kind": "order"}'})
    assert (facts["Source"], facts["DetailType"]) == ("shop", "order")


def test_a_path_that_leads_nowhere_leaves_the_default() -> None:
    facts = facts_of(bus(DetailType="$.body.kind"), {"body": "text"})
    assert facts["DetailType"] == "Event from aws:sqs"


@pytest.mark.parametrize(
    "value",
    [
        "2020-01-02T03:04:05Z",
        "2020-01-02T04:04:05+01:00",
        1577934245,
        1577934245000,
        "1577934245",
    ],
)
def test_an_instant_may_be_written_in_many_ways(value: Any) -> None:
    assert facts_of(bus(Time="$.at"), {"at": value})["Time"] == 1577934245000


@pytest.mark.parametrize("value", ["soon", True, {"a": 1}, [1], "inf", "nan", "1e999"])
def test_what_is_no_instant_fails_the_event(value: Any) -> None:
    with pytest.raises(TemplateFailed):
        facts_of(bus(Time="$.at"), {"at": value})


def test_a_group_must_be_a_text_or_a_number() -> None:
    pipe = make_pipe(
        "arn:aws:sqs:us-east-1:000000000000:t.fifo",
        SqsQueueParameters={"MessageGroupId": "$.body.group"},
    )
    assert facts_of(pipe, {"body": '{"group": 7}'}) == {"MessageGroupId": "7"}
    with pytest.raises(TemplateFailed):
        facts_of(pipe, {"body": '{"group": {}}'})


def test_other_targets_have_no_facts() -> None:
    pipe = make_pipe("arn:aws:sns:us-east-1:000000000000:topic")
    assert facts_of(pipe, {"body": "{}"}) == {}
