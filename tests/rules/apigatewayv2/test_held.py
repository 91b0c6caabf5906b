"""Connections that are held: what comes over them is worked on within bounds."""

from __future__ import annotations

from typing import Any

from fogline.ports.connections import Posted
from fogline.services.apigatewayv2.websocket.held import Held
from fogline.services.apigatewayv2.websocket.peer import Peer
from fogline.services.apigatewayv2.websocket.standing import SocketLimits

PEER = Peer("id=", "a", "r", "api", "dev", "host", 0, "127.0.0.1", "")


class Socket:
    def __init__(self) -> None:
        self.is_open = True
        self.is_full = False
        self.sent: list[str | bytes] = []
        self.closed_with: tuple[int, str] | None = None

    def send(self, message: str | bytes) -> bool:
        if not self.is_full:
            self.sent.append(message)
        return not self.is_full

    def close(self, code: int, reason: str = "") -> None:
        self.is_open = False
        self.closed_with = (code, reason)


class Holdings:
    """Takes work and does none of it."""

    def __init__(self, **limits: int) -> None:
        self.limits = SocketLimits(**limits)
        self.begun: list[Any] = []
        self.time = 0
        self.ends: list[tuple[int, str]] = []

    def run(self, work: Any, name: str) -> None:
        self.begun.append(work)
        work.close()

    def now(self) -> int:
        return self.time

    def too_many(self, peer: Peer) -> bytes:
        return b"too many"

    def opened(self, held: Held) -> None:
        """Nothing to do."""

    def closed(self, held: Held, code: int, reason: str) -> None:
        self.ends.append((code, reason))


def _open(**limits: int) -> tuple[Held, Holdings, Socket]:
    holdings, socket = Holdings(**limits), Socket()
    held = Held(holdings, PEER)  # type: ignore[arg-type]
    held.opened(socket)
    return held, holdings, socket


def test_so_many_messages_are_worked_on_and_so_many_wait_and_the_rest_is_refused():
    held, holdings, socket = _open(running_max=2, waiting_max=3)

    for _ in range(6):
        held.received("x")

    assert len(holdings.begun) == 2
    assert socket.sent == ["too many"]


def test_messages_that_wait_may_be_large_only_together():
    held, _, socket = _open(running_max=1, waiting_characters_max=100)

    for _ in range(4):
        held.received("x" * 60)

    assert socket.sent == ["too many"]


def test_binary_messages_end_the_connection():
    held, holdings, socket = _open()

    held.received(b"x")

    assert socket.closed_with == (1003, "")
    assert holdings.begun == []


def test_what_is_heard_or_sent_is_activity():
    held, holdings, _ = _open()

    for holdings.time, act in enumerate(
        (held.heard, lambda: held.send(b"x"), lambda: held.received("x")), 1
    ):
        act()
        assert held.active_at == holdings.time


def test_text_is_sent_as_text_and_what_is_none_as_bytes():
    held, _, socket = _open()

    assert held.send("é".encode()) is Posted.SENT
    assert held.send(b"\xff") is Posted.SENT
    assert socket.sent == ["é", b"\xff"]


def test_a_client_that_does_not_read_is_full_and_one_that_left_is_gone():
    held, _, socket = _open()
    socket.is_full = True
    assert held.send(b"x") is Posted.FULL

    held.close(1000)

    assert held.send(b"x") is Posted.GONE
    assert not held.is_open


def test_one_that_was_never_opened_is_gone():
    held = Held(Holdings(), PEER)  # type: ignore[arg-type]

    assert held.send(b"x") is Posted.GONE
    held.close(1000)
