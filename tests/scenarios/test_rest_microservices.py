"""The REST microservices example: two services that share nothing, behind one API."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.scenarios.conftest import Application, Web, WebAnswer

from fogline.testing.platform import LocalPlatform
from fogline.testing.plugin import Account

ADA = {"name": "Ada", "email": "ada@example.com"}
TEA = [{"sku": "tea", "quantity": 2}]


@pytest.fixture
def app(fogline: Account, fogline_platform: LocalPlatform) -> Application:
    app = Application(fogline, fogline_platform, "rest-microservices")
    app.deploy()
    return app


@pytest.fixture
def api(app: Application) -> Web:
    return app.web("ApiUrl")


@pytest.fixture
def ada(app: Application, api: Web) -> str:
    """A user of whom both services know."""
    id = api.post("/users", ADA).json["user_id"]
    app.platform.settle()
    return str(id)


def order(api: Web, user: str, key: str = "1", items: Any = TEA) -> WebAnswer:
    return api.post("/orders", {"user_id": user, "items": items}, {"Idempotency-Key": key})


def test_a_user_is_registered_and_shown(api: Web) -> None:
    made = api.post("/users", ADA)
    assert made.status == 201
    found = api.get(f"/users/{made.json['user_id']}")
    assert (found.status, found.json) == (200, made.json)
    assert found.json["name"] == "Ada"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({"name": "Ada"}, "email"),
        ({**ADA, "email": "nobody"}, "email"),
        ({**ADA, "is_admin": True}, "is_admin"),
    ],
)
def test_a_body_that_is_no_user_is_refused_by_the_api_with_a_reason(
    app: Application, api: Web, body: Any, why: str
) -> None:
    refused = api.post("/users", body)
    assert (refused.status, refused.json["message"]) == (400, "Invalid request body")
    assert why in refused.json["why"]
    assert app.items("UsersTable", "user_id") == []


def test_an_order_is_taken_kept_and_listed(api: Web, ada: str) -> None:
    placed = order(api, ada)
    assert placed.status == 201
    assert api.get(f"/orders/{placed.json['order_id']}").json == placed.json
    assert api.get(f"/users/{ada}/orders").json == {"orders": [placed.json]}


def test_an_order_sent_again_is_the_same_order(app: Application, api: Web, ada: str) -> None:
    first, again, other = order(api, ada), order(api, ada), order(api, ada, key="2")
    assert (again.status, again.json) == (200, first.json)
    assert other.json["order_id"] != first.json["order_id"]
    assert len(app.items("OrdersTable", "order_id")) == 2


def test_an_order_without_a_key_or_without_items_is_refused_by_the_api(api: Web, ada: str) -> None:
    without_key = api.post("/orders", {"user_id": ada, "items": TEA})
    assert (without_key.status, "Idempotency-Key" in without_key.text) == (400, True)
    assert order(api, ada, items=[]).status == 400
    assert order(api, ada, items=[{"sku": "tea", "quantity": 0}]).status == 400


def test_an_order_of_somebody_unknown_is_refused_by_the_service(api: Web) -> None:
    refused = order(api, "nobody")
    assert (refused.status, refused.json) == (422, {"message": "no such user"})


def test_what_is_kept_is_told_once_for_all_who_want_to_know(
    app: Application, api: Web, ada: str
) -> None:
    listener = app.listen("BusName")
    placed = order(api, ada)
    order(api, ada)
    app.platform.settle()
    (event,) = listener()
    assert (event["source"], event["detail-type"]) == ("orders", "OrderPlaced")
    assert event["detail"] == {"order_id": placed.json["order_id"], "user_id": ada}


def test_what_is_not_there_is_said_so(api: Web) -> None:
    assert api.get("/users/nobody").json == {"message": "no such user"}
    assert api.get("/orders/none").status == 404
    assert api.get("/nothing").json == {"message": "Missing Authentication Token"}


def test_a_name_keeps_its_characters(api: Web) -> None:
    made = api.post("/users", {"name": "Zoë 🌊", "email": "zoë@example.com"})
    assert json.loads(made.body)["name"] == "Zoë 🌊"
    assert api.get(f"/users/{made.json['user_id']}").json["name"] == "Zoë 🌊"
