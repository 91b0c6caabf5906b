"""HTTP of REST APIs: requests that come to the hosts and paths of APIs, and to custom domain names."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import unquote

import orjson

from fogline.apis.addresses import Address, is_address, read_address
from fogline.apis.fields import parse_query, request_headers
from fogline.apis.transactions import look
from fogline.aws.call import Trace
from fogline.ports.http import HttpRequest, HttpResponse
from fogline.services.apigateway.runtime.exchange import Exchange, Site, extended_id
from fogline.services.apigateway.runtime.records import record
from fogline.services.apigateway.runtime.reply_headers import DROPPED_OF_REQUESTS
from fogline.services.apigateway.runtime.road import BODY_BYTES_MAX, run
from fogline.services.apigateway.runtime.standing import Runtime
from fogline.store.store import Tx

_OWN_NAMES = ("localhost", "localhost.localstack.cloud", "host.docker.internal")
_OTHERS_ENDINGS = (".amazonaws.com", ".on.aws", ".s3.localhost", ".s3.localhost.localstack.cloud")
_OTHERS_LABELS = (".s3.", ".s3-", ".lambda-url.", "sqs.", "sync-")


class RestApis:
    """Answers requests to REST APIs (`ports/http.py`)."""

    answers_preflights = True
    """What browsers may do with an API is the API's to say."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def matches(self, host: str, path: str) -> bool:
        if is_address(host, path):
            return True
        domain = _domain(host)
        if not domain:
            return False
        with self._runtime.store.read() as tx:
            return self._runtime.sites.has_domain(tx, domain)

    async def answer(self, request: HttpRequest, trace: Trace) -> HttpResponse:
        runtime = self._runtime
        host, path = request.headers.get("host", ""), request.path
        chance = runtime.ids.fraction()

        def find(tx: Tx) -> tuple[Site | None, Address | None]:
            if is_address(host, path):
                address = read_address(host, path)
            else:
                address = runtime.sites.in_domain(tx, _domain(host), path)
            site = runtime.sites.find(tx, address, chance) if address is not None else None
            return site, address

        site, address = await look(runtime.store, find)
        now = runtime.clock.now()
        if site is None or address is None:
            return _forbidden(runtime)
        is_default_host = is_address(host, path)
        if is_default_host and site.api.settings.get("disableExecuteApiEndpoint"):
            return _forbidden(runtime)
        exchange = _exchange(runtime, request, site, address, trace, now)
        response = await run(runtime, exchange, address.path)
        await record(runtime, exchange, response)
        if request.headers.get("connection", "keep-alive").lower() == "keep-alive":
            response.headers.append(("Connection", "keep-alive"))
        return response


@lru_cache(1_024)
def _domain(host: str) -> str:
    """The name in a Host header if it could be a custom domain name, else ""."""
    name = host.partition(":")[0].lower() if not host.startswith("[") else ""
    last = name.rpartition(".")[2]
    if not last or last.isdigit() or name in _OWN_NAMES or name.endswith(_OTHERS_ENDINGS):
        return ""
    return "" if any(label in name for label in _OTHERS_LABELS) else name


def _exchange(
    runtime: Runtime, request: HttpRequest, site: Site, address: Address, trace: Trace, now: int
) -> Exchange:
    raw = request.raw_headers or [
        (name.encode(), value.encode("latin-1", "replace"))
        for name, value in request.headers.items()
    ]
    path = address.path
    return Exchange(
        site=site,
        method=request.method,
        path=unquote(path) if "%" in path else path,
        sent_path=address.sent_path,
        headers=request_headers(raw, DROPPED_OF_REQUESTS),
        query=parse_query(request.query),
        body=_body(request),
        host=request.headers.get("host", ""),
        request_id=runtime.ids.uuid(),
        extended_id=extended_id(runtime.ids.bytes(14)),
        now=now,
        trace=trace,
        trace_header=_trace_header(request, trace),
        scheme=runtime.endpoint().partition(":")[0],
    )


def _trace_header(request: HttpRequest, trace: Trace) -> str:
    """The trace as the integration and the caller are told it: with what the caller said, whole."""
    given = request.headers.get("x-amzn-trace-id", "")
    if "Root=" in given and len(given) < 500:
        return given if "Parent=" in given else f"{given};Parent={trace.id};Sampled=1"
    return f"Root={trace.trace_id};Parent={trace.id};Sampled=1"


def _body(request: HttpRequest) -> bytes:
    """The body; of a larger one than any API takes, just enough to tell."""
    if request.spooled is None:
        return request.body
    data = request.spooled.read(BODY_BYTES_MAX + 1)
    request.spooled.close()
    return data


def _forbidden(runtime: Runtime) -> HttpResponse:
    """What callers of an API get who name none, or a stage that it does not have."""
    headers = [
        ("Content-Type", "application/json"),
        ("x-amzn-ErrorType", "ForbiddenException"),
        ("x-amzn-RequestId", runtime.ids.uuid()),
        ("x-amz-apigw-id", extended_id(runtime.ids.bytes(14))),
    ]
    return HttpResponse(403, headers, orjson.dumps({"message": "Forbidden"}))
