"""The fan-out example: one topic, three queues, three consumers that do not notice each other."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.scenarios.conftest import Application, depth

from fogline.testing.platform import LocalPlatform
from fogline.testing.plugin import Account


@pytest.fixture
def app(fogline: Account, fogline_platform: LocalPlatform) -> Application:
    app = Application(fogline, fogline_platform, "fan-out")
    app.deploy()
    return app


def sign_up(
    app: Application, user: str, country: str = "DE", plan: str = "free", **more: Any
) -> None:
    app.account.client("sns").publish(
        TopicArn=app.outputs["TopicArn"],
        Message=json.dumps({"user": user, "address": {"country": country}, **more}),
        MessageAttributes={"plan": {"DataType": "String", "StringValue": plan}},
    )
    app.platform.settle()


def effects(app: Application) -> list[str]:
    return app.items("TableName", "effect")


def test_each_consumer_sees_what_its_filter_lets_through(app: Application) -> None:
    sign_up(app, "ada")
    sign_up(app, "bo", country="US", plan="enterprise-plus", tax_number=7)
    assert effects(app) == ["invoice bo 7", "review bo US", "welcome ada", "welcome bo"]


def test_a_consumer_that_fails_keeps_the_others_going_and_ends_in_the_dead_letters(
    app: Application,
) -> None:
    sign_up(app, "cy", plan="business")  # without a tax number
    assert effects(app) == ["welcome cy"]
    assert depth(app.sqs, app.outputs["DeadLettersUrl"]) == (0, 0)
    app.platform.advance(seconds=90)
    assert [json.loads(body)["user"] for body in app.bodies("DeadLettersUrl")] == ["cy"]


def test_a_signup_published_twice_has_each_effect_once(app: Application) -> None:
    for _ in range(2):
        sign_up(app, "dee", country="FR")
    assert effects(app) == ["review dee FR", "welcome dee"]
