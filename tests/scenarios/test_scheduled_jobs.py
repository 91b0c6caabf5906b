"""The scheduled-jobs example: every night at two in Berlin, and every five minutes."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from tests.scenarios.conftest import Application

from fogline.testing.platform import LocalPlatform
from fogline.testing.plugin import Account

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def app(fogline: Account, fogline_platform: LocalPlatform) -> Application:
    app = Application(fogline, fogline_platform, "scheduled-jobs")
    app.deploy()
    return app


def runs(app: Application, job: str) -> list[str]:
    return [run for run in app.items("TableName", "run") if run.startswith(job)]


def test_the_look_around_comes_every_five_minutes(app: Application) -> None:
    app.platform.advance(seconds=14 * 60)
    assert len(runs(app, "watch")) == 2
    app.platform.advance(seconds=60)
    assert len(runs(app, "watch")) == 3


def test_the_report_comes_once_a_night_at_two_in_berlin(app: Application) -> None:
    app.platform.advance(days=3)
    reports = runs(app, "report")
    assert len(reports) == 3
    times = [datetime.fromisoformat(run.removeprefix("report ")) for run in reports]
    assert {time.astimezone(BERLIN).strftime("%H:%M") for time in times} == {"02:00"}
    assert times[1] - times[0] == times[2] - times[1] == timedelta(days=1)


def test_a_deleted_stack_runs_no_jobs(app: Application) -> None:
    app.cloudformation.delete_stack(StackName=app.name)
    app.platform.advance(days=1)
    assert app.account.client("scheduler").list_schedules()["Schedules"] == []
    assert app.account.client("events").list_rules()["Rules"] == []
