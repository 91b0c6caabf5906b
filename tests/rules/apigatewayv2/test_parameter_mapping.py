"""What integrations change of requests and of answers."""

from __future__ import annotations

from typing import Any

import pytest
from tests.rules.apigatewayv2.exchanges import make_exchange

from fogline.aws.http_events import Reply
from fogline.services.apigatewayv2.http.parameter_mapping import (
    Sent,
    changed_reply,
    read_changes,
    sent_request,
)
from fogline.services.apigatewayv2.parameter_mappings import is_reserved


def sent(parameters: dict[str, Any]) -> Sent:
    return sent_request(make_exchange(), read_changes(parameters))


def reply(parameters: dict[str, Any], **given: Any) -> Reply:
    whole = {"status": 200, "headers": [("X-Two", "2")], "body": b'{"id": 5}', **given}
    return changed_reply(make_exchange(), Reply(**whole), read_changes(parameters))


def test_headers_are_appended_overwritten_and_removed() -> None:
    changed = sent(
        {
            "append:header.X-One": "3",
            "append:header.x-new": "$context.requestId",
            "overwrite:header.x-path": "$request.path.id",
            "remove:header.Content-Type": "''",
        }
    )
    assert changed.headers == {"x-one": "1,2,3", "x-new": "id=", "x-path": "7"}
    assert not changed.has_new_query


def test_a_header_may_be_renamed() -> None:
    changed = sent({"append:header.header2": "$request.header.x-one", "remove:header.x-one": "''"})
    assert changed.headers == {"content-type": "application/json", "header2": "1,2"}


def test_parameters_of_the_query_are_changed() -> None:
    changed = sent(
        {"append:querystring.q": "3", "overwrite:querystring.r": "$stageVariables.color"}
    )
    assert changed.query == {"q": ["1", "2", "3"], "r": ["blue"]}
    assert changed.has_new_query
    assert sent({"remove:querystring.q": ""}).query == {}


def test_the_path_is_overwritten() -> None:
    assert sent({"overwrite:path": "/v2$request.path"}).path == "/v2/pets/7"
    assert sent({}).path is None


@pytest.mark.parametrize(
    "parameters",
    [
        {"append:header.x-none": "$request.header.none"},
        {"overwrite:header.Authorization": "x"},
        {"overwrite:header.bad name": "x"},
        {"overwrite:header.x": "a\r\nb: c"},
        {"explode:header.x": "1"},
        {"append": "x"},
        {"append:header.": "x"},
    ],
)
def test_what_may_not_be_changed_stays(parameters: dict[str, Any]) -> None:
    assert sent(parameters).headers == make_exchange().headers


@pytest.mark.parametrize(
    "name", ["authorization", "x-amz-date", "x-amzn-trace-id", "via", "access-control-max-age"]
)
def test_some_headers_are_reserved(name: str) -> None:
    assert is_reserved(name)
    assert not is_reserved(f"my-{name}")


def test_an_answer_gets_another_status_and_other_headers() -> None:
    changed = reply(
        {
            "overwrite:statuscode": "403",
            "append:header.error": "$response.body.id",
            "append:header.x-two": "3",
            "overwrite:header.x-copy": "$response.header.x-two",
        }
    )
    assert changed.status == 403
    assert changed.headers == [("X-Two", "2"), ("error", "5"), ("x-two", "3"), ("x-copy", "2")]
    assert reply({"remove:header.x-two": "''"}).headers == []


@pytest.mark.parametrize("status", ["99", "none", "1000", "", "$response.body.none", "100"])
def test_a_status_that_is_none_changes_nothing(status: str) -> None:
    assert reply({"overwrite:statuscode": status}).status == 200


@pytest.mark.parametrize("parameters", [None, [], "x", {"append:header.a": None}, {"": {}}])
def test_garbage_changes_nothing_that_matters(parameters: Any) -> None:
    assert reply({}).status == 200
    assert isinstance(read_changes(parameters), list)
