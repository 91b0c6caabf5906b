"""Faults: why a connection is refused, or what a client is told in place of an answer to its message.

Bodies have the form that API Gateway's own gateway responses give them:
https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-request-validation.html
"""

from __future__ import annotations

from typing import NamedTuple

import orjson


class Kind(NamedTuple):
    """A refusal as clients see it, and what logs call it."""

    status: int
    message: str
    response_type: str


ACCESS_DENIED = Kind(403, "User is not authorized to access this resource", "ACCESS_DENIED")
BAD_BODY = Kind(400, "Invalid request body", "BAD_REQUEST_BODY")
BAD_PARAMETERS = Kind(400, "Invalid request parameters", "BAD_REQUEST_PARAMETERS")
EXPIRED_TOKEN = Kind(403, "The security token included in the request is expired", "EXPIRED_TOKEN")
FORBIDDEN = Kind(403, "Forbidden", "DEFAULT_4XX")
INTEGRATION_FAILURE = Kind(502, "Internal server error", "INTEGRATION_FAILURE")
AUTHORIZER_FAILURE = Kind(500, "Internal server error", "AUTHORIZER_FAILURE")
INTERNAL = Kind(500, "Internal server error", "API_CONFIGURATION_ERROR")
INVALID_API_KEY = Kind(403, "Forbidden", "INVALID_API_KEY")
INVALID_SIGNATURE = Kind(403, "Forbidden", "INVALID_SIGNATURE")
MISSING_TOKEN = Kind(403, "Missing Authentication Token", "MISSING_AUTHENTICATION_TOKEN")
TIMEOUT = Kind(504, "Endpoint request timed out", "INTEGRATION_TIMEOUT")
TOO_LONG = Kind(414, "URI Too Long", "DEFAULT_4XX")
TOO_MANY = Kind(429, "Too Many Requests", "THROTTLED")
UNAUTHORIZED = Kind(401, "Unauthorized", "UNAUTHORIZED")
UNSUPPORTED_TYPE = Kind(415, "Unsupported Media Type", "UNSUPPORTED_MEDIA_TYPE")


class Fault(Exception):
    """A request ends here. `reason` is for logs, `message` is what its client is told."""

    def __init__(self, kind: Kind, reason: str = "", *, message: str = "") -> None:
        super().__init__(reason or kind.message)
        self.kind = kind
        self.reason = reason or kind.message
        self.message = message or kind.message


def misconfigured(reason: str) -> Fault:
    """The API itself is at fault: it cannot be run as it was set up."""
    return Fault(INTERNAL, f"Execution failed due to configuration error: {reason}")


def fault_text(message: str, connection_id: str, request_id: str) -> str:
    """What a client is told."""
    quoted = orjson.dumps(message).decode()
    return f'{{"message": {quoted}, "connectionId":"{connection_id}", "requestId":"{request_id}"}}'
