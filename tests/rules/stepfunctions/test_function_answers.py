"""What functions answer, as results and as failures."""

from __future__ import annotations

import pytest

from fogline.services.stepfunctions.tasks.functions import (
    failure_of,
    payload_of,
    payload_of_parameter,
    result_of,
)


def test_a_timeout_has_the_error_that_newer_runtimes_give() -> None:
    payload = b'{"errorType":"Sandbox.Timedout","errorMessage":"Task timed out after 3.00 seconds"}'
    failed = failure_of(payload, payload.decode())
    assert (failed.error, failed.cause) == ("Sandbox.Timedout", payload.decode())


@pytest.mark.parametrize(
    "payload", [b'{"errorMessage":"Task timed out"}', b"not json", b"[1]", b'{"errorType":1}']
)
def test_without_an_error_type_it_is_unknown_and_the_payload_told(payload: bytes) -> None:
    failed = failure_of(payload, "")
    assert failed.error == "Lambda.Unknown"
    assert failed.cause == (
        "The cause could not be determined because Lambda did not return an error type. "
        f"Returned payload: {payload.decode()}"
    )


def test_what_is_no_json_is_text() -> None:
    assert result_of(b'{"a": 1}') == {"a": 1}
    assert result_of(b"plain") == "plain"
    assert result_of(b"\xff") == "\N{REPLACEMENT CHARACTER}"
    assert result_of(b"") == ""


def test_events_may_hold_numbers_of_any_size() -> None:
    assert payload_of({"n": 2**70}) == b'{"n":1180591620717411303424}'


def test_text_is_an_event_of_its_own_unless_it_is_json() -> None:
    assert payload_of_parameter("[1]") == b"[1]"
    assert payload_of_parameter("word") == b'"word"'
    assert payload_of_parameter(["word"]) == b'["word"]'
