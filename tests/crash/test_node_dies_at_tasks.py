"""A node that dies leaves the tasks it performed to the others, which begin them again when its leases end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.crash.kill_under_load import Server

from fogline.cli.client import Client
from fogline.cli.waiting import wait_for

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

ROLE = "arn:aws:iam::000000000000:role/r"
SECONDS_MAX = 90
SLOW = {
    "StartAt": "Tell",
    "States": {
        "Tell": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage",
            "Parameters": {"QueueUrl": "work", "MessageBody": "begun"},
            "Next": "Doze",
        },
        "Doze": {"Type": "Wait", "Seconds": 6, "End": True},
    },
}


def make(client: Client, name: str, definition: Any, kind: str = "STANDARD") -> str:
    made = client.call(
        "stepfunctions",
        "CreateStateMachine",
        name=name,
        roleArn=ROLE,
        definition=json.dumps(definition),
        type=kind,
    )
    return str(made["stateMachineArn"])


def messages(client: Client) -> int:
    name = "ApproximateNumberOfMessages"
    found = client.call("sqs", "GetQueueAttributes", QueueUrl="work", AttributeNames=[name])
    return int(found["Attributes"][name])


def test_a_task_of_a_dead_node_is_performed_by_another(tmp_path: Path, postgres_url: str) -> None:
    tmp_path.chmod(0o755)
    first, second = (
        Server(tmp_path / name, "--store", postgres_url) for name in ("first", "second")
    )
    first.start()
    try:
        with Client(first.endpoint) as client:
            client.call("sqs", "CreateQueue", QueueName="work")
            slow = make(client, "slow", SLOW, "EXPRESS")
            task = {
                "Type": "Task",
                "Resource": "arn:aws:states:::aws-sdk:sfn:startSyncExecution",
                "Parameters": {"StateMachineArn": slow},
                "End": True,
            }
            machine = make(client, "m", {"StartAt": "Ask", "States": {"Ask": task}})
            started = client.call("stepfunctions", "StartExecution", stateMachineArn=machine)
            # The other one is promised, and begun again, too.
            client.call("stepfunctions", "StartExecution", stateMachineArn=slow)
            assert wait_for(lambda: messages(client) == 2, SECONDS_MAX)
        # Before what it performs ends by itself: a busy machine may need long for the start of the other.
        first.kill()
        second.start()
        arn = started["executionArn"]
        with Client(second.endpoint) as client:

            def ended() -> bool:
                found = client.call("stepfunctions", "DescribeExecution", executionArn=arn)
                return bool(found["status"] == "SUCCEEDED")

            assert wait_for(ended, SECONDS_MAX)
            assert wait_for(lambda: messages(client) == 4, SECONDS_MAX)
            history = client.call("stepfunctions", "GetExecutionHistory", executionArn=arn)
        types = [event["type"] for event in history["events"]]
        assert types.count("TaskStarted") == types.count("TaskSucceeded") == 1
    finally:
        for server in (first, second):
            server.stop()
