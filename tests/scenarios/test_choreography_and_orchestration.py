"""The same order process by events and by a workflow: what happens in the end is the same."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.scenarios.conftest import Application

from fogline.testing.platform import LocalPlatform
from fogline.testing.plugin import Account

ROADS = ["choreography", "orchestration"]


@pytest.fixture
def app(fogline: Account, fogline_platform: LocalPlatform) -> Application:
    app = Application(fogline, fogline_platform, "choreography-and-orchestration")
    app.deploy()
    return app


def place(app: Application, road: str, order: str, **more: Any) -> None:
    placed = {"order_id": order, "quantity": 2, "card": "visa", **more}
    if road == "orchestration":
        app.start("ProcessArn", placed, order)
        return
    entry = {
        "EventBusName": app.outputs["BusName"],
        "Source": "shop.web",
        "DetailType": "OrderPlaced",
        "Detail": json.dumps(placed),
    }
    app.account.client("events").put_events(Entries=[entry])
    app.platform.settle()


def effects(app: Application) -> list[str]:
    return [each for each in app.items("LedgerTable", "effect") if each != "outage"]


def fail_calls(app: Application, count: int) -> None:
    """The bank does not answer that many times."""
    item = {"effect": {"S": "outage"}, "calls": {"N": str(count)}}
    app.dynamodb.put_item(TableName=app.outputs["LedgerTable"], Item=item)


@pytest.mark.parametrize("road", ROADS)
def test_an_order_is_reserved_charged_and_shipped(app: Application, road: str) -> None:
    place(app, road, "1")
    assert effects(app) == ["charged 1", "reserved 1", "shipped 1"]


@pytest.mark.parametrize("road", ROADS)
def test_what_cannot_be_paid_is_released(app: Application, road: str) -> None:
    place(app, road, "1", card="declined")
    assert effects(app) == ["released 1", "reserved 1"]


@pytest.mark.parametrize("road", ROADS)
def test_what_is_out_of_stock_is_not_charged(app: Application, road: str) -> None:
    place(app, road, "1", quantity=11)
    assert effects(app) == []


@pytest.mark.parametrize(("road", "seconds"), [("choreography", 60), ("orchestration", 2)])
def test_a_bank_that_is_down_is_called_again(app: Application, road: str, seconds: int) -> None:
    fail_calls(app, 1)
    place(app, road, "1")
    app.platform.advance(seconds=seconds - 1)
    assert effects(app) == ["reserved 1"]
    app.platform.advance(seconds=1)
    assert effects(app) == ["charged 1", "reserved 1", "shipped 1"]


def test_somebody_who_listens_knows_how_orders_stand(app: Application) -> None:
    place(app, "choreography", "1")
    place(app, "choreography", "2", card="declined")
    pages = app.dynamodb.scan(TableName=app.outputs["OrdersTable"])["Items"]
    assert {item["order_id"]["S"]: sorted(item["events"]["SS"]) for item in pages} == {
        "1": ["OrderPlaced", "OrderShipped", "PaymentTaken", "StockReserved"],
        "2": ["OrderPlaced", "PaymentDeclined", "StockReleased", "StockReserved"],
    }


def test_the_workflow_knows_how_its_order_stands(app: Application) -> None:
    placed = {"order_id": "1", "quantity": 2, "card": "declined"}
    arn = app.start("ProcessArn", placed, "1")
    assert app.states(arn) == ["Reserve", "Charge", "Release", "Payment declined"]
    assert app.execution(arn)["error"] == "PaymentDeclined"
