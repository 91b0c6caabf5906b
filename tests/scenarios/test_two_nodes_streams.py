"""Two nodes on one PostgreSQL read one stream: each record arrives once and in order."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fogline.cli.waiting import wait_for
from fogline.config import read_config
from fogline.testing.platform import LocalPlatform

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

SECONDS_MAX = 60
ITEMS = 120


@pytest.fixture
def nodes(postgres_url: str, tmp_path: Path) -> Iterator[tuple[LocalPlatform, LocalPlatform]]:
    tmp_path.chmod(0o755)

    def make(name: str) -> LocalPlatform:
        return LocalPlatform(read_config({}, port=0, data=tmp_path / name, store=postgres_url))

    with make("first") as first, make("second") as second:
        yield first, second


def make_pipe(node: LocalPlatform) -> str:
    """A pipe from a table's stream to a FIFO queue; the queue's URL."""
    made = node.client("dynamodb").create_table(
        TableName="items",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
    )
    queue = node.client("sqs").create_queue(QueueName="out.fifo", Attributes={"FifoQueue": "true"})
    node.client("pipes").create_pipe(
        Name="changes",
        RoleArn="arn:aws:iam::000000000000:role/pipes",
        Source=made["TableDescription"]["LatestStreamArn"],
        SourceParameters={
            "DynamoDBStreamParameters": {"StartingPosition": "TRIM_HORIZON", "BatchSize": 3}
        },
        Target="arn:aws:sqs:us-east-1:000000000000:out.fifo",
        TargetParameters={
            "InputTemplate": "<$.dynamodb.Keys.id.S>",
            "SqsQueueParameters": {
                "MessageGroupId": "all",
                "MessageDeduplicationId": "$.eventID",
            },
        },
    )
    return str(queue["QueueUrl"])


def receive(sqs: Any, url: str, found: list[str]) -> int:
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            found.append(message["Body"].strip('"'))
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return len(found)


def test_each_record_arrives_once_and_in_order(nodes: tuple[LocalPlatform, LocalPlatform]) -> None:
    first, second = nodes
    url = make_pipe(first)
    names = [f"{at:04d}" for at in range(ITEMS)]
    clients = [node.client("dynamodb") for node in nodes]
    for at, name in enumerate(names):
        clients[at % 2].put_item(TableName="items", Item={"id": {"S": name}})
    found: list[str] = []
    sqs = second.client("sqs")
    there = url.replace(first.endpoint, second.endpoint)
    assert wait_for(lambda: receive(sqs, there, found) >= ITEMS, SECONDS_MAX), len(found)
    assert found == names
