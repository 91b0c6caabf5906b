"""What functions answer in payload format 2.0, said in full or to be inferred."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson

_JSON = "application/json"
_PRELUDE_END = b"\0" * 8
_NOT_SENT_BACK = frozenset(
    (
        "connection", "content-length", "date", "keep-alive", "te", "trailer", "transfer-encoding",
        "upgrade",
    )
)  # fmt: skip


class InvalidAnswer(ValueError):
    """The function's answer has not the form that is asked for."""


class Reply(NamedTuple):
    """An answer as a client gets it."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


def read_answer(payload: bytes, content_type: str, *, takes_documents: bool = False) -> Reply:
    """The answer that a function's JSON spells. Raises InvalidAnswer.

    `content_type` is what an answer is that says its status and not its type. What names no status is the body itself.
    With `takes_documents`, a body may be JSON that was not made into text.
    """
    try:
        answer = orjson.loads(payload or b"null")
    except orjson.JSONDecodeError:
        raise InvalidAnswer("it is no JSON") from None
    if not isinstance(answer, dict) or "statusCode" not in answer:
        body = answer.encode("utf-8", "replace") if isinstance(answer, str) else payload or b"null"
        return Reply(200, [("content-type", _JSON)], body)
    status = status_of(answer["statusCode"])
    headers = headers_of(answer)
    headers += cookies_of(answer)
    content = answer.get("body")
    if takes_documents and isinstance(content, (dict, list)):
        answer = {**answer, "body": orjson.dumps(content).decode()}
    body = body_of(answer)
    if body and not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("content-type", content_type))
    return Reply(status, headers, body)


def read_streamed(payload: bytes) -> Reply:
    """The answer of a function that streams: JSON that tells status and headers, eight zero bytes, the body.

    Raises InvalidAnswer.
    """
    prelude, found, body = payload.partition(_PRELUDE_END)
    try:
        answer = orjson.loads(prelude or b"{}") if found else None
    except orjson.JSONDecodeError:
        answer = None
    if not isinstance(answer, dict):
        raise InvalidAnswer("its stream does not begin with status and headers")
    status = status_of(answer.get("statusCode", 200))
    headers = headers_of(answer)
    headers += cookies_of(answer)
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("content-type", "application/octet-stream"))
    return Reply(status, headers, body)


def status_of(given: Any) -> int:
    """Raises InvalidAnswer."""
    try:
        status = int(given)
    except (TypeError, ValueError, OverflowError):
        status = 0
    if not 200 <= status <= 599:
        raise InvalidAnswer("its statusCode is none")
    return status


def headers_of(answer: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The headers, without those that only the connection is told. Raises InvalidAnswer."""
    given = answer.get("headers") or {}
    if not isinstance(given, dict):
        raise InvalidAnswer("its headers are no object")
    return [
        (name, scalar(value, "a header"))
        for name, value in given.items()
        if value is not None and is_sent_back(name)
    ]


def is_sent_back(name: str) -> bool:
    """Raises InvalidAnswer."""
    if not name or not is_safe(name) or not name.isascii() or ":" in name or " " in name:
        raise InvalidAnswer("a header has an impossible name")
    return name.lower() not in _NOT_SENT_BACK


def cookies_of(answer: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Raises InvalidAnswer."""
    given = answer.get("cookies") or []
    if not isinstance(given, list):
        raise InvalidAnswer("its cookies are no list")
    return [("set-cookie", scalar(each, "a cookie")) for each in given]


def body_of(answer: Mapping[str, Any]) -> bytes:
    """Raises InvalidAnswer."""
    content = answer.get("body")
    if content is None:
        return b""
    if isinstance(content, (dict, list)):
        raise InvalidAnswer("its body is no text (write JSON as text)")
    text = content if isinstance(content, str) else orjson.dumps(content).decode()
    if not answer.get("isBase64Encoded"):
        return text.encode("utf-8", "replace")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise InvalidAnswer("its body is not the base64 that it is said to be") from None


def scalar(value: Any, what: str) -> str:
    """A text, or a number or truth value as text. Raises InvalidAnswer."""
    if isinstance(value, (dict, list)):
        raise InvalidAnswer(f"{what} is no text")
    text = (
        value if isinstance(value, str) else "" if value is None else orjson.dumps(value).decode()
    )
    if not is_safe(text):
        raise InvalidAnswer(f"{what} has several lines")
    return text


def is_safe(text: str) -> bool:
    """True if the text may stand in a header."""
    return "\r" not in text and "\n" not in text and "\0" not in text
