"""Answers of functions in payload format 1.0, which say everything themselves."""

from __future__ import annotations

import orjson

from fogline.aws.http_events import InvalidAnswer, Reply
from fogline.aws.http_events.answers import body_of, headers_of, is_sent_back, scalar, status_of

TEXT = "text/plain;charset=UTF-8"
"""What an answer is that does not say its type."""


def read_answer_1(payload: bytes) -> Reply:
    """Raises InvalidAnswer."""
    try:
        answer = orjson.loads(payload or b"null")
    except orjson.JSONDecodeError:
        raise InvalidAnswer("it is no JSON") from None
    if not isinstance(answer, dict) or answer.get("statusCode") is None:
        raise InvalidAnswer("payload format 1.0 wants an object with a statusCode")
    status = status_of(answer["statusCode"])
    multi = answer.get("multiValueHeaders") or {}
    if not isinstance(multi, dict):
        raise InvalidAnswer("its multiValueHeaders are no object")
    headers: list[tuple[str, str]] = []
    for name, values in multi.items():
        if not isinstance(values, list):
            raise InvalidAnswer("a member of its multiValueHeaders is no list")
        if is_sent_back(name):
            headers += [(name, scalar(value, "a header")) for value in values]
    named = {name.lower() for name, _ in headers}
    # What stands in both members is taken from the one with several values.
    headers += [pair for pair in headers_of(answer) if pair[0].lower() not in named]
    body = body_of(answer)
    if body and not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("content-type", TEXT))
    return Reply(status, headers, body)
