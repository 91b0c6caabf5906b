"""The distributed map example: an uploaded file is checked in batches and summed up."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.scenarios.conftest import Application, make_zip

from fogline.testing.platform import LocalPlatform
from fogline.testing.plugin import Account


@pytest.fixture
def app(fogline: Account, fogline_platform: LocalPlatform) -> Application:
    app = Application(fogline, fogline_platform, "distributed-map")
    app.deploy()
    return app


def upload(app: Application, rows: list[str], key: str = "rows.csv") -> None:
    body = "\n".join(["id,account,amount", *rows]).encode()
    s3 = app.account.client("s3")
    s3.put_object(Bucket=app.outputs["IncomingBucket"], Key=key, Body=body)
    app.platform.settle()


def make_rows(count: int) -> list[str]:
    return [f"{number},a{number % 7},{number % 100}.50" for number in range(count)]


def latest(app: Application) -> dict[str, Any]:
    """The execution that the last upload has started."""
    listed = app.stepfunctions.list_executions(stateMachineArn=app.outputs["ImportArn"])
    return app.execution(listed["executions"][0]["executionArn"])


def map_run(app: Application, execution: dict[str, Any]) -> dict[str, Any]:
    listed = app.stepfunctions.list_map_runs(executionArn=execution["executionArn"])["mapRuns"]
    run: dict[str, Any] = app.stepfunctions.describe_map_run(mapRunArn=listed[0]["mapRunArn"])
    return run


def summary(app: Application, key: str = "rows.csv") -> Any:
    found = app.account.client("s3").get_object(
        Bucket=app.outputs["ResultsBucket"], Key=f"summaries/{key}.json"
    )
    return json.load(found["Body"])


def test_an_uploaded_file_is_checked_in_batches_and_summed_up(app: Application) -> None:
    upload(app, make_rows(1200))
    done = latest(app)
    assert (done["status"], done["output"]) == (
        "SUCCEEDED",
        {"summary": "summaries/rows.csv.json", "rows": 1200, "rejected": 0, "total": "60000.00"},
    )
    run = map_run(app, done)
    assert (run["itemCounts"]["succeeded"], run["executionCounts"]["succeeded"]) == (1200, 3)
    assert summary(app)["is_complete"]


def test_rows_that_are_wrong_are_told_of_and_take_no_others_along(app: Application) -> None:
    rows = make_rows(600)
    rows[7], rows[550] = "7,a0,much", "550,a4,"
    upload(app, rows)
    assert latest(app)["status"] == "SUCCEEDED"
    found = summary(app)
    assert found["rows"] == 600
    assert found["rejected"] == [
        {"id": "550", "why": "'' is no amount"},
        {"id": "7", "why": "'much' is no amount"},
    ]


def test_a_file_of_another_kind_fails_every_batch_and_the_import(app: Application) -> None:
    s3 = app.account.client("s3")
    s3.put_object(Bucket=app.outputs["IncomingBucket"], Key="x.csv", Body=b"name\nada\nbo\n")
    app.platform.settle()
    failed = latest(app)
    assert failed["error"] == "States.ExceedToleratedFailureThreshold"


def test_when_the_function_is_mended_a_redrive_does_what_failed(app: Application) -> None:
    app.account.client("s3").put_object(
        Bucket=app.outputs["IncomingBucket"], Key="x.csv", Body=b"name\nada\nbo\n"
    )
    app.platform.settle()
    functions = app.account.client("lambda")
    (check,) = (
        function["FunctionName"]
        for function in functions.list_functions()["Functions"]
        if function["Handler"] == "check.handler"
    )
    code = "def handler(event, context): return {'rows': 2, 'total': '0', 'rejected': []}"
    functions.update_function_code(FunctionName=check, ZipFile=make_zip({"check.py": code}))
    app.platform.settle()
    app.stepfunctions.redrive_execution(executionArn=latest(app)["executionArn"])
    app.platform.settle()
    assert latest(app)["output"]["rows"] == 2


def test_what_is_no_csv_starts_nothing(app: Application) -> None:
    upload(app, make_rows(1), key="notes.txt")
    listed = app.stepfunctions.list_executions(stateMachineArn=app.outputs["ImportArn"])
    assert listed["executions"] == []


@pytest.mark.slow
def test_ten_thousand_rows_are_twenty_batches(app: Application) -> None:
    upload(app, make_rows(10_000))
    done = latest(app)
    assert (done["output"]["rows"], done["output"]["total"]) == (10_000, "500000.00")
    assert map_run(app, done)["executionCounts"]["succeeded"] == 20
