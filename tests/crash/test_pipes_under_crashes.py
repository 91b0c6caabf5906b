"""Pipes while their server is killed: what was acknowledged arrives, once and in the order of its stream."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.crash.kill_under_load import Server
from tests.scenarios.conftest import make_zip

from fogline.cli.client import Client, to_blob
from fogline.cli.exits import Failure
from fogline.cli.waiting import wait_for

pytestmark = pytest.mark.slow

ITEMS = 150
KILLS = 3
SECONDS_MAX = 120
ROLE = "arn:aws:iam::000000000000:role/pipes"
ECHO = "def handler(event, context):\n    return event\n"
ARN = "arn:aws:{}:us-east-1:000000000000:{}"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    tmp_path.chmod(0o755)
    server = Server(tmp_path)
    server.start()
    yield server
    server.stop()


def make_pipes(client: Client) -> None:
    """From a table's stream and from a queue, each through a function to a queue."""
    client.call(
        "lambda",
        "CreateFunction",
        FunctionName="echo",
        Runtime="python3.11",
        Handler="index.handler",
        Role=ROLE,
        Timeout=20,  # real time, and the machine may be busy
        Code={"ZipFile": to_blob(make_zip({"index.py": ECHO}))},
    )
    made = client.call(
        "dynamodb",
        "CreateTable",
        TableName="items",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
    )
    stream = made["TableDescription"]["LatestStreamArn"]
    client.call("sqs", "CreateQueue", QueueName="in", Attributes={"VisibilityTimeout": "10"})
    from_start = {"StartingPosition": "TRIM_HORIZON", "BatchSize": 7}
    sources = (
        ("changes", stream, "$.dynamodb.Keys.id.S", {"DynamoDBStreamParameters": from_start}),
        ("jobs", ARN.format("sqs", "in"), "$.body", {"SqsQueueParameters": {"BatchSize": 7}}),
    )
    for name, source, path, parameters in sources:
        client.call("sqs", "CreateQueue", QueueName=f"{name}-out")
        client.call(
            "pipes",
            "CreatePipe",
            Name=name,
            RoleArn=ROLE,
            Source=source,
            SourceParameters=parameters,
            Enrichment=ARN.format("lambda", "function:echo"),
            Target=ARN.format("sqs", f"{name}-out"),
            TargetParameters={
                "InputTemplate": f"<{path}>",
            },
        )


def put_until_told(server: Server, operation: str, **request: Any) -> None:
    """Ask until there is an answer, through whatever happens to the server."""
    for _ in range(200):
        try:
            with Client(server.endpoint) as client:
                client.call("dynamodb" if "Item" in request else "sqs", operation, **request)
            return
        except Failure:
            time.sleep(0.1)
    raise AssertionError("the server never answered")


def received(client: Client, queue: str) -> list[str]:
    found: list[str] = []
    url = client.call("sqs", "GetQueueUrl", QueueName=queue)["QueueUrl"]
    while True:
        answer = client.call("sqs", "ReceiveMessage", QueueUrl=url, MaxNumberOfMessages=10)
        if not answer.get("Messages"):
            return found
        for message in answer["Messages"]:
            found.append(message["Body"].strip('"'))
            client.call(
                "sqs", "DeleteMessage", QueueUrl=url, ReceiptHandle=message["ReceiptHandle"]
            )


def test_what_was_acknowledged_arrives_once_whenever_the_server_dies(server: Server) -> None:
    with Client(server.endpoint) as client:
        make_pipes(client)
        url = client.call("sqs", "GetQueueUrl", QueueName="in")["QueueUrl"]
    names = [f"{at:04d}" for at in range(ITEMS)]
    kill_after = {ITEMS * at // (KILLS + 1) for at in range(1, KILLS + 1)}
    for at, name in enumerate(names):
        put_until_told(server, "PutItem", TableName="items", Item={"id": {"S": name}})
        put_until_told(server, "SendMessage", QueueUrl=url, MessageBody=name)
        if at in kill_after:
            server.kill()
            server.start()
    changes: list[str] = []
    jobs: list[str] = []

    def is_complete() -> bool:
        with Client(server.endpoint) as client:
            changes.extend(received(client, "changes-out"))
            jobs.extend(received(client, "jobs-out"))
        return len(changes) >= ITEMS and len(jobs) >= ITEMS

    assert wait_for(is_complete, SECONDS_MAX), (len(changes), len(jobs))
    assert sorted(changes) == names
    # A message may have been accepted without its sender being told, and is sent again then.
    assert set(jobs) == set(names)
    assert len(jobs) <= ITEMS + KILLS
