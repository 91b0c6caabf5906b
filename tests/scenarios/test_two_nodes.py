"""Two nodes on one PostgreSQL: one platform in two places."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic
from typing import Any

import boto3
import pytest
from botocore.config import Config as ClientConfig
from tests.crash.kill_under_load import Server
from tests.scenarios.conftest import (
    EXAMPLES,
    depth,
    make_function,
    make_table,
    make_zip,
    scan,
    zip_folder,
)

from fogline.cli.waiting import wait_for
from fogline.config import read_config
from fogline.testing.platform import LocalPlatform

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

SECONDS_MAX = 90
CONSUMER = """import boto3
dynamodb = boto3.client("dynamodb")
def handler(event, context):
    for record in event["Records"]:
        dynamodb.update_item(TableName="done", Key={"pk": {"S": record["body"]}},
            UpdateExpression="ADD times :one", ExpressionAttributeValues={":one": {"N": "1"}})
"""


def eventually(question: Callable[[], object]) -> object:
    answer = wait_for(question, SECONDS_MAX)
    assert answer, f"not within {SECONDS_MAX} seconds"
    return answer


@pytest.fixture
def nodes(postgres_url: str, tmp_path: Path) -> Iterator[tuple[LocalPlatform, LocalPlatform]]:
    tmp_path.chmod(0o755)

    def make(name: str) -> LocalPlatform:
        return LocalPlatform(read_config({}, port=0, data=tmp_path / name, store=postgres_url))

    with make("first") as first, make("second") as second:
        yield first, second


Nodes = tuple[LocalPlatform, LocalPlatform]


def test_a_message_sent_to_one_node_is_received_from_the_other(nodes: Nodes) -> None:
    first, second = (node.client("sqs") for node in nodes)
    url = first.create_queue(QueueName="q")["QueueUrl"]
    first.send_message(QueueUrl=url, MessageBody="hello")
    there = second.get_queue_url(QueueName="q")["QueueUrl"]
    [message] = second.receive_message(QueueUrl=there)["Messages"]
    assert message["Body"] == "hello"
    second.delete_message(QueueUrl=there, ReceiptHandle=message["ReceiptHandle"])
    assert depth(first, url) == (0, 0)


def test_a_long_poll_on_one_node_is_woken_by_a_message_to_the_other(nodes: Nodes) -> None:
    first, second = (node.client("sqs") for node in nodes)
    url = first.create_queue(QueueName="q")["QueueUrl"]
    there = second.get_queue_url(QueueName="q")["QueueUrl"]
    began = monotonic()
    threading.Timer(0.5, first.send_message, (), {"QueueUrl": url, "MessageBody": "late"}).start()
    [message] = second.receive_message(QueueUrl=there, WaitTimeSeconds=20)["Messages"]
    assert message["Body"] == "late"
    assert monotonic() - began < 20, "it was not the end of the wait that brought it"


def test_no_message_is_handed_out_by_both_nodes(nodes: Nodes) -> None:
    clients = [node.client("sqs") for node in nodes]
    url = clients[0].create_queue(QueueName="q")["QueueUrl"]
    for number in range(10):
        entries = [{"Id": str(n), "MessageBody": f"{number}-{n}"} for n in range(10)]
        clients[0].send_message_batch(QueueUrl=url, Entries=entries)
    found: list[str] = []

    def drain(client: Any) -> None:
        there = client.get_queue_url(QueueName="q")["QueueUrl"]
        while messages := client.receive_message(
            QueueUrl=there, MaxNumberOfMessages=10, VisibilityTimeout=300
        ).get("Messages"):
            found.extend(message["Body"] for message in messages)

    threads = [threading.Thread(target=drain, args=(client,)) for client in clients * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS_MAX)
    assert len(found) == len(set(found)) == 100


def test_counters_raised_on_both_nodes_lose_nothing(nodes: Nodes) -> None:
    clients = [node.client("dynamodb") for node in nodes]
    make_table(clients[0], "counters")

    def raise_it(client: Any) -> None:
        for _ in range(50):
            client.update_item(
                TableName="counters",
                Key={"pk": {"S": "n"}},
                UpdateExpression="ADD n :one",
                ExpressionAttributeValues={":one": {"N": "1"}},
            )

    threads = [threading.Thread(target=raise_it, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS_MAX)
    item = clients[1].get_item(TableName="counters", Key={"pk": {"S": "n"}}, ConsistentRead=True)[
        "Item"
    ]
    assert item["n"] == {"N": "100"}


def test_a_function_made_on_one_node_runs_on_the_other_and_follows_its_updates(
    nodes: Nodes,
) -> None:
    first, second = (node.client("lambda") for node in nodes)
    make_function(first, "f", "def handler(event, context):\n    return 1\n")
    second.get_waiter("function_active_v2").wait(FunctionName="f")
    assert second.invoke(FunctionName="f")["Payload"].read() == b"1"
    code = make_zip({"index.py": "def handler(event, context):\n    return 2\n"})
    first.update_function_code(FunctionName="f", ZipFile=code)
    first.get_waiter("function_updated_v2").wait(FunctionName="f")
    assert second.invoke(FunctionName="f")["Payload"].read() == b"2"


def test_messages_of_a_mapping_are_each_handled_once(nodes: Nodes) -> None:
    first, second = nodes
    _make_consumer(first.client, seconds=30)
    urls = [node.client("sqs").get_queue_url(QueueName="jobs")["QueueUrl"] for node in nodes]
    for number in range(40):
        node = nodes[number % 2]
        node.client("sqs").send_message(QueueUrl=urls[number % 2], MessageBody=f"{number:02}")
    wanted = [f"{number:02}" for number in range(40)]
    dynamodb = second.client("dynamodb")
    eventually(lambda: scan(dynamodb, "done") == wanted)
    eventually(lambda: depth(first.client("sqs"), urls[0]) == (0, 0))
    items = dynamodb.scan(TableName="done", ConsistentRead=True)["Items"]
    assert {item["times"]["N"] for item in items} == {"1"}


def test_a_stack_deployed_through_one_node_is_used_through_the_other(nodes: Nodes) -> None:
    """Its package, too: an object put through one node is read by the other."""
    first, second = nodes
    first.client("s3").create_bucket(Bucket="packages")
    source = zip_folder(EXAMPLES / "orders/src")
    first.client("s3").put_object(Bucket="packages", Key="orders.zip", Body=source)
    assert (
        second.client("s3").get_object(Bucket="packages", Key="orders.zip")["Body"].read() == source
    )
    template = (EXAMPLES / "orders/template.yaml").read_text()
    first.client("cloudformation").create_stack(
        StackName="orders",
        TemplateBody=template.replace("src/", "s3://packages/orders.zip"),
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    stacks = second.client("cloudformation")

    def stack() -> Any:
        return stacks.describe_stacks(StackName="orders")["Stacks"][0]

    eventually(lambda: stack()["StackStatus"] != "CREATE_IN_PROGRESS")
    assert stack()["StackStatus"] == "CREATE_COMPLETE"
    outputs = {each["OutputKey"]: each["OutputValue"] for each in stack()["Outputs"]}
    queue = outputs["QueueUrl"].rpartition("/")[2]
    for number, node in enumerate(nodes * 5):
        sqs = node.client("sqs")
        url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
        order = json.dumps({"order_id": f"order-{number}", "amount": 1})
        sqs.send_message(QueueUrl=url, MessageBody=order)
    wanted = [f"order-{number}" for number in range(10)]
    dynamodb = second.client("dynamodb")
    eventually(lambda: scan(dynamodb, outputs["TableName"], "order_id") == wanted)


def test_when_a_node_is_killed_the_other_goes_on(postgres_url: str, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    servers = [Server(tmp_path / name, "--store", postgres_url) for name in ("first", "second")]
    try:
        for server in servers:
            server.start()
        _make_consumer(lambda service: _client(servers[0], service), seconds=5)
        sqs, dynamodb = (_client(servers[1], service) for service in ("sqs", "dynamodb"))
        url = sqs.get_queue_url(QueueName="jobs")["QueueUrl"]
        sqs.send_message(QueueUrl=url, MessageBody="before")
        eventually(lambda: scan(dynamodb, "done") == ["before"])
        for number in range(20):
            sqs.send_message(QueueUrl=url, MessageBody=f"during-{number:02}")
        servers[0].kill()
        sqs.send_message(QueueUrl=url, MessageBody="after")
        wanted = ["after", "before", *(f"during-{number:02}" for number in range(20))]
        eventually(lambda: scan(dynamodb, "done") == wanted)
        eventually(lambda: depth(sqs, url) == (0, 0))
    finally:
        for server in servers:
            server.stop()


def _make_consumer(client: Callable[[str], Any], seconds: int) -> None:
    """A queue, a function that stores what it reads within that time, and the mapping between them."""
    client("sqs").create_queue(QueueName="jobs", Attributes={"VisibilityTimeout": str(seconds)})
    make_table(client("dynamodb"), "done")
    make_function(client("lambda"), "consumer", CONSUMER, Timeout=seconds)
    client("lambda").get_waiter("function_active_v2").wait(FunctionName="consumer")
    client("lambda").create_event_source_mapping(
        FunctionName="consumer", EventSourceArn="arn:aws:sqs:us-east-1:000000000000:jobs"
    )


def _client(server: Server, service: str) -> Any:
    return boto3.client(  # type: ignore[call-overload]
        service,
        endpoint_url=server.endpoint,
        region_name="us-east-1",
        aws_access_key_id="000000000000",
        aws_secret_access_key="test",
        config=ClientConfig(retries={"max_attempts": 1}),
    )
