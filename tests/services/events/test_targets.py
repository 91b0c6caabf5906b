"""Targets of rules: what may be one, and what each of them gets."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.services.events.conftest import MakeQueue, Put, PutRule, Queue

from fogline.testing.plugin import Account


def error(raised: pytest.ExceptionInfo[ClientError]) -> tuple[str, str]:
    found = raised.value.response["Error"]
    return found["Code"], found["Message"]


@pytest.fixture
def refuse(events: Any, put_rule: PutRule, queue: Queue) -> Any:
    """Put a target that is refused; the code and the text of the error."""
    put_rule()

    def refuse(**target: Any) -> tuple[str, str]:
        with pytest.raises(ClientError) as refused:
            events.put_targets(Rule="rule", Targets=[{"Id": "t", "Arn": queue.arn, **target}])
        assert events.list_targets_by_rule(Rule="rule")["Targets"] == []
        return error(refused)

    return refuse


# ---- putting, listing, removing


def test_targets_are_told_as_they_were_put(events: Any, put_rule: PutRule, queue: Queue) -> None:
    target = {
        "Id": "t",
        "Arn": queue.arn,
        "InputPath": "$.detail",
        "RetryPolicy": {"MaximumRetryAttempts": 3, "MaximumEventAgeInSeconds": 60},
        "DeadLetterConfig": {"Arn": queue.arn},
    }
    put_rule()
    answer = events.put_targets(Rule="rule", Targets=[target])
    assert (answer["FailedEntryCount"], answer["FailedEntries"]) == (0, [])
    assert events.list_targets_by_rule(Rule="rule")["Targets"] == [target]


def test_a_target_of_the_same_id_is_replaced(
    events: Any, put_rule: PutRule, make_queue: MakeQueue
) -> None:
    one, two = make_queue("one"), make_queue("two")
    put_rule(one)
    put_rule(two)
    assert events.list_targets_by_rule(Rule="rule")["Targets"] == [
        {"Id": "target-0", "Arn": two.arn}
    ]


def test_removed_targets_get_nothing_more(
    events: Any, put_rule: PutRule, put: Put, make_queue: MakeQueue
) -> None:
    one, two = make_queue("one"), make_queue("two")
    put_rule(one, two)
    answer = events.remove_targets(Rule="rule", Ids=["target-0", "nobody"])
    assert (answer["FailedEntryCount"], answer["FailedEntries"]) == (0, [])
    put()
    assert [len(one.bodies()), len(two.bodies())] == [0, 1]


def test_five_targets_are_the_most(events: Any, put_rule: PutRule, queue: Queue) -> None:
    put_rule(*[queue] * 5)
    with pytest.raises(ClientError) as refused:
        events.put_targets(Rule="rule", Targets=[{"Id": "sixth", "Arn": queue.arn}])
    assert error(refused) == (
        "LimitExceededException",
        "The requested resource exceeds the maximum number allowed.",
    )


def test_targets_are_listed_in_pages(events: Any, put_rule: PutRule, queue: Queue) -> None:
    put_rule(*[queue] * 5)
    page = events.list_targets_by_rule(Rule="rule", Limit=3)
    rest = events.list_targets_by_rule(Rule="rule", NextToken=page["NextToken"])
    ids = [target["Id"] for target in (*page["Targets"], *rest["Targets"])]
    assert ids == [f"target-{at}" for at in range(5)]
    assert "NextToken" not in rest


@pytest.mark.parametrize("operation", ["put_targets", "remove_targets", "list_targets_by_rule"])
def test_targets_need_a_rule(events: Any, queue: Queue, operation: str) -> None:
    more: Any = {
        "put_targets": {"Targets": [{"Id": "t", "Arn": queue.arn}]},
        "remove_targets": {"Ids": ["t"]},
    }.get(operation, {})
    with pytest.raises(ClientError) as refused:
        getattr(events, operation)(Rule="nothing", **more)
    assert error(refused)[1] == "Rule nothing does not exist on EventBus default."


# ---- what is refused


def test_an_arn_must_be_one(refuse: Any) -> None:
    assert refuse(Arn="queue") == (
        "ValidationException",
        "Parameter queue is not valid. Reason: Provided Arn is not in correct format.",
    )


def test_what_aws_sends_to_and_fogline_not_yet_is_refused_by_name(refuse: Any) -> None:
    code, text = refuse(Arn="arn:aws:ecs:us-east-1:1:cluster/c", RoleArn="arn:aws:iam::1:role/r")
    assert code == "NotImplemented"
    assert text == (
        "Fogline cannot send events to ecs yet: target t (arn:aws:ecs:us-east-1:1:cluster/c)."
    )


def test_what_aws_cannot_send_to_is_refused(refuse: Any) -> None:
    assert refuse(Arn="arn:aws:s3:::bucket")[0] == "ValidationException"


def test_an_input_is_given_in_one_way(refuse: Any) -> None:
    assert refuse(InputPath="$.detail", Input="{}") == (
        "ValidationException",
        "Only one of Input, InputPath, or InputTransformer must be provided for target t.",
    )


def test_an_input_is_json(refuse: Any) -> None:
    assert refuse(Input="{a}") == (
        "ValidationException",
        'Invalid Input for target t : [Source: (String)"{a}"; line: 1, column: 2].',
    )


def test_a_placeholder_must_be_known(refuse: Any) -> None:
    assert refuse(InputTransformer={"InputPathsMap": {"a": "$.a"}, "InputTemplate": '"<b>"'}) == (
        "ValidationException",
        "InputTemplate for target t contains invalid placeholder b.",
    )


def test_a_template_that_begins_like_json_must_be_json(refuse: Any) -> None:
    assert refuse(InputTransformer={"InputTemplate": "{a}"}) == (
        "ValidationException",
        'Invalid InputTemplate for target t : [Source: (String)"{a}"; line: 1, column: 2].',
    )


def test_a_fifo_queue_needs_a_message_group(refuse: Any) -> None:
    assert refuse(Arn="arn:aws:sqs:us-east-1:1:q.fifo") == (
        "ValidationException",
        "Parameter(s) SqsParameters must be specified for target: t.",
    )


def test_the_event_for_another_bus_cannot_be_changed(refuse: Any, fogline: Account) -> None:
    bus = f"arn:aws:events:us-east-1:{fogline.id}:event-bus/other"
    assert refuse(Arn=bus, InputPath="$.detail") == (
        "ValidationException",
        "Modifying the input for target t is not supported.",
    )


def test_dead_letters_go_to_queues(refuse: Any) -> None:
    topic = {"Arn": "arn:aws:sns:us-east-1:111122223333:t"}
    assert refuse(DeadLetterConfig=topic)[0] == "ValidationException"


# ---- what a target gets


@pytest.mark.parametrize(
    ("given", "body"),
    [
        ({"Input": '{"fixed": [1]}'}, '{"fixed": [1]}'),
        ({"InputPath": "$.detail"}, '{"id":1,"who":"Ada"}'),
        ({"InputPath": "$.detail.who"}, '"Ada"'),
        ({"InputPath": "$.nothing"}, "null"),
        (
            {
                "InputTransformer": {
                    "InputPathsMap": {"who": "$.detail.who", "id": "$.detail.id"},
                    "InputTemplate": '{"text": "<who> ordered <id>", "id": <id>, "rule": <aws.events.rule-name>}',
                }
            },
            '{"text":"Ada ordered 1","id":1,"rule":"rule"}',
        ),
        (
            {"InputTransformer": {"InputTemplate": '"at <aws.events.event.ingestion-time>"'}},
            '"at NOW"',
        ),
    ],
)
def test_a_target_gets_the_input_that_it_asks_for(
    put_rule: PutRule, put: Put, queue: Queue, fogline_platform: Any, given: Any, body: str
) -> None:
    from fogline.services.events.event import written_time

    put_rule({"Id": "t", "Arn": queue.arn, **given})
    put({"id": 1, "who": "Ada"})
    now = written_time(fogline_platform.now() // 1000)
    assert queue.bodies() == [body.replace("NOW", now)]


def test_reserved_variables_hold_the_event(
    put_rule: PutRule, put: Put, queue: Queue, fogline: Account
) -> None:
    template = '{"event": <aws.events.event>, "json": <aws.events.event.json>, "rule": "<aws.events.rule-arn>"}'
    arn = put_rule({"Id": "t", "Arn": queue.arn, "InputTransformer": {"InputTemplate": template}})
    id = put()["EventId"]
    [found] = queue.events()
    assert found["rule"] == arn
    assert found["json"]["detail"] == {"id": 1}
    assert list(found["event"]) == [
        "id", "account", "detailType", "time", "source", "region", "resources", "version",
    ]  # fmt: skip
    assert found["event"]["id"] == id


def test_a_fifo_queue_gets_the_message_group(
    put_rule: PutRule, put: Put, make_queue: MakeQueue
) -> None:
    queue = make_queue("q.fifo", FifoQueue="true", ContentBasedDeduplication="true")
    put_rule({"Id": "t", "Arn": queue.arn, "SqsParameters": {"MessageGroupId": "orders"}})
    put()
    [message] = queue.messages()
    assert message["Attributes"]["MessageGroupId"] == "orders"


def test_a_topic_gets_the_event(
    events: Any, put_rule: PutRule, put: Put, queue: Queue, fogline: Account
) -> None:
    sns = fogline.client("sns")
    topic = sns.create_topic(Name="topic")["TopicArn"]
    raw = {"RawMessageDelivery": "true"}
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue.arn, Attributes=raw)
    put_rule({"Id": "t", "Arn": topic})
    id = put()["EventId"]
    assert [event["id"] for event in queue.events()] == [id]


def test_a_log_group_gets_the_event(put_rule: PutRule, put: Put, fogline: Account) -> None:
    logs = fogline.client("logs")
    logs.create_log_group(logGroupName="/aws/events/orders")
    arn = f"arn:aws:logs:us-east-1:{fogline.id}:log-group:/aws/events/orders"
    template = '{"timestamp": <at>, "message": "order <id>"}'
    paths = {"at": "$.time", "id": "$.detail.id"}
    put_rule(
        {"Id": "whole", "Arn": arn},
        {
            "Id": "text",
            "Arn": arn,
            "InputTransformer": {"InputPathsMap": paths, "InputTemplate": template},
        },
    )
    id = put()["EventId"]
    found = logs.filter_log_events(logGroupName="/aws/events/orders")["events"]
    texts = sorted(event["message"] for event in found)
    assert texts[0] == "order 1"
    assert json.loads(texts[1])["id"] == id
    assert found[0]["logStreamName"] != found[1]["logStreamName"]


@pytest.mark.parametrize("at", ["1767225600123", 1767225600123, "2026-01-01T00:00:00.123Z"])
def test_a_target_of_logs_says_when_its_line_was(
    put_rule: PutRule, put: Put, fogline: Account, at: Any
) -> None:
    logs = fogline.client("logs")
    logs.create_log_group(logGroupName="/aws/events/orders")
    arn = f"arn:aws:logs:us-east-1:{fogline.id}:log-group:/aws/events/orders"
    line = '{"timestamp": AT, "message": "placed"}'.replace("AT", json.dumps(at))
    template = {"InputPathsMap": {}, "InputTemplate": line}
    put_rule({"Id": "t", "Arn": arn, "InputTransformer": template})
    put()
    [event] = logs.filter_log_events(logGroupName="/aws/events/orders")["events"]
    assert (event["timestamp"], event["message"]) == (1767225600123, "placed")


def test_a_line_with_an_impossible_time_is_kept_as_it_is(
    put_rule: PutRule, put: Put, fogline: Account
) -> None:
    logs = fogline.client("logs")
    logs.create_log_group(logGroupName="/aws/events/orders")
    arn = f"arn:aws:logs:us-east-1:{fogline.id}:log-group:/aws/events/orders"
    line = '{"timestamp": 9223372036854775808, "message": "placed"}'
    template = {"InputPathsMap": {}, "InputTemplate": line}
    put_rule({"Id": "t", "Arn": arn, "InputTransformer": template})
    put()
    [event] = logs.filter_log_events(logGroupName="/aws/events/orders")["events"]
    assert event["message"].startswith('{"timestamp"')


def test_a_function_that_is_not_there_is_a_dead_letter(
    put_rule: PutRule, put: Put, queue: Queue, fogline: Account
) -> None:
    arn = f"arn:aws:lambda:us-east-1:{fogline.id}:function:nobody"
    put_rule({"Id": "t", "Arn": arn, "DeadLetterConfig": {"Arn": queue.arn}})
    put()
    [message] = queue.messages()
    assert message["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "NO_RESOURCE"


def test_a_function_is_not_given_what_is_no_json(
    put_rule: PutRule, put: Put, queue: Queue, fogline: Account
) -> None:
    put_rule(
        {
            "Id": "t",
            "Arn": f"arn:aws:lambda:us-east-1:{fogline.id}:function:nobody",
            "InputTransformer": {"InputTemplate": "plain text"},
            "DeadLetterConfig": {"Arn": queue.arn},
        }
    )
    put()
    [message] = queue.messages()
    assert message["Body"] == "plain text"
    assert message["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "SDK_CLIENT_ERROR"


# ---- from bus to bus


@pytest.fixture
def make_bus(fogline: Account) -> Any:
    """Make a bus with a rule that sends on; the ARN of the bus."""

    def make(name: str, *targets: str, region: str = "us-east-1") -> str:
        client = fogline.client("events", region)
        arn = client.create_event_bus(Name=name)["EventBusArn"]
        client.put_rule(Name="rule", EventBusName=name, EventPattern='{"source":["shop"]}')
        listed = [{"Id": f"t-{at}", "Arn": target} for at, target in enumerate(targets)]
        client.put_targets(Rule="rule", EventBusName=name, Targets=listed)
        return str(arn)

    return make


@pytest.mark.parametrize("region", ["us-east-1", "eu-central-1"])
def test_an_event_goes_on_to_another_bus_as_it_is(
    make_bus: Any, put: Put, make_queue: MakeQueue, region: str
) -> None:
    queue = make_queue("far", region)
    there = make_bus("there", queue.arn, region=region)
    make_bus("here", there)
    id = put(bus="here")["EventId"]
    [event] = queue.events()
    assert (event["id"], event["region"]) == (id, "us-east-1")


def test_an_event_does_not_go_on_to_a_third_bus(
    events: Any, make_bus: Any, put: Put, make_queue: MakeQueue
) -> None:
    queue, letters = make_queue("queue"), make_queue("letters")
    third = make_bus("third", queue.arn)
    second = make_bus("second", third)
    make_bus("first", second)
    target = {"Id": "t-0", "Arn": third, "DeadLetterConfig": {"Arn": letters.arn}}
    events.put_targets(Rule="rule", EventBusName="second", Targets=[target])
    put(bus="first")
    assert queue.bodies() == []
    [message] = letters.messages()
    attributes = message["MessageAttributes"]
    assert attributes["ERROR_CODE"]["StringValue"] == "THIRD_ACCOUNT_HOP_DETECTED"


def test_a_bus_that_sends_to_itself_does_so_once(
    events: Any, put: Put, put_rule: PutRule, queue: Queue
) -> None:
    bus = events.create_event_bus(Name="loop")["EventBusArn"]
    put_rule({"Id": "again", "Arn": bus}, {"Id": "queue", "Arn": queue.arn}, bus="loop")
    put(bus="loop")
    assert len(queue.bodies()) == 2


# ---- dead letters


def test_what_a_target_cannot_take_goes_to_its_dead_letter_queue(
    put_rule: PutRule, put: Put, make_queue: MakeQueue, fogline: Account
) -> None:
    queue, letters = make_queue("queue"), make_queue("letters")
    gone = f"arn:aws:sqs:us-east-1:{fogline.id}:gone"
    rule = put_rule(
        {"Id": "gone", "Arn": gone, "DeadLetterConfig": {"Arn": letters.arn}},
        {"Id": "there", "Arn": queue.arn},
    )
    put()
    [event] = queue.bodies()
    [message] = letters.messages()
    assert message["Body"] == event
    found = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
    assert found == {
        "RULE_ARN": rule,
        "TARGET_ARN": gone,
        "ERROR_CODE": "NO_RESOURCE",
        "ERROR_MESSAGE": f"The queue {gone} does not exist",
    }


def test_an_input_that_becomes_no_json_is_a_dead_letter_with_the_event(
    put_rule: PutRule, put: Put, make_queue: MakeQueue
) -> None:
    queue, letters = make_queue("queue"), make_queue("letters")
    transformer = {"InputPathsMap": {"d": "$.detail"}, "InputTemplate": '{"a": "<d>"}'}
    put_rule(
        {
            "Id": "t",
            "Arn": queue.arn,
            "InputTransformer": transformer,
            "DeadLetterConfig": {"Arn": letters.arn},
        }
    )
    id = put()["EventId"]
    assert queue.bodies() == []
    [message] = letters.messages()
    assert json.loads(message["Body"])["id"] == id
    assert message["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "INVALID_JSON"


@pytest.mark.parametrize("letters", [None, "nowhere"])
def test_without_a_dead_letter_queue_the_event_is_lost_and_nobody_is_stopped(
    put_rule: PutRule, put: Put, queue: Queue, fogline: Account, letters: str | None
) -> None:
    front = f"arn:aws:sqs:us-east-1:{fogline.id}"
    target: dict[str, Any] = {"Id": "gone", "Arn": f"{front}:gone"}
    if letters:
        target["DeadLetterConfig"] = {"Arn": f"{front}:{letters}"}
    put_rule(target, {"Id": "there", "Arn": queue.arn})
    assert "EventId" in put()
    assert len(queue.bodies()) == 1


# ---- what other services send to a bus


def send(platform: Any, arn: str, payload: str, **facts: Any) -> str:
    """As a service of the platform sends to a bus; why it could not, "" when it could."""
    from fogline.aws.call import root_trace
    from fogline.ports.targets import Sending, TargetUnavailable

    async def send() -> str:
        now = platform.now()
        trace = root_trace("0" * 24, "1" * 16, now)
        try:
            with platform.platform.store.write() as tx:
                platform.platform.targets.send(tx, Sending(arn, payload, trace, now, facts=facts))
        except TargetUnavailable as gone:
            return gone.code
        return ""

    return str(platform.ask(send()))


def test_a_service_puts_its_own_events_on_the_default_bus(
    put_rule: PutRule, queue: Queue, fogline: Account, fogline_platform: Any
) -> None:
    put_rule(queue, pattern={"source": ["aws.s3"]})
    bus = f"arn:aws:events:us-east-1:{fogline.id}:event-bus/default"
    facts = {"Source": "aws.s3", "DetailType": "Object Created", "Resources": ["arn:x"]}
    assert send(fogline_platform, bus, '{"bucket": "b"}', **facts) == ""
    [event] = queue.events()
    assert event["detail-type"] == "Object Created"
    assert (event["resources"], event["detail"]) == (["arn:x"], {"bucket": "b"})
    assert (event["account"], event["region"]) == (fogline.id, "us-east-1")


def test_a_bus_takes_no_detail_that_is_none(fogline: Account, fogline_platform: Any) -> None:
    front = f"arn:aws:events:us-east-1:{fogline.id}"
    assert send(fogline_platform, f"{front}:event-bus/default", "text") == "INVALID_JSON"
    assert send(fogline_platform, f"{front}:event-bus/nowhere", "{}") == "NO_RESOURCE"
    assert send(fogline_platform, f"{front}:rule/nowhere", "{}") == "NO_RESOURCE"
