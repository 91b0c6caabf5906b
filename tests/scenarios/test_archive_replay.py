"""The archive-replay example: a lost projection is built again, and nobody gets a second letter."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from tests.scenarios.conftest import Application

from fogline.testing.platform import LocalPlatform
from fogline.testing.plugin import Account


@pytest.fixture
def app(fogline: Account, fogline_platform: LocalPlatform) -> Application:
    app = Application(fogline, fogline_platform, "archive-replay")
    app.deploy()
    return app


def place(app: Application, *order_ids: str, source: str = "shop.orders") -> None:
    answer = app.account.client("events").put_events(
        Entries=[
            {
                "EventBusName": app.outputs["BusName"],
                "Source": source,
                "DetailType": "OrderPlaced",
                "Detail": json.dumps({"order_id": order_id, "amount": 20}),
            }
            for order_id in order_ids
        ]
    )
    assert answer["FailedEntryCount"] == 0
    app.platform.settle()


def replay(app: Application, **destination: Any) -> None:
    events = app.account.client("events")
    archive = events.describe_archive(ArchiveName=f"{app.name}-orders")
    events.start_replay(
        ReplayName="again",
        EventSourceArn=app.outputs["ArchiveArn"],
        EventStartTime=archive["CreationTime"] - timedelta(hours=1),
        EventEndTime=archive["CreationTime"] + timedelta(hours=1),
        Destination={"Arn": app.outputs["BusArn"], **destination},
    )
    app.platform.advance(seconds=5 * 60)
    assert events.describe_replay(ReplayName="again")["State"] == "COMPLETED"


def lose_projection(app: Application) -> None:
    for order_id in app.items("TableName", "order_id"):
        app.dynamodb.delete_item(
            TableName=app.outputs["TableName"], Key={"order_id": {"S": order_id}}
        )


def test_a_replay_builds_the_projection_again(app: Application) -> None:
    place(app, "1", "2")
    place(app, "3", source="shop.other")
    assert app.items("TableName", "order_id") == ["1", "2"]
    lose_projection(app)
    replay(app, FilterArns=[app.outputs["ProjectionRuleArn"]])
    assert app.items("TableName", "order_id") == ["1", "2"]


def test_a_replay_to_every_rule_sends_no_second_letter(app: Application) -> None:
    place(app, "1", "2")
    assert len(app.bodies("LettersUrl")) == 2
    replay(app)
    assert app.bodies("LettersUrl") == []


def test_events_leave_the_archive_after_thirty_days(app: Application) -> None:
    place(app, "1")
    lose_projection(app)
    app.platform.advance(days=31)
    replay(app)
    assert app.items("TableName", "order_id") == []
