"""What STS refuses, by the names STS gives."""

from __future__ import annotations

from fogline.aws.errors import AwsError


class AccessDenied(AwsError):
    message = "User: {caller} is not authorized to perform: {action} on resource: {resource}"
    status = 403


class ValidationError(AwsError):
    pass


class MalformedPolicyDocument(AwsError):
    message = "The policy is not in the valid JSON format."


class PackedPolicyTooLarge(AwsError):
    code = "PackedPolicyTooLarge"
    message = "Packed size of session tags and policies consumes {percent}% of allotted space."


class InvalidParameterValue(AwsError):
    pass
