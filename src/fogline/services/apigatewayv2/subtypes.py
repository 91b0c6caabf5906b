"""First-class integrations: the operations of services that an HTTP API calls without a function, and what each takes.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-aws-services-reference.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from fogline.services.apigatewayv2.errors import BadRequestException


class Subtype(NamedTuple):
    """One operation of a service, and its request parameters."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()


SUBTYPES: Mapping[str, Subtype] = {
    "EventBridge-PutEvents": Subtype(
        ("Detail", "DetailType", "Source"),
        ("Time", "EventBusName", "Resources", "Region", "TraceHeader"),
    ),
    "SQS-SendMessage": Subtype(
        ("QueueUrl", "MessageBody"),
        (
            "DelaySeconds",
            "MessageAttributes",
            "MessageDeduplicationId",
            "MessageGroupId",
            "MessageSystemAttributes",
            "Region",
        ),
    ),
    "SQS-ReceiveMessage": Subtype(
        ("QueueUrl",),
        (
            "AttributeName",
            "AttributeNames",
            "MaxNumberOfMessages",
            "MessageAttributeNames",
            "ReceiveRequestAttemptId",
            "VisibilityTimeout",
            "WaitTimeSeconds",
            "Region",
        ),
    ),
    "SQS-DeleteMessage": Subtype(("ReceiptHandle", "QueueUrl"), ("Region",)),
    "SQS-PurgeQueue": Subtype(("QueueUrl",), ("Region",)),
    "AppConfig-GetConfiguration": Subtype(
        ("Application", "Environment", "Configuration", "ClientId"),
        ("ClientConfigurationVersion", "Region"),
    ),
    "Kinesis-PutRecord": Subtype(
        ("StreamName", "Data", "PartitionKey"),
        ("SequenceNumberForOrdering", "ExplicitHashKey", "Region"),
    ),
    "StepFunctions-StartExecution": Subtype(
        ("StateMachineArn",), ("Name", "Input", "Region", "TraceHeader")
    ),
    "StepFunctions-StartSyncExecution": Subtype(
        ("StateMachineArn",), ("Name", "Input", "Region", "TraceHeader")
    ),
    "StepFunctions-StopExecution": Subtype(("ExecutionArn",), ("Cause", "Error", "Region")),
}


def check_subtype(name: str, parameters: Mapping[str, str]) -> None:
    """Raises BadRequestException."""
    subtype = SUBTYPES.get(name)
    if subtype is None:
        raise BadRequestException(f"Invalid IntegrationSubtype specified: {name[:128]}")
    missing = [parameter for parameter in subtype.required if not parameters.get(parameter)]
    if missing:
        raise BadRequestException(
            f"Required request parameters are missing for integration subtype {name}: "
            f"[{', '.join(missing)}]"
        )
    unknown = [one for one in parameters if one not in subtype.required + subtype.optional]
    if unknown:
        raise BadRequestException(
            f"Request parameters are not supported for integration subtype {name}: "
            f"[{', '.join(unknown)[:512]}]"
        )
