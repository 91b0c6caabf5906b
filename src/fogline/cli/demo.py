"""The demonstration: orders sent to a queue whose server is killed halfway, and the count of what is there then."""

from __future__ import annotations

import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, perf_counter
from typing import Any

import orjson

import fogline
from fogline.cli.application.session import Session
from fogline.cli.client import Client
from fogline.cli.exits import Failure, NoServer
from fogline.cli.output import Output
from fogline.cli.programs import OURSELVES
from fogline.cli.server_file import find_server_file
from fogline.cli.waiting import pause, wait_for

ORDERS = 475
POISON = 5
DUPLICATES = 20
_WARM = 25
_SENDERS = 4
_START_SECONDS_MAX = 30.0
_SEND_SECONDS_MAX = 40.0
_SETTLE_SECONDS_MAX = 50.0
_ITEM_SECONDS_MAX = 20.0


@dataclass
class Report:
    """What was seen. `failures` is empty when all is as it must be."""

    sent: int = 0
    stored: int = 0
    dead: int = 0
    left: int = 0
    killed_after: int = 0
    start_ms: float = 0.0
    restart_ms: float = 0.0
    send_p50_ms: float = 0.0
    send_p99_ms: float = 0.0
    message_to_item_p50_ms: float = 0.0
    seconds: float = 0.0
    failures: list[str] = field(default_factory=list)


def find_example() -> Path:
    """The orders example: of the checkout, else as it came with the package."""
    package = Path(fogline.__file__).parent
    for folder in (
        package.parents[1] / "examples" / "orders",
        package / "cli" / "examples" / "orders",
    ):
        if (folder / "template.yaml").is_file():
            return folder
    raise Failure("The orders example is not installed with this Fogline.", "Run from a checkout.")


def run_demo(folder: Path, out: Output) -> Report:
    """Play it all in `folder`. Raises Failure when it cannot be played."""
    began = monotonic()
    report = Report()
    with _server(folder) as server:
        report.start_ms = server.start(0)
        out.say(f"Fogline started in {report.start_ms:.0f} ms at {server.endpoint}.")
        client = Client(server.endpoint)
        session = Session(
            client, find_example() / "template.yaml", "orders", {}, folder, out, is_live=False
        )
        outputs = session.deploy().outputs
        out.say()
        messages = _messages()
        _send_warm(client, messages[:_WARM], outputs, report, out)
        _send_under_fire(server, messages[_WARM:], outputs["QueueUrl"], report, out)
        _settle(client, outputs, report, out)
        _verify(client, messages, outputs, report)
    report.seconds = monotonic() - began
    return report


# ---- the server, which does not have an easy life


