"""What IAM refuses, by the codes IAM gives.

Texts: recorded answers, and https://docs.aws.amazon.com/IAM/latest/APIReference/.
"""

from __future__ import annotations

from fogline.aws.errors import AwsError


class NoSuchEntity(AwsError):
    message = "The {kind} with name {name} cannot be found."
    status = 404


class EntityAlreadyExists(AwsError):
    message = "{kind} with name {name} already exists."
    status = 409


class DeleteConflict(AwsError):
    message = "Cannot delete entity, must {remedy} first."
    status = 409


class LimitExceeded(AwsError):
    message = "Cannot exceed quota for {quota}: {max}"
    status = 409


class MalformedPolicyDocument(AwsError):
    message = "Syntax errors in policy."


class InvalidInput(AwsError):
    pass


class ValidationError(AwsError):
    pass


class UnmodifiableEntity(AwsError):
    message = "Cannot perform the operation on the protected role '{name}' - this role is only modifiable by AWS"


class DocumentNotHeld(AwsError):
    """An AWS managed policy that can be attached, but whose text Fogline has no copy of."""

    code = "NotImplemented"
    status = 501
    message = "Fogline does not hold the document of the AWS managed policy {arn}. It can be attached nevertheless."
