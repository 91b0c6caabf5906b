"""The event-router example: a bus that routes by content and turns away what does not fit its schema."""

from __future__ import annotations

import json

import pytest
from tests.scenarios.conftest import Application

from fogline.testing.platform import LocalPlatform
from fogline.testing.plugin import Account


@pytest.fixture
def app(fogline: Account, fogline_platform: LocalPlatform) -> Application:
    app = Application(fogline, fogline_platform, "event-router")
    app.deploy()
    return app


def test_an_order_is_invoiced_and_stays_at_home(app: Application) -> None:
    placed = app.invoke("PlaceOrderFunction", {"order_id": "1", "amount": 200, "country": "DE"})
    assert placed["placed"]
    assert app.items("InvoicesTable", "order_id") == ["1"]
    assert app.bodies("CustomsUrl") == []


def test_an_order_from_far_away_is_declared_in_the_words_of_customs(app: Application) -> None:
    app.invoke("PlaceOrderFunction", {"order_id": "2", "amount": 150, "country": "US"})
    assert [json.loads(body) for body in app.bodies("CustomsUrl")] == [{"declare": "2", "to": "US"}]


def test_a_present_costs_nothing_and_is_not_invoiced(app: Application) -> None:
    app.invoke("PlaceOrderFunction", {"order_id": "3", "amount": 0, "country": "US"})
    assert app.items("InvoicesTable", "order_id") == []
    assert app.bodies("CustomsUrl") == []


def test_an_event_that_does_not_fit_is_refused_where_it_is_made(app: Application) -> None:
    placed = app.invoke("PlaceOrderFunction", {"order_id": "4", "amount": "much", "country": "DE"})
    assert not placed["placed"]
    assert placed["reason"].startswith("SchemaMismatch")
    assert "amount" in placed["reason"]
    assert app.items("InvoicesTable", "order_id") == []


def test_the_same_order_twice_is_one_invoice(app: Application) -> None:
    for _ in range(2):
        app.invoke("PlaceOrderFunction", {"order_id": "5", "amount": 20, "country": "DE"})
    assert app.items("InvoicesTable", "order_id") == ["5"]
