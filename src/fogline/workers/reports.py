"""What the platform itself says of an invocation: START, END, REPORT, and errors without a function."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import orjson

from fogline.aws.dates import iso_milliseconds
from fogline.ports.functions import FunctionSpec, Invocation, LogEvent

_LEVELS = {"DEBUG": 10, "INFO": 20, "WARN": 30}


def billed_ms(duration_ms: float, init_ms: float | None) -> int:
    """AWS bills whole milliseconds, and since August 2025 the loading of the code too."""
    return math.ceil(duration_ms + (init_ms or 0.0))


def start_event(spec: FunctionSpec, invocation: Invocation, at: int) -> LogEvent | None:
    if spec.logging.format != "JSON":
        return LogEvent(at, f"START RequestId: {invocation.request_id} Version: {spec.version}\n")
    if _LEVELS.get(spec.logging.system_level, 20) > 20:
        return None
    record: dict[str, Any] = {"requestId": invocation.request_id, "version": spec.version}
    if invocation.tenant_id:
        record["tenantId"] = invocation.tenant_id
    return _platform_event(at, "platform.start", record)


class Figures(NamedTuple):
    """What REPORT tells. `error_type` is "" for an answer, and "timeout" for a timeout."""

    duration_ms: float
    init_ms: float | None
    memory_used_mb: int
    error_type: str
    is_own_error: bool
    """The function said it itself: then the line of the text format does not repeat it."""


def end_events(
    spec: FunctionSpec, invocation: Invocation, at: int, figures: Figures
) -> list[LogEvent]:
    """END and REPORT, or what the JSON format has in their place."""
    if spec.logging.format == "JSON":
        if _LEVELS.get(spec.logging.system_level, 20) > 20:
            return []
        return [_platform_event(at, "platform.report", _report(spec, invocation, figures))]
    text = (
        f"REPORT RequestId: {invocation.request_id}\tDuration: {figures.duration_ms:.2f} ms\t"
        f"Billed Duration: {billed_ms(figures.duration_ms, figures.init_ms)} ms\t"
        f"Memory Size: {spec.memory_mb} MB\tMax Memory Used: {figures.memory_used_mb} MB\t"
    )
    if figures.init_ms is not None:
        text += f"Init Duration: {figures.init_ms:.2f} ms\t"
    if figures.error_type == "timeout":
        text += "Status: timeout"
    elif figures.error_type and not figures.is_own_error:
        text += f"Status: error\tError Type: {figures.error_type}"
    text += "\n"
    if spec.is_traced:
        trace = invocation.trace
        text += f"XRAY TraceId: {trace.trace_id}\tSegmentId: {trace.id}\tSampled: true\t\n"
    return [LogEvent(at, f"END RequestId: {invocation.request_id}\n"), LogEvent(at, text)]


def _report(spec: FunctionSpec, invocation: Invocation, figures: Figures) -> dict[str, Any]:
    metrics: dict[str, Any] = {
        "durationMs": round(figures.duration_ms, 3),
        "billedDurationMs": billed_ms(figures.duration_ms, figures.init_ms),
        "memorySizeMB": spec.memory_mb,
        "maxMemoryUsedMB": figures.memory_used_mb,
    }
    if figures.init_ms is not None:
        metrics["initDurationMs"] = round(figures.init_ms, 3)
    record: dict[str, Any] = {"requestId": invocation.request_id, "metrics": metrics}
    if figures.error_type in ("", "timeout"):
        record["status"] = figures.error_type or "success"
    else:
        record["status"], record["errorType"] = "error", figures.error_type
    if invocation.tenant_id:
        record["tenantId"] = invocation.tenant_id
    if spec.is_traced:
        record["tracing"] = {
            "spanId": invocation.trace.id,
            "type": "X-Amzn-Trace-Id",
            "value": invocation.trace.header(),
        }
    return record


def timeout_error(spec: FunctionSpec, invocation: Invocation) -> bytes:
    return _error("Sandbox.Timedout", invocation, f"Task timed out after {_seconds(spec)} seconds")


def timeout_event(spec: FunctionSpec, invocation: Invocation, at: int) -> LogEvent:
    said = f"Task timed out after {_seconds(spec)} seconds"
    return LogEvent(at, f"{iso_milliseconds(at)} {invocation.request_id} {said}\n\n")


def exit_error(invocation: Invocation, reason: str) -> bytes:
    return _error("Runtime.ExitError", invocation, reason)


def exit_event(invocation: Invocation, reason: str, at: int) -> LogEvent:
    said = f"RequestId: {invocation.request_id} Error: {reason}\nRuntime.ExitError\n"
    return LogEvent(at, said)


def exit_reason(status: int) -> str:
    """How AWS words the end of a runtime, given its wait status."""
    signal, code = status & 0x7F, status >> 8 & 0xFF
    if signal:
        return f"Runtime exited with error: signal: {_SIGNALS.get(signal, f'signal {signal}')}"
    if code:
        return f"Runtime exited with error: exit status {code}"
    return "Runtime exited without providing a reason"


def response_too_large(bytes_max: int) -> bytes:
    message = f"Response payload size exceeded maximum allowed payload size ({bytes_max} bytes)."
    return orjson.dumps({"errorMessage": message, "errorType": "Function.ResponseSizeTooLarge"})


# As the Go program that watches AWS's runtimes names them.
_SIGNALS = {
    1: "hangup",
    2: "interrupt",
    3: "quit",
    4: "illegal instruction",
    6: "aborted",
    7: "bus error",
    8: "floating point exception",
    9: "killed",
    11: "segmentation fault",
    13: "broken pipe",
    14: "alarm clock",
    15: "terminated",
}


def _error(kind: str, invocation: Invocation, reason: str) -> bytes:
    message = f"RequestId: {invocation.request_id} Error: {reason}"
    return orjson.dumps({"errorType": kind, "errorMessage": message})


def _seconds(spec: FunctionSpec) -> str:
    return f"{spec.timeout_ms / 1000:.2f}"


def _platform_event(at: int, kind: str, record: dict[str, Any]) -> LogEvent:
    event = {"time": iso_milliseconds(at), "type": kind, "record": record}
    return LogEvent(at, orjson.dumps(event).decode() + "\n")
