"""Execution logs: what became of one exchange, line by line, where its route's settings want it.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-logging.html
"""

from __future__ import annotations

from fogline.services.apigatewayv2.websocket.exchange import MESSAGE, Exchange
from fogline.services.apigatewayv2.websocket.faults import Fault

_TEXT_CHARACTERS_MAX = 1_024

Line = tuple[int, str]


def execution_group(exchange: Exchange) -> str:
    """The log group of a stage."""
    return f"/aws/apigateway/{exchange.site.api_id}/{exchange.site.stage_name}"


def execution_lines(
    exchange: Exchange, status: int, ended_at: int, fault: Fault | None
) -> list[Line]:
    """The lines; none where the level is OFF, and of what went well none where it is ERROR."""
    settings = exchange.site.route_settings(exchange.route_key)
    level = settings.get("LoggingLevel") or "OFF"
    if level not in ("INFO", "ERROR") or (level == "ERROR" and fault is None):
        return []
    began = exchange.now
    lines: list[Line] = []
    if level == "INFO":
        lines.append((began, f"Starting execution for request: {exchange.request_id}"))
        about = f"{exchange.event}, connection id: {exchange.peer.id}"
        lines.append((began, f"Route key: {exchange.route_key}, event type: {about}"))
        if settings.get("DataTraceEnabled") and exchange.event == MESSAGE:
            lines.append((began, f"Message body: {exchange.body}"))
        answered = exchange.facts.get("integration") or {}
        if "status" in answered:
            told = f"status {answered['status']} after {answered['latency']} ms"
            lines.append((ended_at, f"Received response from integration: {told}"))
    if fault is not None:
        lines.append((ended_at, f"Execution failed: {fault.reason}"))
    elif level == "INFO":
        lines.append((ended_at, "Successfully completed execution"))
    if level == "INFO":
        lines.append((ended_at, f"Completed with status: {status}"))
    front = f"({exchange.request_id}) "
    return [(at, front + _cut(text)) for at, text in lines]


def _cut(text: str) -> str:
    if len(text) <= _TEXT_CHARACTERS_MAX:
        return text
    return f"{text[:_TEXT_CHARACTERS_MAX]} [TRUNCATED]"
