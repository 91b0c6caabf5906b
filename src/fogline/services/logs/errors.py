"""What CloudWatch Logs refuses, by the names it gives."""

from __future__ import annotations

from fogline.aws.errors import AwsError


class ResourceNotFoundException(AwsError):
    message = "The specified {resource} does not exist."


class ResourceAlreadyExistsException(AwsError):
    message = "The specified {resource} already exists"


class InvalidParameterException(AwsError):
    message = "{reason}"


class InvalidOperationException(AwsError):
    message = "{reason}"


class LimitExceededException(AwsError):
    message = "Resource limit exceeded."


class TooManyTagsException(AwsError):
    message = "The resource can have at most {max} tags."


class ValidationException(AwsError):
    message = "{reason}"
