"""Targets of pipes: what each kind gets, and the parameters that are read from each event."""

from __future__ import annotations

import json
from typing import Any

from tests.services.pipes.conftest import MakeFunction, MakePipe, MakeQueue, Queue
from tests.services.pipes.test_queue_sources import batches

from fogline.testing.plugin import Account

SAYS = """import json
def handler(event, context):
    print("batch", json.dumps(event))
"""


def test_a_template_makes_what_the_target_gets(
    fogline: Account, make_pipe: MakePipe, source: Queue, target: Queue
) -> None:
    template = (
        '{"id": <$.body.id>, "items": <$.body.items>, "note": "from <aws.pipes.pipe-name>",'
        ' "missing": <$.body.nothing>}'
    )
    make_pipe(TargetParameters={"InputTemplate": template})
    source.send({"id": 7, "items": [{"sku": "a"}]})
    assert target.bodies() == [
        {"id": 7, "items": [{"sku": "a"}], "note": "from pipe", "missing": ""}
    ]


def test_reserved_variables_tell_of_the_pipe_and_the_event(
    fogline: Account, make_pipe: MakePipe, source: Queue, target: Queue
) -> None:
    template = (
        '{"pipe": <aws.pipes.pipe-arn>, "source": <aws.pipes.source-arn>,'
        ' "target": <aws.pipes.target-arn>, "at": <aws.pipes.event.ingestion-time>,'
        ' "event": <aws.pipes.event.json>}'
    )
    made = make_pipe(TargetParameters={"InputTemplate": template})
    source.send({"id": 7})
    [found] = target.bodies()
    assert (found["pipe"], found["source"], found["target"]) == (
        made["Arn"], source.arn, target.arn,
    )  # fmt: skip
    assert found["event"]["body"] == {"id": 7}
    assert found["at"].endswith("Z")


def test_a_template_that_gives_no_json_fails_its_event(
    make_pipe: MakePipe, source: Queue, target: Queue
) -> None:
    make_pipe(TargetParameters={"InputTemplate": '{"said": "<$.body>"}'})
    source.send('with "quotes"')
    assert (target.counts(), source.counts()) == ((0, 0), (0, 1))


def test_an_event_that_its_template_does_not_fit_fails_alone(
    client: Any, make_pipe: MakePipe, source: Queue, target: Queue
) -> None:
    make_pipe(TargetParameters={"InputTemplate": '{"said": "<$.body>"}'}, DesiredState="STOPPED")
    source.send_together("fine", 'with "quotes"', "good")
    client.start_pipe(Name="pipe")
    assert sorted(event["said"] for event in target.bodies()) == ["fine", "good"]
    assert source.counts() == (0, 1)


def test_a_function_gets_what_its_template_fits(
    fogline: Account,
    client: Any,
    make_pipe: MakePipe,
    make_function: MakeFunction,
    source: Queue,
) -> None:
    make_pipe(
        Target=make_function("worker", SAYS),
        TargetParameters={"InputTemplate": '{"said": "<$.body>"}'},
        DesiredState="STOPPED",
    )
    source.send_together("fine", 'with "quotes"')
    client.start_pipe(Name="pipe")
    assert batches(fogline) == ['[{"said": "fine"}]']
    assert source.counts() == (0, 1)


def test_a_function_gets_the_batch_as_an_array(
    fogline: Account, make_pipe: MakePipe, make_function: MakeFunction, source: Queue
) -> None:
    make_pipe(
        Target=make_function("worker", SAYS),
        TargetParameters={"InputTemplate": '{"n": <$.body.n>}'},
        DesiredState="STOPPED",
    )
    source.send({"n": 1}, {"n": 2})
    fogline.client("pipes").start_pipe(Name="pipe")
    assert batches(fogline) == ['[{"n": 1}, {"n": 2}]']


def test_fire_and_forget_does_not_wait_for_the_function(
    fogline: Account, make_pipe: MakePipe, make_function: MakeFunction, source: Queue
) -> None:
    code = SAYS + "    raise ValueError\n"
    make_pipe(
        Target=make_function("worker", code),
        TargetParameters={"LambdaFunctionParameters": {"InvocationType": "FIRE_AND_FORGET"}},
    )
    source.send("once")
    assert len(batches(fogline)) == 1
    assert source.counts() == (0, 0)


