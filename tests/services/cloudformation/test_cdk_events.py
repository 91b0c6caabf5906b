"""Applications of the AWS CDK that send messages, events and schedules: synthesized templates, deployed and at work.

The templates in `cdk/` are what `app.synth()` wrote (aws-cdk-lib 2.276, pipes alpha 2.175) without rules and metadata.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.services.events.site import Asked, Says, Site, open_site

from fogline.testing.platform import LocalPlatform
from fogline.testing.plugin import Account

Launch = Callable[..., dict[str, str]]
Bodies = Callable[[str], list[Any]]

TEMPLATES = Path(__file__).parent / "cdk"
# Stands in for the CDK's own handler of calls, which needs the SDK of AWS's Node.js runtimes.
CALLS_ASSET = "9b8fce7ae7f25ef82fdbaf6b72523b99d0875c0c9c826642819fb51f11d9b125"
CALLS = """
const send = (url, method, headers, body) => fetch(url, {method, headers, body: JSON.stringify(body)});

exports.handler = async (event) => {
  const text = event.ResourceProperties[event.RequestType];
  const {action, parameters, physicalResourceId} = JSON.parse(text);
  const target = "Logs_20140328." + action[0].toUpperCase() + action.slice(1);
  const credential = process.env.AWS_ACCESS_KEY_ID + "/20260101/us-east-1/logs/aws4_request";
  const headers = {
    "x-amz-target": target, "content-type": "application/x-amz-json-1.1",
    authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host, Signature=0`,
    "x-amz-security-token": process.env.AWS_SESSION_TOKEN,
  };
  const answer = await send(process.env.AWS_ENDPOINT_URL, "POST", headers, parameters);
  await send(event.ResponseURL, "PUT", {"content-type": ""}, {
    Status: answer.ok ? "SUCCESS" : "FAILED", Reason: await answer.text(), Data: {},
    PhysicalResourceId: physicalResourceId?.id ?? event.PhysicalResourceId, StackId: event.StackId,
    RequestId: event.RequestId, LogicalResourceId: event.LogicalResourceId,
  });
};
"""


@pytest.fixture
def launch(fogline: Account, fogline_platform: LocalPlatform) -> Iterator[Launch]:
    """Deploy an application; its outputs. It goes without a rest when the test ends."""
    cloudformation = fogline.client("cloudformation")

    def launch(name: str, **parameters: str) -> dict[str, str]:
        cloudformation.create_stack(
            StackName=name,
            TemplateBody=(TEMPLATES / f"{name}.json").read_text(),
            Capabilities=["CAPABILITY_NAMED_IAM"],
            Parameters=[
                {"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()
            ],
        )
        fogline_platform.settle()
        stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
        assert stack["StackStatus"] == "CREATE_COMPLETE", [
            event.get("ResourceStatusReason")
            for event in cloudformation.describe_stack_events(StackName=name)["StackEvents"]
        ]
        return {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", ())}

    yield launch
    for stack in cloudformation.list_stacks()["StackSummaries"]:
        cloudformation.delete_stack(StackName=stack["StackName"])
        fogline_platform.settle()
    stacks = cloudformation.list_stacks()["StackSummaries"]
    assert {stack["StackStatus"] for stack in stacks} == {"DELETE_COMPLETE"}


@pytest.fixture
def bodies(fogline: Account) -> Bodies:
    """What has come into a queue, which is then gone; documents are read."""
    sqs = fogline.client("sqs")

    def read(text: str) -> Any:
        return json.loads(text) if text.startswith("{") else text

    def bodies(url: str) -> list[Any]:
        found: list[Any] = []
        while page := sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=0
        ).get("Messages"):
            for message in page:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                found.append(read(message["Body"]))
        return found

    return bodies


@pytest.fixture
def site() -> Iterator[Site]:
    with open_site() as site:
        yield site


def words(**attributes: str) -> dict[str, Any]:
    return {name: {"DataType": "String", "StringValue": it} for name, it in attributes.items()}


def put(fogline: Account, bus: str, source: str, kind: str, detail: Any) -> None:
    entry = {"Source": source, "DetailType": kind, "Detail": json.dumps(detail)}
    answer = fogline.client("events").put_events(Entries=[{**entry, "EventBusName": bus}])
    assert not answer["FailedEntryCount"]
    fogline.platform.settle()


def test_a_topic_reaches_its_subscribers_by_their_filters(
    fogline: Account, launch: Launch, bodies: Bodies, site: Site
) -> None:
    shop = launch("topics", Webhook=site.url)
    sns = fogline.client("sns")
    message = json.dumps({"order": {"total": 120}})
    size = {"DataType": "Number", "StringValue": "15"}
    attributes = {**words(color="blue", store="x", kind="sale"), "size": size}
    sns.publish(TopicArn=shop["Topic"], Message=message, MessageAttributes=attributes)
    noise = words(color="green", kind="noise")
    sns.publish(TopicArn=shop["Topic"], Message="noise", MessageAttributes=noise)
    fogline.platform.settle()
    assert [each["Message"] for each in bodies(shop["WorkUrl"])] == [message, "noise"]
    assert bodies(shop["RawUrl"]) == [{"order": {"total": 120}}]
    assert [each["Message"] for each in bodies(shop["BodyUrl"])] == [message]
    assert [each["Records"][0]["Sns"]["Message"] for each in bodies(shop["HeardUrl"])] == [message]
    assert "SubscriptionConfirmation" in site.bodies[0]


def test_an_ordered_topic_keeps_its_order_and_its_archive(
    fogline: Account, launch: Launch, bodies: Bodies, site: Site
) -> None:
    shop = launch("topics", Webhook=site.url)
    sns = fogline.client("sns")
    for message in ("a", "b", "b", "c"):
        sns.publish(TopicArn=shop["OrderedTopic"], Message=message, MessageGroupId="g")
    fogline.platform.settle()
    assert bodies(shop["LaneUrl"]) == ["a", "b", "c"]
    found = sns.get_topic_attributes(TopicArn=shop["OrderedTopic"])["Attributes"]
    assert json.loads(found["ArchivePolicy"]) == {"MessageRetentionPeriod": 7}
    # An archive keeps its topic until it is taken off.
    sns.set_topic_attributes(
        TopicArn=shop["OrderedTopic"], AttributeName="ArchivePolicy", AttributeValue="{}"
    )


def test_queues_tables_and_topics_start_functions(
    fogline: Account, launch: Launch, bodies: Bodies
) -> None:
    shop = launch("sources")
    for body in ('{"kind": "order"}', '{"kind": "other"}'):
        fogline.client("sqs").send_message(QueueUrl=shop["OrdersUrl"], MessageBody=body)
    row = {"id": {"S": "1"}}
    fogline.client("dynamodb").put_item(TableName=shop["TableName"], Item=row)
    fogline.client("dynamodb").delete_item(TableName=shop["TableName"], Key=row)
    for color in ("red", "blue"):
        fogline.client("sns").publish(
            TopicArn=shop["TopicArn"], Message=color, MessageAttributes=words(color=color)
        )
    fogline.platform.advance(seconds=3)
    records = [record for event in bodies(shop["HeardUrl"]) for record in event["Records"]]
    heard = {
        record.get("body") or record.get("eventName") or record["Sns"]["Message"]
        for record in records
    }
    assert heard == {'{"kind": "order"}', "INSERT", "red"}


def test_what_becomes_of_an_invocation_goes_where_its_function_says(
    fogline: Account, launch: Launch, bodies: Bodies
) -> None:
    shop = launch("sources")

    def invoke(name: str, event: dict[str, int]) -> tuple[list[Any], list[Any]]:
        fogline.client("lambda").invoke(
            FunctionName=shop[name], InvocationType="Event", Payload=json.dumps(event)
        )
        fogline.platform.settle()
        return bodies(shop["SucceededUrl"]), bodies(shop["FailedUrl"])

    [[record], failed] = invoke("WithDestinationsName", {"n": 1})
    assert (record["requestContext"]["condition"], record["responsePayload"], failed) == (
        "Success", "heard", [],
    )  # fmt: skip
    [_, [event]] = invoke("WithDestinationsName", {"fail": 1})
    assert event["detail-type"] == "Lambda Function Invocation Result - Failure"
    assert event["detail"]["requestPayload"] == {"fail": 1}
    assert invoke("WithDeadLetterTopicName", {"fail": 2}) == ([], [{"fail": 2}])
    assert invoke("WithDeadLetterQueueName", {"fail": 3}) == ([], [{"fail": 3}])
    # An alias has destinations of its own, beside the dead letters of its function.
    [_, failed] = invoke("Alias", {"fail": 4})
    assert {"fail": 4} in failed
    assert [each["requestPayload"] for each in failed if "requestPayload" in each] == [{"fail": 4}]
    # A function that another one's answers go to gets the answer alone.
    bodies(shop["HeardUrl"])
    [[record], _] = invoke("WithDeadLetterTopicName", {"n": 5})
    assert record["requestPayload"] == "heard"
    assert bodies(shop["HeardUrl"]) == [{"n": 5}, '"heard"']


@pytest.fixture
def rules(fogline: Account, launch: Launch) -> dict[str, str]:
    """The outputs of an application of rules, which brings code in the CDK's bucket."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("index.js", CALLS)
    s3 = fogline.client("s3")
    bucket = f"cdk-hnb659fds-assets-{fogline.id}-us-east-1"
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key=f"{CALLS_ASSET}.zip", Body=archive.getvalue())
    return launch("rules")


def test_a_rule_brings_an_event_to_all_its_targets(
    fogline: Account, rules: dict[str, str], bodies: Bodies
) -> None:
    order = {"id": "o1", "total": 12, "state": "new", "to": "me", "ip": "10.1.2.3"}
    put(fogline, "shop", "shop", "order.placed", order)
    put(fogline, "shop", "shop", "order.placed", {**order, "test": True})
    assert [event["detail"] for event in bodies(rules["HeardUrl"])] == [order]
    work = bodies(rules["WorkUrl"])
    assert [each for each in work if isinstance(each, str)] == ['"Order o1 for 12"']
    # The other bus gets both, under the name of the first.
    assert [each["detail"]["id"] for each in work if isinstance(each, dict)] == ["o1", "o1"]
    assert bodies(rules["LaneUrl"]) == [order]
    [told] = bodies(rules["OtherUrl"])
    assert (told["id"], told["fixed"], told["whole"]) == ("o1", 7, order)
    assert bodies(rules["DeadUrl"]) == []


def test_a_rule_may_write_into_a_log_group(fogline: Account, rules: dict[str, str]) -> None:
    put(fogline, "shop", "shop", "order.placed", {})
    logs = fogline.client("logs")
    [line] = logs.filter_log_events(logGroupName=rules["LogGroup"])["events"]
    assert line["message"] == "order.placed"
    [policy] = logs.describe_resource_policies()["resourcePolicies"]
    assert "events.amazonaws.com" in policy["policyDocument"]


def test_a_bus_has_its_policy_and_its_archive(fogline: Account, rules: dict[str, str]) -> None:
    events = fogline.client("events")
    statements = json.loads(events.describe_event_bus(Name="shop")["Policy"])["Statement"]
    assert {each["Sid"] for each in statements} >= {"cdk-Others"}
    put(fogline, "shop", "shop", "order.placed", {})
    fogline.platform.advance(hours=1)
    archive = events.describe_archive(ArchiveName="orders")
    assert (archive["RetentionDays"], archive["EventCount"]) == (30, 1)


def test_a_rule_with_a_time_starts_its_function(
    fogline: Account, rules: dict[str, str], bodies: Bodies
) -> None:
    fogline.platform.advance(days=1)
    assert bodies(rules["HeardUrl"]) == [{"job": "nightly"}]
    assert bodies(rules["WorkUrl"]) == []


def test_partners_are_told_with_what_their_connections_ask_for(
    fogline: Account, launch: Launch, bodies: Bodies, site: Site
) -> None:
    def answer(asked: Asked) -> Says:
        token = {"access_token": "t", "token_type": "Bearer", "expires_in": 60}
        return Says(body=json.dumps(token) if asked.path == "/token" else "{}")

    site.answer = answer
    launch("partners", Url=site.url)
    put(fogline, "default", "partners", "order", {"id": "o1"})
    asked = {each.path.partition("?")[0]: each for each in site.asked}
    assert set(asked) == {"/token", "/basic/o1", "/key/o1", "/oauth/o1"}
    assert asked["/basic/o1"].headers["authorization"] == "Basic dXNlcjpwYXNz"
    assert asked["/basic/o1"].headers["x-shop"] == "one"
    assert asked["/basic/o1"].headers["x-secret"] == "two"
    assert asked["/basic/o1"].headers["x-rule"] == "basic"
    assert set(asked["/basic/o1"].path.partition("?")[2].split("&")) == {"q=3", "r=1"}
    assert json.loads(asked["/basic/o1"].body) == {"id": "o1", "from": "us"}
    assert asked["/key/o1"].headers["x-key"] == "word"
    assert asked["/oauth/o1"].headers["authorization"] == "Bearer t"


def test_schedules_reach_every_kind_of_target(
    fogline: Account, launch: Launch, bodies: Bodies
) -> None:
    jobs = launch("schedules")
    fogline.platform.advance(seconds=61)
    work = bodies(jobs["WorkUrl"])
    assert sorted(each for each in work if isinstance(each, str)) == ["often", "universal"]
    [topic, event] = sorted((each for each in work if isinstance(each, dict)), key=len)
    assert topic == {"hello": "topic"}
    assert (event["source"], event["detail-type"], event["detail"]) == (
        "schedules", "tick", {"n": 1},
    )  # fmt: skip
    assert bodies(jobs["LaneUrl"]) == []  # its time is yet to come

    fogline.platform.advance(days=1)
    [job] = bodies(jobs["HeardUrl"])
    assert (job["job"], job["at"][11:13] in ("00", "01")) == ("nightly", True)
    assert ":schedule/jobs/" in job["by"]


def test_pipes_filter_enrich_and_shape_what_they_carry(
    fogline: Account, launch: Launch, bodies: Bodies
) -> None:
    flow = launch("pipes")
    assert flow["State"] == "RUNNING"
    for body in ({"kind": "order", "id": "o1"}, {"kind": "other", "id": "o2"}):
        fogline.client("sqs").send_message(QueueUrl=flow["FromUrl"], MessageBody=json.dumps(body))
    for name in ("TableName", "TableTwoName"):
        fogline.client("dynamodb").put_item(TableName=flow[name], Item={"id": {"S": name}})
    fogline.platform.advance(seconds=2)
    [order] = bodies(flow["ToUrl"])
    assert (order["id"], order["enriched"]) == ("o1", True)
    assert order["pipe"].startswith("pipes-Pipe")
    found = bodies(flow["ChangesUrl"])
    changes = [each.get("detail", each)["dynamodb"]["Keys"]["id"]["S"] for each in found]
    assert sorted(changes) == ["TableName", "TableTwoName"]
    assert fogline.client("logs").filter_log_events(logGroupName=flow["LogGroup"])["events"]


def test_schemas_are_kept_and_discovered(fogline: Account, launch: Launch) -> None:
    made = launch("schemas")
    assert (made["Version"], made["State"]) == ("1", "STARTED")
    put(fogline, made["BusName"], "shop", "Placed", {"id": "o1"})
    fogline.platform.advance(seconds=400)
    schemas = fogline.client("schemas")
    found = schemas.list_schemas(RegistryName="discovered-schemas")["Schemas"]
    assert [each["SchemaName"] for each in found] == ["shop@Placed"]
    assert schemas.describe_schema(RegistryName="shop", SchemaName="Order")["Type"] == "OpenApi3"


def test_a_changed_application_is_changed_everywhere(fogline: Account, launch: Launch) -> None:
    """The construct of every kind once more, with other settings and other tags."""
    launch("many")
    cloudformation = fogline.client("cloudformation")
    cloudformation.update_stack(
        StackName="many",
        TemplateBody=(TEMPLATES / "many_changed.json").read_text(),
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    fogline.platform.settle()
    stack = cloudformation.describe_stacks(StackName="many")["Stacks"][0]
    assert stack["StackStatus"] == "UPDATE_COMPLETE"
    ids = {
        each["LogicalResourceId"]: each["PhysicalResourceId"]
        for each in cloudformation.describe_stack_resources(StackName="many")["StackResources"]
    }
    function, topic = ids["FC4345940"], ids["TD925BC7E"]

    lambda_ = fogline.client("lambda")
    assert lambda_.get_function_configuration(FunctionName=function)["MemorySize"] == 256
    assert lambda_.get_alias(FunctionName=function, Name="live")["FunctionVersion"] == "2"
    settings = lambda_.get_function_event_invoke_config(FunctionName=function)
    assert settings["MaximumEventAgeInSeconds"] == 7200
    mappings = lambda_.list_event_source_mappings()["EventSourceMappings"]
    assert not any(each.get("ScalingConfig") for each in mappings)

    sns = fogline.client("sns")
    assert sns.get_topic_attributes(TopicArn=topic)["Attributes"]["DisplayName"] == "two"
    subscription = sns.get_subscription_attributes(SubscriptionArn=ids["SubEEDFF70A"])["Attributes"]
    assert json.loads(subscription["FilterPolicy"]) == {"a": [{"suffix": "z"}]}

    events = fogline.client("events")
    bus = events.describe_event_bus(Name="extra")
    assert (bus.get("Description"), "o-2" in bus["Policy"]) == (None, True)
    assert {"Key": "team", "Value": "b"} in events.list_tags_for_resource(ResourceARN=bus["Arn"])[
        "Tags"
    ]
    targets = events.list_targets_by_rule(Rule="named", EventBusName="extra")["Targets"]
    assert len(targets) == 2
    assert [rule["State"] for rule in events.list_rules()["Rules"]] == ["DISABLED"]
    [destination] = events.list_api_destinations()["ApiDestinations"]
    assert destination["InvocationEndpoint"] == "https://example.com/2"

    pipes = fogline.client("pipes").list_pipes()["Pipes"]
    assert [pipe["CurrentState"] for pipe in pipes] == ["STOPPED"] * 5
    [schedule] = fogline.client("scheduler").list_schedules()["Schedules"]
    assert schedule["GroupName"] == ids["SGADB53937"]
