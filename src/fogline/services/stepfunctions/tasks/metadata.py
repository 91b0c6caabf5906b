"""What tuned integrations add to a service's answer: its HTTP headers and request id."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import orjson

from fogline.services.stepfunctions.tasks.task import Task

Headers = Mapping[str, str]

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SEQUENCE_NUMBER_BYTES = len("\n    <SequenceNumber></SequenceNumber>")
_PUBLISH_BYTES = 294
"""Of SNS's answer to Publish (recorded: test_sns_publish_wait_for_task_token)."""


def of_function(
    task: Task, request_id: str, answer: Mapping[str, Any], length: int, now: int
) -> dict[str, Any]:
    """Lambda's. Recorded: test_invoke_bytes_payload."""
    trace = f"root={task.trace.trace_id};parent={task.trace.id};sampled=1"
    headers = {
        "Connection": "keep-alive",
        "Content-Length": str(length),
        "Content-Type": "application/json",
        "Date": http_date(now // 1000),
        "x-amzn-Remapped-Content-Length": "0",
        "x-amzn-RequestId": request_id,
        "X-Amzn-Trace-Id": trace,
    }
    if "ExecutedVersion" in answer:
        headers["X-Amz-Executed-Version"] = answer["ExecutedVersion"]
    return _shown(headers, request_id, answer["StatusCode"])


def of_item(shown: Mapping[str, Any], request_id: str, now: int) -> dict[str, Any]:
    """DynamoDB's. Recorded: test_base_integrations."""
    body = orjson.dumps(shown, default=str)
    headers = {
        "Connection": "keep-alive",
        "Content-Length": str(len(body)),
        "Content-Type": "application/x-amz-json-1.0",
        "Date": http_date(now // 1000),
        "Server": "Server",
        "x-amz-crc32": str(zlib.crc32(body)),
        "x-amzn-RequestId": request_id,
    }
    return _shown(headers, request_id)


def of_json(shown: Mapping[str, Any], request_id: str, now: int) -> dict[str, Any]:
    """That of SQS and Step Functions. Recorded: test_multiple_heartbeat_notifications."""
    length = len(orjson.dumps(shown, default=str))
    return _plain("application/x-amz-json-1.0", length, request_id, now)


def of_publish(shown: Mapping[str, Any], request_id: str, now: int) -> dict[str, Any]:
    """That of SNS. Recorded: test_fifo_message_attribute."""
    number = shown.get("SequenceNumber") or ""
    length = _PUBLISH_BYTES + (len(number) + _SEQUENCE_NUMBER_BYTES if number else 0)
    return _plain("text/xml", length, request_id, now)


def _plain(content_type: str, length: int, request_id: str, now: int) -> dict[str, Any]:
    headers = {
        "connection": "keep-alive",
        "Content-Length": str(length),
        "Content-Type": content_type,
        "Date": http_date(now // 1000),
        "x-amzn-RequestId": request_id,
    }
    return _shown(headers, request_id)


def _shown(headers: Headers, request_id: str, status: int = 200) -> dict[str, Any]:
    return {
        "SdkHttpMetadata": {
            "AllHttpHeaders": {name: [value] for name, value in headers.items()},
            "HttpHeaders": headers,
            "HttpStatusCode": status,
        },
        "SdkResponseMetadata": {"RequestId": request_id},
    }


@lru_cache(16)
def http_date(seconds: int) -> str:
    """`Sun, 25 Jan 2015 08:00:00 GMT`."""
    at = datetime.fromtimestamp(seconds, UTC)
    day, month = _DAYS[at.weekday()], _MONTHS[at.month - 1]
    return f"{day}, {at.day:02d} {month} {at.year:04d} {at:%H:%M:%S} GMT"
