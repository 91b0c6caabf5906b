from __future__ import annotations

from typing import Any

import pytest

from fogline.ports.functions import Outcome
from fogline.services.lambda_ import metrics
from fogline.services.lambda_.concurrency import Slots
from fogline.services.lambda_.errors import TooManyRequestsException
from fogline.services.lambda_.limits import Limits
from fogline.services.lambda_.metrics import Running, sources_of
from fogline.services.lambda_.names import Reference


def _dimensions(qualifier: str = "", version: str = "$LATEST") -> list[dict[str, str]]:
    found = sources_of(Reference("1", "eu-west-1", "orders", qualifier), version)
    assert {each.namespace for each in found.everything} == {"AWS/Lambda"}
    return [dict(each.dimensions) for each in found.everything]


def test_numbers_are_about_the_function_what_was_asked_for_and_the_whole_account():
    assert _dimensions() == [
        {"FunctionName": "orders"},
        {"FunctionName": "orders", "Resource": "orders"},
        {},
    ]


def test_a_version_is_a_resource_of_its_own():
    assert {"FunctionName": "orders", "Resource": "orders:3"} in _dimensions("3", "3")
    assert not any("ExecutedVersion" in each for each in _dimensions("3", "3"))


def test_of_an_alias_it_is_told_which_version_ran():
    live = {"FunctionName": "orders", "Resource": "orders:live"}

    assert _dimensions("live", "3") == [
        {"FunctionName": "orders"},
        live,
        {**live, "ExecutedVersion": "3"},
        {},
    ]


def _outcome(**changed: Any) -> Outcome:
    members: dict[str, Any] = {
        "payload": b"null",
        "function_error": "",
        "log": (),
        "log_stream": "s",
        "started_at": 0,
        "duration_ms": 12.5,
        "billed_ms": 13,
        "memory_used_mb": 30,
        "init_ms": None,
    }
    return Outcome(**{**members, **changed})


@pytest.mark.parametrize(("error", "errors"), [("", 0), ("Unhandled", 1)])
def test_every_invocation_tells_whether_it_failed(error, errors):
    found = metrics.invocation(_outcome(function_error=error))

    assert {each.name: each.value for each in found} == {
        "Invocations": 1,
        "Errors": errors,
        "Throttles": 0,
        "Duration": 12.5,
    }


@pytest.mark.parametrize(("status", "errors"), [(200, (0, 0)), (403, (1, 0)), (502, (0, 1))])
def test_every_request_to_a_function_url_tells_whether_it_was_an_error_of_either_kind(
    status, errors
):
    values = {each.name: each.value for each in metrics.url_request(status, 7)}

    assert (values.pop("Url4xxCount"), values.pop("Url5xxCount")) == errors
    assert values == {"UrlRequestCount": 1, "UrlRequestLatency": 7}


def test_what_runs_is_counted_by_function_and_by_account():
    slots = Slots(Limits(), lambda topics: None)

    slots.take("1", "r", "a", None)
    slots.take("1", "r", "b", 5)
    slots.take("2", "r", "a", None)

    assert slots.take("1", "r", "a", None) == Running(2, 3, 2)
    slots.give("1", "r", "b", 5)
    assert slots.take("1", "r", "b", 1) == Running(1, 3, 2)


def test_reserved_concurrency_counts_also_what_began_before_it_was_reserved():
    slots = Slots(Limits(), lambda topics: None)
    slots.take("1", "r", "a", None)

    with pytest.raises(TooManyRequestsException):
        slots.take("1", "r", "a", 1)
