"""Load: scripts of requests, played over keep-alive connections, and the cases made of them.

A request is made once, by botocore (so it is signed and shaped as clients do it), and its bytes are sent again and
again: the client must cost less than what it measures. A script is a generator: it yields the bytes of a request and
is sent the body of the answer. It notes every round that it finishes.
"""

from __future__ import annotations

import asyncio
import io
import itertools
import json
import random
import re
import sys
import zipfile
from collections.abc import Awaitable, Callable, Generator, Iterator
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, cast
from urllib.parse import urlsplit

import boto3
from botocore.config import Config

CONNECTIONS = 16
ITEMS = 512
PARTITIONS = 32
COLD_STARTS = 15
MESSAGES = 60
SEED = 1
_ANSWER_SECONDS_MAX = 30.0

Script = Generator[bytes, bytes, None]


class Failed(Exception):
    """A server answered something else than 200, or not at all."""


# ---- connections


class Connection(asyncio.Protocol):
    """Plays a script: one request at a time, the next one when the answer to the last is whole.

    Speaks only as much HTTP as is needed here: answers that tell their length and keep the connection.
    """

    def __init__(self, script: Script, ended: asyncio.Future[None]) -> None:
        self._script, self._ended = script, ended
        self._got = b""
        self._is_closing = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(next(self._script))

    def data_received(self, data: bytes) -> None:
        got = self._got + data if self._got else data
        head_end = got.find(b"\r\n\r\n")
        if head_end < 0:
            self._got = got
            return
        if got[9:12] != b"200":
            self._end(Failed(got[:600].decode("utf-8", "replace")))
            return
        body_start = head_end + 4
        if len(got) < body_start + _length(got[:head_end]):
            self._got = got
            return
        self._got = b""
        try:
            self._transport.write(self._script.send(got[body_start:]))
        except StopIteration:
            self._end(None)
        except Exception as failure:  # noqa: BLE001 - whatever a script raises is told by `play`
            self._end(failure)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._is_closing:
            self._end(Failed(f"the connection was lost ({exc})"))

    def _end(self, failure: Exception | None) -> None:
        self._is_closing = True
        self._transport.close()
        if self._ended.done():
            return
        if failure is None:
            self._ended.set_result(None)
        else:
            self._ended.set_exception(failure)


_LENGTH = re.compile(rb"\r\ncontent-length:\s*(\d+)", re.IGNORECASE)


def _length(head: bytes) -> int:
    found = _LENGTH.search(head)
    if found is None:
        raise Failed("an answer does not tell its length: " + head.decode("latin-1"))
    return int(found[1])


async def play(url: str, scripts: list[Script]) -> None:
    """Play all scripts at the same time, each on a connection of its own, until they end."""
    loop = asyncio.get_running_loop()
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or 80
    ends: list[asyncio.Future[None]] = []
    for script in scripts:
        ended: asyncio.Future[None] = loop.create_future()
        ends.append(ended)
        await loop.create_connection(
            lambda script=script, ended=ended: Connection(script, ended),  # type: ignore[misc]
            host,
            port,
        )
    await asyncio.gather(*ends)


# ---- what is counted


@dataclass
class Tally:
    """Rounds finished before `until`, and how long each took (seconds)."""

    seconds: float
    began: float = field(default_factory=perf_counter)
    took: list[float] = field(default_factory=list)

    def goes_on(self) -> bool:
        return perf_counter() - self.began < self.seconds

    def note(self, round_began: float) -> None:
        self.took.append(perf_counter() - round_began)

    @property
    def per_second(self) -> float:
        return len(self.took) / self.seconds

    def percentile_ms(self, percent: int) -> float:
        ordered = sorted(self.took)
        return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)] * 1000


def repeat(requests: Iterator[bytes], tally: Tally) -> Script:
    """One request a round."""
    while tally.goes_on():
        began = perf_counter()
        yield next(requests)
        tally.note(began)


# ---- requests


class Captured(Exception):
    """Carries the request that botocore was about to send."""

    def __init__(self, request: Any) -> None:
        self.request = request


def _capture(request: Any, **_: Any) -> None:
    raise Captured(request)


