"""What Pipes refuses, by the names AWS gives."""

from __future__ import annotations

from collections.abc import Mapping

from fogline.aws.errors import AwsError, NotImplementedByFogline


class NotFoundException(AwsError):
    """No such pipe."""

    status = 404
    message = "Pipe {name} does not exist."


class ConflictException(AwsError):
    """The pipe is not in a state for this, or there is one of that name."""

    status = 409
    message = "Pipe {name} already exists."


class ServiceQuotaExceededException(AwsError):
    """More pipes than an account may have."""

    status = 402
    message = "The requested resource exceeds the maximum number allowed."


class ValidationException(AwsError):
    """The pipe that a request describes cannot be."""


class NotBuilt(NotImplementedByFogline):
    """AWS has it, and we do not yet."""

    code = "NotImplemented"
    message = "Fogline does not implement {what} yet."


def invalid_fields(fields: Mapping[str, str]) -> ValidationException:
    """The refusal of single members: each name and what is wrong with it."""
    listed = [{"name": name, "message": text} for name, text in fields.items()]
    text = "; ".join(f"{name}: {text}" for name, text in fields.items())
    return ValidationException(text, members={"fieldList": listed})
