"""What starts a function of SAM and what becomes of its answers: events, destinations, dead letters, connectors."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from fogline.testing.platform import LocalPlatform
from fogline.testing.plugin import Account

Resources = dict[str, Any]
Deploy = Callable[[Resources], dict[str, str]]
Bodies = Callable[[str], list[Any]]

CODE = """
import json, os, boto3
def handler(event, context):
    boto3.client("sqs").send_message(QueueUrl=os.environ["HEARD"], MessageBody=json.dumps(event))
    if event.get("fail"):
        raise ValueError("as asked")
    return "heard"
"""
QUEUE: Resources = {"Type": "AWS::SQS::Queue"}
TOPIC: Resources = {"Type": "AWS::SNS::Topic"}


def arn(name: str) -> dict[str, Any]:
    return {"Fn::GetAtt": [name, "Arn"]}


def function(*, heard: str = "Heard", **properties: Any) -> Resources:
    """A function that tells a queue whatever it gets."""
    return {
        "Type": "AWS::Serverless::Function",
        "Properties": {
            "Runtime": "python3.11",
            "Handler": "index.handler",
            "Timeout": 20,  # real time, and the machine may be busy
            "InlineCode": CODE,
            "Environment": {"Variables": {"HEARD": {"Ref": heard}}},
            **properties,
        },
    }


def event(kind: str, **properties: Any) -> Resources:
    return function(Events={"It": {"Type": kind, "Properties": properties}})


@pytest.fixture
def deploy(fogline: Account, fogline_platform: LocalPlatform) -> Iterator[Deploy]:
    """Deploy resources beside the queue `Heard`; what each refers to. They go when the test ends."""
    cloudformation = fogline.client("cloudformation")

    def deploy(resources: Resources) -> dict[str, str]:
        template = {
            "Transform": "AWS::Serverless-2016-10-31",
            "Resources": {"Heard": QUEUE, **resources},
            "Outputs": {
                name: {"Value": {"Ref": name}}
                for name, each in {"Heard": QUEUE, **resources}.items()
                if each["Type"] != "AWS::Serverless::Connector"
            },
        }
        cloudformation.create_stack(
            StackName="app",
            TemplateBody=json.dumps(template),
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        )
        fogline_platform.settle()
        stack = cloudformation.describe_stacks(StackName="app")["Stacks"][0]
        assert stack["StackStatus"] == "CREATE_COMPLETE", [
            each.get("ResourceStatusReason")
            for each in cloudformation.describe_stack_events(StackName="app")["StackEvents"]
        ]
        return {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}

    yield deploy
    cloudformation.delete_stack(StackName="app")
    fogline_platform.settle()
    [stack] = cloudformation.list_stacks()["StackSummaries"]
    assert stack["StackStatus"] == "DELETE_COMPLETE"


@pytest.fixture
def bodies(fogline: Account) -> Bodies:
    """The documents that have come into a queue, which are then gone."""
    sqs = fogline.client("sqs")

    def bodies(url: str) -> list[Any]:
        found: list[Any] = []
        while page := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in page:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                found.append(json.loads(message["Body"]))
        return found

    return bodies


def publish(fogline: Account, topic: str, **colors: str) -> None:
    for text, color in colors.items():
        fogline.client("sns").publish(
            TopicArn=topic,
            Message=text,
            MessageAttributes={"color": {"DataType": "String", "StringValue": color}},
        )
    fogline.platform.settle()


def test_a_queue_starts_a_function_with_what_passes_its_filter(
    fogline: Account, deploy: Deploy, bodies: Bodies
) -> None:
    worker = event(
        "SQS",
        Queue=arn("Orders"),
        BatchSize=5,
        FunctionResponseTypes=["ReportBatchItemFailures"],
        ScalingConfig={"MaximumConcurrency": 2},
        FilterCriteria={"Filters": [{"Pattern": '{"body": {"kind": ["order"]}}'}]},
    )
    app = deploy({"Orders": QUEUE, "Worker": worker})
    for kind in ("order", "other"):
        fogline.client("sqs").send_message(
            QueueUrl=app["Orders"], MessageBody=json.dumps({"kind": kind})
        )
    fogline.platform.settle()
    [batch] = bodies(app["Heard"])
    assert [record["body"] for record in batch["Records"]] == ['{"kind": "order"}']
    [mapping] = fogline.client("lambda").list_event_source_mappings()["EventSourceMappings"]
    assert mapping["ScalingConfig"] == {"MaximumConcurrency": 2}


def test_a_topic_starts_a_function_with_what_passes_its_filter(
    fogline: Account, deploy: Deploy, bodies: Bodies
) -> None:
    worker = event(
        "SNS",
        Topic={"Ref": "News"},
        FilterPolicy={"color": ["red"]},
        FilterPolicyScope="MessageAttributes",
        RedrivePolicy={"deadLetterTargetArn": arn("Dead")},
    )
    app = deploy({"News": TOPIC, "Dead": QUEUE, "Worker": worker})
    publish(fogline, app["News"], one="red", two="blue")
    assert [it["Records"][0]["Sns"]["Message"] for it in bodies(app["Heard"])] == ["one"]
    sns = fogline.client("sns")
    [subscription] = sns.list_subscriptions()["Subscriptions"]
    found = sns.get_subscription_attributes(SubscriptionArn=subscription["SubscriptionArn"])
    assert "Dead" in json.loads(found["Attributes"]["RedrivePolicy"])["deadLetterTargetArn"]


@pytest.mark.parametrize(
    "through", [True, {"QueueArn": arn("Between"), "QueueUrl": {"Ref": "Between"}, "BatchSize": 1}]
)
def test_a_topic_starts_a_function_through_a_queue(
    fogline: Account, deploy: Deploy, bodies: Bodies, through: Any
) -> None:
    worker = event(
        "SNS", Topic={"Ref": "News"}, FilterPolicy={"color": ["red"]}, SqsSubscription=through
    )
    app = deploy({"News": TOPIC, "Between": QUEUE, "Worker": worker})
    publish(fogline, app["News"], one="red", two="blue")
    [batch] = bodies(app["Heard"])
    [record] = batch["Records"]
    assert record["eventSource"] == "aws:sqs"
    assert json.loads(record["body"])["Message"] == "one"


@pytest.mark.parametrize("kind", ["EventBridgeRule", "CloudWatchEvent"])
def test_an_event_that_cannot_be_brought_is_a_dead_letter(
    fogline: Account, deploy: Deploy, bodies: Bodies, kind: str
) -> None:
    worker = event(
        kind,
        EventBusName={"Ref": "Shop"},
        Pattern={"source": ["shop"]},
        InputPath="$.detail",
        Target={"Id": "worker"},
        RetryPolicy={"MaximumRetryAttempts": 1, "MaximumEventAgeInSeconds": 600},
        DeadLetterConfig={"Arn": arn("Dead")},
    )
    shop = {"Type": "AWS::Events::EventBus", "Properties": {"Name": "shop"}}
    app = deploy({"Shop": shop, "Dead": QUEUE, "Worker": worker})
    entry = {"EventBusName": "shop", "Source": "shop", "DetailType": "d", "Detail": '{"id": 1}'}
    events = fogline.client("events")
    events.put_events(Entries=[entry])
    fogline.platform.settle()
    assert (bodies(app["Heard"]), bodies(app["Dead"])) == ([{"id": 1}], [])
    [rule] = events.list_rules(EventBusName="shop")["Rules"]
    [target] = events.list_targets_by_rule(Rule=rule["Name"], EventBusName="shop")["Targets"]
    assert target["Id"] == "worker"

    fogline.client("lambda").delete_function(FunctionName=app["Worker"])
    events.put_events(Entries=[entry])
    fogline.platform.advance(hours=1)
    assert bodies(app["Dead"]) == [{"id": 1}]


@pytest.mark.parametrize(
    ("kind", "schedule"),
    [
        ("Schedule", {"Schedule": "cron(0 2 * * ? *)"}),
        ("ScheduleV2", {"ScheduleExpression": "cron(0 2 * * ? *)", "GroupName": "default"}),
    ],
)
def test_a_schedule_whose_function_is_gone_leaves_dead_letters(
    fogline: Account, deploy: Deploy, bodies: Bodies, kind: str, schedule: dict[str, str]
) -> None:
    worker = event(
        kind,
        **schedule,
        Name="nightly",
        Description="At night",
        State="ENABLED",
        Input='{"job": "report"}',
        RetryPolicy={"MaximumRetryAttempts": 0},
        DeadLetterConfig={"Arn": arn("Dead")},
    )
    app = deploy({"Dead": QUEUE, "Worker": worker})
    fogline.platform.advance(days=1)
    assert bodies(app["Heard"]) == [{"job": "report"}]
    fogline.client("lambda").delete_function(FunctionName=app["Worker"])
    fogline.platform.advance(days=1)
    assert bodies(app["Dead"]) == [{"job": "report"}]


def test_a_row_that_cannot_be_worked_on_is_given_up(
    fogline: Account, deploy: Deploy, bodies: Bodies
) -> None:
    table = {
        "Type": "AWS::DynamoDB::Table",
        "Properties": {
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "BillingMode": "PAY_PER_REQUEST",
            "StreamSpecification": {"StreamViewType": "NEW_IMAGE"},
        },
    }
    worker = event(
        "DynamoDB",
        Stream={"Fn::GetAtt": ["Table", "StreamArn"]},
        StartingPosition="TRIM_HORIZON",
        BatchSize=1,
        MaximumRetryAttempts=0,
        BisectBatchOnFunctionError=True,
        DestinationConfig={"OnFailure": {"Type": "SQS", "Destination": arn("Dead")}},
        FilterCriteria={"Filters": [{"Pattern": '{"eventName": ["INSERT"]}'}]},
    )
    worker["Properties"]["InlineCode"] = CODE.replace('event.get("fail")', '"bad" in str(event)')
    app = deploy({"Table": table, "Dead": QUEUE, "Worker": worker})
    for id in ("good", "bad"):
        fogline.client("dynamodb").put_item(TableName=app["Table"], Item={"id": {"S": id}})
        fogline.platform.settle()
    heard = [each["Records"][0]["dynamodb"]["Keys"]["id"]["S"] for each in bodies(app["Heard"])]
    assert heard == ["good", "bad"]
    [letter] = bodies(app["Dead"])
    assert letter["DDBStreamBatchInfo"]["batchSize"] == 1


@pytest.mark.parametrize("kind", ["SQS", "SNS", "EventBridge", "Lambda"])
def test_what_becomes_of_an_invocation_goes_to_its_destination(
    fogline: Account, deploy: Deploy, bodies: Bodies, kind: str
) -> None:
    said = {
        "SQS": {"Type": "SQS", "Destination": arn("Told")},
        "SNS": {"Type": "SNS", "Destination": {"Ref": "News"}},
        "EventBridge": {"Type": "EventBridge", "Destination": arn("Shop")},
        "Lambda": {"Type": "Lambda", "Destination": arn("Other")},
    }[kind]
    config = {
        "MaximumRetryAttempts": 0,
        "DestinationConfig": {"OnSuccess": said, "OnFailure": said},
    }
    subscription = {
        "Type": "AWS::SNS::Subscription",
        "Properties": {
            "TopicArn": {"Ref": "News"}, "Protocol": "sqs", "Endpoint": arn("Told"),
            "RawMessageDelivery": True,
        },
    }  # fmt: skip
    rule = {
        "Type": "AWS::Events::Rule",
        "Properties": {
            "EventBusName": {"Ref": "Shop"},
            "EventPattern": {"source": ["lambda"]},
            "Targets": [{"Id": "t", "Arn": arn("Told"), "InputPath": "$.detail"}],
        },
    }
    app = deploy({
        "Told": QUEUE, "News": TOPIC, "Subscription": subscription, "Rule": rule,
        "Shop": {"Type": "AWS::Events::EventBus", "Properties": {"Name": "shop"}},
        "Other": function(heard="Told"), "Worker": function(EventInvokeConfig=config),
    })  # fmt: skip
    for request in ('{"n": 1}', '{"fail": 1}'):
        fogline.client("lambda").invoke(
            FunctionName=app["Worker"], InvocationType="Event", Payload=request
        )
        fogline.platform.settle()
    told = [
        (each["requestContext"]["condition"], each["requestPayload"])
        for each in bodies(app["Told"])
    ]
    assert told == [("Success", {"n": 1}), ("RetriesExhausted", {"fail": 1})]


@pytest.mark.parametrize("kind", ["SQS", "SNS"])
def test_a_failed_event_is_a_dead_letter(
    fogline: Account, deploy: Deploy, bodies: Bodies, kind: str
) -> None:
    target = arn("Dead") if kind == "SQS" else {"Ref": "News"}
    app = deploy(
        {
            "Dead": QUEUE,
            "News": {
                "Type": "AWS::SNS::Topic",
                "Properties": {"Subscription": [{"Protocol": "sqs", "Endpoint": arn("Dead")}]},
            },
            "Worker": function(
                DeadLetterQueue={"Type": kind, "TargetArn": target},
                EventInvokeConfig={"MaximumRetryAttempts": 0},
            ),
        }
    )
    fogline.client("lambda").invoke(
        FunctionName=app["Worker"], InvocationType="Event", Payload='{"fail": 1}'
    )
    fogline.platform.settle()
    [letter] = bodies(app["Dead"])
    assert (letter if kind == "SQS" else json.loads(letter["Message"])) == {"fail": 1}


def test_connectors_permit_what_they_connect(
    fogline: Account, deploy: Deploy, bodies: Bodies
) -> None:
    def connector(source: str, destination: str, *permissions: str) -> Resources:
        ends = {"Source": {"Id": source}, "Destination": {"Id": destination}}
        return {
            "Type": "AWS::Serverless::Connector",
            "Properties": {**ends, "Permissions": list(permissions)},
        }

    subscription = {
        "Type": "AWS::SNS::Subscription",
        "Properties": {"TopicArn": {"Ref": "News"}, "Protocol": "sqs", "Endpoint": arn("Told")},
    }
    rule = {
        "Type": "AWS::Events::Rule",
        "Properties": {
            "EventPattern": {"source": ["shop"]},
            "Targets": [
                {"Id": "news", "Arn": {"Ref": "News"}},
                {"Id": "worker", "Arn": arn("Worker")},
            ],
        },
    }
    app = deploy({
        "News": TOPIC, "Told": QUEUE, "Subscription": subscription, "Rule": rule,
        "Worker": function(),
        "WorkerToHeard": connector("Worker", "Heard", "Write"),
        "NewsToTold": connector("News", "Told", "Write"),
        "RuleToNews": connector("Rule", "News", "Write"),
        "RuleToWorker": connector("Rule", "Worker", "Write"),
    })  # fmt: skip
    entry = {"Source": "shop", "DetailType": "d", "Detail": '{"id": 1}'}
    fogline.client("events").put_events(Entries=[entry])
    fogline.platform.settle()
    assert [each["detail"] for each in bodies(app["Heard"])] == [{"id": 1}]
    [told] = bodies(app["Told"])
    assert json.loads(told["Message"])["detail"] == {"id": 1}
    found = fogline.client("sqs").get_queue_attributes(
        QueueUrl=app["Told"], AttributeNames=["Policy"]
    )
    assert "sns.amazonaws.com" in found["Attributes"]["Policy"]
