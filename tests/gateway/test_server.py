"""The server on the socket: what well-made, odd and hostile clients get."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import socket
import time
from collections.abc import Callable, Iterator

import pytest

from fogline.testing.platform import LocalPlatform

Dial = Callable[[], "Client"]

LIST = b'{"QueueNamePrefix":"none"}'


def request(body: bytes = LIST, *more: str, target: str = "AmazonSQS.ListQueues") -> bytes:
    lines = [
        "POST / HTTP/1.1",
        "Host: localhost",
        f"X-Amz-Target: {target}",
        "Content-Type: application/x-amz-json-1.0",
        *more,
        f"Content-Length: {len(body)}",
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Client:
    """A plain socket that reads whole answers."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self._rest = b""

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def answer(self) -> tuple[int, dict[str, str], bytes]:
        while b"\r\n\r\n" not in self._rest:
            part = self.socket.recv(65_536)
            assert part, f"the connection ended after {self._rest!r}"
            self._rest += part
        head, self._rest = self._rest.split(b"\r\n\r\n", 1)
        first, *lines = head.decode().split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        length = int(headers.get("content-length", 0))
        while len(self._rest) < length:
            self._rest += self.socket.recv(65_536)
        body, self._rest = self._rest[:length], self._rest[length:]
        return int(first.split()[1]), headers, body

    def has_ended(self) -> bool:
        try:
            return self.socket.recv(1) == b""
        except ConnectionResetError:
            return True


@pytest.fixture
def dial(fogline_platform: LocalPlatform) -> Iterator[Dial]:
    clients: list[Client] = []

    def dial() -> Client:
        clients.append(Client(fogline_platform.platform.port))
        return clients[-1]

    yield dial
    for client in clients:
        client.socket.close()


def test_a_connection_serves_one_request_after_another(dial: Dial) -> None:
    client = dial()
    for _ in range(3):
        client.send(request())
        assert client.answer()[0] == 200


def test_pipelined_requests_are_answered_in_their_order(dial: Dial) -> None:
    client = dial()
    create = b'{"QueueName":"pipelined"}'
    wait = json.dumps({"QueueUrl": "pipelined", "WaitTimeSeconds": 1}).encode()
    client.send(
        request(create, target="AmazonSQS.CreateQueue")
        + request(wait, target="AmazonSQS.ReceiveMessage")
        + request(target="AmazonSQS.Nonsense")
        + request()
    )
    assert b"QueueUrl" in client.answer()[2]
    other = dial()
    other.send(
        request(b'{"QueueUrl":"pipelined","MessageBody":"x"}', target="AmazonSQS.SendMessage")
    )
    assert other.answer()[0] == 200
    assert b"Messages" in client.answer()[2]
    assert client.answer()[0] == 400
    assert client.answer()[0] == 200


def test_many_pipelined_requests_are_all_answered(dial: Dial) -> None:
    client = dial()
    client.send(request() * 500)
    assert {client.answer()[0] for _ in range(500)} == {200}


def test_a_request_may_come_in_single_bytes(dial: Dial) -> None:
    client = dial()
    for byte in request():
        client.send(bytes([byte]))
    assert client.answer()[0] == 200


def test_a_chunked_body_is_put_together(dial: Dial) -> None:
    client = dial()
    head = request().split(b"Content-Length")[0]
    chunks = b"".join(b"%x\r\n%b\r\n" % (1, bytes([byte])) for byte in LIST)
    client.send(head + b"Transfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n")
    assert client.answer()[0] == 200


def test_a_client_that_waits_is_told_to_continue(dial: Dial) -> None:
    client = dial()
    head, body = request(LIST, "Expect: 100-continue").split(b"\r\n\r\n")
    client.send(head + b"\r\n\r\n")
    assert client.answer()[0] == 100
    client.send(body)
    assert client.answer()[0] == 200


def test_connection_close_is_honoured(dial: Dial) -> None:
    client = dial()
    client.send(request(LIST, "Connection: close"))
    status, headers, _ = client.answer()
    assert (status, headers["connection"]) == (200, "close")
    assert client.has_ended()


def test_every_answer_has_an_id_a_date_and_a_length(dial: Dial) -> None:
    client = dial()
    client.send(request())
    _, headers, body = client.answer()
    assert re.fullmatch(r"[0-9a-f-]{36}", headers["x-amzn-requestid"])
    assert headers["date"].endswith("GMT")
    assert headers["content-length"] == str(len(body))


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1e9\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999\r\n\r\n", 413),
        (b"GET /" + b"a" * 400_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\n" + b"".join(b"x%d: y\r\n" % n for n in range(300)) + b"\r\n", 431),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    ],
)
def test_what_is_no_request_is_refused_and_the_connection_closed(
    dial: Dial, data: bytes, status: int
) -> None:
    client = dial()
    with contextlib.suppress(ConnectionError):
        client.send(data)
    assert client.answer()[0] == status
    assert client.has_ended()


