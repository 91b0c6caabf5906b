"""Events of payload format 2.0: what HTTP APIs and function URLs hand to functions, and what these answer.

Sources: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
"""

from __future__ import annotations

from fogline.aws.http_events.answers import InvalidAnswer, Reply, read_answer, read_streamed
from fogline.aws.http_events.events import (
    clock_text,
    cookies_of,
    encoded_body,
    joined_values,
    proxy_event,
    request_context,
)

__all__ = [
    "InvalidAnswer",
    "Reply",
    "clock_text",
    "cookies_of",
    "encoded_body",
    "joined_values",
    "proxy_event",
    "read_answer",
    "read_streamed",
    "request_context",
]
