"""What Step Functions refuses, by the names it gives. Texts are recorded answers where there are any."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.aws.errors import AwsError, ValidationException


class InvalidArn(AwsError):
    message = "Invalid Arn: '{reason}'"


class InvalidName(AwsError):
    message = "Invalid Name: '{name}'"


class InvalidToken(AwsError):
    message = "Invalid Token: 'Invalid token'"


class InvalidDefinition(AwsError):
    """Raised with the text of DefinitionRefused."""


class InvalidLoggingConfiguration(AwsError):
    message = "Invalid Logging Configuration: {reason}"


class InvalidEncryptionConfiguration(AwsError):
    message = "Invalid Encryption Configuration: {reason}"


class MissingRequiredParameter(AwsError):
    pass


class StateMachineAlreadyExists(AwsError):
    message = "State Machine Already Exists: '{arn}'"


class StateMachineDoesNotExist(AwsError):
    message = "State Machine Does Not Exist: '{arn}'"


class StateMachineLimitExceeded(AwsError):
    message = "The number of state machines exceeds the quota of {max}."


class ActivityAlreadyExists(AwsError):
    message = "Activity Already Exists: '{arn}'"


class ActivityDoesNotExist(AwsError):
    message = "Activity Does Not Exist: '{arn}'"


class ActivityLimitExceeded(AwsError):
    message = "The number of activities exceeds the quota of {max}."


class StateMachineTypeNotSupported(AwsError):
    message = "This operation is not supported by this type of state machine"


class ExecutionAlreadyExists(AwsError):
    message = "Execution Already Exists: '{arn}'"


class ExecutionDoesNotExist(AwsError):
    message = "Execution Does Not Exist: '{arn}'"


class ExecutionNotRedrivable(AwsError):
    message = "{reason}"


class InvalidExecutionInput(AwsError):
    message = "Invalid State Machine Execution Input: '{reason}'"


class InvalidOutput(AwsError):
    message = "Invalid Output: '{reason}'"


class TaskDoesNotExist(AwsError):
    message = "Task Does Not Exist: 'Provided task does not exist'"


class TaskTimedOut(AwsError):
    message = "Task Timed Out: 'Provided task does not exist anymore'"


class ConflictException(AwsError):
    pass


class ServiceQuotaExceededException(AwsError):
    message = "The number of {things} exceeds the quota of {max}."
    status = 402


class TooManyTags(AwsError):
    message = "The number of tags exceeds the quota of {max}."


class ResourceNotFound(AwsError):
    message = "Request references a resource that does not exist."

    def __init__(self, text: str | None = None, /, *, resource: str = "") -> None:
        members: Mapping[str, Any] = {"resourceName": resource} if resource else {}
        super().__init__(text, members)


class LabeledArnsNotSupported(ValidationException):
    code = "ValidationException"
    message = "This operation does not support the ARN of a labeled Map state."

    def __init__(self) -> None:
        super().__init__(None, {"reason": "API_DOES_NOT_SUPPORT_LABELED_ARNS"})


class InvalidRouting(ValidationException):
    """A routing configuration of an alias that AWS would not take."""

    code = "ValidationException"

    def __init__(self, text: str) -> None:
        super().__init__(text, {"reason": "INVALID_ROUTING_CONFIGURATION"})
