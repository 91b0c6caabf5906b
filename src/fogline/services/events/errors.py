"""What EventBridge refuses, by the names it gives."""

from __future__ import annotations

from fogline.aws.errors import AwsError, ValidationException

__all__ = ["ValidationException"]


class ResourceNotFoundException(AwsError):
    message = "{kind} {name} does not exist."


class EventBusDoesNotExist(ResourceNotFoundException):
    code = "ResourceNotFoundException"
    message = "Event bus {name} does not exist."


class EndpointDoesNotExist(ResourceNotFoundException):
    code = "ResourceNotFoundException"
    message = "Endpoint {id} does not exist."


class RuleDoesNotExist(ResourceNotFoundException):
    code = "ResourceNotFoundException"
    message = "Rule {name} does not exist on EventBus {bus}."


class ResourceAlreadyExistsException(AwsError):
    message = "Event bus {name} already exists."


class LimitExceededException(AwsError):
    message = "The requested resource exceeds the maximum number allowed."


class ManagedRuleException(AwsError):
    message = (
        "This rule is managed by {by}, so you can't change it. If you want to delete it, set the "
        "Force parameter."
    )


class InvalidEventPatternException(AwsError):
    message = "Event pattern is not valid. Reason: {reason}"


class ConcurrentModificationException(AwsError):
    message = "The resource was changed at the same time by another request. Try again."


class PolicyLengthExceededException(AwsError):
    message = "The policy is larger than {bytes} bytes."


class IllegalStatusException(AwsError):
    message = "An error occurred because a replay can be canceled only when the state is Running or Starting."


class InvalidStateException(AwsError):
    message = "The resource is in a state that does not allow this."


class OperationDisabledException(AwsError):
    message = "This operation is not available in this region."
