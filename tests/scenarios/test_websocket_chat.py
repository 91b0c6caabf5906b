"""The WebSocket chat example: rooms, what is said in them, and connections that are gone."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import quote

import pytest
from tests.scenarios.conftest import Application
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from fogline.testing.platform import LocalPlatform
from fogline.testing.plugin import Account

WAIT_SECONDS = 60


class Visitor:
    """Somebody in the chat."""

    def __init__(self, connection: ClientConnection, platform: LocalPlatform) -> None:
        self.connection, self.platform = connection, platform

    def send(self, **message: Any) -> None:
        self.connection.send(json.dumps(message))

    def hear(self) -> Any:
        """The next thing that is heard."""
        return json.loads(self.connection.recv(timeout=WAIT_SECONDS))

    def join(self, room: str) -> None:
        """Be in the room, and hear of it."""
        self.send(action="join", room=room)
        assert self.hear()["room"] == room

    def vanish(self) -> None:
        """Be gone without a word."""
        self.connection.socket.shutdown(socket.SHUT_RDWR)

    def leave(self) -> None:
        self.connection.close()
        self.platform.settle()


Enter = Callable[[str], Visitor]


@pytest.fixture
def app(fogline: Account, fogline_platform: LocalPlatform) -> Application:
    app = Application(fogline, fogline_platform, "websocket-chat")
    app.deploy()
    return app


@pytest.fixture
def enter(app: Application) -> Iterator[Enter]:
    """Connects under a name."""
    with ExitStack() as connections:

        def make(name: str) -> Visitor:
            url = f"{app.outputs['ChatUrl']}?name={quote(name)}"
            # By its name, which leads to this machine.
            here = socket.create_connection(("127.0.0.1", app.platform.platform.port))
            connection = connect(url, sock=here, open_timeout=WAIT_SECONDS)
            return Visitor(connections.enter_context(connection), app.platform)

        yield make


def members(app: Application) -> int:
    """How many rows tell of somebody in a room."""
    return len(app.items("RoomsTable", "connection_id"))


def test_what_is_said_is_heard_by_all_in_the_room_and_nobody_else(enter: Enter) -> None:
    ada, bo, cy = enter("Ada"), enter("Bo"), enter("Cy")
    ada.join("tea")
    cy.join("coffee")
    bo.join("tea")
    assert ada.hear() == {"room": "tea", "joined": "Bo"}
    ada.send(action="send", text="hello 🌊")
    said = {"room": "tea", "from": "Ada", "text": "hello 🌊"}
    assert (ada.hear(), bo.hear()) == (said, said)
    cy.send(action="send", text="alone")
    assert cy.hear()["text"] == "alone", "and nothing before it"


def test_whoever_joins_another_room_leaves_the_first(app: Application, enter: Enter) -> None:
    ada, bo = enter("Ada"), enter("Bo")
    ada.join("tea")
    ada.join("coffee")
    bo.join("tea")
    bo.send(action="send", text="anybody?")
    assert bo.hear()["text"] == "anybody?"
    ada.send(action="send", text="over here")
    assert ada.hear() == {"room": "coffee", "from": "Ada", "text": "over here"}
    assert members(app) == 2


def test_whoever_leaves_is_forgotten(app: Application, enter: Enter) -> None:
    ada = enter("Ada")
    ada.join("tea")
    ada.leave()
    assert (members(app), app.items("ConnectionsTable", "connection_id")) == (0, [])


def test_a_connection_that_is_gone_is_forgotten_by_the_next_message(
    app: Application, enter: Enter
) -> None:
    ada = enter("Ada")
    ada.join("tea")
    # As if nobody had told of the end of another one.
    for table, item in (
        ("ConnectionsTable", {"room": {"S": "tea"}}),
        ("RoomsTable", {"room": {"S": "tea"}}),
    ):
        gone = {"connection_id": {"S": "L0SM9cOFvHcCIhw="}}
        app.dynamodb.put_item(TableName=app.outputs[table], Item={**gone, **item})
    ada.send(action="send", text="hello?")
    assert ada.hear()["text"] == "hello?"
    app.platform.settle()
    assert members(app) == 1
    assert len(app.items("ConnectionsTable", "connection_id")) == 1


def test_whoever_vanishes_is_out_of_the_room(app: Application, enter: Enter) -> None:
    ada, bo = enter("Ada"), enter("Bo")
    ada.join("tea")
    bo.join("tea")
    assert ada.hear() == {"room": "tea", "joined": "Bo"}
    bo.vanish()
    ada.send(action="send", text="still there?")
    assert ada.hear()["text"] == "still there?"
    app.platform.settle()
    assert members(app) == 1


@pytest.mark.parametrize("name", ["", " ", "x" * 41])
def test_whoever_says_no_name_is_not_let_in(app: Application, enter: Enter, name: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        enter(name)
    assert refused.value.response.status_code == 400
    assert app.items("ConnectionsTable", "connection_id") == []


def test_mistakes_are_told_to_whoever_makes_them(enter: Enter) -> None:
    ada = enter("Ada")
    ada.send(action="send", text="hello")
    assert ada.hear() == {"error": "join a room first"}
    ada.send(action="join", room=7)
    assert ada.hear() == {"error": "which room?"}
    ada.join("tea")
    ada.send(action="send", text="x" * 1_001)
    assert ada.hear() == {"error": "say something, and not too much"}
    ada.send(action="dance")
    assert ada.hear()["message"] == "Forbidden"


def test_two_hours_are_the_most(app: Application, enter: Enter) -> None:
    ada = enter("Ada")
    ada.join("tea")
    for _ in range(13):
        app.platform.advance(seconds=540)
        ada.connection.ping().wait(WAIT_SECONDS)
    ada.send(action="send", text="still here")
    assert ada.hear()["text"] == "still here"
    app.platform.advance(seconds=180)
    app.platform.settle()
    assert members(app) == 0
