"""REST APIs as the front of all APIs reaches them: a request becomes an exchange, and goes its road."""

from __future__ import annotations

from urllib.parse import unquote

from fogline.apis.addresses import Address, with_stage
from fogline.apis.fields import parse_query, request_headers
from fogline.apis.front import extended_id, forbidden
from fogline.apis.requests import body_of, raw_headers, source_ip, trace_header
from fogline.aws.call import Trace
from fogline.ports.http import HttpRequest, HttpResponse
from fogline.services.apigateway.runtime.exchange import Exchange, Site
from fogline.services.apigateway.runtime.records import record
from fogline.services.apigateway.runtime.reply_headers import DROPPED_OF_REQUESTS
from fogline.services.apigateway.runtime.road import BODY_BYTES_MAX, run
from fogline.services.apigateway.runtime.standing import Runtime
from fogline.store.store import Tx


class RestApis:
    """Publishes REST APIs (`apis/front.py`)."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def find_site(self, tx: Tx, address: Address, chance: float) -> Site | None:
        return self._runtime.sites.find(tx, address, chance)

    async def answer(
        self, request: HttpRequest, site: Site, address: Address, trace: Trace
    ) -> HttpResponse:
        runtime = self._runtime
        if not address.domain and site.api.settings.get("disableExecuteApiEndpoint"):
            return forbidden(runtime.ids)
        address = with_stage(address)
        exchange = _exchange(runtime, request, site, address, trace, runtime.clock.now())
        response = await run(runtime, exchange, address.path)
        await record(runtime, exchange, response)
        return response


def _exchange(
    runtime: Runtime, request: HttpRequest, site: Site, address: Address, trace: Trace, now: int
) -> Exchange:
    path = address.path
    body = body_of(request, BODY_BYTES_MAX)
    return Exchange(
        site=site,
        method=request.method,
        path=unquote(path) if "%" in path else path,
        sent_path=address.sent_path,
        base_path=address.base_path,
        domain=address.domain,
        headers=request_headers(raw_headers(request), DROPPED_OF_REQUESTS),
        query=parse_query(request.query),
        body=body,
        host=request.headers.get("host", ""),
        request_id=runtime.ids.uuid(),
        extended_id=extended_id(runtime.ids.bytes(14)),
        now=now,
        trace=trace,
        trace_header=trace_header(request, trace),
        scheme=runtime.endpoint().partition(":")[0],
        source_ip=source_ip(request),
        caller=request.caller,
        request=request,
        sent_body=body,
    )
