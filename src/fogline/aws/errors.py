"""What an AWS service answers when it refuses, apart from how any protocol spells it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar


class AwsError(Exception):
    """A refusal. One subclass per error shape, named exactly as AWS names the shape.

    `message` may hold `{placeholders}`, filled from the facts given when it is raised. Text given as the
    first argument replaces it, unformatted. `members` are further members of the error shape, in AWS's spelling.
    """

    message: ClassVar[str] = ""
    status: ClassVar[int] = 400
    code: ClassVar[str] = ""
    """The error code on the wire; by default the name of the class."""
    legacy_code: ClassVar[str] = ""
    """The code of the query protocol where it differs (also sent as `x-amzn-query-error`)."""
    json_status: ClassVar[int] = 0
    """The status in JSON and CBOR, for a service that once spoke the query protocol, where it is not 400."""

    def __init__(
        self, text: str | None = None, /, members: Mapping[str, Any] | None = None, **facts: object
    ) -> None:
        self.text = text if text is not None else self.message.format(**facts)
        self.members = members or {}
        super().__init__(self.text)

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "code" not in cls.__dict__:
            cls.code = cls.__name__

    @property
    def fault(self) -> str:
        """Whose fault it is, in AWS's words: `Sender` or `Receiver`."""
        return "Sender" if self.status < 500 else "Receiver"


class InternalFailure(AwsError):
    """A bug of ours. Never raised on purpose: dispatch answers with it for whatever else escapes."""

    message = "The request processing has failed because of an unknown error, exception or failure."
    status = 500


class NotImplementedByFogline(AwsError):
    """The operation is in AWS's model, and not built here yet."""

    code = "NotImplemented"
    status = 501
    message = "Fogline does not implement {service} {operation} yet."


class UnknownOperationException(AwsError):
    """No such operation in the service's model."""

    message = ""
    status = 404


class AccessDeniedException(AwsError):
    """The caller may not do this."""

    message = "User: {principal} is not authorized to perform: {action}"
    status = 403


class SerializationException(AwsError):
    """The request could not be read as the model says it is written."""


class ValidationException(AwsError):
    """The request breaks a constraint of the model."""


class ThrottlingException(AwsError):
    """Too many requests."""

    message = "Rate exceeded"
