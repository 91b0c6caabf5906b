"""The saga example: a flight, a hotel and a payment, all of them or none."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.scenarios.conftest import Application

from fogline.testing.platform import LocalPlatform
from fogline.testing.plugin import Account

BOOKING = ["Begin", "Reserve flight", "Reserve hotel", "Charge"]


@pytest.fixture
def app(fogline: Account, fogline_platform: LocalPlatform) -> Application:
    app = Application(fogline, fogline_platform, "saga")
    app.deploy()
    return app


def book(app: Application, trip: str, card: str = "visa", hotel: str = "Ritz") -> str:
    wanted = {"flight": "FL1", "hotel": hotel, "card": card, "amount": 900}
    return app.start("TripsArn", wanted, trip)


def fail_calls(app: Application, count: int) -> None:
    """The airline does not answer that many times."""
    item = {"flight": {"S": "outage"}, "calls": {"N": str(count)}}
    app.dynamodb.put_item(TableName=app.outputs["FlightsTable"], Item=item)


def find(app: Application, output: str, **key: str) -> dict[str, Any]:
    found = app.dynamodb.get_item(
        TableName=app.outputs[output], Key={name: {"S": value} for name, value in key.items()}
    )
    item: dict[str, Any] = found.get("Item", {})
    return item


def reserved(app: Application) -> tuple[list[str], list[str]]:
    """The passengers of the flight, and the guests of the hotel."""
    passengers = find(app, "FlightsTable", flight="FL1").get("passengers", {"SS": []})["SS"]
    guests = find(app, "HotelsTable", hotel="Ritz").get("guests", {"SS": []})["SS"]
    return sorted(passengers), sorted(guests)


def test_a_trip_is_booked(app: Application) -> None:
    arn = book(app, "ada")
    done = app.execution(arn)
    assert (done["status"], done["output"]) == (
        "SUCCEEDED",
        {"trip": "ada", "seat": "FL1/ada", "hotel": "Ritz", "charged": 900},
    )
    assert reserved(app) == (["ada"], ["ada"])
    assert find(app, "ChargesTable", trip="ada") == {"trip": {"S": "ada"}, "amount": {"N": "900"}}


def test_a_declined_card_gives_back_the_room_and_then_the_seat(app: Application) -> None:
    book(app, "ada")
    arn = book(app, "bo", card="declined")
    assert app.states(arn) == [*BOOKING, "Cancel hotel", "Cancel flight", "Trip failed"]
    failed = app.execution(arn)
    assert (failed["status"], failed["error"]) == ("FAILED", "CardDeclined")
    assert reserved(app) == (["ada"], ["ada"])
    assert find(app, "ChargesTable", trip="bo") == {}


def test_a_hotel_without_rooms_gives_back_the_seat_only(app: Application) -> None:
    for trip in ("1", "2", "3"):
        book(app, trip)
    arn = book(app, "4")
    assert app.states(arn) == [*BOOKING[:-1], "Cancel flight", "Trip failed"]
    assert app.execution(arn)["cause"] == "Ritz has no room left"
    assert reserved(app) == (["1", "2", "3"], ["1", "2", "3"])


def test_a_flight_that_is_sold_out_leaves_nothing_to_undo(app: Application) -> None:
    for trip in range(5):
        book(app, str(trip), hotel=f"Hotel {trip}")
    arn = book(app, "late")
    assert app.states(arn) == ["Begin", "Reserve flight", "Trip failed"]
    assert app.execution(arn)["error"] == "SoldOut"


def test_an_airline_that_fails_twice_is_asked_again_after_two_and_four_seconds(
    app: Application,
) -> None:
    fail_calls(app, 2)
    arn = book(app, "ada")
    app.platform.advance(seconds=5.9)
    assert app.execution(arn)["status"] == "RUNNING"
    app.platform.advance(seconds=0.1)
    assert app.execution(arn)["status"] == "SUCCEEDED"
    assert app.states(arn) == BOOKING
    assert reserved(app) == (["ada"], ["ada"])


def test_a_bank_that_says_nothing_for_a_minute_has_its_charge_made_void(app: Application) -> None:
    arn = book(app, "cy", card="silent")
    app.platform.advance(seconds=59)
    assert reserved(app) == (["cy"], ["cy"])
    app.platform.advance(seconds=1)
    assert app.states(arn) == [
        *BOOKING,
        "Void charge",
        "Cancel hotel",
        "Cancel flight",
        "Trip failed",
    ]
    failed = app.execution(arn)
    assert (failed["status"], failed["error"]) == ("FAILED", "States.Timeout")
    assert reserved(app) == ([], [])
    assert find(app, "ChargesTable", trip="cy")["is_void"] == {"BOOL": True}


def test_a_trip_that_cannot_be_undone_in_five_minutes_is_shown_to_people_and_can_go_on(
    app: Application,
) -> None:
    arn = book(app, "dee", card="silent")
    fail_calls(app, 100)
    app.platform.advance(seconds=299)
    assert app.execution(arn)["status"] == "RUNNING"
    app.platform.advance(seconds=1)
    assert app.execution(arn)["status"] == "TIMED_OUT"
    stuck = [json.loads(body) for body in app.bodies("StuckUrl")]
    assert [(each["name"], each["status"]) for each in stuck] == [("dee", "TIMED_OUT")]
    assert reserved(app) == (["dee"], [])

    fail_calls(app, 0)
    app.stepfunctions.redrive_execution(executionArn=arn)
    app.platform.settle()
    assert app.execution(arn)["error"] == "States.Timeout"
    assert reserved(app) == ([], [])


def test_the_same_trip_twice_is_one_trip(app: Application) -> None:
    arn = book(app, "ada", card="silent")
    assert book(app, "ada", card="silent") == arn
    app.platform.advance(seconds=60)
    with pytest.raises(app.stepfunctions.exceptions.ExecutionAlreadyExists):
        book(app, "ada", card="silent")
