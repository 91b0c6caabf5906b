"""Records of an exchange: its metrics, its access log, and its place in the chain of what caused what."""

from __future__ import annotations

from typing import Any

import orjson

from fogline.apis.access_log import access_line, log_group, log_stream
from fogline.apis.lineage import record_request
from fogline.apis.transactions import keep
from fogline.ports.http import HttpResponse
from fogline.services.apigatewayv2.http import metrics
from fogline.services.apigatewayv2.http.exchange import Exchange
from fogline.services.apigatewayv2.runtime import Runtime

_SHOWN_CHARACTERS = 1_000


async def record(runtime: Runtime, exchange: Exchange, response: HttpResponse) -> None:
    """Keep what is to be kept of an exchange that was answered."""
    site, ended_at = exchange.site, runtime.clock.now()
    where = exchange.route_key or f"{exchange.method} {exchange.path[:200]}"
    name = f"{where} ({site.api_id}/{site.stage_name})"
    record_request(
        runtime.lineage,
        exchange.trace,
        name,
        site.account,
        site.region,
        exchange.now,
        ended_at,
        response.status,
    )
    numbers = metrics.measures(exchange, response.status, _length(response), ended_at)
    runtime.metrics.add(metrics.sources(exchange), numbers, ended_at)
    settings = site.stage.get("AccessLogSettings") or {}
    group = log_group(settings["DestinationArn"]) if settings.get("DestinationArn") else ""
    if not group:
        return
    line = access_line(settings.get("Format") or "", logged(exchange, response, ended_at))
    stream = log_stream(site.api_id)
    await keep(
        runtime.store,
        lambda tx: runtime.logs.put_lines(
            tx, site.account, site.region, group, stream, [(ended_at, line)]
        ),
    )


def logged(exchange: Exchange, response: HttpResponse, ended_at: int) -> dict[str, Any]:
    """`$context` as access logs know it.

    Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
    """
    facts = exchange.facts
    length = _length(response)
    message = _one_line(facts.get("integrationErrorMessage"))
    context = exchange.context()
    context |= facts
    if "authorizerError" in facts:
        context["authorizer"]["error"] = _one_line(facts["authorizerError"])
    context |= {
        "integrationErrorMessage": message,
        "status": response.status,
        "responseLength": length,
        "responseLatency": ended_at - exchange.now,
        "dataProcessed": len(exchange.body) + length,
    }
    context["integration"] = {
        "error": message,
        "latency": facts.get("integrationLatency"),
        "integrationStatus": facts.get("integrationStatus"),
        "requestId": facts.get("awsEndpointRequestId"),
        **(facts.get("integration") or {}),
    }
    return context


def _length(response: HttpResponse) -> int:
    return len(response.body) if isinstance(response.body, bytes) else 0


def _one_line(text: str | None) -> str | None:
    """A text as it may stand between the quotes of a format that is JSON."""
    return None if text is None else orjson.dumps(text[:_SHOWN_CHARACTERS]).decode()[1:-1]
