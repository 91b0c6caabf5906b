"""What SNS refuses, by the names SNS gives.

Texts: recorded answers, and https://docs.aws.amazon.com/sns/latest/api/CommonErrors.html. Classes are named as AWS's
shapes are, codes stand without their `Exception`.
"""

from __future__ import annotations

from fogline.aws.errors import AwsError


class InvalidParameterException(AwsError):
    code = "InvalidParameter"
    message = "Invalid parameter: {reason}"


class InvalidParameterValueException(AwsError):
    code = "ParameterValueInvalid"
    message = "Invalid parameter: {reason}"


class ValidationError(AwsError):
    message = "1 validation error detected: {reason}"


class NotFoundException(AwsError):
    code = "NotFound"
    status = 404
    message = "{thing} does not exist"


class ResourceNotFoundException(AwsError):
    code = "ResourceNotFound"
    status = 404
    message = "Resource does not exist"


class AuthorizationErrorException(AwsError):
    code = "AuthorizationError"
    status = 403
    message = "{reason}"
