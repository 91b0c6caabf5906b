"""SIGKILL under load: a real server is killed at a random moment, started again, and held to all that it acknowledged.

Several clients keep a ledger of what they asked for and what was acknowledged. Whatever was acknowledged must be there
after the restart, whatever was deleted must not; what was asked for and never answered may be either, but not by half.

    python tests/crash/kill_under_load.py --rounds 30 [--seed 1]
"""

from __future__ import annotations

import argparse
import io
import json
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fogline.cli.client import Client, to_blob
from fogline.cli.exits import Failure
from fogline.cli.server_file import find_server_file
from fogline.cli.waiting import wait_for

LOAD_SECONDS = (0.1, 1.5)
ACKNOWLEDGED_MIN = 40
"""What each round gets done before the server is killed, however long a busy machine takes for it."""
KILLED_AGAIN_SHARE = 0.3
KILLED_AGAIN_SECONDS_MAX = 0.4
START_SECONDS_MAX = 60.0
SETTLE_SECONDS_MAX = 90.0
JOB_SECONDS_MAX = 3
"""After that, the jobs that a dead server had in hand come again."""

FUNCTION = """import os
import boto3
dynamodb = boto3.client("dynamodb")
def handler(event, context):
    if "Records" not in event:
        print("marker", event["marker"])
        return event["marker"]
    for record in event["Records"]:
        dynamodb.put_item(TableName="done", Item={"pk": {"S": record["body"]}})
"""

GONE = "gone"


@dataclass
class Ledger:
    """What the clients know. `maybe` is what was asked for without an answer."""

    sent: set[str] = field(default_factory=set)
    sent_maybe: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)
    deleted_maybe: set[str] = field(default_factory=set)
    items: dict[str, str] = field(default_factory=dict)
    """The last acknowledged state of each item: a version, or GONE."""
    items_maybe: dict[str, str] = field(default_factory=dict)
    added: int = 0
    added_maybe: int = 0
    markers: set[str] = field(default_factory=set)
    """Of invocations that were answered, or accepted to be run later."""
    jobs: set[str] = field(default_factory=set)
    """Acknowledged messages of the queue that feeds the function."""

    def acknowledged(self) -> int:
        return (
            len(self.sent)
            + len(self.deleted)
            + len(self.items)
            + self.added
            + len(self.markers)
            + len(self.jobs)
        )


class Unanswered(Exception):
    """The server went away before it answered."""


