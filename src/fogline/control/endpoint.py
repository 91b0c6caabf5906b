"""The endpoint of our own HTTP: from method and path to a page, JSON both ways."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

import orjson

from fogline.aws.call import Trace
from fogline.aws.errors import AwsError
from fogline.gateway.guard import host_name
from fogline.ports.http import HttpRequest, HttpResponse

Answer = Mapping[str, Any]
Handler = Callable[[Mapping[str, Any]], Answer | Awaitable[Answer]]
"""Takes the JSON object of the body ({} when empty) and the parameters of the query, as text; gives the JSON object
of the answer."""


_OPERATIONS = "/_fogline/api/"

Perform = Callable[[str, str, Mapping[str, Any]], Awaitable[Answer]]


class Refused(Exception):
    """A request to our own pages that cannot be done; the text says why."""

    def __init__(self, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.status = status


class Control:
    """Answers `/_fogline/...` (and `/_localstack/...`) by a table of method and path."""

    def __init__(self) -> None:
        self._handlers: dict[tuple[str, str], Handler] = {}
        self._paths: set[str] = set()
        self._perform: Perform | None = None

    def add(self, method: str, path: str, handler: Handler) -> None:
        self._handlers[method, path] = handler
        self._paths.add(path)

    def serve_operations(self, perform: Perform) -> None:
        """Answer `POST /_fogline/api/{service}/{operation}` by `perform(service, operation, body)`."""
        self._perform = perform

    def _operation(self, method: str, path: str) -> Handler | None:
        parts = path.split("/")
        perform = self._perform
        if (
            method != "POST"
            or perform is None
            or parts[1:3] != ["_fogline", "api"]
            or len(parts) != 5
        ):
            return None
        return lambda asked: perform(parts[3], parts[4], asked)

    def knows(self, path: str) -> bool:
        """True for a page that is here, so that no service need be asked."""
        return path.startswith(_OPERATIONS) or path in self._paths

    def matches(self, host: str, path: str) -> bool:
        """True for our paths, on any host that is not a bucket's or an API's."""
        if not path.startswith(("/_fogline/", "/_localstack/")):
            return False
        name = host_name(host)
        return ".s3." not in name and "execute-api" not in name

    async def answer(self, request: HttpRequest, trace: Trace) -> HttpResponse:
        method = "GET" if request.method == "HEAD" else request.method
        handler = self._handlers.get((method, request.path.rstrip("/")))
        if handler is None:
            handler = self._operation(method, request.path)
        if handler is None:
            return _json(404, {"error": f"There is nothing at {method} {request.path[:200]}."})
        try:
            asked = orjson.loads(request.body) if request.body else {}
        except orjson.JSONDecodeError:
            return _json(400, {"error": "The body is not JSON."})
        if not isinstance(asked, dict):
            return _json(400, {"error": "The body is not a JSON object."})
        if request.query:
            asked = dict(parse_qsl(request.query, keep_blank_values=True)) | asked
        try:
            result = handler(asked)
            answer = await result if inspect.isawaitable(result) else result
        except Refused as refused:
            return _json(refused.status, {"error": str(refused)})
        except AwsError as refused:
            return _json(refused.status, {"error": {"code": refused.code, "message": refused.text}})
        return _json(200, answer)


def _json(status: int, body: Mapping[str, Any]) -> HttpResponse:
    return HttpResponse(status, [("content-type", "application/json")], orjson.dumps(body) + b"\n")
