"""What CloudFormation refuses, by the names CloudFormation gives."""

from __future__ import annotations

from fogline.aws.errors import AwsError


class ValidationError(AwsError):
    """A template, a parameter or a stack is not what it must be."""


class CustomResourceFailed(ValidationError):
    """A custom resource answered that it failed, and which physical resource it left behind, if any."""

    code = "ValidationError"
    physical_id = ""


class AlreadyExistsException(AwsError):
    message = "Stack [{stack}] already exists"


class InsufficientCapabilitiesException(AwsError):
    message = "Requires capabilities : [{capabilities}]"


class ChangeSetNotFoundException(AwsError):
    code = "ChangeSetNotFound"
    message = "ChangeSet [{change_set}] does not exist"
    status = 404


class InvalidChangeSetStatusException(AwsError):
    code = "InvalidChangeSetStatus"
    message = (
        "ChangeSet [{change_set}] cannot be {verb} in its current status of [{change_set_status}]"
    )


class LimitExceededException(AwsError):
    message = "Limit for stack has been exceeded"


class TokenAlreadyExistsException(AwsError):
    message = "A client request token already exists."
