"""Records of an exchange: its metrics, lines in its stage's logs, and its place in the chain of what caused what."""

from __future__ import annotations

import logging
from typing import Any

from fogline.apis.access_log import access_line, log_group, log_stream
from fogline.apis.lineage import record_request
from fogline.apis.transactions import keep
from fogline.services.apigatewayv2.websocket import metrics
from fogline.services.apigatewayv2.websocket.exchange import Exchange
from fogline.services.apigatewayv2.websocket.execution_log import (
    Line,
    execution_group,
    execution_lines,
)
from fogline.services.apigatewayv2.websocket.faults import Fault
from fogline.services.apigatewayv2.websocket.standing import Standing
from fogline.store.store import Tx

log = logging.getLogger("fogline.apis")


async def record(
    standing: Standing, exchange: Exchange, status: int, length: int = 0, fault: Fault | None = None
) -> None:
    """Keep what is to be kept of an exchange that is over."""
    runtime, site = standing.runtime, exchange.site
    if fault is not None and fault.kind.status >= 500:
        where = f"{site.api_id}/{site.stage_name}"
        log.warning("API %s: %s: %s", where, exchange.route_key, fault.reason[:1_000])
    ended_at = runtime.clock.now()
    record_request(
        runtime.lineage,
        exchange.trace,
        f"{exchange.route_key[:200]} {site.api_id}/{site.stage_name}",
        site.account,
        site.region,
        exchange.now,
        ended_at,
        status,
    )
    numbers = metrics.measures(exchange, status, length, fault)
    runtime.metrics.add(metrics.sources(exchange), numbers, ended_at)
    batches: list[tuple[str, list[Line]]] = []
    settings = site.stage.get("AccessLogSettings") or {}
    group = log_group(settings.get("DestinationArn") or "") if settings else ""
    if group:
        facts = _facts(exchange, status, length, ended_at, fault)
        batches.append((group, [(ended_at, access_line(settings.get("Format") or "", facts))]))
    lines = execution_lines(exchange, status, ended_at, fault)
    if lines:
        batches.append((execution_group(exchange), lines))
    if not batches:
        return
    stream = log_stream(site.api_id)

    def put(tx: Tx) -> None:
        for name, each in batches:
            runtime.logs.put_lines(tx, site.account, site.region, name, stream, each)

    await keep(runtime.store, put)


def _facts(
    exchange: Exchange, status: int, length: int, ended_at: int, fault: Fault | None
) -> dict[str, Any]:
    """What an access log may tell."""
    facts: dict[str, Any] = {**exchange.context(), **exchange.facts}
    if exchange.authorizer is not None:
        facts["authorizer"] = {**exchange.facts.get("authorizer", {}), **exchange.authorizer}
    facts |= {
        "accountId": exchange.site.account,
        "status": status,
        "responseLength": length,
        "responseLatency": ended_at - exchange.now,
        "xrayTraceId": exchange.trace.trace_id,
    }
    if fault is not None:
        facts["error"] = {
            "message": fault.message,
            "messageString": f'"{fault.message}"',
            "responseType": fault.kind.response_type,
            "validationErrorString": fault.reason,
        }
    return facts
