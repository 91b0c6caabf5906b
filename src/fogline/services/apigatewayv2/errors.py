"""What API Gateway refuses of HTTP and WebSocket APIs, by the names it gives."""

from __future__ import annotations

from fogline.apis.errors import (
    ApiNotFound,
    BadRequestException,
    ConflictException,
    NotFoundException,
)
from fogline.aws.errors import AwsError

__all__ = [
    "ApiNotFound",
    "BadRequestException",
    "ConflictException",
    "NotFoundException",
    "TooManyRequestsException",
]


class TooManyRequestsException(AwsError):
    """There is no room for more."""

    message = (
        "Maximum number of {kind} for this {scope} has been reached.  Please contact AWS if you need "
        "additional {kind}."
    )
    status = 429
