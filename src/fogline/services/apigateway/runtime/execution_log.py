"""Execution logs: what happened on the way of one request, line by line, as API Gateway writes them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from fogline.apis.integration_addresses import read_address

if TYPE_CHECKING:
    from fogline.services.apigateway.runtime.exchange import Exchange
    from fogline.services.apigateway.runtime.mappings import Reply
    from fogline.services.apigateway.runtime.outgoing_request import OutgoingRequest
    from fogline.world.clock import Clock

_TEXT_CHARACTERS_MAX = 1_024
_OWN = frozenset(("x-amzn-requestid", "x-amz-apigw-id"))


class ExecutionLog:
    """The lines of one request. With `has_data` they tell headers and bodies, as tracing of data does."""

    def __init__(
        self, clock: Clock, *, has_data: bool, only_errors: bool = False, is_whole: bool = False
    ) -> None:
        self._clock = clock
        self._has_data = has_data
        self._only_errors = only_errors
        self._characters_max = 1_000_000 if is_whole else _TEXT_CHARACTERS_MAX
        self.lines: list[tuple[int, str]] = []

    def add(self, text: str) -> None:
        if not self._only_errors:
            self._put(text)

    def _put(self, text: str) -> None:
        if len(text) > self._characters_max:
            text = f"{text[: self._characters_max]} [TRUNCATED]"
        self.lines.append((self._clock.now(), text))

    def _data(self, text: str) -> None:
        if self._has_data:
            self.add(text)

    def request(self, exchange: Exchange, path: str) -> None:
        self.add(f"Starting execution for request: {exchange.request_id}")
        self.add(f"HTTP Method: {exchange.method}, Resource Path: {path}")
        self._data(f"Method request path: {_fields(exchange.path_parameters.items())}")
        query = [(name, value) for name, many in exchange.query.items() for value in many]
        self._data(f"Method request query string: {_fields(query)}")
        self._data(f"Method request headers: {_fields(exchange.headers.pairs())}")
        self._data(f"Method request body before transformations: {exchange.text()}")

    def sending(self, exchange: Exchange, request: OutgoingRequest) -> None:
        url = _url(request.uri)
        self._data(f"Endpoint request URI: {url}")
        self._data(f"Endpoint request headers: {_fields(request.headers.pairs())}")
        body = request.body.decode("utf-8", "replace")
        self._data(f"Endpoint request body after transformations: {body}")
        self.add(f"Sending request to {url}")

    def received(self, reply: Reply, latency: int) -> None:
        self.add(f"Received response. Status: {reply.status}, Integration latency: {latency} ms")
        self._data(f"Endpoint response headers: {_fields(reply.headers.pairs())}")
        body = reply.body.decode("utf-8", "replace")
        self._data(f"Endpoint response body before transformations: {body}")

    def response(self, body: bytes, headers: Iterable[tuple[str, str]]) -> None:
        text = body.decode("utf-8", "replace")
        self._data(f"Method response body after transformations: {text}")
        shown = [pair for pair in headers if pair[0].lower() not in _OWN]
        self._data(f"Method response headers: {_fields(shown)}")

    def succeeded(self) -> None:
        self.add("Successfully completed execution")

    def failed(self, reason: str) -> None:
        if reason:
            self._put(reason)

    def completed(self, status: int) -> None:
        self.add(f"Method completed with status: {status}")

    def text(self, request_id: str) -> str:
        """The whole log, as `TestInvokeMethod` answers it."""
        lines = [f"Execution log for request {request_id}\n"]
        for at, text in self.lines:
            moment = datetime.fromtimestamp(at / 1000, UTC)
            lines.append(f"{moment:%a %b %d %H:%M:%S} UTC {moment:%Y} : {text}\n")
        return "".join(lines)


def _fields(pairs: Iterable[tuple[str, str]]) -> str:
    return "{" + ", ".join(f"{name}={value}" for name, value in pairs) + "}"


def _url(uri: str) -> str:
    """Where a request goes, as AWS's own services would be addressed there."""
    address = read_address(uri)
    if address is None:
        return uri
    host = f"{address.service}.{address.region}.amazonaws.com"
    if address.subdomain:
        host = f"{address.subdomain}.{host}"
    if address.action:
        return f"https://{host}/?Action={address.action}"
    return f"https://{host}/{address.path.lstrip('/')}"
