"""Stop at every write, start again, look: what was answered is there, and nothing is there by half.

A script of its own, because it forks itself at each place: a process with threads must not.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import tempfile
from pathlib import Path
from typing import Any

from fogline.app import Platform
from fogline.config import read_config
from fogline.store.sqlite import SqliteStore
from fogline.world.clock import ManualClock

ACCOUNT, REGION = "000000000000", "us-east-1"

# Each step: its name, the operation, the request. A step's name is written down when it was answered.
STEPS: list[tuple[str, str, str, dict[str, Any]]] = [
    ("queue", "sqs", "CreateQueue", {"QueueName": "q"}),
    ("message-1", "sqs", "SendMessage", {"QueueUrl": "q", "MessageBody": "1"}),
    (
        "batch",
        "sqs",
        "SendMessageBatch",
        {
            "QueueUrl": "q",
            "Entries": [{"Id": n, "MessageBody": f"batch-{n}" * 2_000} for n in ("a", "b", "c")],
        },
    ),
    (
        "table",
        "dynamodb",
        "CreateTable",
        {
            "TableName": "table",
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
            "AttributeDefinitions": [
                {"AttributeName": "pk", "AttributeType": "S"},
                {"AttributeName": "kind", "AttributeType": "S"},
            ],
            "GlobalSecondaryIndexes": [
                {
                    "IndexName": "by-kind",
                    "KeySchema": [{"AttributeName": "kind", "KeyType": "HASH"}],
                    "Projection": {"ProjectionType": "ALL"},
                }
            ],
            "BillingMode": "PAY_PER_REQUEST",
        },
    ),
    *(
        (
            f"item-{n}",
            "dynamodb",
            "PutItem",
            {"TableName": "table", "Item": {"pk": {"S": f"item-{n}"}, "kind": {"S": "put"}}},
        )
        for n in range(3)
    ),
    (
        "transaction",
        "dynamodb",
        "TransactWriteItems",
        {
            "TransactItems": [
                {
                    "Put": {
                        "TableName": "table",
                        "Item": {"pk": {"S": f"both-{n}"}, "kind": {"S": "both"}},
                    }
                }
                for n in range(2)
            ]
        },
    ),
    ("logs", "logs", "CreateLogGroup", {"logGroupName": "g"}),
    ("stream", "logs", "CreateLogStream", {"logGroupName": "g", "logStreamName": "s"}),
]


class StoppingStore(SqliteStore):
    """A store whose process dies just before, or just after, its nth statement."""

    stop_at = 0
    statements = 0

    def run(self, sql: str, *values: Any) -> int:
        self._count()
        count = super().run(sql, *values)
        self._count()
        return count

    def commit(self) -> None:
        self._count()
        super().commit()

    def _count(self) -> None:
        StoppingStore.statements += 1
        if StoppingStore.statements == StoppingStore.stop_at:
            os.kill(os.getpid(), signal.SIGKILL)


def make_platform(folder: Path) -> Platform:
    config = read_config({}, port=0, data=folder)
    return Platform(config, clock=ManualClock(), embedded_store=StoppingStore)


async def perform(platform: Platform, service: str, operation: str, request: Any) -> Any:
    cause = platform.pages.root_call(service, ACCOUNT, REGION)
    return await platform.dispatch.call_waiting(service, operation, request, cause)


async def run_steps(folder: Path, answered: int) -> None:
    platform = make_platform(folder)
    await platform.start()
    StoppingStore.statements = 0
    for name, service, operation, request in STEPS:
        await perform(platform, service, operation, request)
        os.write(answered, f"{name}\n".encode())
    os.write(answered, f"statements {StoppingStore.statements}\n".encode())
    os._exit(0)


async def load(folder: Path) -> None:
    """Have every service imported, once for all the processes that are forked."""
    platform = make_platform(folder)
    await platform.start()
    await platform.complete()
    await platform.stop()


def run_until(folder: Path, stop_at: int) -> list[str]:
    """Run the steps in a process of their own that dies at that statement; what had been answered."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        StoppingStore.stop_at = stop_at
        try:
            asyncio.run(run_steps(folder, writer))
        finally:
            os._exit(1)
    os.close(writer)
    with os.fdopen(reader) as lines:
        answered = lines.read().split("\n")[:-1]
    _, status = os.waitpid(child, 0)
    died = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    assert died or (stop_at == 0 and os.WEXITSTATUS(status) == 0), answered
    return answered


async def look(folder: Path) -> dict[str, set[str]]:
    """What is there after a restart."""
    platform = make_platform(folder)
    await platform.start()
    found: dict[str, set[str]] = {"bodies": set(), "items": set(), "indexed": set(), "logs": set()}
    queues = await perform(platform, "sqs", "ListQueues", {})
    if queues.get("QueueUrls"):
        got = await perform(
            platform, "sqs", "ReceiveMessage", {"QueueUrl": "q", "MaxNumberOfMessages": 10}
        )
        found["bodies"] = {message["Body"] for message in got.get("Messages", [])}
        found["logs"].add("queue")
    tables = await perform(platform, "dynamodb", "ListTables", {})
    if tables["TableNames"]:
        for name, more in (("items", {}), ("indexed", {"IndexName": "by-kind"})):
            got = await perform(platform, "dynamodb", "Scan", {"TableName": "table", **more})
            found[name] = {item["pk"]["S"] for item in got["Items"]}
        found["logs"].add("table")
    groups = await perform(platform, "logs", "DescribeLogGroups", {})
    found["logs"] |= {group["logGroupName"] for group in groups["logGroups"]}
    await platform.stop()
    return found


def check(answered: list[str], found: dict[str, set[str]]) -> None:
    assert ("queue" not in answered) or "queue" in found["logs"]
    assert ("message-1" not in answered) or "1" in found["bodies"]
    batch = {body for body in found["bodies"] if body.startswith("batch")}
    assert len(batch) in (0, 3), "a batch in one transaction is there whole or not at all"
    assert ("batch" not in answered) or len(batch) == 3
    for n in range(3):
        assert (f"item-{n}" not in answered) or f"item-{n}" in found["items"]
    both = {item for item in found["items"] if item.startswith("both")}
    assert len(both) in (0, 2), "a transaction is there whole or not at all"
    assert ("transaction" not in answered) or len(both) == 2
    assert found["items"] == found["indexed"], "an index never differs from its table"
    assert ("logs" not in answered) or "g" in found["logs"]


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        asyncio.run(load(root / "loaded"))
        told = run_until(root / "whole", 0)
        statements = int(told[-1].split()[1])
        assert statements > 40
        for stop_at in range(1, statements + 1):
            folder = root / str(stop_at)
            answered = run_until(folder, stop_at)
            StoppingStore.stop_at = 0
            check(answered, asyncio.run(look(folder)))
            shutil.rmtree(folder)
        print(f"stopped at each of {statements} places, and nothing was lost")


if __name__ == "__main__":
    main()
