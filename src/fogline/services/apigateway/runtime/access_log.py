"""Access logs: one line for each request, in the format that the stage gives.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import orjson

from fogline.services.apigateway.runtime.exchange import Exchange

_VARIABLE = re.compile(r"\$context\.([A-Za-z0-9_]+(?:[.-][A-Za-z0-9_-]+)*)")
_LINE_CHARACTERS_MAX = 16_384


def access_line(form: str, exchange: Exchange, status: int, length: int, latency: int) -> str:
    """The line; a variable that has no value is `-`."""
    context = exchange.context()
    facts: dict[str, Any] = {
        "status": status,
        "responseLength": length,
        "responseLatency": latency,
        "xrayTraceId": exchange.trace.trace_id,
        "path": exchange.sent_path,
        **exchange.facts,
    }
    context |= facts
    if "integrationLatency" in facts:
        context["integration"] = {
            "latency": facts["integrationLatency"],
            "status": facts["integrationStatus"],
            "integrationStatus": facts["integrationStatus"],
        }
    return _VARIABLE.sub(lambda found: _text(context, found[1]), form)[:_LINE_CHARACTERS_MAX]


def _text(context: Mapping[str, Any], name: str) -> str:
    value: Any = context
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    if value is None or value == "":
        return "-"
    return value if isinstance(value, str) else orjson.dumps(value).decode()
