"""What SNS refuses, by the names SNS gives.

Classes are named as AWS's shapes are; their codes stand without `Exception`. Texts: recorded answers, reports of users,
and https://docs.aws.amazon.com/sns/latest/api/CommonErrors.html.
"""

from __future__ import annotations

from fogline.aws.errors import AwsError


class InvalidParameterException(AwsError):
    code = "InvalidParameter"
    message = "Invalid parameter: {reason}"


class InvalidParameterValueException(AwsError):
    code = "ParameterValueInvalid"
    message = "{reason}"


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


class TagLimitExceededException(AwsError):
    code = "TagLimitExceeded"
    message = "Could not complete request: tag quota of per resource exceeded"


class FilterPolicyLimitExceededException(AwsError):
    code = "FilterPolicyLimitExceeded"
    status = 403
    message = "Filter policy limit exceeded: a topic has at most {max} filter policies"


class EndpointDisabledException(AwsError):
    code = "EndpointDisabled"
    message = "Endpoint is disabled"


class PlatformApplicationDisabledException(AwsError):
    code = "PlatformApplicationDisabled"
    message = "Platform application is disabled"


class EmptyBatchRequestException(AwsError):
    code = "EmptyBatchRequest"
    message = "The batch request doesn't contain any entries."


class TooManyEntriesInBatchRequestException(AwsError):
    code = "TooManyEntriesInBatchRequest"
    message = "The batch request contains more entries than permissible."


class BatchEntryIdsNotDistinctException(AwsError):
    code = "BatchEntryIdsNotDistinct"
    message = "Two or more batch entries in the request have the same Id."


class BatchRequestTooLongException(AwsError):
    code = "BatchRequestTooLong"
    message = "The length of all the messages put together is more than the limit."


class InvalidBatchEntryIdException(AwsError):
    code = "InvalidBatchEntryId"
    message = "The Id of a batch entry in the batch request {reason}: {id}"


class NotBuilt(AwsError):
    """Part of SNS that is in AWS's model and not built here."""

    code = "NotImplemented"
    status = 501
    message = "Fogline does not implement {what} of SNS yet."


class UserErrorException(AwsError):
    code = "UserError"
    message = "{reason}"


class VerificationException(AwsError):
    """A one-time password that is wrong or too old."""

    message = "Verification failed"
