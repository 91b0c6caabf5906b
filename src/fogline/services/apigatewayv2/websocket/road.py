"""What comes to WebSocket APIs by HTTP: clients that connect, and backends that use `@connections`.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-how-to-call-websocket-api-connections.html
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

import orjson

from fogline.apis.addresses import Address
from fogline.apis.causes import principal_of
from fogline.apis.requests import body_of
from fogline.apis.signatures import Place, Signer, find_signer
from fogline.aws.call import Call, Trace
from fogline.aws.errors import AwsError
from fogline.aws.signature_v4.refusals import MISSING, SignatureRefused
from fogline.ports.http import HttpRequest, HttpResponse
from fogline.services.apigatewayv2.sites import Site
from fogline.services.apigatewayv2.websocket.connecting import connect
from fogline.services.apigatewayv2.websocket.holdings import Holdings
from fogline.services.apigatewayv2.websocket.standing import Standing

_NOBODY = "AAAAAAAAAAAAAAA="
_CONNECTIONS = "/@connections/"
_SERVICE = "apigatewaymanagementapi"
_OPERATIONS = {
    "DELETE": "DeleteConnection",
    "GET": "GetConnection",
    "POST": "PostToConnection",
}


class SocketRoad:
    """Answers what comes to WebSocket APIs (`publisher.SocketApis`)."""

    def __init__(self, standing: Standing, holdings: Holdings) -> None:
        self._standing = standing
        self._holdings = holdings

    async def answer(
        self, request: HttpRequest, site: Site, address: Address, trace: Trace
    ) -> HttpResponse:
        settings = site.deployed.document["api"] if site.deployed is not None else {}
        if settings.get("DisableExecuteApiEndpoint") and not address.domain:
            return self._refused(403, "Forbidden")
        path = unquote(site.path)
        if path.startswith(_CONNECTIONS):
            return await self._manage(request, site, path.removeprefix(_CONNECTIONS), trace)
        if path.strip("/"):
            return self._refused(403, "Forbidden")
        if request.headers.get("upgrade", "").lower() != "websocket":
            refused = self._refused(426, "Upgrade Required")
            refused.headers.append(("Upgrade", "websocket"))
            return refused
        return await connect(self._standing, self._holdings, request, site, address, trace)

    async def _manage(
        self, request: HttpRequest, site: Site, id: str, trace: Trace
    ) -> HttpResponse:
        """One of the operations on a connection of this stage."""
        message_bytes_max = self._standing.limits.message_bytes_max
        body = body_of(request, message_bytes_max)
        if len(body) > message_bytes_max:
            return self._refused(413, "Message too long", "PayloadTooLargeException")
        try:
            signer = self._signer(request, body, site)
        except SignatureRefused as refused:
            return self._refused(403, refused.whole_message, refused.error)
        if signer is None:
            return self._refused(403, "Missing Authentication Token", MISSING)
        operation = _OPERATIONS.get(request.method)
        if operation is None:
            return self._refused(403, "Forbidden")
        parameters: dict[str, Any] = {"ConnectionId": id}
        if operation == "PostToConnection":
            parameters["Data"] = body
        found = await self._holdings.find(id)
        if found is not None and (found.api, found.stage) != (site.api_id, site.stage_name):
            # Nobody learns by one API's address who is connected to another.
            parameters["ConnectionId"] = _NOBODY
        runtime = self._standing.runtime
        now = runtime.clock.now()
        cause = Call(
            _SERVICE,
            operation,
            signer.principal.account,
            site.region,
            signer.principal,
            runtime.ids.uuid(),
            now,
            trace,
            runtime.endpoint(),
            access_key=signer.access_key,
            asked_at=now,
        )
        try:
            result = await runtime.api.call_waiting(_SERVICE, operation, parameters, cause)
        except AwsError as refusal:
            return self._refused(refusal.status, refusal.text, refusal.code)
        return _response(operation, result, cause.request_id)

    def _signer(self, request: HttpRequest, body: bytes, site: Site) -> Signer | None:
        """Who asks. Raises SignatureRefused."""
        runtime = self._standing.runtime
        place = Place(site.account, site.region)
        signer = find_signer(request, body, place, runtime.principals, runtime.clock)
        if signer is not None and not signer.principal.account:
            return Signer(signer.access_key, principal_of(site.account))
        return signer

    def _refused(
        self, status: int, message: str, error: str = "ForbiddenException"
    ) -> HttpResponse:
        headers = [
            ("Content-Type", "application/json"),
            ("x-amzn-ErrorType", error),
            ("x-amzn-RequestId", self._standing.runtime.ids.uuid()),
        ]
        return HttpResponse(status, headers, orjson.dumps({"message": message or None}))


def _response(operation: str, result: Mapping[str, Any], request_id: str) -> HttpResponse:
    headers = [("x-amzn-RequestId", request_id)]
    if operation == "DeleteConnection":
        return HttpResponse(204, headers)
    headers.append(("Content-Type", "application/json"))
    if operation == "PostToConnection":
        return HttpResponse(200, headers)
    identity = result["Identity"]
    shown = {
        "connectedAt": _moment(result["ConnectedAt"]),
        "identity": {"sourceIp": identity["SourceIp"], "userAgent": identity["UserAgent"]},
        "lastActiveAt": _moment(result["LastActiveAt"]),
    }
    return HttpResponse(200, headers, orjson.dumps(shown))


def _moment(at: int) -> str:
    moment = datetime.fromtimestamp(at / 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{at % 1000:03d}Z"
