"""Records of an exchange: its access log, its execution log, and its place in the chain of what caused what."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from fogline.apis.transactions import keep
from fogline.aws.arn import find_arn
from fogline.aws.call import Call, Principal, Trace
from fogline.ports.http import HttpResponse
from fogline.services.apigateway.runtime.access_log import access_line
from fogline.services.apigateway.runtime.exchange import Exchange
from fogline.services.apigateway.runtime.standing import Runtime
from fogline.store.store import Tx

log = logging.getLogger("fogline.apigateway")

_SERVICE = "execute-api"
_FINE: Mapping[str, Any] = {}
_NOBODY = Principal("", "", "")
_ROOT = Call(_SERVICE, "", "", "", _NOBODY, "", 0, Trace("", ""), "")


async def record(runtime: Runtime, exchange: Exchange, response: HttpResponse) -> None:
    """Keep what is to be kept of an exchange that was answered."""
    ended_at = runtime.clock.now()
    site = exchange.site
    _record_work(runtime, exchange, response.status, ended_at)
    settings = site.stage.get("accessLogSettings")
    has_lines = exchange.log is not None and bool(exchange.log.lines)
    if not settings and not has_lines:
        return
    batches: list[tuple[str, list[tuple[int, str]]]] = []
    if settings:
        length = len(response.body) if isinstance(response.body, bytes) else 0
        group = _group(settings.get("destinationArn") or "")
        if group:
            form = settings.get("format") or ""
            latency = ended_at - exchange.now
            line = access_line(form, exchange, response.status, length, latency)
            batches.append((group, [(ended_at, line)]))
    if has_lines:
        assert exchange.log is not None
        front = f"({exchange.request_id}) "
        group = f"API-Gateway-Execution-Logs_{site.api.id}/{site.stage_name}"
        batches.append((group, [(at, front + text) for at, text in exchange.log.lines]))
    stream = _stream(site.api.id)

    def put(tx: Tx) -> None:
        for group, lines in batches:
            runtime.logs.put_lines(tx, site.account, site.region, group, stream, lines)

    await keep(runtime.store, put)


def _record_work(runtime: Runtime, exchange: Exchange, status: int, ended_at: int) -> None:
    """Tell lineage; of requests that nothing caused and that went well, it keeps as many as it can."""
    site, target, trace = exchange.site, exchange.target, exchange.trace
    where = target.resource_path if target is not None else exchange.path[:200]
    name = f"{exchange.method} {site.api.id}/{site.stage_name}{where}"
    if status < 400 and not trace.parent_id:
        call = _ROOT._replace(
            operation=name,
            account=site.account,
            region=site.region,
            now=ended_at,
            trace=trace,
            asked_at=exchange.now,
        )
        runtime.lineage.request(call, _FINE)
        return
    runtime.lineage.work(
        trace,
        "request",
        f"{_SERVICE}:{name}",
        site.account,
        site.region,
        exchange.now,
        ended_at,
        str(status) if status >= 400 else "",
    )


@lru_cache(1_024)
def _group(destination: str) -> str:
    """The log group that a stage's access log goes to; "" for what is none, which is said once."""
    arn = find_arn(destination)
    if arn is None or arn.service != "logs":
        log.warning(
            "Access logs to %r are not written: Fogline writes them to log groups.", destination
        )
        return ""
    return arn.resource.removeprefix("log-group:").removesuffix(":*")


def _stream(api_id: str) -> str:
    """One stream for each API: AWS has many, whose names say nothing."""
    return api_id.encode().hex().ljust(32, "0")[:32]
