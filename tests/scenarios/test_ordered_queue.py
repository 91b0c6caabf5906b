"""The ordered-queue example: bookings of an account in their order, each once."""

from __future__ import annotations

import json

import pytest
from tests.scenarios.conftest import Application

from fogline.testing.platform import LocalPlatform
from fogline.testing.plugin import Account


@pytest.fixture
def app(fogline: Account, fogline_platform: LocalPlatform) -> Application:
    app = Application(fogline, fogline_platform, "ordered-queue")
    app.deploy()
    return app


def book(app: Application, account: str, *bookings: tuple[str, int]) -> None:
    for id, amount in bookings:
        app.sqs.send_message(
            QueueUrl=app.outputs["QueueUrl"],
            MessageBody=json.dumps({"id": id, "amount": amount}),
            MessageGroupId=account,
            MessageDeduplicationId=id,
        )
    app.platform.settle()


def balance(app: Application, account: str) -> tuple[int, list[str]]:
    item = app.dynamodb.get_item(
        TableName=app.outputs["TableName"], Key={"account": {"S": account}}, ConsistentRead=True
    ).get("Item")
    if item is None:
        return 0, []
    return int(item["balance"]["N"]), [each["S"] for each in item["bookings"]["L"]]


def test_bookings_are_applied_in_their_order(app: Application) -> None:
    # In any other order, one of them would overdraw the account.
    book(app, "ada", ("1", 10), ("2", -10), ("3", 5), ("4", -4), ("5", 20), ("6", -21))
    assert balance(app, "ada") == (0, ["1", "2", "3", "4", "5", "6"])


def test_a_booking_sent_again_within_five_minutes_counts_once(app: Application) -> None:
    book(app, "ada", ("1", 10))
    app.platform.advance(seconds=299)
    book(app, "ada", ("1", 10))
    assert balance(app, "ada") == (10, ["1"])
    app.platform.advance(seconds=1)
    book(app, "ada", ("1", 10))
    assert balance(app, "ada") == (20, ["1", "1"]), "to the queue it is a new message by now"


def test_a_failing_booking_holds_up_its_account_and_no_other(app: Application) -> None:
    book(app, "ada", ("1", -5), ("2", 10))
    book(app, "bo", ("3", 7))
    assert balance(app, "ada") == (0, [])
    assert balance(app, "bo") == (7, ["3"])


def test_after_three_tries_it_goes_to_the_dead_letters_and_the_rest_follows(
    app: Application,
) -> None:
    book(app, "ada", ("1", -5), ("2", 10))
    app.platform.advance(seconds=120)
    assert balance(app, "ada") == (10, ["2"])
    assert [json.loads(body)["id"] for body in app.bodies("DeadLettersUrl")] == ["1"]
