"""What Parameter Store refuses, by the names it gives."""

from __future__ import annotations

from fogline.aws.errors import AwsError, ValidationException

__all__ = ["ValidationException"]


class ParameterNotFound(AwsError):
    """GetParameter and DeleteParameter say nothing more than the name of the error."""


class ParameterAlreadyExists(AwsError):
    message = (
        "The parameter already exists. To overwrite this value, set the overwrite option in the "
        "request to true."
    )


class ParameterVersionNotFound(AwsError):
    message = "Systems Manager could not find {wanted} of {name}. Verify the version and try again."


class ParameterLimitExceeded(AwsError):
    message = "You have exceeded the number of parameters for this Amazon Web Services account."


class ParameterMaxVersionLimitExceeded(AwsError):
    message = (
        "You attempted to create a new version of {name} by calling the PutParameter API with the "
        "overwrite flag. Version {version}, the oldest version, can't be deleted because it has a "
        "label associated with it. Move the label to another version of the parameter, and try again."
    )


class ParameterVersionLabelLimitExceeded(AwsError):
    message = (
        "A parameter version can have maximum {max} labels."
        "Move one or more labels to another version and try again."
    )


class ParameterPatternMismatchException(AwsError):
    message = "Parameter value, cannot be validated against allowedPattern: {pattern}"


class InvalidAllowedPatternException(AwsError):
    message = "The allowed pattern {pattern} cannot be used: {reason}."


class HierarchyLevelLimitExceededException(AwsError):
    message = "A parameter name can have at most {max} levels."


class HierarchyTypeMismatchException(AwsError):
    message = (
        "Parameter Store doesn't support changing a parameter type in a hierarchy. For example, you "
        "can't change a parameter from a String type to a SecureString type. You must create a new, "
        "unique parameter."
    )


class AccessDeniedException(AwsError):
    message = "No access to reserved parameter name: {name}."


class InvalidFilterKey(AwsError):
    message = "The following filter key is not valid: {key}. Valid filter keys include: {valid}."


class InvalidFilterOption(AwsError):
    message = "The following filter option is not valid: {option}. Valid options include: {valid}."


class InvalidFilterValue(AwsError):
    message = "The filter value is not valid."


class InvalidNextToken(AwsError):
    message = "The specified token is not valid."


class InvalidResourceId(AwsError):
    message = "The resource ID is not valid. Verify that you entered the correct ID and try again."


class TooManyTagsError(AwsError):
    message = "The resource can have at most {max} tags."
