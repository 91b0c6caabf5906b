"""The outbox example: an order and the event that tells of it are one write."""

from __future__ import annotations

import pytest
from tests.scenarios.conftest import Application

from fogline.testing.platform import LocalPlatform
from fogline.testing.plugin import Account


@pytest.fixture
def app(fogline: Account, fogline_platform: LocalPlatform) -> Application:
    app = Application(fogline, fogline_platform, "outbox")
    app.deploy()
    return app


def test_an_order_that_is_stored_is_shipped(app: Application) -> None:
    orders = [str(number) for number in range(1, 13)]
    for order in orders:
        assert app.invoke("PlaceOrderFunction", {"order_id": order, "amount": 20}) == {
            "placed": True
        }
    assert app.items("OrdersTable", "order_id") == sorted(orders)
    assert app.items("ShipmentsTable", "event_id") == sorted(f"placed-{each}" for each in orders)


def test_an_order_that_was_refused_says_nothing(app: Application) -> None:
    app.invoke("PlaceOrderFunction", {"order_id": "1", "amount": 20})
    again = app.invoke("PlaceOrderFunction", {"order_id": "1", "amount": 99})
    assert not again["placed"]
    assert app.items("ShipmentsTable", "event_id") == ["placed-1"]


def test_rows_that_expire_are_no_news(app: Application) -> None:
    app.invoke("PlaceOrderFunction", {"order_id": "1", "amount": 20})
    app.platform.advance(days=3)
    assert app.items("ShipmentsTable", "event_id") == ["placed-1"]
