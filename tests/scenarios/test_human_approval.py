"""The human approval example: a workflow waits for a person, for a day, and then for another one."""

from __future__ import annotations

from typing import Any

import pytest
from tests.scenarios.conftest import Application

from fogline.background.inbox import Letter
from fogline.testing.platform import LocalPlatform
from fogline.testing.plugin import Account

MANAGER, DIRECTOR = "manager@example.com", "director@example.com"


def mails(app: Application, recipient: str) -> list[Letter]:
    platform = app.platform.platform

    async def read() -> list[Letter]:
        return await platform.store.transact(
            lambda tx: platform.inbox.page(tx, account=app.account.id, recipient=recipient)
        )

    return app.platform.ask(read())


@pytest.fixture
def app(fogline: Account, fogline_platform: LocalPlatform) -> Application:
    """The application, whose mails everybody wants to have."""
    app = Application(fogline, fogline_platform, "human-approval")
    app.deploy()
    sns = fogline.client("sns")
    for person in (MANAGER, DIRECTOR):
        (mail,) = mails(app, person)
        sns.confirm_subscription(TopicArn=mail.facts["TopicArn"], Token=mail.facts["Token"])
    return app


def ask(app: Application, expense: str, amount: int = 900) -> str:
    return app.start("ApprovalsArn", {"amount": amount, "purpose": "A desk"}, expense)


def decide(app: Application, expense: str, decision: str, by: str = "ada") -> dict[str, Any]:
    event = {"expense": expense, "decision": decision, "by": by}
    answer: dict[str, Any] = app.invoke("DecideFunction", event)
    return answer


def stand(app: Application, expense: str) -> dict[str, str]:
    """How the expense stands, as kept in the table."""
    found = app.dynamodb.get_item(
        TableName=app.outputs["ExpensesTable"], Key={"expense": {"S": expense}}
    )["Item"]
    return {name: next(iter(value.values())) for name, value in found.items()}


def test_a_small_expense_is_approved_and_nobody_is_asked(app: Application) -> None:
    arn = ask(app, "pens", amount=100)
    assert app.execution(arn)["status"] == "SUCCEEDED"
    assert stand(app, "pens")["decided_by"] == "nobody"
    assert len(mails(app, MANAGER)) == 1  # the one that asked for confirmation


def test_an_expense_waits_for_the_manager_who_approves(app: Application) -> None:
    arn = ask(app, "desk")
    assert app.execution(arn)["status"] == "RUNNING"
    mail = mails(app, MANAGER)[-1]
    assert mail.subject == "Expense desk: 900"
    assert stand(app, "desk")["task_token"] not in mail.body
    assert decide(app, "desk", "approve") == {"done": True}
    assert app.execution(arn)["status"] == "SUCCEEDED"
    assert stand(app, "desk") == {
        "expense": "desk",
        "purpose": "A desk",
        "amount": "900",
        "stand": "approved",
        "decided_by": "ada",
    }


def test_a_no_is_a_result(app: Application) -> None:
    arn = ask(app, "desk")
    decide(app, "desk", "reject")
    assert app.execution(arn)["status"] == "SUCCEEDED"
    assert (stand(app, "desk")["stand"], stand(app, "desk")["why"]) == ("rejected", "ada: no")


def test_the_first_decision_counts(app: Application) -> None:
    ask(app, "desk")
    decide(app, "desk", "approve")
    again = decide(app, "desk", "reject", by="bo")
    assert again == {"done": False, "reason": "nobody waits for this decision"}
    assert stand(app, "desk")["stand"] == "approved"


def test_after_a_day_of_silence_the_director_is_asked_and_may_approve(app: Application) -> None:
    arn = ask(app, "desk")
    app.platform.advance(hours=23.99)
    assert len(mails(app, DIRECTOR)) == 1
    app.platform.advance(hours=0.01)
    assert mails(app, DIRECTOR)[-1].subject == "Expense desk: 900"
    decide(app, "desk", "approve", by="di")
    assert app.execution(arn)["status"] == "SUCCEEDED"
    assert stand(app, "desk")["decided_by"] == "di"


def test_an_expense_that_nobody_decides_is_forgotten_after_two_days(app: Application) -> None:
    arn = ask(app, "desk")
    app.platform.advance(days=2)
    failed = app.execution(arn)
    assert (failed["status"], failed["error"]) == ("FAILED", "NobodyDecided")
    assert stand(app, "desk")["stand"] == "forgotten"
    assert decide(app, "desk", "approve")["done"] is False


def test_who_says_later_has_another_day_for_a_week(app: Application) -> None:
    ask(app, "desk")
    for _ in range(8):
        app.platform.advance(hours=20)
        assert decide(app, "desk", "later") == {"done": True}
    assert len(mails(app, DIRECTOR)) == 1
    app.platform.advance(hours=8)  # 168 since it began
    assert len(mails(app, DIRECTOR)) == 2
