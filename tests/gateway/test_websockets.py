"""WebSockets on the socket: what well-made, odd and hostile clients get."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import gc
import logging
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
import uvloop
import websockets.sync.client
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.frames import Frame, Opcode
from websockets.typing import Subprotocol

from fogline.gateway.connection import Connection
from fogline.gateway.server import Limits, Reply, Server
from fogline.gateway.tls import Tls
from fogline.gateway.tls_transport import TlsTransport
from fogline.gateway.websockets import UNREAD_BYTES_MAX, WebSocketConnection
from fogline.ports.http import HttpRequest, HttpResponse
from fogline.ports.websockets import WebSocket
from fogline.world.clock import RealClock

T = TypeVar("T")

KEY = base64.b64encode(b"0123456789abcdef").decode()
ASKING = (
    "GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + KEY + "\r\n\r\n"
)


def asking(target: str = "/echo") -> bytes:
    return ASKING.format(target=target).encode()


def frame(opcode: Opcode, data: bytes = b"", *, fin: bool = True) -> bytes:
    return Frame(opcode, data, fin).serialize(mask=True)


class Recorder:
    """A handler that writes down what it is told, and echoes messages."""

    message_bytes_max = 1_000
    frame_bytes_max = 200

    def __init__(self) -> None:
        self.told: list[tuple[Any, ...]] = []
        self.has_ended = threading.Event()
        self.socket: WebSocket | None = None

    def opened(self, socket: WebSocket) -> None:
        self.told.append(("opened",))
        self.socket = socket

    def received(self, message: str | bytes) -> None:
        self.told.append(("received", message))
        if message == "break":
            raise RuntimeError("as asked")
        assert self.socket is not None
        self.socket.send(message)

    def heard(self) -> None:
        self.told.append(("heard",))

    def closed(self, code: int, reason: str) -> None:
        self.told.append(("closed", code, reason))
        self.has_ended.set()

    def ending(self) -> tuple[Any, ...]:
        assert self.has_ended.wait(30)
        assert sum(each[0] == "closed" for each in self.told) == 1
        return self.told[-1]


class Place:
    """A server alone on a loop of its own. `/echo` is a WebSocket; `/later` becomes one when told; others are HTTP."""

    def __init__(self, tls: Tls, scheme: str) -> None:
        self.tls, self.scheme = tls, scheme
        self.trust = ssl.create_default_context(cadata=tls.authority_pem().decode())
        self.handlers: list[Recorder] = []
        self.waiting: list[Reply] = []
        self.bodies: list[bytes] = []
        self.loop = uvloop.new_event_loop()
        self.clients: list[socket.socket] = []
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()

    async def start(self) -> None:
        self.server = Server(
            self.answer, RealClock(), Limits(connections_max=50), self.tls.context_for
        )
        _, self.port = await self.server.listen("127.0.0.1", 0)

    def answer(self, request: HttpRequest, reply: Reply) -> None:
        if request.path == "/later":
            self.waiting.append(reply)
        elif request.path == "/echo":
            self.upgrade(reply)
        else:
            self.bodies.append(request.body)
            reply(HttpResponse(403, [], f"no {request.path}".encode()))

    def upgrade(self, reply: Reply) -> None:
        self.handlers.append(Recorder())
        chosen = [("Sec-WebSocket-Protocol", "chat"), ("X-Bad", "a\r\nb: c"), ("upgrade", "h2c")]
        reply(HttpResponse(101, chosen, upgrade=self.handlers[-1]))

    def ask(self, call: Callable[[], T]) -> T:
        async def asked() -> T:
            return call()

        return asyncio.run_coroutine_threadsafe(asked(), self.loop).result(30)

    def connect(self, target: str = "/echo", **more: Any) -> Any:
        return websockets.sync.client.connect(
            f"{self.scheme}://127.0.0.1:{self.port}{target}",
            subprotocols=[Subprotocol("chat")],
            ssl=self.trust if self.scheme == "wss" else None,
            **more,
        )

    def dial(self, data: bytes) -> socket.socket:
        client = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        if self.scheme == "wss":
            client = self.trust.wrap_socket(client, server_hostname="a.b.localhost")
        self.clients.append(client)
        client.sendall(data)
        return client

    def end(self) -> None:
        asyncio.run_coroutine_threadsafe(self.server.close(), self.loop).result(30)
        for client in self.clients:
            client.close()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()


@pytest.fixture(params=["ws", "wss"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    made = Place(Tls(tmp_path), request.param)
    asyncio.run_coroutine_threadsafe(made.start(), made.loop).result(30)
    yield made
    made.end()


def read_until(client: socket.socket, end: bytes) -> bytes:
    data = b""
    while end not in data:
        part = client.recv(65_536)
        assert part, f"the connection ended after {data!r}"
        data += part
    return data


def read_all(client: socket.socket) -> bytes:
    data = b""
    with contextlib.suppress(ConnectionError):
        while part := client.recv(65_536):
            data += part
    return data


def close_code(client: socket.socket, after: bytes = b"\r\n\r\n") -> int:
    """The code of the goodbye that follows the handshake."""
    data = read_until(client, after)
    while True:
        rest = data.partition(after)[2]
        if rest[:1] == b"\x88" and len(rest) >= 4:
            return int.from_bytes(rest[2:4], "big")
        part = client.recv(65_536)
        assert part, f"no goodbye in {rest!r}"
        data += part


# ---- the handshake


def test_a_client_is_answered_with_its_key_and_the_endpoints_subprotocol(place: Place) -> None:
    client = place.dial(asking())
    head = read_until(client, b"\r\n\r\n").decode()
    assert head.startswith("HTTP/1.1 101 Switching Protocols\r\n")
    assert "Sec-WebSocket-Accept: " in head
    assert "Sec-WebSocket-Protocol: chat\r\n" in head
    assert head.lower().count("upgrade: ") == 1
    assert "X-Bad" not in head
    assert "Content-Length" not in head


@pytest.mark.parametrize(
    ("old", "new", "status"),
    [
        ("GET", "POST", b"400"),
        ("HTTP/1.1", "HTTP/1.0", b"400"),
        ("Connection: Upgrade\r\n", "", b"400"),
        ("Version: 13", "Version: 8", b"426"),
        ("Sec-WebSocket-Version: 13\r\n", "", b"426"),
        (KEY, "short", b"400"),
        (KEY, "\x80\xff", b"400"),
        ("Host:", "Content-Length: 3\r\nHost:", b"400"),
        ("Host:", "Transfer-Encoding: chunked\r\nHost:", b"400"),
    ],
)
def test_a_request_that_is_no_handshake_is_refused_before_anyone_is_asked(
    place: Place, old: str, new: str, status: bytes
) -> None:
    client = place.dial(asking().decode().replace(old, new).encode("latin-1"))
    answer = read_all(client)
    assert answer.split()[1] == status
    assert (b"sec-websocket-version: 13" in answer) == (status == b"426")
    assert not place.handlers


def test_an_endpoint_that_is_none_answers_as_http_and_the_connection_goes_on(place: Place) -> None:
    with pytest.raises(InvalidStatus, match="403"):
        place.connect("/other")
    client = place.dial(asking("/other") + b"GET /next HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert b"no /other" in (answers := read_until(client, b"no /next"))
    assert answers.count(b"403 Forbidden") == 2


def test_a_wish_for_another_protocol_is_not_heard(place: Place) -> None:
    wish = (
        b"POST /java HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\n"
        b"Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\nContent-Length: 4\r\n\r\n"
    )
    client = place.dial(wish + b"body" + wish)
    read_until(client, b"no /java")
    client.sendall(b"more" + asking())
    read_until(client, b"101 Switching")
    assert place.bodies == [b"body", b"more"]


def test_many_wishes_in_one_piece_are_all_passed_over(place: Place) -> None:
    wish = b"GET /a HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
    client = place.dial(wish * 2_000 + b"GET /last HTTP/1.1\r\nHost: a\r\n\r\n")
    assert read_until(client, b"no /last").count(b"403 Forbidden") == 2_001


def test_a_proxy_is_not_spoken(place: Place) -> None:
    client = place.dial(b"CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n")
    assert read_all(client).split()[1] == b"501"
    assert not place.bodies


def test_answers_before_an_upgrade_keep_their_place(place: Place) -> None:
    client = place.dial(b"GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n" + asking())
    answers = read_until(client, b"101 Switching")
    assert answers.index(b"no /a") < answers.index(b"101 Switching")


# ---- messages


def test_text_and_bytes_come_and_go_whole(place: Place) -> None:
    with place.connect() as client:
        client.send("grüße 🌍")
        assert client.recv() == "grüße 🌍"
        client.send(b"\x00\xff")
        assert client.recv() == b"\x00\xff"
        client.send("")
        assert client.recv() == ""


def test_frames_of_one_message_are_joined(place: Place) -> None:
    with place.connect() as client:
        client.send(["a" * 150, "ü", "", "c"])
        assert client.recv() == "a" * 150 + "üc"


def test_a_longer_message_leaves_in_frames_that_are_short_enough(place: Place) -> None:
    with place.connect() as client:
        for long in ("x" * 200, "x" * 401, b"y" * 400):
            step = 150
            client.send(long[at : at + step] for at in range(0, len(long), step))
            parts = [len(part) for part in client.recv_streaming()]
            assert parts == [min(200, len(long) - at) for at in range(0, len(long), 200)]


def test_a_character_may_lie_in_two_frames(place: Place) -> None:
    first, rest = "ü".encode()[:1], "ü".encode()[1:]
    client = place.dial(
        asking()
        + frame(Opcode.TEXT, first, fin=False)
        + frame(Opcode.PING, b"in between")
        + frame(Opcode.CONT, rest)
    )
    assert b"in between" in read_until(client, "ü".encode())


def test_what_is_sent_before_the_answer_is_not_lost(place: Place) -> None:
    client = place.dial(asking("/later") + frame(Opcode.TEXT, b"early") + b"\x81")
    client.sendall(frame(Opcode.TEXT, b"later")[1:])
    while not place.waiting:
        time.sleep(0.001)
    place.ask(lambda: place.upgrade(place.waiting[0]))
    read_until(client, b"later")
    told = place.handlers[0].told
    assert told == [("opened",), ("received", "early"), ("received", "later")]


def test_a_client_cannot_send_without_end_before_it_is_answered(place: Place) -> None:
    client = place.dial(asking("/later"))
    client.settimeout(0.5)
    with pytest.raises(TimeoutError):
        for _ in range(1_000):
            client.sendall(frame(Opcode.BINARY, b"x" * 200) * 500)


def test_a_ping_is_answered_and_heard(place: Place) -> None:
    with place.connect() as client:
        assert client.ping("now").wait(30)
    assert ("heard",) in place.handlers[0].told


def test_messages_in_single_bytes_are_put_together(place: Place) -> None:
    client = place.dial(asking())
    for byte in frame(Opcode.TEXT, b"slowly"):
        client.sendall(bytes([byte]))
    read_until(client, b"slowly")


# ---- bounds and faults


def test_the_longest_message_is_taken_and_a_longer_one_ends_with_1009(place: Place) -> None:
    with place.connect() as client:
        client.send(["x" * 200] * 5)
        assert client.recv() == "x" * 1_000
        with pytest.raises(ConnectionClosed) as ended:
            client.send([*["x" * 200] * 5, "x"])
            client.recv()
    assert ended.value.rcvd is not None
    assert ended.value.rcvd.code == 1009
    assert place.handlers[0].ending()[1] == 1009


def test_the_longest_frame_is_taken_and_a_longer_one_ends_with_1009(place: Place) -> None:
    with place.connect() as client:
        client.send("x" * 200)
        assert client.recv() == "x" * 200
        with pytest.raises(ConnectionClosed, match="1009"):
            client.send("x" * 201)
            client.recv()


BROKEN_RULES = [
    (frame(Opcode.TEXT, b"\xff"), 1007),
    (frame(Opcode.TEXT, b"\xc3", fin=False) + frame(Opcode.CONT, b"x"), 1007),
    (frame(Opcode.CONT, b"x"), 1002),
    (frame(Opcode.TEXT, b"x", fin=False) + frame(Opcode.TEXT, b"y"), 1002),
    (b"\x81\x01x", 1002),  # not masked
    (b"\xf1\x80abcd", 1002),  # reserved bits
    (b"\x83\x80abcd", 1002),  # a kind that is none
    (b"\x09\x80abcd", 1002),  # half a ping
    (b"\x89\xfe\x00\x7eabcd" + b"x" * 126, 1002),  # a ping of 126 bytes
    (b"\x88\x81abcdx", 1002),  # half a code
    (frame(Opcode.CLOSE, b"\x03\xee"), 1002),  # 1006 may not be sent
    (frame(Opcode.CLOSE, b"\x03\xe8\xff"), 1007),
    (b"\x82\xff\xff\xff\xff\xff\xff\xff\xff\xffabcd", 1009),
]
"""What clients send, and the code with which that ends."""


# Masks are made of chance: without names of their own the tests would be others in each process.
@pytest.mark.parametrize(("data", "code"), BROKEN_RULES, ids=range(len(BROKEN_RULES)))
def test_what_breaks_the_rules_ends_with_its_code(
    place: Place, data: bytes, code: int, caplog: pytest.LogCaptureFixture
) -> None:
    client = place.dial(asking() + data)
    assert close_code(client) == code
    client.sendall(frame(Opcode.TEXT, b"nobody hears this"))
    client.close()
    assert place.handlers[0].ending()[1] == code
    assert not [each for each in place.handlers[0].told if each[0] == "received"]
    assert not [each for each in caplog.records if each.levelno >= logging.ERROR]


def test_whoever_broke_the_rules_is_told_that_nothing_more_comes(place: Place) -> None:
    if place.scheme == "ws":  # TLS has no half of a connection
        client = place.dial(asking() + b"\x83\x80abcd")
        assert close_code(client) == 1002
        assert client.recv(1) == b""


def test_noise_never_ends_in_a_traceback(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    noise = bytes(range(256))
    for start in range(0, 256, 5):
        client = place.dial(asking() + noise[start:] + noise)
        client.shutdown(socket.SHUT_WR)
        read_all(client)
        client.close()
    assert not [each for each in caplog.records if each.levelno >= logging.ERROR]
    assert {handler.ending()[0] for handler in place.handlers} == {"closed"}


def test_a_handler_that_breaks_ends_its_own_connection_alone(place: Place) -> None:
    with place.connect() as other, place.connect() as client:
        client.send("break")
        with pytest.raises(ConnectionClosed, match="1011"):
            client.recv()
        other.send("still here")
        assert other.recv() == "still here"


def test_a_client_that_does_not_read_is_refused_more_and_then_cut(place: Place) -> None:
    client = place.dial(asking())
    read_until(client, b"\r\n\r\n")
    handler = place.handlers[0]
    while handler.socket is None:
        time.sleep(0.001)

    def fill() -> int:
        assert handler.socket is not None
        count = 0
        while handler.socket.send(b"x" * 10_000) and count < 10_000:
            count += 1
        return count

    # What the kernel takes is beyond our count.
    assert UNREAD_BYTES_MAX // 10_000 <= sum(place.ask(fill) for _ in range(5)) < 10_000
    assert handler.socket.is_open
    (connection,) = place.server.connections
    place.ask(lambda: connection.close_if_slow(place.loop.time() + 29))
    assert handler.socket.is_open
    place.ask(lambda: connection.close_if_slow(place.loop.time() + 31))
    assert handler.ending() == ("closed", 1006, "")
    assert place.ask(lambda: handler.socket and handler.socket.send("too late")) is False


def test_an_idle_connection_is_not_slow(place: Place) -> None:
    with place.connect() as client:
        client.send("a")
        client.recv()
        (connection,) = place.server.connections
        place.ask(lambda: connection.close_if_slow(place.loop.time() + 100_000))
        client.send("b")
        assert client.recv() == "b"


# ---- endings


def test_the_clients_goodbye_is_told_and_answered(place: Place) -> None:
    with place.connect() as client:
        client.close(4001, "enough")
        assert client.close_code == 4001
    assert place.handlers[0].ending() == ("closed", 4001, "enough")


def test_a_goodbye_without_a_code_is_told_as_1005(place: Place) -> None:
    client = place.dial(asking() + frame(Opcode.CLOSE))
    assert read_all(client).endswith(b"\x88\x00")
    assert place.handlers[0].ending() == ("closed", 1005, "")


def test_a_client_that_is_lost_is_told_as_1006(place: Place) -> None:
    client = place.dial(asking())
    read_until(client, b"\r\n\r\n")
    client.close()
    assert place.handlers[0].ending() == ("closed", 1006, "")
    assert not place.ask(lambda: len(place.server.connections))


def test_our_goodbye_comes_after_what_was_sent(place: Place) -> None:
    with place.connect() as client:
        client.send("a")
        client.recv()
        socket = place.handlers[0].socket
        assert socket is not None

        def leave() -> None:
            socket.send("last")
            socket.close(4002, "ü" * 100)
            assert not socket.is_open
            assert not socket.send("after")

        place.ask(leave)
        assert client.recv() == "last"
        with pytest.raises(ConnectionClosed) as ended:
            client.recv()
    assert ended.value.rcvd is not None
    assert (ended.value.rcvd.code, ended.value.rcvd.reason) == (4002, "ü" * 61)
    assert place.handlers[0].ending()[:2] == ("closed", 4002)


def test_a_client_that_does_not_answer_our_goodbye_is_cut(place: Place) -> None:
    client = place.dial(asking())
    read_until(client, b"\r\n\r\n")
    socket = place.handlers[0].socket
    assert socket is not None
    place.ask(lambda: socket.close(1000))
    client.sendall(frame(Opcode.TEXT, b"what?"))
    (connection,) = place.server.connections
    place.ask(lambda: connection.close_if_slow(place.loop.time() + 6))
    assert place.handlers[0].ending() == ("closed", 1000, "")


def test_the_end_of_the_server_is_told_to_all(place: Place) -> None:
    with place.connect() as one, place.connect() as other:
        asyncio.run_coroutine_threadsafe(place.server.close(), place.loop).result(30)
        for client in (one, other):
            with pytest.raises(ConnectionClosed, match="1001"):
                client.recv(timeout=30)
    assert {handler.ending() for handler in place.handlers} == {("closed", 1001, "")}


def test_a_client_that_leaves_before_it_is_answered_never_opens_but_is_closed(place: Place) -> None:
    client = place.dial(asking("/later"))
    while not place.waiting:
        time.sleep(0.001)
    client.close()
    while place.ask(lambda: len(place.server.connections)):
        time.sleep(0.001)
    place.ask(lambda: place.upgrade(place.waiting[0]))
    assert place.handlers[0].told == [("closed", 1006, "")]


def test_a_handler_for_a_request_that_asked_for_none_is_closed(place: Place) -> None:
    client = place.dial(b"GET /echo HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert read_until(client, b"\r\n\r\n").split()[1] == b"500"
    assert place.handlers[0].told == [("closed", 1006, "")]


def test_upgraded_connections_count_as_connections(place: Place) -> None:
    clients = [place.dial(asking()) for _ in range(50)]
    for client in clients:
        read_until(client, b"\r\n\r\n")
    with contextlib.suppress(OSError):
        assert read_all(place.dial(b"")) == b""
    clients[0].close()
    while place.ask(lambda: len(place.server.connections)) > 49:
        time.sleep(0.001)
    read_until(place.dial(asking()), b"101 Switching")


# ---- memory


def test_connections_that_are_over_leave_nothing_for_the_collector(place: Place) -> None:
    kinds = (Connection, TlsTransport, WebSocketConnection)

    def count() -> int:
        return sum(type(each) in kinds for each in gc.get_objects())

    gc.collect()
    gc.disable()
    try:
        before = place.ask(count)
        for _ in range(3):
            with place.connect() as client:
                client.send("hello")
                assert client.recv() == "hello"
            broken = place.dial(asking() + b"\xff\xff")
            assert close_code(broken) == 1002
            broken.close()
            lost = place.dial(asking())
            read_until(lost, b"\r\n\r\n")
            lost.close()
            plain = place.dial(asking("/other"))
            read_until(plain, b"no /other")
            plain.close()
        for handler in place.handlers:
            handler.ending()
            handler.socket = None
        deadline = time.monotonic() + 30
        while place.ask(count) > before and time.monotonic() < deadline:
            time.sleep(0.01)
        assert place.ask(count) == before
    finally:
        gc.enable()
