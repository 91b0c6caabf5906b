"""Records of an exchange: its metrics, its logs, and its place in the chain of what caused what."""

from __future__ import annotations

from typing import Any

from fogline.apis.access_log import access_line, log_group, log_stream
from fogline.apis.lineage import record_request
from fogline.apis.transactions import keep
from fogline.ports.http import HttpResponse
from fogline.services.apigateway.runtime import metrics
from fogline.services.apigateway.runtime.exchange import Exchange
from fogline.services.apigateway.runtime.standing import Runtime
from fogline.store.store import Tx


async def record(runtime: Runtime, exchange: Exchange, response: HttpResponse) -> None:
    """Keep what is to be kept of an exchange that was answered."""
    ended_at = runtime.clock.now()
    site = exchange.site
    _record_work(runtime, exchange, response.status, ended_at)
    numbers = metrics.measures(exchange, response.status, ended_at)
    runtime.metrics.add(metrics.sources(exchange), numbers, ended_at)
    settings = site.stage.get("accessLogSettings")
    has_lines = exchange.log is not None and bool(exchange.log.lines)
    if not settings and not has_lines:
        return
    batches: list[tuple[str, list[tuple[int, str]]]] = []
    if settings:
        length = len(response.body) if isinstance(response.body, bytes) else 0
        group = log_group(settings.get("destinationArn") or "")
        if group:
            context = _context(exchange, response.status, length, ended_at)
            line = access_line(settings.get("format") or "", context)
            batches.append((group, [(ended_at, line)]))
    if has_lines:
        assert exchange.log is not None
        front = f"({exchange.request_id}) "
        group = f"API-Gateway-Execution-Logs_{site.api.id}/{site.stage_name}"
        batches.append((group, [(at, front + text) for at, text in exchange.log.lines]))
    stream = log_stream(site.api.id)

    def put(tx: Tx) -> None:
        for group, lines in batches:
            runtime.logs.put_lines(tx, site.account, site.region, group, stream, lines)

    await keep(runtime.store, put)


def _record_work(runtime: Runtime, exchange: Exchange, status: int, ended_at: int) -> None:
    site, target, trace = exchange.site, exchange.target, exchange.trace
    where = target.resource_path if target is not None else exchange.path[:200]
    name = f"{exchange.method} {site.api.id}/{site.stage_name}{where}"
    record_request(
        runtime.lineage,
        trace,
        name,
        site.account,
        site.region,
        exchange.now,
        ended_at,
        status,
    )


def _context(exchange: Exchange, status: int, length: int, ended_at: int) -> dict[str, Any]:
    """`$context` as access logs know it."""
    facts: dict[str, Any] = {
        "status": status,
        "responseLength": length,
        "responseLatency": ended_at - exchange.now,
        "xrayTraceId": exchange.trace.trace_id,
        "path": exchange.sent_path,
        **exchange.facts,
    }
    context = exchange.context() | facts
    if "integrationLatency" in facts:
        context["integration"] = {
            "latency": facts["integrationLatency"],
            "status": facts.get("integrationStatus"),
            "integrationStatus": facts.get("integrationStatus"),
        }
    return context
