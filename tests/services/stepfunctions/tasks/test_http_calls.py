"""Calls of HTTPS APIs: what leaves, what comes back, and how they fail."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from tests.services.events.site import Site, open_site
from tests.services.stepfunctions.tasks.conftest import Tasks

from fogline.testing.plugin import Account

INVOKE = "http:invoke"


@pytest.fixture
def site() -> Iterator[Site]:
    with open_site() as site:
        yield site


@pytest.fixture
def connection(fogline: Account) -> str:
    made = fogline.client("events").create_connection(
        Name="partner",
        AuthorizationType="API_KEY",
        AuthParameters={
            "ApiKeyAuthParameters": {"ApiKeyName": "X-Key", "ApiKeyValue": "word"},
            "InvocationHttpParameters": {
                "BodyParameters": [{"Key": "client", "Value": "fogline"}],
                "QueryStringParameters": [{"Key": "v", "Value": "2"}],
            },
        },
    )
    return str(made["ConnectionArn"])


@pytest.fixture
def given(site: Site, connection: str) -> dict[str, Any]:
    """The parameters of a call that the site answers."""
    return {
        "ApiEndpoint": f"{site.url}/orders",
        "Method": "POST",
        "Authentication": {"ConnectionArn": connection},
        "RequestBody": {"id": 1},
    }


def test_a_call_goes_out_with_what_its_connection_adds(
    tasks: Tasks, site: Site, given: dict[str, Any]
) -> None:
    site.says(200, '{"ok": [true]}', X_Served="here")
    result = tasks.perform(INVOKE, given | {"QueryParameters": {"page": "1"}})
    [asked] = site.asked
    assert asked.path == "/orders?page=1&v=2"
    assert asked.headers["x-key"] == "word"
    assert asked.headers["user-agent"] == "Amazon|StepFunctions|HttpInvoke|us-east-1"
    assert json.loads(asked.body) == {"id": 1, "client": "fogline"}
    assert result["ResponseBody"] == {"ok": [True]}
    assert (result["StatusCode"], result["StatusText"]) == (200, "OK")
    assert result["Headers"]["x-served"] == ["here"]


def test_a_body_is_sent_as_a_form_where_that_is_asked_for(
    tasks: Tasks, site: Site, given: dict[str, Any]
) -> None:
    transform = {
        "RequestBodyEncoding": "URL_ENCODED",
        "RequestEncodingOptions": {"ArrayFormat": "REPEAT"},
    }
    tasks.perform(INVOKE, given | {"RequestBody": {"a": [1, 2]}, "Transform": transform})
    [asked] = site.asked
    assert asked.body == "a=1&a=2&client=fogline"
    assert asked.headers["content-type"] == "application/x-www-form-urlencoded"


def test_a_status_that_tells_of_failure_names_the_error(
    tasks: Tasks, site: Site, given: dict[str, Any]
) -> None:
    site.says(404, '{"message": "no such order"}')
    failed = tasks.failure(INVOKE, given)
    assert (failed.error, failed.cause) == (
        "States.Http.StatusCode.404",
        '{"message": "no such order"}',
    )
    assert len(site.asked) == 1


def test_a_refused_key_is_tried_once_more(tasks: Tasks, site: Site, given: dict[str, Any]) -> None:
    site.says(401)
    assert tasks.failure(INVOKE, given).error == "States.Http.StatusCode.401"
    assert len(site.asked) == 2


def test_an_answer_that_is_no_text_fails_the_task(
    tasks: Tasks, site: Site, given: dict[str, Any]
) -> None:
    site.says(200, "...", Content_Type="image/png")
    assert tasks.failure(INVOKE, given).error == "States.Runtime"


def test_an_answer_larger_than_a_state_may_have_fails_the_task(
    tasks: Tasks, site: Site, given: dict[str, Any]
) -> None:
    site.says(200, json.dumps("x" * 300_000))
    assert tasks.failure(INVOKE, given).error == "States.DataLimitExceeded"


def test_nobody_there_is_an_error_of_the_socket(tasks: Tasks, given: dict[str, Any]) -> None:
    failed = tasks.failure(INVOKE, given | {"ApiEndpoint": "http://127.0.0.1:9/"})
    assert failed.error == "States.Http.Socket"


def test_a_connection_that_is_gone_is_told(tasks: Tasks, given: dict[str, Any]) -> None:
    arn = given["Authentication"]["ConnectionArn"].replace("partner", "gone")
    failed = tasks.failure(INVOKE, given | {"Authentication": {"ConnectionArn": arn}})
    assert failed.error == "Events.ConnectionResource.ResourceNotFoundException"
    assert arn in failed.cause


def test_parameters_are_checked_before_anything_leaves(
    tasks: Tasks, site: Site, given: dict[str, Any]
) -> None:
    failed = tasks.failure(INVOKE, given | {"Headers": {"Host": "elsewhere"}})
    assert failed.error == "States.Runtime"
    assert failed.cause.endswith("[The value of the field 'Headers.Host' has an invalid format]")
    assert site.asked == []
