"""The API to queue example: orders come by HTTP, wait in a queue, and are done once; no function is in between."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.scenarios.conftest import Application, Web

from fogline.testing.platform import LocalPlatform
from fogline.testing.plugin import Account

TEA = {"order_id": "tea", "amount": 20}


@pytest.fixture
def app(fogline: Account, fogline_platform: LocalPlatform) -> Application:
    app = Application(fogline, fogline_platform, "api-to-queue")
    app.deploy()
    return app


@pytest.fixture
def rest(app: Application) -> Web:
    return app.web("RestUrl")


@pytest.fixture
def http(app: Application) -> Web:
    return app.web("HttpUrl")


def done(app: Application) -> list[str]:
    app.platform.settle()
    return app.items("TableName", "order_id")


def test_an_order_is_taken_and_worked_off(app: Application, rest: Web) -> None:
    taken = rest.post("/orders", TEA)
    assert (taken.status, list(taken.json)) == (202, ["message_id"])
    assert done(app) == ["tea"]


@pytest.mark.parametrize(
    "body",
    [{}, {"order_id": "tea"}, {**TEA, "amount": 0}, {**TEA, "more": 1}, [TEA], "tea", None],
)
def test_what_is_no_order_never_gets_into_the_queue(app: Application, rest: Web, body: Any) -> None:
    refused = rest.post("/orders", body)
    assert (refused.status, refused.json) == (400, {"message": "Invalid request body"})
    assert done(app) == []


def test_what_is_no_json_is_refused(rest: Web) -> None:
    assert rest.send("POST", "/orders", b"{", {"Content-Type": "application/json"}).status == 400
    assert rest.send("POST", "/orders", b"a=b", {"Content-Type": "text/plain"}).status == 415


def test_characters_that_mean_something_on_the_way_arrive_as_they_were(
    app: Application, rest: Web
) -> None:
    odd = 'a&Action=PurgeQueue +%25 "quoted" \\ ü🌊\n#set($x=1)$context.stage'
    assert rest.post("/orders", {"order_id": odd, "amount": 1}).status == 202
    assert done(app) == [odd]


def test_an_order_sent_twice_is_done_once(app: Application, rest: Web) -> None:
    first, second = rest.post("/orders", TEA), rest.post("/orders", {**TEA, "amount": 30})
    assert first.json != second.json, "the queue has both"
    assert done(app) == ["tea"]
    found = app.dynamodb.get_item(
        TableName=app.outputs["TableName"], Key={"order_id": {"S": "tea"}}
    )
    assert found["Item"]["amount"]["N"] in ("20", "30")


def test_a_failing_order_ends_in_the_dead_letters_and_the_others_do_not(
    app: Application, rest: Web
) -> None:
    for name, amount in (("large", 10_001), ("small", 1)):
        rest.post("/orders", {"order_id": name, "amount": amount})
    assert done(app) == ["small"]
    app.platform.advance(seconds=120)
    (dead,) = app.bodies("DeadLettersUrl")
    assert json.loads(dead)["order_id"] == "large"


def test_the_http_api_takes_orders_too(app: Application, http: Web) -> None:
    taken = http.post("/orders", TEA)
    assert taken.status == 200
    assert "MessageId" in taken.text
    assert done(app) == ["tea"]


def test_what_the_http_api_does_not_look_at_the_worker_refuses(app: Application, http: Web) -> None:
    assert http.post("/orders", {"amount": "many"}).status == 200
    assert done(app) == []
    app.platform.advance(seconds=120)
    assert app.bodies("DeadLettersUrl") == ['{"amount": "many"}']
