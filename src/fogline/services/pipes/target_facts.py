"""Target parameters: what a pipe says for its kind of target, with dynamic paths (`$.body.id`) read from each event."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fogline.services.pipes.pipe import Pipe
from fogline.services.pipes.templates import TemplateFailed

_SECONDS_MAX = 100_000_000_000
"""Larger numbers are milliseconds."""


def facts_of(pipe: Pipe, event: Any) -> dict[str, Any]:
    """The facts of a sending, in AWS's spelling."""
    parameters = pipe.target_parameters
    if pipe.target_kind == "events":
        return _bus(pipe, parameters.get("EventBridgeEventBusParameters") or {}, event)
    if pipe.target_kind == "sqs":
        return _texts(pipe, parameters.get("SqsQueueParameters") or {}, event)
    if pipe.target_kind == "kinesis":
        return _texts(pipe, parameters.get("KinesisStreamParameters") or {}, event)
    if pipe.target_kind == "logs":
        own = pipe.resolved(parameters.get("CloudWatchLogsParameters") or {}, event)
        if own.get("Timestamp") is not None:
            own["Timestamp"] = _instant(own["Timestamp"])
        return own
    return {}


def _texts(pipe: Pipe, parameters: Mapping[str, Any], event: Any) -> dict[str, Any]:
    resolved = pipe.resolved(parameters, event)
    return {name: _text(value) for name, value in resolved.items() if value is not None}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int, float)):
        return str(value)
    raise TemplateFailed("A dynamic path must lead to a text or a number.")


def _bus(pipe: Pipe, parameters: Mapping[str, Any], event: Any) -> dict[str, Any]:
    own = pipe.resolved(parameters, event)
    facts: dict[str, Any] = {
        "Source": _text(own.get("Source") or f"Pipe {pipe.name}"),
        "DetailType": _text(own.get("DetailType") or f"Event from aws:{pipe.source_kind}"),
        "Resources": [_text(each) for each in own.get("Resources") or () if each is not None],
    }
    if own.get("Time") is not None:
        facts["Time"] = _instant(own["Time"])
    return facts


def _instant(value: Any) -> int:
    """Milliseconds since the epoch, from what events hold: numbers (of seconds, too), their text, or ISO 8601."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            try:
                return int(datetime.fromisoformat(value).timestamp() * 1000)
            except ValueError:
                raise TemplateFailed(f"{value[:100]} is not a time.") from None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TemplateFailed("A time must be a number or a text.")
    try:
        return int(value if abs(value) > _SECONDS_MAX else value * 1000)
    except (ValueError, OverflowError):
        raise TemplateFailed("A time must be a number or a text.") from None