def test_a_fifo_queue_gets_its_ids_from_each_event(
    make_pipe: MakePipe, make_queue: MakeQueue, source: Queue
) -> None:
    target = make_queue("out.fifo", FifoQueue="true")
    make_pipe(
        Target=target.arn,
        TargetParameters={
            "SqsQueueParameters": {
                "MessageGroupId": "$.body.group",
                "MessageDeduplicationId": "$.body.id",
            }
        },
    )
    source.send({"group": "a", "id": 1}, {"group": "b", "id": 2}, {"group": "a", "id": 1})
    attributes = [message["Attributes"] for message in target.messages()]
    groups = {(each["MessageGroupId"], each["MessageDeduplicationId"]) for each in attributes}
    assert groups == {("a", "1"), ("b", "2")}
    assert len(attributes) == 2


def test_an_event_whose_path_leads_nowhere_stays(
    make_pipe: MakePipe, make_queue: MakeQueue, source: Queue
) -> None:
    target = make_queue("out.fifo", FifoQueue="true", ContentBasedDeduplication="true")
    make_pipe(
        Target=target.arn,
        TargetParameters={"SqsQueueParameters": {"MessageGroupId": "$.body.group"}},
    )
    source.send({"group": "a"}, {"other": "b"})
    assert len(target.messages()) == 1
    assert source.counts() == (0, 1)


def make_bus(fogline: Account, queue: Queue, name: str = "bus") -> str:
    """A bus whose events all go to a queue."""
    events = fogline.client("events")
    arn = events.create_event_bus(Name=name)["EventBusArn"]
    events.put_rule(Name="all", EventBusName=name, EventPattern='{"account": [{"exists": true}]}')
    events.put_targets(Rule="all", EventBusName=name, Targets=[{"Id": "q", "Arn": queue.arn}])
    return str(arn)


def test_a_bus_gets_events_named_after_the_pipe(
    fogline: Account, make_pipe: MakePipe, source: Queue, target: Queue
) -> None:
    make_pipe(Target=make_bus(fogline, target))
    source.send({"id": 7})
    [event] = target.bodies()
    assert (event["source"], event["detail-type"]) == ("Pipe pipe", "Event from aws:sqs")
    assert json.loads(event["detail"]["body"]) == {"id": 7}


def test_a_bus_gets_what_its_parameters_read_from_the_event(
    fogline: Account, make_pipe: MakePipe, source: Queue, target: Queue
) -> None:
    parameters: dict[str, Any] = {
        "EventBridgeEventBusParameters": {
            "Source": "shop.orders",
            "DetailType": "$.body.type",
            "Resources": ["$.body.arn"],
            "Time": "$.body.at",
        },
        "InputTemplate": '{"order": <$.body.id>}',
    }
    make_pipe(Target=make_bus(fogline, target), TargetParameters=parameters)
    source.send({"id": 7, "type": "placed", "arn": "arn:aws:s3:::b", "at": "2020-01-02T03:04:05Z"})
    [event] = target.bodies()
    assert (event["source"], event["detail-type"]) == ("shop.orders", "placed")
    assert (event["resources"], event["time"]) == (["arn:aws:s3:::b"], "2020-01-02T03:04:05Z")
    assert event["detail"] == {"order": 7}


def test_a_topic_gets_each_event(
    fogline: Account, make_pipe: MakePipe, source: Queue, target: Queue
) -> None:
    sns = fogline.client("sns")
    topic = sns.create_topic(Name="topic")["TopicArn"]
    sns.subscribe(
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=target.arn,
        Attributes={"RawMessageDelivery": "true"},
    )
    make_pipe(Target=topic, TargetParameters={"InputTemplate": "<$.body.id>"})
    source.send({"id": 7}, {"id": 8})
    assert sorted(target.bodies()) == [7, 8]


def test_a_log_group_gets_each_event_in_the_stream_and_at_the_time_it_says(
    fogline: Account, make_pipe: MakePipe, source: Queue
) -> None:
    logs = fogline.client("logs")
    logs.create_log_group(logGroupName="/orders")
    group = f"arn:aws:logs:us-east-1:{fogline.id}:log-group:/orders"
    make_pipe(
        Target=group,
        TargetParameters={
            "CloudWatchLogsParameters": {"LogStreamName": "all", "Timestamp": "$.body.at"},
            "InputTemplate": '{"id": <$.body.id>}',
        },
    )
    at = fogline.platform.now() - 5_000
    source.send({"id": 7, "at": at})
    [event] = logs.filter_log_events(logGroupName="/orders", logStreamNames=["all"])["events"]
    assert (event["message"], event["timestamp"]) == ('{"id":7}', at)
