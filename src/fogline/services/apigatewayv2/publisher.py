"""HTTP and WebSocket APIs as the front of all APIs reaches them (`apis/front.py`)."""

from __future__ import annotations

from typing import Protocol

from fogline.apis.addresses import Address
from fogline.aws.call import Trace
from fogline.ports.http import HttpRequest, HttpResponse
from fogline.services.apigatewayv2.http.road import HttpApis
from fogline.services.apigatewayv2.runtime import Runtime
from fogline.services.apigatewayv2.sites import HTTP, Site
from fogline.store.store import Tx


class SocketApis(Protocol):
    """Answers what comes to WebSocket APIs."""

    async def answer(
        self, request: HttpRequest, site: Site, address: Address, trace: Trace
    ) -> HttpResponse:
        """The answer: mostly 101, with who handles the socket."""


class V2Apis:
    """Publishes HTTP APIs, and WebSocket APIs through `sockets`."""

    def __init__(self, runtime: Runtime, sockets: SocketApis) -> None:
        self._runtime = runtime
        self._http = HttpApis(runtime)
        self._sockets = sockets

    def find_site(self, tx: Tx, address: Address, chance: float) -> Site | None:
        return self._runtime.sites.find(tx, address)

    async def answer(
        self, request: HttpRequest, site: Site, address: Address, trace: Trace
    ) -> HttpResponse:
        answers = self._http if site.protocol == HTTP else self._sockets
        return await answers.answer(request, site, address, trace)