class _Server:
    def __init__(self, folder: Path) -> None:
        self._data = folder / ".fogline"
        self._log = folder / "server.log"
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0
        self.endpoint = ""

    def start(self, port: int) -> float:
        """Start it and wait for its first answer; how long that took, in milliseconds."""
        began = perf_counter()
        with self._log.open("ab") as log:
            self._process = process = subprocess.Popen(
                [
                    *(*OURSELVES, "up", "--no-app"),
                    *("--port", str(port), "--data", str(self._data)),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        wait_for(
            lambda: process.poll() is not None or find_server_file(self._data) is not None,
            _START_SECONDS_MAX,
            every_seconds=0.01,
        )
        known = find_server_file(self._data)
        if known is None or process.poll() is not None:
            words = self._log.read_text("utf-8", "replace").strip()[-1500:]
            raise Failure(f"The server did not start:\n{words}", f"All it said is in {self._log}.")
        self.port, self.endpoint = known.port, known.endpoint
        with Client(self.endpoint) as client:
            client.page("GET", "/_fogline/clock", seconds=_START_SECONDS_MAX)
        return (perf_counter() - began) * 1000

    def kill(self) -> None:
        """SIGKILL: no word of farewell."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        process = self._process
        if process is None or process.poll() is not None:
            return
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def _server(folder: Path) -> Iterator[_Server]:
    server = _Server(folder)
    try:
        yield server
    finally:
        server.stop()


# ---- orders


def _messages() -> list[dict[str, Any]]:
    """All messages in the order they are sent.

    No poison is sent near the kill: a send whose answer is lost is sent again, which is nothing for an order that
    is stored once, but would be one more message in the dead-letter queue.
    """
    messages = [
        {"order_id": f"order-{number:04}", "amount": number + 1} for number in range(ORDERS)
    ]
    for number in range(DUPLICATES):
        messages.insert(60 + number * 20, messages[30 + number])
    for place, number in zip((35, 90, 140, 380, 420), range(POISON), strict=True):
        messages.insert(place, {"order_id": f"poison-{number}", "amount": -1})
    return messages


def _post(client: Client, service: str, target: str, request: dict[str, Any]) -> dict[str, Any]:
    """An operation as SDKs ask for it, on the wire."""
    headers = {
        "content-type": "application/x-amz-json-1.0",
        "x-amz-target": target,
        "authorization": (
            f"AWS4-HMAC-SHA256 Credential={client.account}/20260101/{client.region}/{service}/aws4_request, "
            "SignedHeaders=host;x-amz-target, Signature=0"
        ),
    }
    status, answer = client.ask("POST", "/", orjson.dumps(request), headers)
    document: dict[str, Any] = orjson.loads(answer)
    if status != 200:
        raise Failure(f"{target} answered {status}: {document}")
    return document


def _send(client: Client, queue_url: str, message: dict[str, Any]) -> float:
    """Send one order; how long the acknowledgement took, in milliseconds."""
    began = perf_counter()
    body = orjson.dumps(message).decode()
    _post(client, "sqs", "AmazonSQS.SendMessage", {"QueueUrl": queue_url, "MessageBody": body})
    return (perf_counter() - began) * 1000


def _send_warm(
    client: Client,
    messages: list[dict[str, Any]],
    outputs: dict[str, str],
    report: Report,
    out: Output,
) -> None:
    """One order after the other: how long from the message to the item that it becomes."""
    took = []
    with out.progress("One by one", len(messages)) as progress:
        for number, message in enumerate(messages):
            began = perf_counter()
            _send(client, outputs["QueueUrl"], message)
            key = {"order_id": {"S": message["order_id"]}}
            request = {"TableName": outputs["TableName"], "Key": key, "ConsistentRead": True}
            until = monotonic() + _ITEM_SECONDS_MAX
            while "Item" not in _post(client, "dynamodb", "DynamoDB_20120810.GetItem", request):
                if monotonic() > until:
                    raise Failure(
                        f"{message['order_id']} was sent and did not reach the table.",
                        "`fogline logs` in the demo's folder (--keep) shows what the function said.",
                    )
                pause(0.0005)
            took.append((perf_counter() - began) * 1000)
            report.sent += 1
            progress.move(number + 1, f"message to item {took[-1]:.1f} ms")
    # The first one started the function's process; a median over the others is what "warm" means.
    report.message_to_item_p50_ms = percentile(took[1:], 50)


def _send_under_fire(
    server: _Server, messages: list[dict[str, Any]], queue_url: str, report: Report, out: Output
) -> None:
    """All other orders from several senders at once; the server dies halfway and comes back."""
    took: list[float] = []
    failures: list[Failure | OSError] = []
    waiting = iter(messages)
    lock = threading.Lock()
    until = monotonic() + _SEND_SECONDS_MAX

    def work() -> None:
        client = Client(server.endpoint)
        try:
            while True:
                with lock:
                    message = next(waiting, None)
                if message is None:
                    return
                milliseconds = _send_until_acknowledged(client, queue_url, message, until)
                with lock:
                    took.append(milliseconds)
        except (Failure, OSError) as failure:
            failures.append(failure)

    senders = [threading.Thread(target=work, daemon=True) for _ in range(_SENDERS)]
    half = len(messages) // 2
    with out.progress("All at once", len(messages)) as progress:
        for sender in senders:
            sender.start()
        text = ""
        while any(sender.is_alive() for sender in senders):
            if not report.killed_after and len(took) >= half:
                server.kill()
                report.killed_after = report.sent + len(took)
                progress.move(len(took), "SIGKILL")
                report.restart_ms = server.start(server.port)
                text = f"SIGKILL, back in {report.restart_ms:.0f} ms"
            progress.move(len(took), text)
            if failures:
                break
            pause(0.002)
        progress.move(len(took), text)
    if failures:
        raise failures[0]
    report.sent += len(took)
    report.send_p50_ms = percentile(took, 50)
    report.send_p99_ms = percentile(took, 99)


def _send_until_acknowledged(
    client: Client, queue_url: str, message: dict[str, Any], until: float
) -> float:
    """Send, as a careful client does, until there is an answer; how long the answered try took."""
    while True:
        try:
            return _send(client, queue_url, message)
        except NoServer:
            if monotonic() > until:
                raise
            pause(0.02)


# ---- the count


def _settle(client: Client, outputs: dict[str, str], report: Report, out: Output) -> None:
    """Wait until every order is stored and every poison is in the dead-letter queue."""
    until = monotonic() + _SETTLE_SECONDS_MAX
    with out.progress("Settling", ORDERS + POISON) as progress:
        while True:
            report.stored = _count(client, outputs["TableName"])
            report.dead = _depth(client, outputs["DeadLettersUrl"])
            report.left = _depth(client, outputs["QueueUrl"])
            text = f"{report.stored} stored, {report.dead} given up"
            progress.move(report.stored + report.dead, text)
            is_done = report.stored >= ORDERS and report.dead >= POISON and report.left == 0
            if is_done or monotonic() > until:
                return
            pause(0.1)


def _count(client: Client, table: str) -> int:
    return sum(
        int(page["Count"])
        for page in client.pages(
            "dynamodb",
            "Scan",
            "ExclusiveStartKey",
            "LastEvaluatedKey",
            TableName=table,
            Select="COUNT",
        )
    )


def _depth(client: Client, queue_url: str) -> int:
    """Messages in a queue, in flight or not."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    answer = client.call("sqs", "GetQueueAttributes", QueueUrl=queue_url, AttributeNames=names)
    return sum(int(answer["Attributes"][name]) for name in names)


def _verify(
    client: Client, messages: list[dict[str, Any]], outputs: dict[str, str], report: Report
) -> None:
    """Not only how many: exactly which."""
    poison = {each["order_id"] for each in messages if each["amount"] < 0}
    expected = {each["order_id"] for each in messages} - poison
    pages = client.pages(
        "dynamodb",
        "Scan",
        "ExclusiveStartKey",
        "LastEvaluatedKey",
        TableName=outputs["TableName"],
        ConsistentRead=True,
    )
    stored = {item["order_id"]["S"] for page in pages for item in page["Items"]}
    dead: list[str] = []
    while True:
        answer = client.call(
            "sqs",
            "ReceiveMessage",
            QueueUrl=outputs["DeadLettersUrl"],
            MaxNumberOfMessages=10,
            VisibilityTimeout=60,
        )
        received = answer.get("Messages", [])
        if not received:
            break
        dead += [orjson.loads(message["Body"])["order_id"] for message in received]
    report.stored, report.dead = len(stored), len(dead)
    wanted = ORDERS + POISON + DUPLICATES
    checks = (
        (report.sent == wanted, f"{report.sent} of {wanted} orders were acknowledged"),
        (bool(report.killed_after), "the server was not killed"),
        (not expected - stored, f"lost: {_some(expected - stored)}"),
        (not stored - expected, f"stored, and should not be: {_some(stored - expected)}"),
        (
            sorted(dead) == sorted(poison),
            f"in the dead-letter queue: {_some(set(dead))} ({len(dead)})",
        ),
        (report.left == 0, f"{report.left} messages are left in the queue"),
    )
    report.failures = [text for is_right, text in checks if not is_right]


def _some(names: set[str]) -> str:
    shown = ", ".join(sorted(names)[:5])
    return f"{shown} and {len(names) - 5} more" if len(names) > 5 else shown or "nothing"


def percentile(values: list[float], percent: int) -> float:
    """The value that so many percent of the values do not exceed; 0 for none."""
    if not values:
        return 0.0
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -(-len(ordered) * percent // 100) - 1))]
