"""Answers of HTTP endpoints as results: of HTTPS APIs, and of API Gateway's."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from fogline.aws.states.failures import RUNTIME
from fogline.background.outgoing import Answer
from fogline.services.stepfunctions.tasks.task import TaskFailed

_UNREADABLE = ("application/octet-stream", "image/", "video/", "audio/")


def read(answer: Answer) -> str:
    """The body as text. Raises TaskFailed for pictures, sounds and whatever else is none."""
    kind = _kind_of(answer)
    if answer.body and kind.startswith(_UNREADABLE):
        raise TaskFailed(RUNTIME, f"The response has the content type {kind}, which is not text.")
    try:
        return answer.body.decode()
    except UnicodeDecodeError:
        raise TaskFailed(RUNTIME, "The response is not text.") from None


def shown(answer: Answer, text: str) -> dict[str, Any]:
    """The result; the body is JSON where the endpoint says that it is, else its text."""
    return {
        "Headers": {name: [value] for name, value in answer.headers.items()},
        "ResponseBody": body_of(text, _kind_of(answer)),
        "StatusCode": answer.status,
        "StatusText": phrase_of(answer.status),
    }


def _kind_of(answer: Answer) -> str:
    return answer.headers.get("content-type", "").strip().lower()


def body_of(text: str, kind: str) -> Any:
    """JSON where the content type says that it is, else the text."""
    media = kind.partition(";")[0].strip()
    if media == "application/json" or media.endswith("+json"):
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return text
    return text


def phrase_of(status: int) -> str:
    """The words beside a status; "" for one that has none."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