class Maker:
    """Makes clients of one endpoint, and the bytes of requests that they would send."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._catching: dict[str, Any] = {}

    def client(self, service: str) -> Any:
        return boto3.client(  # type: ignore[call-overload]
            service,
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id="000000000000",
            aws_secret_access_key="bench",
            config=Config(retries={"total_max_attempts": 1}, parameter_validation=True),
        )

    def request(self, service: str, operation: str, **values: Any) -> bytes:
        """The bytes of a signed request."""
        client = self._catching.get(service)
        if client is None:
            client = self._catching[service] = self.client(service)
            client.meta.events.register("before-send", _capture)
        try:
            getattr(client, operation)(**values)
        except Captured as caught:
            return _raw(caught.request)
        raise AssertionError("the request was sent")


def _raw(request: Any) -> bytes:
    parts = urlsplit(request.url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    body = request.body or b""
    if isinstance(body, str):
        body = body.encode()
    headers = {name.lower(): value for name, value in request.headers.items()}
    headers["host"] = parts.netloc
    headers["content-length"] = str(len(body))
    lines = [f"{request.method} {target} HTTP/1.1"]
    for name, value in headers.items():
        lines.append(f"{name}: {value.decode() if isinstance(value, bytes) else value}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def with_body(raw: bytes, body: bytes) -> bytes:
    """The same request with another body. Its signature is the old one, which local servers do not check."""
    head, _, _ = raw.partition(b"\r\n\r\n")
    return _LENGTH.sub(b"\r\ncontent-length: %d" % len(body), head) + b"\r\n\r\n" + body


def make_zip(name: str, text: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(name, text)
    return packed.getvalue()


# ---- cases


@dataclass(frozen=True)
class Floor:
    """What must be reached at least: a share of echo, a number per second, or at most so many milliseconds."""

    share: float | None = None
    per_second: float | None = None
    p50_ms: float | None = None


@dataclass
class Figures:
    """What a case measured."""

    per_second: float | None = None
    p50_ms: float | None = None
    p99_ms: float | None = None

    @classmethod
    def of(cls, tally: Tally, *, is_rate: bool = True) -> Figures:
        if not tally.took:
            raise Failed("not one round was finished in the time given")
        rate = tally.per_second if is_rate else None
        return cls(rate, tally.percentile_ms(50), tally.percentile_ms(99))


Measure = Callable[[Maker, float], Awaitable[Figures]]


@dataclass(frozen=True)
class Case:
    name: str
    text: str
    floor: Floor
    measure: Measure


CASES: list[Case] = []


def case(name: str, text: str, **floor: float) -> Callable[[Measure], Measure]:
    def add(measure: Measure) -> Measure:
        CASES.append(Case(name, text, Floor(**floor), measure))
        return measure

    return add


async def measure_echo(url: str, seconds: float) -> float:
    """Requests per second that the echo server answers to what a client sends for SendMessage."""
    maker = Maker(url)
    raw = maker.request(
        "sqs", "send_message", QueueUrl=f"{url}/000000000000/q", MessageBody="x" * 100
    )
    tally = Tally(seconds)
    scripts = [repeat(itertools.repeat(raw), tally) for _ in range(CONNECTIONS)]
    await asyncio.wait_for(play(url, scripts), seconds + _ANSWER_SECONDS_MAX)
    return tally.per_second


async def replay(
    maker: Maker, requests: list[bytes], seconds: float, connections: int = CONNECTIONS
) -> Figures:
    """The requests in a shuffled order, over and over, on every connection from another place on."""
    await play(maker.url, [_once(requests[:1])])  # what is loaded at first use is loaded now
    chance = random.Random(SEED)
    tally = Tally(seconds)
    scripts = []
    for _ in range(connections):
        order = requests[:]
        chance.shuffle(order)
        scripts.append(repeat(itertools.cycle(order), tally))
    await play(maker.url, scripts)
    return Figures.of(tally)


def _once(requests: list[bytes]) -> Script:
    for request in requests:  # noqa: UP028 - a list cannot be sent answers
        yield request


def _queue(maker: Maker, name: str) -> str:
    url: str = maker.client("sqs").create_queue(QueueName=name)["QueueUrl"]
    return url


@case("sqs-send", "SQS SendMessage", share=0.15)
async def sqs_send(maker: Maker, seconds: float) -> Figures:
    url = _queue(maker, "send")
    raw = maker.request("sqs", "send_message", QueueUrl=url, MessageBody="x" * 100)
    return await replay(maker, [raw], seconds)


@case("sqs-cycle", "SQS send, receive, delete", share=0.05)
async def sqs_cycle(maker: Maker, seconds: float) -> Figures:
    url = _queue(maker, "cycle")
    send = maker.request("sqs", "send_message", QueueUrl=url, MessageBody="x" * 100)
    receive = maker.request("sqs", "receive_message", QueueUrl=url, MaxNumberOfMessages=1)
    delete = maker.request("sqs", "delete_message", QueueUrl=url, ReceiptHandle="?")

    def cycle(tally: Tally) -> Script:
        while tally.goes_on():
            began = perf_counter()
            yield send
            messages = json.loads((yield receive)).get("Messages")
            if messages:
                body = {"QueueUrl": url, "ReceiptHandle": messages[0]["ReceiptHandle"]}
                yield with_body(delete, json.dumps(body).encode())
                tally.note(began)

    tally = Tally(seconds)
    await play(maker.url, [cycle(tally) for _ in range(CONNECTIONS)])
    return Figures.of(tally)


def _table(maker: Maker, name: str, sort_key: bool = False) -> None:
    keys = ["pk", "sk"] if sort_key else ["pk"]
    maker.client("dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
        KeySchema=[
            {"AttributeName": key, "KeyType": kind}
            for key, kind in zip(keys, ("HASH", "RANGE"), strict=False)
        ],
    )


def _item(number: int, **more: Any) -> dict[str, Any]:
    return {
        "pk": {"S": f"item-{number:05}"},
        "count": {"N": "1"},
        "text": {"S": "x" * 100},
        **more,
    }


async def _fill(maker: Maker, table: str) -> list[bytes]:
    """Put all items; the requests that did it."""
    _table(maker, table)
    puts = [
        maker.request("dynamodb", "put_item", TableName=table, Item=_item(number))
        for number in range(ITEMS)
    ]
    await play(maker.url, [_once(puts)])
    return puts


@case("dynamodb-put", "DynamoDB PutItem", share=0.12)
async def dynamodb_put(maker: Maker, seconds: float) -> Figures:
    return await replay(maker, await _fill(maker, "put"), seconds)


@case("dynamodb-get", "DynamoDB GetItem", share=0.15)
async def dynamodb_get(maker: Maker, seconds: float) -> Figures:
    await _fill(maker, "get")
    gets = [
        maker.request("dynamodb", "get_item", TableName="get", Key={"pk": _item(number)["pk"]})
        for number in range(ITEMS)
    ]
    return await replay(maker, gets, seconds)


@case("dynamodb-update", "DynamoDB UpdateItem with a condition", share=0.08)
async def dynamodb_update(maker: Maker, seconds: float) -> Figures:
    await _fill(maker, "update")
    updates = [
        maker.request(
            "dynamodb",
            "update_item",
            TableName="update",
            Key={"pk": _item(number)["pk"]},
            UpdateExpression="SET #count = #count + :one",
            ConditionExpression="attribute_exists(pk) AND #count < :most",
            ExpressionAttributeNames={"#count": "count"},
            ExpressionAttributeValues={":one": {"N": "1"}, ":most": {"N": "1000000000"}},
        )
        for number in range(ITEMS)
    ]
    return await replay(maker, updates, seconds)


@case("dynamodb-query", "DynamoDB Query of 20 items", share=0.03)
async def dynamodb_query(maker: Maker, seconds: float) -> Figures:
    _table(maker, "query", sort_key=True)
    puts = [
        maker.request(
            "dynamodb",
            "put_item",
            TableName="query",
            Item=_item(partition, sk={"S": f"{number:03}"}),
        )
        for partition in range(PARTITIONS)
        for number in range(20)
    ]
    await play(maker.url, [_once(puts)])
    queries = [
        maker.request(
            "dynamodb",
            "query",
            TableName="query",
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": _item(partition)["pk"]},
        )
        for partition in range(PARTITIONS)
    ]
    return await replay(maker, queries, seconds)


_CODE = {
    "python": ("index.py", "def handler(event, context):\n    return event\n"),
    "nodejs": ("index.js", "exports.handler = async (event) => event;\n"),
}
_RUNTIME = {"python": f"python3.{sys.version_info[1]}", "nodejs": "nodejs22.x"}


def _function(maker: Maker, name: str, kind: str = "python", **more: Any) -> bytes:
    """Make a function that is ready to run; the request that runs it."""
    client = maker.client("lambda")
    code = more.pop("code", None) or make_zip(*_CODE[kind])
    client.create_function(
        FunctionName=name,
        Runtime=_RUNTIME[kind],
        Handler="index.handler",
        Role="arn:aws:iam::000000000000:role/bench",
        Code={"ZipFile": code},
        **more,
    )
    client.get_waiter("function_active_v2").wait(
        FunctionName=name, WaiterConfig={"Delay": 0.05, "MaxAttempts": 200}
    )
    return maker.request("lambda", "invoke", FunctionName=name, Payload=b'{"hello": "world"}')


async def _warm(maker: Maker, name: str, connections: int, seconds: float) -> Figures:
    raw = _function(maker, name)
    # Every environment that will be needed is there before the count begins.
    await play(maker.url, [_once([raw] * 20) for _ in range(connections)])
    return await replay(maker, [raw], seconds, connections)


@case("lambda-warm", "Lambda Invoke, warm", p50_ms=0.8)
async def lambda_warm(maker: Maker, seconds: float) -> Figures:
    return await _warm(maker, "warm-1", 1, seconds)


@case("lambda-warm-8", "Lambda Invoke, warm, 8 connections", per_second=2_500)
async def lambda_warm_8(maker: Maker, seconds: float) -> Figures:
    return await _warm(maker, "warm-8", 8, seconds)


async def _cold(maker: Maker, kind: str) -> Figures:
    # The first function of a runtime also starts what all others are made from.
    await play(maker.url, [_once([_function(maker, f"first-{kind}", kind)])])
    tally = Tally(float("inf"))
    for number in range(COLD_STARTS):
        raw = _function(maker, f"cold-{kind}-{number}", kind)
        began = perf_counter()
        await play(maker.url, [_once([raw])])
        tally.note(began)
    return Figures.of(tally, is_rate=False)


@case("lambda-cold-python", "Lambda Invoke, cold, Python", p50_ms=20)
async def lambda_cold_python(maker: Maker, seconds: float) -> Figures:
    return await _cold(maker, "python")


@case("lambda-cold-nodejs", "Lambda Invoke, cold, Node.js", p50_ms=40)
async def lambda_cold_nodejs(maker: Maker, seconds: float) -> Figures:
    return await _cold(maker, "nodejs")


_CONSUMER = """import os
import boto3
dynamodb = boto3.client("dynamodb")
def handler(event, context):
    for record in event["Records"]:
        dynamodb.put_item(TableName=os.environ["TABLE"], Item={"pk": {"S": record["body"]}})
