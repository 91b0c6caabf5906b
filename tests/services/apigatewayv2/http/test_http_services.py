"""Services behind HTTP APIs, without any function."""

from __future__ import annotations

import json
from typing import Any

import pytest


@pytest.fixture
def queue(fogline: Any) -> str:
    return str(fogline.client("sqs").create_queue(QueueName="q")["QueueUrl"])


def role(account: str) -> str:
    return f"arn:aws:iam::{account}:role/api"


def route(api: Any, subtype: str, key: str = "POST /", **parameters: str) -> None:
    integration = api.integration(
        IntegrationSubtype=subtype,
        CredentialsArn=role(api.account),
        RequestParameters=parameters,
    )
    api.route(key, integration)


def test_a_request_becomes_a_message(api: Any, fogline: Any, queue: str) -> None:
    route(
        api,
        "SQS-SendMessage",
        QueueUrl=queue,
        MessageBody="$request.body.message",
        MessageAttributes='{"who": {"DataType": "String", "StringValue": "${request.header.x-who}"}}',
    )
    answer = api.call("POST", "/", json={"message": "hi"}, headers={"X-Who": "me"})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/xml")
    assert "<SendMessageResponse" in answer.text
    assert "<MessageId>" in answer.text
    found = fogline.client("sqs").receive_message(QueueUrl=queue, MessageAttributeNames=["All"])
    (message,) = found["Messages"]
    assert message["Body"] == "hi"
    assert message["MessageAttributes"]["who"]["StringValue"] == "me"


def test_the_whole_body_may_be_the_message(api: Any, fogline: Any, queue: str) -> None:
    route(api, "SQS-SendMessage", QueueUrl=queue, MessageBody="$request.body")
    body = '{"a": "b&c=d", "é": 1}'
    assert api.call("POST", "/", content=body.encode()).status_code == 200
    (message,) = fogline.client("sqs").receive_message(QueueUrl=queue)["Messages"]
    assert message["Body"] == body


def test_what_a_request_lacks_is_named(api: Any, queue: str) -> None:
    route(api, "SQS-SendMessage", QueueUrl=queue, MessageBody="$request.body.message")
    answer = api.call("POST", "/", json={"other": 1})
    assert answer.status_code == 400
    assert "Unable to resolve property MessageBody" in answer.json()["message"]


def test_messages_are_received_deleted_and_purged(api: Any, fogline: Any, queue: str) -> None:
    fogline.client("sqs").send_message(QueueUrl=queue, MessageBody="hi")
    route(api, "SQS-ReceiveMessage", "GET /", QueueUrl=queue, MaxNumberOfMessages="1")
    route(
        api,
        "SQS-DeleteMessage",
        "DELETE /",
        QueueUrl=queue,
        ReceiptHandle="$request.querystring.handle",
    )
    route(api, "SQS-PurgeQueue", "POST /purge", QueueUrl=queue)
    answer = api.get("/")
    assert "<Body>hi</Body>" in answer.text
    handle = answer.text.partition("<ReceiptHandle>")[2].partition("<")[0]
    assert api.call("DELETE", "/", params={"handle": handle}).status_code == 200
    assert api.call("POST", "/purge").status_code == 200


def test_a_services_refusal_is_the_answer(api: Any, queue: str) -> None:
    route(api, "SQS-SendMessage", QueueUrl=queue + "-none", MessageBody="x")
    answer = api.call("POST", "/")
    assert answer.status_code == 400
    assert "NonExistentQueue" in answer.text


def test_a_request_becomes_an_event(api: Any, fogline: Any, queue: str) -> None:
    events = fogline.client("events")
    arn = fogline.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
    events.put_rule(Name="r", EventPattern=json.dumps({"source": ["com.shop.web"]}))
    events.put_targets(Rule="r", Targets=[{"Id": "q", "Arn": arn["Attributes"]["QueueArn"]}])
    route(
        api,
        "EventBridge-PutEvents",
        "POST /{source}/{type}",
        Source="com.shop.$request.path.source",
        DetailType="$request.path.type",
        Detail="$request.body",
    )
    answer = api.call("POST", "/web/ordered", json={"id": 5})
    assert answer.status_code == 200
    told = answer.json()
    assert (told["FailedEntryCount"], len(told["Entries"])) == (0, 1)
    fogline.platform.settle()
    (message,) = fogline.client("sqs").receive_message(QueueUrl=queue)["Messages"]
    event = json.loads(message["Body"])
    assert (event["detail-type"], event["detail"]) == ("ordered", {"id": 5})


def test_a_request_starts_a_workflow_and_may_wait_for_it(api: Any, fogline: Any) -> None:
    workflows = fogline.client("stepfunctions")
    definition = {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}
    machine = workflows.create_state_machine(
        name="m", type="EXPRESS", definition=json.dumps(definition), roleArn=role(fogline.id)
    )["stateMachineArn"]
    for key, subtype in (("POST /start", "StartExecution"), ("POST /sync", "StartSyncExecution")):
        route(
            api,
            f"StepFunctions-{subtype}",
            key,
            StateMachineArn=machine,
            Input="$request.body",
        )
    assert "executionArn" in api.call("POST", "/start", json={"a": 1}).json()
    told = api.call("POST", "/sync", json={"a": 1}).json()
    assert told["status"] == "SUCCEEDED"
    assert json.loads(told["output"]) == {"a": 1}


def test_what_fogline_has_not_is_said_clearly(api: Any) -> None:
    route(
        api,
        "Kinesis-PutRecord",
        "POST /kinesis",
        StreamName="s",
        Data="$request.body",
        PartitionKey="p",
    )
    answer = api.call("POST", "/kinesis", content=b"x")
    assert answer.status_code in (400, 501)
    assert "kinesis" in answer.text.lower()


def test_configurations_of_appconfig_are_refused(api: Any) -> None:
    route(
        api,
        "AppConfig-GetConfiguration",
        "GET /config",
        Application="a",
        Environment="e",
        Configuration="c",
        ClientId="i",
    )
    answer = api.get("/config")
    assert answer.status_code == 501
    assert "AppConfig-GetConfiguration" in answer.json()["message"]
