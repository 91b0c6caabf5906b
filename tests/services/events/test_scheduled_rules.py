"""Scheduled rules: they fire when their expression says, and cost nothing in between."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from fogline.config import read_config
from fogline.testing.platform import LocalPlatform
from fogline.testing.plugin import Account
from fogline.world.clock import ManualClock


class Jobs:
    """Rules with one queue for all that they send."""

    def __init__(self, events: Any, sqs: Any, platform: LocalPlatform, account: str) -> None:
        self.events, self.sqs, self.platform = events, sqs, platform
        self.account = account
        self.url = sqs.create_queue(QueueName="jobs")["QueueUrl"]

    def plan(self, expression: str, name: str = "job", **settings: Any) -> str:
        rule = self.events.put_rule(Name=name, ScheduleExpression=expression, **settings)
        queue = f"arn:aws:sqs:us-east-1:{self.account}:jobs"
        self.events.put_targets(Rule=name, Targets=[{"Id": "q", "Arn": queue}])
        return str(rule["RuleArn"])

    def fired(self) -> list[Any]:
        """The events that came since it was asked last."""
        found: list[Any] = []
        while messages := self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10).get(
            "Messages"
        ):
            for message in messages:
                found.append(json.loads(message["Body"]))
                self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
        return found

    def times(self) -> list[str]:
        return sorted(each["time"] for each in self.fired())

    @property
    def now(self) -> datetime:
        return datetime.fromtimestamp(self.platform.now() / 1000, UTC)


@pytest.fixture
def jobs(fogline: Account, fogline_platform: LocalPlatform) -> Iterator[Jobs]:
    jobs = Jobs(fogline.client("events"), fogline.client("sqs"), fogline_platform, fogline.id)
    yield jobs
    # Otherwise they would fire whenever a later test moves the clock.
    for rule in jobs.events.list_rules()["Rules"]:
        jobs.events.disable_rule(Name=rule["Name"])


def test_a_rate_fires_one_period_after_it_was_set_and_then_every_period(jobs: Jobs) -> None:
    arn = jobs.plan("rate(5 minutes)")
    jobs.platform.advance(seconds=299)
    assert jobs.fired() == []
    jobs.platform.advance(seconds=1)
    (event,) = jobs.fired()
    assert event.pop("id")
    assert event == {
        "version": "0",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": jobs.account,
        "time": jobs.now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": "us-east-1",
        "resources": [arn],
        "detail": {},
    }
    jobs.platform.advance(hours=1)
    assert len(jobs.fired()) == 12


def test_a_job_of_the_night_runs_at_two(jobs: Jobs) -> None:
    jobs.plan("cron(0 2 * * ? *)")
    today = jobs.now.replace(hour=2, minute=0, second=0, microsecond=0)
    first = today if jobs.now < today else today + timedelta(days=1)
    jobs.platform.advance(days=3)
    expected = [(first + timedelta(days=day)).strftime("%Y-%m-%dT02:00:00Z") for day in range(3)]
    assert jobs.times() == expected


def test_a_disabled_rule_does_not_fire_and_an_enabled_one_begins_anew(jobs: Jobs) -> None:
    jobs.plan("rate(1 hour)")
    jobs.platform.advance(seconds=1800)
    jobs.events.disable_rule(Name="job")
    jobs.platform.advance(hours=5)
    assert jobs.fired() == []
    jobs.events.enable_rule(Name="job")
    jobs.platform.advance(seconds=3599)
    assert jobs.fired() == []
    jobs.platform.advance(seconds=1)
    assert len(jobs.fired()) == 1


def test_a_rule_may_be_made_disabled(jobs: Jobs) -> None:
    jobs.plan("rate(1 minute)", State="DISABLED")
    jobs.platform.advance(hours=1)
    assert jobs.fired() == []


def test_a_rule_that_is_put_again_with_the_same_schedule_keeps_its_rhythm(jobs: Jobs) -> None:
    jobs.plan("rate(1 hour)")
    jobs.platform.advance(seconds=1800)
    jobs.plan("rate(1 hour)", Description="the same")
    jobs.platform.advance(seconds=1800)
    assert len(jobs.fired()) == 1


def test_another_schedule_begins_when_it_is_put(jobs: Jobs) -> None:
    jobs.plan("rate(1 hour)")
    jobs.platform.advance(seconds=1800)
    jobs.plan("rate(10 minutes)")
    jobs.platform.advance(seconds=1800)
    assert len(jobs.fired()) == 3


def test_a_rule_that_gets_a_pattern_for_its_schedule_fires_no_more(jobs: Jobs) -> None:
    jobs.plan("rate(1 hour)")
    jobs.events.put_rule(Name="job", EventPattern='{"source": ["shop"]}')
    jobs.platform.advance(hours=2)
    assert jobs.fired() == []


def test_a_deleted_rule_fires_no_more(jobs: Jobs) -> None:
    jobs.plan("rate(1 hour)")
    jobs.events.remove_targets(Rule="job", Ids=["q"])
    jobs.events.delete_rule(Name="job")
    jobs.platform.advance(hours=2)
    assert jobs.fired() == []


def test_a_schedule_that_never_comes_again_is_taken_and_does_nothing(jobs: Jobs) -> None:
    jobs.plan("cron(0 2 1 1 ? 2020)")
    jobs.platform.advance(days=1)
    assert jobs.fired() == []


@pytest.mark.parametrize(
    "expression",
    [
        "rate(0 minutes)",
        "rate(1 minutes)",
        "rate(5 minute)",
        "rate(1 second)",
        "cron(0 2 * * * *)",
        "cron(0 2 * *)",
        "at(2026-01-01T00:00:00)",
        "every day",
    ],
)
def test_an_expression_that_is_none_is_refused(jobs: Jobs, expression: str) -> None:
    with pytest.raises(ClientError) as error:
        jobs.events.put_rule(Name="job", ScheduleExpression=expression)
    assert error.value.response["Error"] == {
        "Code": "ValidationException",
        "Message": "Parameter ScheduleExpression is not valid.",
    }


def test_a_time_missed_while_the_server_was_down_is_made_up_for_once(tmp_path: Path) -> None:
    config = read_config({}, port=0, clock="manual", data=tmp_path)
    with LocalPlatform(config) as platform:
        jobs = Jobs(platform.client("events"), platform.client("sqs"), platform, "0" * 12)
        jobs.plan("rate(1 minute)")
    with LocalPlatform(config) as platform:
        platform.ask(_pass_at_once(platform, 600))
        jobs = Jobs(platform.client("events"), platform.client("sqs"), platform, "0" * 12)
        assert len(jobs.fired()) == 1
        platform.advance(seconds=60)
        assert len(jobs.fired()) == 1


async def _pass_at_once(platform: LocalPlatform, seconds: int) -> None:
    """Let time pass as it does for a server that is down: nothing happens on the way."""
    clock = platform.platform.clock
    assert isinstance(clock, ManualClock)
    clock.move_to(clock.now() + seconds * 1000)
    await platform.platform.settle()


def test_rules_that_are_not_due_cost_nothing() -> None:
    with LocalPlatform() as platform:
        events = platform.client("events")
        for number in range(50):
            events.put_rule(Name=f"idle-{number}", ScheduleExpression="cron(0 0 1 1 ? 2199)")

        def steps() -> int:
            reports = platform.platform.supervisor.reports()
            return next(each.steps for each in reports if each.name == "events.schedules")

        platform.settle()
        before = steps()
        platform.advance(hours=1)
        assert steps() == before
