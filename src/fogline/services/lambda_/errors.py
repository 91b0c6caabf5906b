"""What Lambda refuses, by the names Lambda gives.

Texts: recorded answers, and https://docs.aws.amazon.com/lambda/latest/api/.
"""

from __future__ import annotations

from fogline.aws.errors import AwsError, ValidationException

__all__ = ["ValidationException"]


class ResourceNotFoundException(AwsError):
    message = "Function not found: {arn}"
    status = 404


class ResourceConflictException(AwsError):
    message = "Function already exist: {name}"
    status = 409


class InvalidParameterValueException(AwsError):
    pass


class ResourceInUseException(AwsError):
    message = "Cannot {action} the event source mapping because it is in use."


class PreconditionFailedException(AwsError):
    message = (
        "The Revision Id provided does not match the latest Revision Id. "
        "Call the {operation} API to retrieve the latest Revision Id"
    )
    status = 412


class RequestTooLargeException(AwsError):
    message = "Request must be smaller than {max} bytes for the {operation} operation"
    status = 413


class RequestEntityTooLargeException(AwsError):
    message = "Zipped size must be smaller than {max} bytes"
    status = 413


class InvalidRequestContentException(AwsError):
    message = "Could not parse request body into json: Could not parse payload into json: {reason}"


class TooManyRequestsException(AwsError):
    message = "Rate Exceeded."
    status = 429


class ProvisionedConcurrencyConfigNotFoundException(AwsError):
    message = "No Provisioned Concurrency Config found for this function"
    status = 404


class ServiceException(AwsError):
    message = "{reason}"
    status = 500


class NotBuilt(AwsError):
    """Something that AWS's model has and Fogline does not do yet."""

    code = "NotImplemented"
    status = 501
    message = "Fogline does not implement {what} yet."
