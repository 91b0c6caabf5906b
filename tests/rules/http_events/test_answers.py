"""What functions answer in payload format 2.0."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from fogline.aws.http_events import InvalidAnswer, Reply, read_answer, read_streamed

TEXT = "text/plain;charset=UTF-8"


def read(answer: Any, **options: Any) -> Reply:
    return read_answer(orjson.dumps(answer), TEXT, **options)


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        ("hi", b"hi"),
        ({"a": 1}, b'{"a":1}'),
        (None, b"null"),
        ([], b"[]"),
        (True, b"true"),
        ({"body": "x"}, b'{"body":"x"}'),
    ],
)
def test_what_names_no_status_is_the_body(answer: Any, body: bytes) -> None:
    assert read(answer) == Reply(200, [("content-type", "application/json")], body)


def test_an_empty_payload_is_null() -> None:
    assert read_answer(b"", TEXT).body == b"null"


def test_a_status_may_be_text() -> None:
    assert read({"statusCode": "404"}) == Reply(404, [], b"")


@pytest.mark.parametrize("status", [None, "x", 0, 199, 600, [], {}, 1e400, "1e3", float("nan")])
def test_a_status_that_is_none_is_invalid(status: Any) -> None:
    with pytest.raises(InvalidAnswer):
        read({"statusCode": status})


@pytest.mark.parametrize(("status", "ok"), [(200, True), (599, True)])
def test_the_bounds_of_a_status(status: int, ok: bool) -> None:
    assert (read({"statusCode": status}).status == status) is ok


def test_values_of_headers_may_be_numbers_and_truth_values() -> None:
    given = {"a": 1, "b": True, "c": None, "d": 1.5, "Content-Length": 5}
    assert read({"statusCode": 200, "headers": given}).headers == [
        ("a", "1"),
        ("b", "true"),
        ("d", "1.5"),
    ]


@pytest.mark.parametrize("name", ["", "a b", "a:", "a\r\nb", "é"])
def test_names_that_no_header_has_are_invalid(name: str) -> None:
    with pytest.raises(InvalidAnswer):
        read({"statusCode": 200, "headers": {name: "x"}})


def test_a_body_that_is_a_document_is_taken_only_where_that_is_wanted() -> None:
    answer = {"statusCode": 200, "body": {"a": 1}}
    assert read(answer, takes_documents=True).body == b'{"a":1}'
    with pytest.raises(InvalidAnswer):
        read(answer)


def test_a_stream_begins_with_its_status() -> None:
    whole = b'{"statusCode": 201, "cookies": ["a=1"]}' + b"\0" * 8 + b"data"
    assert read_streamed(whole) == Reply(
        201, [("set-cookie", "a=1"), ("content-type", "application/octet-stream")], b"data"
    )
    for broken in (b"", b"{}", b"x" + b"\0" * 8, b"[]" + b"\0" * 8):
        with pytest.raises(InvalidAnswer):
            read_streamed(broken)