"""


@case("message-to-item", "SQS to function to DynamoDB item", p50_ms=10)
async def message_to_item(maker: Maker, seconds: float) -> Figures:
    url = _queue(maker, "inbox")
    _table(maker, "outbox")
    _function(
        maker,
        "consumer",
        code=make_zip("index.py", _CONSUMER),
        Environment={"Variables": {"TABLE": "outbox"}},
    )
    maker.client("lambda").create_event_source_mapping(
        FunctionName="consumer", EventSourceArn="arn:aws:sqs:us-east-1:000000000000:inbox"
    )
    tally = Tally(float("inf"))

    def one_at_a_time() -> Script:
        for number in range(MESSAGES + 5):
            body = f"message-{number}"
            send = maker.request("sqs", "send_message", QueueUrl=url, MessageBody=body)
            get = maker.request(
                "dynamodb",
                "get_item",
                TableName="outbox",
                Key={"pk": {"S": body}},
                ConsistentRead=True,
            )
            began = perf_counter()
            yield send
            while b"Item" not in (yield get):
                if perf_counter() - began > _ANSWER_SECONDS_MAX:
                    raise Failed(f"{body} did not become an item")
            if number >= 5:  # the first ones start the function
                tally.note(began)

    await play(maker.url, [one_at_a_time()])
    return Figures.of(tally, is_rate=False)
