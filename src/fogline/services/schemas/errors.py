"""What EventBridge Schemas refuses, by the names it gives. Each shape repeats its code in a member of its own.

AWS documents the shapes and no texts: https://docs.aws.amazon.com/eventbridge/latest/schema-reference/operations.html
"""

from __future__ import annotations

from fogline.aws.errors import AwsError


class SchemasError(AwsError):
    """A refusal of this service."""

    def __init__(self, text: str | None = None, /, **facts: object) -> None:
        super().__init__(text, {"Code": type(self).code}, **facts)


class BadRequestException(SchemasError):
    """What is asked cannot be read or done."""


class ConflictException(SchemasError):
    message = "{thing} already exists."
    status = 409


class ForbiddenException(SchemasError):
    status = 403


class NotFoundException(SchemasError):
    message = "{thing} does not exist."
    status = 404


class PreconditionFailedException(SchemasError):
    message = "The revision ID does not match that of the present policy."
    status = 412
