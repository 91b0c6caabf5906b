"""What is refused, by the names that API Gateway's management API gives.

Source: https://docs.aws.amazon.com/apigatewaymanagementapi/latest/api-reference/ and botocore's model, which gives all
but one no message.
"""

from __future__ import annotations

from fogline.aws.errors import AwsError


class BadRequestException(AwsError):
    """No connection has ids of that form. botocore's model does not have it, API Gateway does."""

    message = "Invalid connectionId: {id}"


class GoneException(AwsError):
    """The connection is over, or never was."""

    status = 410


class ForbiddenException(AwsError):
    """The connection is another account's."""

    status = 403


class LimitExceededException(AwsError):
    """The client does not read what it is sent."""

    status = 429


class PayloadTooLargeException(AwsError):
    """A message longer than messages may be."""

    status = 413
    message = "Message too long"
