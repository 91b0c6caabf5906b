"""APIs that take and give compressed bodies."""

from __future__ import annotations

import gzip
import zlib
from typing import Any

import pytest

TEXT = '{"a": "' + "b" * 100 + '"}'


@pytest.fixture
def echo(api: Any, integrate: Any) -> Any:
    """An API that answers what it is sent, and compresses what has a hundred bytes."""
    api.update_rest_api(
        patchOperations=[{"op": "replace", "path": "/minimumCompressionSize", "value": "100"}]
    )
    request = "#set($context.responseOverride.header.X-Body = $input.json('$'))"
    integrate(
        verb="POST",
        requestTemplates={"application/json": request + '{"statusCode": 200}'},
        responses=[{"responseTemplates": {"application/json": TEXT}}],
    )
    integrate(responses=[{"responseTemplates": {"application/json": "short"}}])
    api.deploy()
    return api


@pytest.mark.parametrize(
    ("accepted", "used"),
    [
        ("gzip", "gzip"),
        ("deflate,gzip", "deflate"),
        ("deflate;q=0.5,gzip;q=1.0", "gzip"),
        ("gzip, deflate, br", "gzip"),
        ("br;q=1.0, gzip;q=0.8", None),
        ("gzip;q=0", None),
        ("*", None),
        ("identity", None),
    ],
)
def test_answers_are_compressed_as_the_caller_likes_best(
    echo: Any, call: Any, accepted: str, used: str | None
) -> None:
    answer = call("POST", body="{}", headers={"Accept-Encoding": accepted})
    assert answer.headers.get("Content-Encoding") == used
    assert answer.body.decode() == TEXT


def test_short_answers_are_left_as_they_are(echo: Any, call: Any) -> None:
    answer = call("GET", headers={"Accept-Encoding": "gzip"})
    assert answer.body == b"short"
    assert "Content-Encoding" not in answer.headers


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(TEXT.encode(), 0)),
        ("deflate", zlib.compress(TEXT.encode(), 0)),
        ("identity", TEXT.encode()),
    ],
)
def test_a_compressed_request_is_decompressed_before_its_template(
    echo: Any, call: Any, encoding: str, body: bytes
) -> None:
    answer = call("POST", body=body, headers={"Content-Encoding": encoding})
    assert answer.headers["X-Body"].replace(" ", "") == TEXT.replace(" ", "")


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("br", b"x" * 100),
        ("gzip", b"x" * 100),
        ("gzip", gzip.compress(TEXT.encode(), 0)[:-1]),
        ("deflate", b"\xff" * 100),
    ],
)
def test_what_can_not_be_decompressed_is_refused(
    echo: Any, call: Any, encoding: str, body: bytes
) -> None:
    refused = call("POST", body=body, headers={"Content-Encoding": encoding})
    assert refused.status == 415
    assert refused.json == {"message": "Unsupported Media Type"}


def test_a_body_that_grows_beyond_all_bounds_is_too_large(echo: Any, call: Any) -> None:
    bomb = gzip.compress(b" " * (11 * 1024 * 1024))
    assert call("POST", body=bomb, headers={"Content-Encoding": "gzip"}).status == 413
