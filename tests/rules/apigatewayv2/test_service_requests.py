"""What first-class integrations ask of services."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import parse_qsl

import pytest

from fogline.services.apigatewayv2.http.service_requests import ACTIONS, InvalidParameter


def asked(subtype: str, **parameters: str) -> Any:
    return json.loads(ACTIONS[subtype].body(parameters))


def form(subtype: str, **parameters: str) -> dict[str, str]:
    return dict(parse_qsl(ACTIONS[subtype].body(parameters).decode()))


def test_an_event_is_one_entry() -> None:
    assert asked(
        "EventBridge-PutEvents",
        Detail="{}",
        DetailType="made",
        Source="shop",
        Time="2020-01-01T00:00:00Z",
        Resources='["a", "b"]',
    ) == {
        "Entries": [
            {
                "Detail": "{}",
                "DetailType": "made",
                "Source": "shop",
                "Time": 1_577_836_800,
                "Resources": ["a", "b"],
            }
        ]
    }


def test_resources_may_stand_between_commas() -> None:
    event = asked("EventBridge-PutEvents", Detail="{}", Resources="a, b", Time="5")
    assert event["Entries"][0] == {"Detail": "{}", "Resources": ["a", "b"], "Time": 5}


def test_a_message_may_have_attributes() -> None:
    attributes = {
        "one": {"DataType": "String", "StringValue": "1"},
        "n": {"DataType": "Number", "StringValue": 2},
    }
    assert form(
        "SQS-SendMessage",
        QueueUrl="http://q",
        MessageBody="a&b",
        MessageAttributes=json.dumps(attributes),
    ) == {
        "QueueUrl": "http://q",
        "MessageBody": "a&b",
        "MessageAttribute.1.Name": "one",
        "MessageAttribute.1.Value.DataType": "String",
        "MessageAttribute.1.Value.StringValue": "1",
        "MessageAttribute.2.Name": "n",
        "MessageAttribute.2.Value.DataType": "Number",
        "MessageAttribute.2.Value.StringValue": "2",
    }


def test_messages_are_received_with_attributes() -> None:
    assert form(
        "SQS-ReceiveMessage", QueueUrl="q", AttributeName="All", MessageAttributeNames='["a","b"]'
    ) == {
        "QueueUrl": "q",
        "AttributeName.1": "All",
        "MessageAttributeName.1": "a",
        "MessageAttributeName.2": "b",
    }


def test_workflows_are_asked_in_their_own_spelling() -> None:
    assert asked("StepFunctions-StartSyncExecution", StateMachineArn="m", Input="{}", Name="n") == {
        "stateMachineArn": "m",
        "input": "{}",
        "name": "n",
    }
    assert asked("StepFunctions-StopExecution", ExecutionArn="e", Cause="c") == {
        "executionArn": "e",
        "cause": "c",
    }


def test_data_of_records_is_base64() -> None:
    encoded = base64.b64encode(b"hello").decode()
    for data in (encoded, "hello"):
        record = asked("Kinesis-PutRecord", StreamName="s", Data=data, PartitionKey="p")
        assert base64.b64decode(record["Data"]) == b"hello"


@pytest.mark.parametrize(
    ("subtype", "parameters"),
    [
        ("EventBridge-PutEvents", {"Detail": "{}", "Time": "soon"}),
        ("SQS-SendMessage", {"MessageAttributes": "none"}),
        ("SQS-SendMessage", {"MessageAttributes": '{"a": 1}'}),
    ],
)
def test_values_that_cannot_be_are_refused(subtype: str, parameters: dict[str, str]) -> None:
    with pytest.raises(InvalidParameter):
        ACTIONS[subtype].body(parameters)
