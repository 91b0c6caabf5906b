"""Payloads: bodies that are one member."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator

import pytest

from fogline.gateway.models import load_service
from fogline.gateway.protocols import codec
from fogline.ports.http import HttpRequest

LABELS = {"Bucket": "b", "Key": "k"}


def test_an_upload_that_was_spooled_is_handed_on_as_its_file() -> None:
    reader = codec(load_service("s3"), "PutObject", "rest-xml")
    assert reader.streams_input
    file = io.BytesIO(b"large")
    found = reader.read(HttpRequest("PUT", "/b/k", {}, b"", file), LABELS)
    assert found["Body"] is file
    assert file.read() == b"large"


def test_a_document_that_was_spooled_is_read() -> None:
    reader = codec(load_service("sqs"), "SendMessage", "json")
    assert not reader.streams_input
    file = io.BytesIO(b'{"QueueUrl":"q","MessageBody":"m"}')
    found = reader.read(HttpRequest("POST", "/", {}, b"", file))
    assert found == {"QueueUrl": "q", "MessageBody": "m"}


async def _chunks() -> AsyncIterator[bytes]:
    yield b"one"
    yield b"two"


@pytest.mark.parametrize("streams", [True, False])
def test_only_a_stream_tells_its_length(streams: bool) -> None:
    writer = codec(load_service("s3"), "GetObject", "rest-xml")
    body = _chunks() if streams else b"onetwo"
    response = writer.write({"Body": body, "ContentLength": 6, "ETag": '"x"'}, "id")
    assert response.body is body
    assert (("Content-Length", "6") in response.headers) == streams
    assert ("Content-Type", "binary/octet-stream") in response.headers


def test_head_tells_the_length_of_what_it_does_not_send() -> None:
    writer = codec(load_service("s3"), "HeadObject", "rest-xml")
    response = writer.write({"ContentLength": 6}, "id")
    assert ("Content-Length", "6") in response.headers
    assert response.body == b""


def test_invoke_hands_the_functions_answer_on() -> None:
    writer = codec(load_service("lambda"), "Invoke", "rest-json")
    result = {"StatusCode": 200, "FunctionError": "Unhandled", "Payload": b'{"x":1}'}
    response = writer.write(result, "id")
    assert response.status == 200
    assert response.body == b'{"x":1}'
    assert response.headers == [
        ("Content-Type", "application/json"),
        ("x-amzn-RequestId", "id"),
        ("X-Amz-Function-Error", "Unhandled"),
    ]


def test_an_answer_without_content_has_no_body() -> None:
    writer = codec(load_service("s3"), "DeleteObject", "rest-xml")
    response = writer.write({"DeleteMarker": True}, "id")
    assert (response.status, response.body) == (204, b"")


def test_the_location_of_a_bucket_is_the_text_of_its_document() -> None:
    writer = codec(load_service("s3"), "GetBucketLocation", "rest-xml")
    response = writer.write({"LocationConstraint": "eu-west-1"}, "id")
    assert response.body == (
        b'<?xml version="1.0" encoding="UTF-8"?>\n<LocationConstraint '
        b'xmlns="http://s3.amazonaws.com/doc/2006-03-01/">eu-west-1</LocationConstraint>'
    )
