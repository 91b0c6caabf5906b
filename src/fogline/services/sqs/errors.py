"""What SQS refuses, by the names SQS gives.

Texts: recorded answers, and https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/.
"""

from __future__ import annotations

from fogline.aws.errors import AwsError


class QueueDoesNotExist(AwsError):
    message = "The specified queue does not exist."
    legacy_code = "AWS.SimpleQueueService.NonExistentQueue"


class QueueNameExists(AwsError):
    message = (
        "A queue already exists with the same name and a different value for attribute {attribute}"
    )
    legacy_code = "QueueAlreadyExists"


class QueueDeletedRecently(AwsError):
    message = "You must wait 60 seconds after deleting a queue before you can create another with the same name."
    legacy_code = "AWS.SimpleQueueService.QueueDeletedRecently"


class PurgeQueueInProgress(AwsError):
    message = "Only one PurgeQueue operation on {name} is allowed every 60 seconds."
    legacy_code = "AWS.SimpleQueueService.PurgeQueueInProgress"
    status = 403


class InvalidAttributeName(AwsError):
    message = "Unknown Attribute {name}."
    legacy_code = "InvalidAttributeName"


class InvalidAttributeValue(AwsError):
    message = "Invalid value for the parameter {name}."
    legacy_code = "InvalidAttributeValue"


class InvalidParameterValueException(AwsError):
    message = "Value {value} for parameter {name} is invalid. Reason: {reason}."
    legacy_code = "InvalidParameterValue"


class MissingRequiredParameterException(AwsError):
    message = "The request must contain the parameter {name}."
    legacy_code = "MissingParameter"


class ReceiptHandleIsInvalid(AwsError):
    message = 'The input receipt handle "{handle}" is not a valid receipt handle.'
    legacy_code = "ReceiptHandleIsInvalid"
    status = 404


class ReceiptHandleHasExpired(AwsError):
    """A FIFO queue's answer to who held a message too long; AWS has no shape of its own for it."""

    code = "InvalidParameterValueException"
    message = "Value {handle} for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired."
    legacy_code = "InvalidParameterValue"


class MessageNotInflight(AwsError):
    message = (
        "Value {handle} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not "
        "available for visibility timeout change."
    )
    legacy_code = "AWS.SimpleQueueService.MessageNotInflight"


class InvalidMessageContents(AwsError):
    message = "Message contents contain characters that are outside the allowed set of characters."
    legacy_code = "InvalidMessageContents"


class EmptyBatchRequest(AwsError):
    message = "There should be at least one {entry} in the request."
    legacy_code = "AWS.SimpleQueueService.EmptyBatchRequest"


class TooManyEntriesInBatchRequest(AwsError):
    message = "Maximum number of entries per request are {max}. You have sent {count}."
    legacy_code = "AWS.SimpleQueueService.TooManyEntriesInBatchRequest"


class BatchEntryIdsNotDistinct(AwsError):
    message = "Id {id} repeated."
    legacy_code = "AWS.SimpleQueueService.BatchEntryIdsNotDistinct"


class BatchRequestTooLong(AwsError):
    message = "Batch requests cannot be longer than {max} bytes. You have sent {count} bytes."
    legacy_code = "AWS.SimpleQueueService.BatchRequestTooLong"


class InvalidBatchEntryId(AwsError):
    message = (
        "A batch entry id can only contain alphanumeric characters, hyphens and underscores. "
        "It can be at most 80 letters long."
    )
    legacy_code = "AWS.SimpleQueueService.InvalidBatchEntryId"


class OverLimit(AwsError):
    message = "{number} {things} were found, maximum allowed is {max}."
    legacy_code = "OverLimit"
    status = 403


class UnsupportedOperation(AwsError):
    message = "{reason}"
    legacy_code = "AWS.SimpleQueueService.UnsupportedOperation"


class ResourceNotFoundException(AwsError):
    message = "The resource that you specified for the {name} parameter doesn't exist."
    legacy_code = "ResourceNotFoundException"
    status = 404
    json_status = 404
