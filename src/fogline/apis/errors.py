"""What both services of API Gateway refuse, by the names they give."""

from __future__ import annotations

from fogline.aws.errors import AwsError


class BadRequestException(AwsError):
    """The request can't be what was meant."""


class NotFoundException(AwsError):
    """Something that the request names is not there."""

    message = "Invalid {kind} identifier specified"
    status = 404


class ApiNotFound(NotFoundException):
    code = "NotFoundException"
    message = "Invalid API identifier specified {account}:{id}"


class ConflictException(AwsError):
    """What is there already stands in the way."""

    status = 409
