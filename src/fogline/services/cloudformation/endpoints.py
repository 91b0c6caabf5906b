"""The URL at which custom resources and wait conditions are answered."""

from __future__ import annotations

import json
from typing import Any

from fogline.aws.call import Trace
from fogline.ports.http import HttpRequest, HttpResponse
from fogline.services.cloudformation import tables
from fogline.services.cloudformation.own_types import RESPONSES_PATH
from fogline.services.cloudformation.topics import RESOURCE_TOPIC
from fogline.store.store import Store, Tx

_BODY_BYTES_MAX = 64 * 1024
_TOKEN_CHARACTERS = frozenset("0123456789abcdef-")


class Responses:
    """Takes an answer (PUT, JSON), keeps it, and wakes the stack that waits for it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def matches(self, host: str, path: str) -> bool:
        return path.startswith(RESPONSES_PATH)

    async def answer(self, request: HttpRequest, trace: Trace) -> HttpResponse:
        token = request.path[len(RESPONSES_PATH) :]
        if request.method != "PUT":
            return _plain(405, "Answer with PUT.")
        if not token or not _TOKEN_CHARACTERS.issuperset(token):
            return _plain(404, "Nothing waits for an answer here.")
        if len(request.body) > _BODY_BYTES_MAX or request.spooled is not None:
            return _plain(413, "The answer is too large.")
        try:
            body = json.loads(request.body)
        except ValueError:
            body = None
        if not isinstance(body, dict) or body.get("Status") not in ("SUCCESS", "FAILED", "FAILURE"):
            return _plain(
                400, "The answer must be a JSON object with a Status of SUCCESS or FAILED."
            )
        await self._store.transact(lambda tx: _keep(tx, token, body))
        return _plain(200, "")


def _keep(tx: Tx, token: str, body: dict[str, Any]) -> None:
    tables.add_signal(tx, token, str(body.get("UniqueId", "")), body)
    tx.stir(f"{RESOURCE_TOPIC}:{token}")


def _plain(status: int, text: str) -> HttpResponse:
    return HttpResponse(status, [("Content-Type", "text/plain")], text.encode())
