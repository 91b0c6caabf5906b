"""The webhook receiver example: signed and fresh events are taken at once and done once, all others refused."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest
from tests.scenarios.conftest import Application, WebAnswer

from fogline.testing.platform import LocalPlatform
from fogline.testing.plugin import Account

SECRET = "topsecret"
PAYMENT = {"id": "evt_1", "type": "payment", "account": "ada", "amount": 20}


class Sender:
    """Somebody who sends webhooks, by default as agreed."""

    def __init__(self, app: Application) -> None:
        self.app = app
        self.web = app.web("WebhookUrl")

    def send(self, event: Any, *, late: int = 0, **forged: Any) -> WebAnswer:
        """Send an event whose timestamp is `late` seconds ago; `forged` takes the place of what would be right."""
        body = forged.get("body", json.dumps(event).encode())
        timestamp = str(self.app.platform.now() // 1000 - late)
        secret = forged.get("secret", SECRET).encode()
        signature = hmac.new(secret, f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
        return self.repeat(
            {
                "X-Webhook-Timestamp": forged.get("timestamp", timestamp),
                "X-Webhook-Signature": forged.get("signature", signature),
            },
            body,
        )

    def repeat(self, headers: dict[str, str], body: bytes) -> WebAnswer:
        """Send exactly this."""
        self.last = (headers, body)
        answer = self.web.send("POST", "", body, {"Content-Type": "application/json", **headers})
        self.app.platform.settle()
        return answer

    def paid(self, account: str = "ada") -> int:
        """What the account has paid, as far as the application knows."""
        found = self.app.dynamodb.get_item(
            TableName=self.app.outputs["AccountsTable"], Key={"account": {"S": account}}
        )
        return int(found["Item"]["paid"]["N"]) if "Item" in found else 0


@pytest.fixture
def sender(fogline: Account, fogline_platform: LocalPlatform) -> Sender:
    fogline.client("ssm").put_parameter(Name="/webhooks/secret", Value=SECRET, Type="SecureString")
    app = Application(fogline, fogline_platform, "webhook-receiver")
    app.deploy()
    return Sender(app)


def test_a_signed_event_is_taken_and_done(sender: Sender) -> None:
    taken = sender.send(PAYMENT)
    assert (taken.status, taken.json) == (202, {"message": "evt_1"})
    assert sender.paid() == 20


@pytest.mark.parametrize(
    "forged",
    [
        {"signature": ""},
        {"signature": "0" * 64},
        {"signature": "\xe4"},
        {"secret": "guessed"},
        {"timestamp": ""},
        {"timestamp": "now"},
    ],
)
def test_what_is_not_signed_as_agreed_is_refused(sender: Sender, forged: dict[str, str]) -> None:
    refused = sender.send(PAYMENT, **forged)
    assert (refused.status, refused.json) == (401, {"message": "bad signature"})
    assert sender.paid() == 0


def test_a_body_that_was_changed_on_the_way_is_refused(sender: Sender) -> None:
    sender.send(PAYMENT)
    headers, _ = sender.last
    changed = json.dumps({**PAYMENT, "id": "evt_2", "amount": 2000}).encode()
    assert sender.repeat(headers, changed).status == 401
    assert sender.paid() == 20


def test_the_window_is_five_minutes_in_both_directions(sender: Sender) -> None:
    for late, status in ((299, 202), (-299, 202), (302, 401), (-302, 401)):
        assert sender.send({**PAYMENT, "id": f"evt{late}"}, late=late).status == status
    assert sender.paid() == 40


def test_what_was_overheard_is_of_no_use(sender: Sender) -> None:
    sender.send(PAYMENT)
    overheard = sender.last
    assert sender.repeat(*overheard).status == 202, "nobody can tell it from the original"
    assert sender.paid() == 20
    sender.app.platform.advance(seconds=302)
    late = sender.repeat(*overheard)
    assert (late.status, late.json) == (401, {"message": "too old"})
    headers, body = overheard
    renewed = {**headers, "X-Webhook-Timestamp": str(sender.app.platform.now() // 1000)}
    assert sender.repeat(renewed, body).status == 401
    assert sender.paid() == 20


def test_an_event_that_is_sent_again_is_done_once_for_a_month(sender: Sender) -> None:
    sender.send(PAYMENT)
    sender.app.platform.advance(days=3)
    assert sender.send(PAYMENT).status == 202
    assert sender.send({**PAYMENT, "id": "evt_2"}).status == 202
    assert sender.paid() == 40
    assert sender.app.items("SeenTable", "event_id") == ["evt_1", "evt_2"]
    sender.app.platform.advance(days=33)
    assert sender.app.items("SeenTable", "event_id") == []


def test_a_signed_body_that_is_no_event_is_told_so(sender: Sender) -> None:
    for body in (b"", b"{", b"[1]", b'{"type": "payment"}', b"\xff\xfe"):
        assert sender.send(None, body=body).status == 400, body


def test_an_event_that_cannot_be_done_ends_in_the_dead_letters(sender: Sender) -> None:
    assert sender.send({**PAYMENT, "amount": "many"}).status == 202
    sender.send({**PAYMENT, "id": "evt_2"})
    sender.app.platform.advance(seconds=120)
    (dead,) = sender.app.bodies("DeadLettersUrl")
    assert json.loads(dead)["amount"] == "many"
    assert sender.paid() == 20


def test_types_of_events_that_nobody_knows_are_passed_over(sender: Sender) -> None:
    assert sender.send({"id": "evt_9", "type": "payout"}).status == 202
    assert sender.app.items("SeenTable", "event_id") == []


def test_while_the_secret_changes_both_count(fogline: Account, sender: Sender) -> None:
    fogline.client("ssm").put_parameter(
        Name="/webhooks/secret", Value=f"new, {SECRET}", Type="SecureString", Overwrite=True
    )
    assert sender.send(PAYMENT).status == 202
    assert sender.send({**PAYMENT, "id": "evt_2"}, secret="new").status == 202
    assert sender.send({**PAYMENT, "id": "evt_3"}, secret="").status == 401
    assert sender.paid() == 40