def test_endless_headers_are_cut_off(dial: Dial) -> None:
    client = dial()
    client.send(b"GET / HTTP/1.1\r\n")
    with pytest.raises(ConnectionError):
        for index in range(100_000):
            client.send(b"x-%d: %b\r\n" % (index, b"y" * 1_000))


def test_a_client_that_goes_away_while_it_waits_is_forgotten(
    dial: Dial, fogline_platform: LocalPlatform
) -> None:
    client = dial()
    client.send(request(b'{"QueueName":"left"}', target="AmazonSQS.CreateQueue"))
    client.answer()
    topics = fogline_platform.platform.topics
    before = topics.waiting_count()
    client.send(
        request(b'{"QueueUrl":"left","WaitTimeSeconds":20}', target="AmazonSQS.ReceiveMessage")
    )
    while topics.waiting_count() == before:
        fogline_platform.settle()
    client.socket.close()
    deadline = time.monotonic() + 60
    while topics.waiting_count() > before:
        assert time.monotonic() < deadline
        fogline_platform.settle()


def test_a_foreign_page_is_refused_before_anything_else(dial: Dial) -> None:
    client = dial()
    client.send(request(LIST, "Origin: https://evil.example"))
    status, headers, _ = client.answer()
    assert status == 403
    assert "access-control-allow-origin" not in headers


def test_a_page_of_this_machine_may_ask_first_and_then_call(dial: Dial) -> None:
    client = dial()
    origin = "http://localhost:3000"
    client.send(
        b"OPTIONS / HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost:3000\r\n"
        b"Access-Control-Request-Method: POST\r\n"
        b"Access-Control-Request-Headers: x-amz-target,authorization\r\n\r\n"
    )
    status, headers, _ = client.answer()
    assert (status, headers["access-control-allow-origin"]) == (204, origin)
    assert headers["access-control-allow-headers"] == "x-amz-target,authorization"
    client.send(request(LIST, f"Origin: {origin}"))
    status, headers, _ = client.answer()
    assert (status, headers["access-control-allow-origin"]) == (200, origin)


def test_head_requests_get_no_body(dial: Dial) -> None:
    client = dial()
    client.send(b"HEAD /_fogline/health HTTP/1.1\r\nHost: localhost\r\n\r\n")
    client.socket.settimeout(30)
    head = client.socket.recv(65_536)
    assert head.startswith(b"HTTP/1.1 200")
    assert head.endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    ("target", "status", "code"),
    [
        ("AmazonSQS.Nonsense", 400, "UnknownOperationException"),
        ("Nonsense.ListQueues", 404, "UnknownServiceException"),
        ("AmazonSSM.CreateDocument", 501, "NotImplemented"),
        ("AWSGlue.GetTables", 501, "NotImplemented"),
    ],
)
def test_operations_that_are_not_there_say_so_in_the_clients_protocol(
    dial: Dial, target: str, status: int, code: str
) -> None:
    client = dial()
    client.send(request(target=target))
    got, _, body = client.answer()
    assert (got, json.loads(body)["__type"].rpartition("#")[2]) == (status, code)


def test_what_is_not_built_is_named(dial: Dial) -> None:
    client = dial()
    client.send(request(target="AWSGlue.GetTables"))
    assert "glue GetTables" in json.loads(client.answer()[2])["message"]


def test_an_answer_without_end_ends_with_its_client(
    dial: Dial, fogline_platform: LocalPlatform
) -> None:
    async def streams() -> int:
        return sum("_stream" in repr(task.get_coro()) for task in asyncio.all_tasks())

    client = dial()
    group = b'{"logGroupName":"endless"}'
    client.send(request(group, target="Logs_20140328.CreateLogGroup"))
    client.answer()
    arn = "arn:aws:logs:us-east-1:000000000000:log-group:endless"
    tail = json.dumps({"logGroupIdentifiers": [arn]}).encode()
    client.send(request(tail, target="Logs_20140328.StartLiveTail"))
    client.socket.recv(10)
    assert fogline_platform.ask(streams()) == 1
    client.socket.close()
    deadline = time.monotonic() + 60
    while fogline_platform.ask(streams()):
        assert time.monotonic() < deadline