class Server:
    """A server in a process of its own, which does not have an easy life."""

    def __init__(self, folder: Path, *options: str) -> None:
        folder.mkdir(exist_ok=True)
        self._options = options
        self.data = folder / ".fogline"
        self.log = folder / "server.log"
        self.port = 0
        self.endpoint = ""
        self._process: subprocess.Popen[bytes] | None = None

    def spawn(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "fogline.cli.main", "up", "--no-app"),
                    *("--port", str(self.port), "--data", str(self.data)),
                    *self._options,
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def start(self) -> None:
        """Start it, and return when it answers."""
        self.spawn()
        process = self._process
        assert process is not None
        wait_for(
            lambda: process.poll() is not None or find_server_file(self.data) is not None,
            START_SECONDS_MAX,
            every_seconds=0.01,
        )
        known = find_server_file(self.data)
        assert known is not None, self.log.read_text("utf-8", "replace")[-3000:]
        self.port, self.endpoint = known.port, known.endpoint
        with Client(self.endpoint) as client:
            client.health(seconds=START_SECONDS_MAX)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def kill(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(30)


class KillUnderLoad:
    """Rounds of load, kill, start and check. `failures` tells what was wrong."""

    def __init__(self, folder: Path, seed: int, *options: str) -> None:
        """`options` are further words for `fogline up`."""
        self.random = random.Random(seed)
        self.server = Server(folder, *options)
        self.ledger = Ledger()
        self.failures: list[str] = []
        self._lock = threading.Lock()
        self._round = 0
        self._queue_url = self._jobs_url = ""

    def run(self, rounds: int, after_each: Callable[[], None] = lambda: None) -> None:
        self.server.start()
        try:
            with Client(self.server.endpoint) as client:
                self._prepare(client)
            for _ in range(rounds):
                self.run_round()
                after_each()
        finally:
            self.server.stop()

    def run_round(self) -> None:
        self._round += 1
        works = (
            *(self._send, self._send, self._consume, self._put, self._count),
            *(self._invoke, self._invoke_later, self._send_jobs),
        )
        threads = [
            threading.Thread(target=self._client, args=(work, f"{self._round}-{number}"))
            for number, work in enumerate(works)
        ]
        before = self.ledger.acknowledged()
        for thread in threads:
            thread.start()
        time.sleep(self.random.uniform(*LOAD_SECONDS))
        has_load = wait_for(
            lambda: self.ledger.acknowledged() - before >= ACKNOWLEDGED_MIN,
            START_SECONDS_MAX,
            every_seconds=0.01,
        )
        self.server.kill()
        assert has_load, f"hardly anything was answered in {START_SECONDS_MAX:g} s"
        for thread in threads:
            thread.join(START_SECONDS_MAX)
            assert not thread.is_alive(), "a client hangs on a dead server"
        if self.random.random() < KILLED_AGAIN_SHARE:
            self.server.spawn()
            time.sleep(self.random.uniform(0, KILLED_AGAIN_SECONDS_MAX))
            self.server.kill()
        self.server.start()
        with Client(self.server.endpoint) as client:
            self._check(client)

    # ---- what the clients do

    def _prepare(self, client: Client) -> None:
        make = client.call
        self._queue_url = make("sqs", "CreateQueue", QueueName="messages")["QueueUrl"]
        self._jobs_url = make(
            "sqs",
            "CreateQueue",
            QueueName="jobs",
            Attributes={"VisibilityTimeout": str(JOB_SECONDS_MAX)},
        )["QueueUrl"]
        for table in ("items", "done"):
            make(
                "dynamodb",
                "CreateTable",
                TableName=table,
                BillingMode="PAY_PER_REQUEST",
                AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
                KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            )
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("index.py", FUNCTION)
        # Two of one code: who is asked must answer on a busy machine too, jobs are begun again.
        code = to_blob(packed.getvalue())
        self._make_function(client, "worker", code, 30)
        self._make_function(client, "filler", code, JOB_SECONDS_MAX)
        make(
            "lambda",
            "CreateEventSourceMapping",
            FunctionName="filler",
            EventSourceArn="arn:aws:sqs:us-east-1:000000000000:jobs",
        )

    @staticmethod
    def _make_function(client: Client, name: str, code: str, seconds: int) -> None:
        client.call(
            "lambda",
            "CreateFunction",
            FunctionName=name,
            Runtime=f"python3.{sys.version_info[1]}",
            Handler="index.handler",
            Role="arn:aws:iam::000000000000:role/anybody",
            Timeout=seconds,
            Code={"ZipFile": code},
        )

        def is_active() -> bool:
            found = client.call("lambda", "GetFunctionConfiguration", FunctionName=name)
            return bool(found["State"] == "Active")

        wait_for(is_active, START_SECONDS_MAX)

    def _client(self, work: Callable[[Client, str], None], name: str) -> None:
        client = Client(self.server.endpoint)
        try:
            work(client, name)
        except Unanswered:
            pass
        except AssertionError as wrong:
            self._fail(str(wrong))
        finally:
            client.close()

    def _fail(self, text: str) -> None:
        with self._lock:
            self.failures.append(f"round {self._round}: {text}")

    def _ask(
        self, client: Client, service: str, target: str, request: dict[str, Any], *right: int
    ) -> dict[str, Any]:
        """One request as SDKs send it. Raises Unanswered."""
        headers = {"content-type": "application/x-amz-json-1.0", "x-amz-target": target}
        return self._answer(client, "/", json.dumps(request), headers, *right)

    @staticmethod
    def _answer(
        client: Client, path: str, body: str, headers: dict[str, str], *right: int
    ) -> dict[str, Any]:
        try:
            status, answer = client.ask("POST", path, body.encode(), headers)
        except (Failure, OSError) as failure:
            raise Unanswered from failure
        assert status in (right or (200,)), f"{headers} {body[:200]} answered {status}: {answer!r}"
        document: dict[str, Any] = {"status": status, "answer": json.loads(answer or b"null")}
        return document

    def _send(self, client: Client, name: str) -> None:
        for body in _names(name):
            request = {"QueueUrl": self._queue_url, "MessageBody": body}
            self.ledger.sent_maybe.add(body)
            self._ask(client, "sqs", "AmazonSQS.SendMessage", request)
            self.ledger.sent.add(body)

    def _consume(self, client: Client, name: str) -> None:
        """Receive and delete. What is received and not deleted is visible again after a second."""
        receive = {
            "QueueUrl": self._queue_url,
            "MaxNumberOfMessages": 3,
            "VisibilityTimeout": 1,
            "WaitTimeSeconds": 1,
        }
        while True:
            got = self._ask(client, "sqs", "AmazonSQS.ReceiveMessage", receive)["answer"]
            for message in got.get("Messages", ()):
                self._delete(client, message)

    def _delete(self, client: Client, message: dict[str, Any]) -> None:
        body = message["Body"]
        assert body not in self.ledger.deleted, f"message {body} was deleted and came again"
        self.ledger.deleted_maybe.add(body)
        request = {"QueueUrl": self._queue_url, "ReceiptHandle": message["ReceiptHandle"]}
        self._ask(client, "sqs", "AmazonSQS.DeleteMessage", request)
        self.ledger.deleted.add(body)

    def _put(self, client: Client, name: str) -> None:
        """Items that are written, written over, and at times deleted."""
        chance = random.Random(f"{self.random.random()}{name}")
        keys = [f"item-{number}" for number in range(40)]
        for version in _names(name):
            key = chance.choice(keys)
            is_deletion = chance.random() < 0.2
            state = GONE if is_deletion else version
            if is_deletion:
                target, request = "DeleteItem", {"TableName": "items", "Key": {"pk": {"S": key}}}
            else:
                item = {"pk": {"S": key}, "version": {"S": version}, "text": {"S": "x" * 500}}
                target, request = "PutItem", {"TableName": "items", "Item": item}
            self.ledger.items_maybe[key] = state
            self._ask(client, "dynamodb", f"DynamoDB_20120810.{target}", request)
            self.ledger.items[key] = state

    def _count(self, client: Client, name: str) -> None:
        """A counter that is raised on the condition that it stands where we know it stands."""
        count = self.ledger.added
        while True:
            self.ledger.added_maybe = count + 1
            condition = "attribute_not_exists(pk)" if count == 0 else "#n = :known"
            values = {":next": {"N": str(count + 1)}}
            if count:
                values[":known"] = {"N": str(count)}
            self._ask(
                client,
                "dynamodb",
                "DynamoDB_20120810.UpdateItem",
                {
                    "TableName": "items",
                    "Key": {"pk": {"S": "counter"}},
                    "UpdateExpression": "SET #n = :next",
                    "ConditionExpression": condition,
                    "ExpressionAttributeNames": {"#n": "n"},
                    "ExpressionAttributeValues": values,
                },
            )
            count += 1
            self.ledger.added = count

    def _invoke(self, client: Client, name: str) -> None:
        self._invoke_as(client, name, {}, 200)

    def _invoke_later(self, client: Client, name: str) -> None:
        self._invoke_as(client, name, {"x-amz-invocation-type": "Event"}, 202)

    def _invoke_as(self, client: Client, name: str, headers: dict[str, str], status: int) -> None:
        path = "/2015-03-31/functions/worker/invocations"
        for marker in _names(name):
            body = json.dumps({"marker": marker})
            answer = self._answer(client, path, body, headers, status)["answer"]
            assert status == 202 or answer == marker, f"the function answered {answer}"
            self.ledger.markers.add(marker)

    def _send_jobs(self, client: Client, name: str) -> None:
        for body in _names(name):
            request = {"QueueUrl": self._jobs_url, "MessageBody": body}
            self._ask(client, "sqs", "AmazonSQS.SendMessage", request)
            self.ledger.jobs.add(body)
            time.sleep(0.005)  # each one starts a function: leave the others some of the machine

    # ---- what must be there

    def _check(self, client: Client) -> None:
        for check in (
            self._check_items,
            self._check_messages,
            self._check_markers,
            self._check_jobs,
        ):
            try:
                check(client)
            except AssertionError as wrong:
                self._fail(str(wrong))

    def _check_messages(self, client: Client) -> None:
        ledger = self.ledger
        found: list[str] = []
        wanted = ledger.sent - ledger.deleted_maybe
        until = time.monotonic() + SETTLE_SECONDS_MAX
        while True:
            got = client.call(
                "sqs",
                "ReceiveMessage",
                QueueUrl=self._queue_url,
                MaxNumberOfMessages=10,
                VisibilityTimeout=300,
            ).get("Messages", [])
            for message in got:
                found.append(message["Body"])
                self._delete(client, message)
            if not got and _depth(client, self._queue_url) == 0:
                break
            if not got:
                assert time.monotonic() < until, (
                    f"the queue never empties: {_depth(client, self._queue_url)}"
                )
                time.sleep(0.05)
        assert not wanted - set(found), f"lost messages: {_some(wanted - set(found))}"
        assert not set(found) - ledger.sent_maybe, "messages that nobody sent"
        assert len(found) == len(set(found)), "messages that are there twice"

    def _check_items(self, client: Client) -> None:
        ledger = self.ledger
        found = {item["pk"]["S"]: item for item in _scan(client, "items")}
        counter = int(found.pop("counter", {"n": {"N": "0"}})["n"]["N"])
        right = (ledger.added, ledger.added_maybe)
        ledger.added = ledger.added_maybe = counter
        states = {key: item["version"]["S"] for key, item in found.items()}
        for key, maybe in ledger.items_maybe.items():
            state = states.get(key, GONE)
            certain = ledger.items.get(key, GONE)
            ledger.items[key] = ledger.items_maybe[key] = state
            assert state in (certain, maybe), f"{key} is {state}, not {certain} (or {maybe})"
        assert not set(states) - set(ledger.items_maybe), "items that nobody put"
        assert counter in right, f"the counter is {counter}, not one of {right}"

    def _check_markers(self, client: Client) -> None:
        """Answered invocations have their log at once, accepted ones after they have run."""
        missing: set[str] = set()

        def is_whole() -> bool:
            nonlocal missing
            missing = self.ledger.markers - set(_markers(client))
            return not missing

        at_once = {marker for marker in self.ledger.markers if marker.split("-")[1] == "5"}
        lost = at_once - set(_markers(client))
        assert not lost, f"lost logs of finished invocations: {_some(lost)}"
        wait_for(is_whole, SETTLE_SECONDS_MAX, every_seconds=0.1)
        assert not missing, f"lost invocations that had been accepted: {_some(missing)}"

    def _check_jobs(self, client: Client) -> None:
        def is_done() -> bool:
            return not self.ledger.jobs - {item["pk"]["S"] for item in _scan(client, "done")}

        if not wait_for(is_done, SETTLE_SECONDS_MAX, every_seconds=0.1):
            missing = self.ledger.jobs - {item["pk"]["S"] for item in _scan(client, "done")}
            raise AssertionError(f"messages that never reached the table: {_some(missing)}")


def _names(prefix: str) -> Iterator[str]:
    number = 0
    while True:
        yield f"{prefix}-{number}"
        number += 1


def _some(names: set[str]) -> str:
    return f"{', '.join(sorted(names)[:5])} ({len(names)})"


def _depth(client: Client, url: str) -> int:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    answer = client.call("sqs", "GetQueueAttributes", QueueUrl=url, AttributeNames=names)
    return sum(int(answer["Attributes"][name]) for name in names)


def _scan(client: Client, table: str) -> Iterator[dict[str, Any]]:
    for page in client.pages(
        "dynamodb",
        "Scan",
        "ExclusiveStartKey",
        "LastEvaluatedKey",
        TableName=table,
        ConsistentRead=True,
    ):
        yield from page["Items"]


def _markers(client: Client) -> Iterator[str]:
    groups = client.call("logs", "DescribeLogGroups", logGroupNamePrefix="/aws/lambda/worker")
    if not groups.get("logGroups"):
        return
    for page in client.pages(
        "logs",
        "FilterLogEvents",
        "nextToken",
        logGroupName="/aws/lambda/worker",
        filterPattern="marker",
    ):
        for event in page.get("events", ()):
            yield event["message"].split()[-1]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--store", metavar="URL", help="an empty PostgreSQL database, in place of SQLite"
    )
    parser.add_argument("--keep", action="store_true", help="keep the folder, to look into it")
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="fogline-kill-"))
    folder.chmod(0o755)  # functions run as a user of their own and must get at their code
    options = ("--store", given.store) if given.store else ()
    story = KillUnderLoad(folder, given.seed, *options)
    began = time.monotonic()
    told = 0

    def tell() -> None:
        nonlocal told
        print(
            f"round {story._round:3} {time.monotonic() - began:6.0f} s, "
            f"acknowledged {story.ledger.acknowledged()}, failures {len(story.failures)}",
            flush=True,
        )
        for failure in story.failures[told:]:
            print(f"  {failure}", flush=True)
        told = len(story.failures)

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the server is stopped
    story.run(given.rounds, tell)
    if given.keep:
        print(folder)
    else:
        shutil.rmtree(folder, ignore_errors=True)
    return 1 if story.failures else 0


if __name__ == "__main__":
    sys.exit(main())
