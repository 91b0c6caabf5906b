"""Faults: why a request gets a gateway response instead of what its integration answered."""

from __future__ import annotations

from typing import NamedTuple


class Kind(NamedTuple):
    """A type of gateway response, as API Gateway gives it."""

    name: str
    status: int
    message: str | None
    error: str
    """What the header x-amzn-ErrorType says."""


def _kind(name: str, status: int, message: str | None, error: str) -> Kind:
    return Kind(name, status, message, error)


ACCESS_DENIED = _kind(
    "ACCESS_DENIED",
    403,
    "User is not authorized to access this resource",
    "AccessDeniedException",
)
DENIED_BY_POLICY = _kind("ACCESS_DENIED", 403, "Forbidden", "AccessDeniedException")
"""The API's resource policy does not let the caller in; the body spells `Message` with a capital."""
API_CONFIGURATION_ERROR = _kind(
    "API_CONFIGURATION_ERROR", 500, "Internal server error", "InternalServerErrorException"
)
AUTHORIZER_CONFIGURATION_ERROR = _kind(
    "AUTHORIZER_CONFIGURATION_ERROR", 500, None, "AuthorizerConfigurationException"
)
AUTHORIZER_FAILURE = _kind("AUTHORIZER_FAILURE", 500, None, "AuthorizerFailureException")
BAD_REQUEST_BODY = _kind("BAD_REQUEST_BODY", 400, "Invalid request body", "BadRequestException")
BAD_REQUEST_PARAMETERS = _kind(
    "BAD_REQUEST_PARAMETERS", 400, "Invalid request parameters", "BadRequestException"
)
EXPIRED_TOKEN = _kind(
    "EXPIRED_TOKEN",
    403,
    "The security token included in the request is expired",
    "ExpiredTokenException",
)
INTEGRATION_FAILURE = _kind(
    "INTEGRATION_FAILURE",
    504,
    "Network error communicating with endpoint",
    "InternalServerErrorException",
)
INTEGRATION_TIMEOUT = _kind(
    "INTEGRATION_TIMEOUT", 504, "Endpoint request timed out", "InternalServerErrorException"
)
INTERNAL = _kind("DEFAULT_5XX", 500, "Internal server error", "InternalServerErrorException")
INCOMPLETE_SIGNATURE = _kind("INVALID_SIGNATURE", 403, None, "IncompleteSignatureException")
INVALID_API_KEY = _kind("INVALID_API_KEY", 403, "Forbidden", "ForbiddenException")
INVALID_SIGNATURE = _kind("INVALID_SIGNATURE", 403, None, "InvalidSignatureException")
MALFORMED_PROXY_ANSWER = _kind(
    "DEFAULT_5XX", 502, "Internal server error", "InternalServerErrorException"
)
MISSING_AUTHENTICATION_TOKEN = _kind(
    "MISSING_AUTHENTICATION_TOKEN",
    403,
    "Missing Authentication Token",
    "MissingAuthenticationTokenException",
)
QUOTA_EXCEEDED = _kind("QUOTA_EXCEEDED", 429, "Limit Exceeded", "LimitExceededException")
REQUEST_TOO_LARGE = _kind("REQUEST_TOO_LARGE", 413, "Request Too Long", "RequestTooLargeException")
THROTTLED = _kind("THROTTLED", 429, "Too Many Requests", "TooManyRequestsException")
UNAUTHORIZED = _kind("UNAUTHORIZED", 401, "Unauthorized", "UnauthorizedException")
UNRECOGNIZED_CLIENT = _kind(
    "ACCESS_DENIED",
    403,
    "The security token included in the request is invalid.",
    "UnrecognizedClientException",
)
UNSUPPORTED_MEDIA_TYPE = _kind(
    "UNSUPPORTED_MEDIA_TYPE", 415, "Unsupported Media Type", "UnsupportedMediaTypeException"
)


class Fault(Exception):
    """The request ends with a gateway response. `reason` is for the log, `message` for the caller."""

    def __init__(
        self, kind: Kind, reason: str = "", *, message: str | None = None, detail: str = ""
    ) -> None:
        super().__init__(reason or kind.message or kind.name)
        self.kind = kind
        self.reason = reason
        self.message = message if message is not None else kind.message
        self.detail = detail
        """What `$context.error.validationErrorString` says."""


def misconfigured(reason: str) -> Fault:
    """The API itself is at fault: it cannot be run as it was set up."""
    return Fault(API_CONFIGURATION_ERROR, f"Execution failed due to configuration error: {reason}")
