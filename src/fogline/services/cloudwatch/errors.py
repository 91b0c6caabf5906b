"""What CloudWatch refuses, by the names it gives.

Texts: recorded answers, and https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/.
"""

from __future__ import annotations

from fogline.aws.errors import AwsError


class InvalidParameterValueException(AwsError):
    legacy_code = "InvalidParameterValue"
    message = "The value {value} for parameter {parameter} is invalid."


class InvalidParameterCombinationException(AwsError):
    legacy_code = "InvalidParameterCombination"
    message = "The parameters {one} and {other} are mutually exclusive and you have specified both."


class MissingRequiredParameterException(AwsError):
    legacy_code = "MissingParameter"
    message = "The parameter {parameter} is required."


class InvalidNextToken(AwsError):
    message = "The specified NextToken is invalid."


class ValidationError(AwsError):
    """How GetMetricData names whatever is wrong with its queries."""

    message = "{reason}"
