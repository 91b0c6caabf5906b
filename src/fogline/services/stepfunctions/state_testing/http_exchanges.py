"""The request and the response of an HTTP Task, as TRACE shows them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from fogline.background.outgoing import Answer
from fogline.ports.api_destinations import HttpCall
from fogline.services.stepfunctions.tasks.http_answers import phrase_of


class HttpExchange:
    """Is told what an HTTP Task sends and gets (answers `tasks.task.HttpWatch`)."""

    def __init__(self, *, reveals_secrets: bool) -> None:
        self._reveals_secrets = reveals_secrets
        self._sent: HttpCall | None = None
        self._answer: Answer | None = None

    def sent(self, plain: HttpCall, whole: HttpCall) -> None:
        self._sent = whole if self._reveals_secrets else plain
        self._answer = None

    def answered(self, answer: Answer) -> None:
        self._answer = answer

    def shown(self) -> dict[str, Any]:
        """The members of `inspectionData`; none of them before anything was sent."""
        sent, answer = self._sent, self._answer
        if sent is None:
            return {}
        protocol = urlsplit(sent.url).scheme
        shown: dict[str, Any] = {
            "request": {
                "protocol": protocol,
                "method": sent.method,
                "url": sent.url,
                "headers": _headers(sent.headers),
                "body": _text(sent.body),
            }
        }
        if answer is not None:
            shown["response"] = {
                "protocol": protocol,
                "statusCode": str(answer.status),
                "statusMessage": phrase_of(answer.status),
                "headers": _headers(answer.headers.items()),
                "body": _text(answer.body),
            }
        return shown


def _headers(fields: Iterable[tuple[str, str]]) -> str:
    return "[" + ", ".join(f"{name}: {value}" for name, value in fields) + "]"


def _text(body: bytes) -> str:
    return body.decode(errors="replace")
