"""Answers that are streams of events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogline.aws.errors import AwsError
from fogline.gateway.models import load_service
from fogline.gateway.protocols import codec
from fogline.gateway.protocols.event_stream import (
    BrokenMessage,
    Message,
    decode_messages,
    encode_message,
)
from fogline.ports.http import HttpResponse


class SessionStreamingException(AwsError):
    message = "The stream broke."


async def _events(*events: Any, then: AwsError | None = None) -> AsyncIterator[Any]:
    for event in events:
        yield event
    if then is not None:
        raise then


def messages(response: HttpResponse) -> list[Message]:
    async def collect() -> bytes:
        assert not isinstance(response.body, bytes)
        return b"".join([part async for part in response.body])

    return list(decode_messages(asyncio.run(collect())))


def test_lambda_streams_payload_chunks() -> None:
    writer = codec(load_service("lambda"), "InvokeWithResponseStream", "rest-json")
    events = _events({"PayloadChunk": {"Payload": b"one"}}, {"InvokeComplete": {}})
    response = writer.write({"StatusCode": 200, "EventStream": events}, "id")
    assert ("Content-Type", "application/vnd.amazon.eventstream") in response.headers
    chunk, complete = messages(response)
    assert chunk.payload == b"one"
    assert chunk.headers == {
        ":message-type": "event",
        ":event-type": "PayloadChunk",
        ":content-type": "application/octet-stream",
    }
    assert complete.headers[":event-type"] == "InvokeComplete"


def test_live_tail_begins_with_an_initial_response_and_ends_with_its_exception() -> None:
    writer = codec(load_service("logs"), "StartLiveTail", "json")
    events = _events(
        {"sessionUpdate": {"sessionResults": [{"message": "hello", "timestamp": 5}]}},
        then=SessionStreamingException(),
    )
    initial, update, end = messages(writer.write({"responseStream": events}, "id"))
    assert initial.headers[":event-type"] == "initial-response"
    assert json.loads(initial.payload) == {}
    assert json.loads(update.payload)["sessionResults"][0]["message"] == "hello"
    assert end.headers[":message-type"] == "exception"
    assert end.headers[":exception-type"] == "SessionStreamingException"
    assert json.loads(end.payload) == {"message": "The stream broke."}


def test_a_refusal_that_the_stream_does_not_model_is_an_error_message() -> None:
    writer = codec(load_service("logs"), "StartLiveTail", "json")

    class Unheard(AwsError):
        message = "of"

    _, end = messages(writer.write({"responseStream": _events(then=Unheard())}, "id"))
    assert end.headers == {
        ":message-type": "error",
        ":error-code": "Unheard",
        ":error-message": "of",
    }


_headers = st.dictionaries(
    st.text(min_size=1, max_size=8),
    st.one_of(
        st.text(max_size=8), st.binary(max_size=8), st.booleans(), st.integers(-(2**63), 2**63 - 1)
    ),
    max_size=4,
)


@given(_headers, st.binary(max_size=64))
def test_what_is_encoded_can_be_decoded(headers: Any, payload: bytes) -> None:
    data = encode_message(headers, payload)
    assert list(decode_messages(data + data)) == [Message(headers, payload)] * 2


@given(st.integers(0, 200), st.integers(1, 255))
def test_a_flipped_byte_is_noticed(at: int, flip: int) -> None:
    data = bytearray(encode_message({":event-type": "x", "n": 1}, b"payload"))
    data[at % len(data)] ^= flip
    with pytest.raises(BrokenMessage):
        list(decode_messages(bytes(data)))
