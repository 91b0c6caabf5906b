"""Definitions: what a pipe may consist of, what AWS fills in, and what is refused.

Parameters: https://docs.aws.amazon.com/eventbridge/latest/pipes-reference/API_CreatePipe.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.apis.invoking import find_method
from fogline.aws.arn import Arn, find_arn
from fogline.aws.patterns import InvalidPattern, Pattern, compile_pattern
from fogline.ports.api import Api
from fogline.services.pipes.errors import NotBuilt, ValidationException, invalid_fields
from fogline.services.pipes.limits import Limits
from fogline.services.pipes.templates import compiled

_STREAM_DEFAULTS = {
    "BatchSize": 100,
    "MaximumBatchingWindowInSeconds": 0,
    "MaximumRecordAgeInSeconds": -1,
    "MaximumRetryAttempts": -1,
    "ParallelizationFactor": 1,
}
SOURCE_PARAMETERS = {
    "sqs": ("SqsQueueParameters", {"BatchSize": 10, "MaximumBatchingWindowInSeconds": 0}),
    "dynamodb": ("DynamoDBStreamParameters", _STREAM_DEFAULTS),
    "kinesis": ("KinesisStreamParameters", _STREAM_DEFAULTS),
}
"""By the service of a source's ARN: the member with its parameters, and what they are without being told."""
_STARTING = ("StartingPosition", "StartingPositionTimestamp")

_SOURCES_NOT_BUILT = {"mq": "Amazon MQ", "kafka": "Amazon MSK"}
_TARGETS_NOT_BUILT = {
    "batch": "AWS Batch",
    "ecs": "Amazon ECS",
    "inspector": "Amazon Inspector",
    "redshift": "Amazon Redshift",
    "redshift-serverless": "Amazon Redshift Serverless",
    "sagemaker": "Amazon SageMaker",
    "timestream": "Amazon Timestream",
}
_TARGET_PARAMETERS = {
    "batch": "BatchJobParameters",
    "ecs": "EcsTaskParameters",
    "events": "EventBridgeEventBusParameters",
    "events/api-destination": "HttpParameters",
    "execute-api": "HttpParameters",
    "kinesis": "KinesisStreamParameters",
    "lambda": "LambdaFunctionParameters",
    "logs": "CloudWatchLogsParameters",
    "redshift": "RedshiftDataParameters",
    "sagemaker": "SageMakerPipelineParameters",
    "sqs": "SqsQueueParameters",
    "states": "StepFunctionStateMachineParameters",
    "timestream": "TimestreamParameters",
}
_NEEDED = {
    "firehose": ("firehose", "PutRecord"),
    "kinesis": ("kinesis", "PutRecord"),
}
"""Services that may not be there, and the operation that shows that they are."""
_NAMES = {"firehose": "Firehose", "kinesis": "Kinesis"}
TARGETS = frozenset(
    ("events", "execute-api", "firehose", "kinesis", "lambda", "logs", "sns", "sqs", "states")
)
ENDPOINTS = frozenset(("events/api-destination", "execute-api"))
"""What is called over HTTP, with each event alone."""
ENRICHMENTS = frozenset((*ENDPOINTS, "lambda", "states"))


def require_arn(text: str, name: str) -> Arn:
    """The ARN that a member holds, with the account and region it needs."""
    arn = find_arn(text)
    if arn is None:
        raise invalid_fields({name: "Invalid ARN."})
    return arn


def kind_of(arn: Arn) -> str:
    """The service of an ARN, and for API destinations their own kind."""
    if arn.service == "events" and arn.resource.startswith("api-destination/"):
        return "events/api-destination"
    return arn.service


# ---- the source


def source_parameters(
    source: str,
    given: Mapping[str, Any] | None,
    before: Mapping[str, Any] | None,
    limits: Limits,
) -> dict[str, Any]:
    """The complete SourceParameters of a pipe; `before` are those of the pipe that is updated."""
    if source.startswith("smk://"):
        raise NotBuilt(what="pipes from self-managed Kafka")
    service = require_arn(source, "Source").service
    if service in _SOURCES_NOT_BUILT:
        raise NotBuilt(what=f"pipes from {_SOURCES_NOT_BUILT[service]}")
    if service not in SOURCE_PARAMETERS:
        raise invalid_fields({"Source": f"Invalid source ARN: {source}"})
    given = given or {}
    member, defaults = SOURCE_PARAMETERS[service]
    for name in given:
        if name not in ("FilterCriteria", member):
            raise invalid_fields({name: "Invalid source parameter provided for source."})
    kept = dict((before or {}).get(member) or {})
    own = given.get(member)
    if own is None:
        own = kept
    else:
        # What an update does not say goes back to its default, but where reading began stays.
        own = {**{name: kept[name] for name in _STARTING if name in kept}, **own}
    parameters: dict[str, Any] = {member: {**defaults, **own}}
    _check_source(service, parameters[member], limits)
    criteria = given.get("FilterCriteria", (before or {}).get("FilterCriteria"))
    if criteria and criteria.get("Filters"):
        filters_of(criteria, limits)
        parameters["FilterCriteria"] = criteria
    return parameters


def _check_source(service: str, own: Mapping[str, Any], limits: Limits) -> None:
    if service == "sqs":
        if (
            own["BatchSize"] > limits.queue_batch_alone_max
            and not own["MaximumBatchingWindowInSeconds"]
        ):
            raise ValidationException(
                "Maximum batch window in seconds must be greater than 0 if maximum batch size is "
                f"greater than {limits.queue_batch_alone_max}"
            )
        return
    if "StartingPosition" not in own:
        raise invalid_fields({"StartingPosition": "StartingPosition is required for this source."})
    if own["StartingPosition"] == "AT_TIMESTAMP" and "StartingPositionTimestamp" not in own:
        raise invalid_fields(
            {"StartingPositionTimestamp": "It is required when StartingPosition is AT_TIMESTAMP."}
        )
    age = own["MaximumRecordAgeInSeconds"]
    if 0 <= age < 60:
        raise invalid_fields({"MaximumRecordAgeInSeconds": "Must be -1, or 60 to 604800."})
    letters = (own.get("DeadLetterConfig") or {}).get("Arn")
    if letters and require_arn(letters, "DeadLetterConfig").service not in ("sqs", "sns"):
        raise invalid_fields({"DeadLetterConfig": "Must be the ARN of a queue or a topic."})


def filters_of(criteria: Mapping[str, Any] | None, limits: Limits) -> list[Pattern]:
    """The compiled filters of a FilterCriteria. Raises ValidationException."""
    filters = (criteria or {}).get("Filters") or []
    if len(filters) > limits.filters_max:
        raise ValidationException(
            f"The number of filters must be less than or equal to {limits.filters_max}."
        )
    try:
        return [compile_pattern(each.get("Pattern") or "null") for each in filters]
    except InvalidPattern as invalid:
        raise ValidationException(f"Event pattern is not valid. Reason: {invalid}") from invalid


# ---- the enrichment and the target


def check_enrichment(text: str, parameters: Mapping[str, Any]) -> None:
    """Refuse an enrichment that AWS or we do not have."""
    if text:
        arn = require_arn(text, "Enrichment")
        if kind_of(arn) not in ENRICHMENTS or not _names_method(arn):
            raise invalid_fields({"Enrichment": f"Invalid enrichment ARN: {text}"})
        if parameters.get("HttpParameters") and kind_of(arn) not in ENDPOINTS:
            raise invalid_fields({"HttpParameters": "Invalid parameter provided for enrichment."})
    compiled(parameters.get("InputTemplate"))


def _names_method(arn: Arn) -> bool:
    """True unless it is an API's and names none of its methods."""
    return arn.service != "execute-api" or find_method(arn) is not None


def check_target(text: str, parameters: Mapping[str, Any]) -> None:
    """Refuse a target that AWS or we do not have, and parameters that are another target's."""
    arn = require_arn(text, "Target")
    kind = kind_of(arn)
    if arn.service in _TARGETS_NOT_BUILT:
        raise NotBuilt(what=f"pipes to {_TARGETS_NOT_BUILT[arn.service]}")
    if arn.service not in TARGETS or not _names_method(arn):
        raise invalid_fields({"Target": f"Invalid target ARN: {text}"})
    if arn.service == "sns" and arn.resource.endswith(".fifo"):
        raise invalid_fields({"Target": "SNS FIFO topics are not supported as targets."})
    own = _TARGET_PARAMETERS.get(kind)
    for name in parameters:
        if name not in ("InputTemplate", own):
            # Recorded: https://github.com/hashicorp/terraform-provider-aws/issues/37150
            raise invalid_fields({name: "Invalid target parameter provided for target."})
    if arn.service == "kinesis" and not parameters.get("KinesisStreamParameters"):
        raise invalid_fields({"KinesisStreamParameters": "A PartitionKey is required."})
    is_fifo = arn.service == "sqs" and arn.resource.endswith(".fifo")
    if is_fifo and not (parameters.get("SqsQueueParameters") or {}).get("MessageGroupId"):
        raise invalid_fields({"MessageGroupId": "It is required for FIFO queues."})
    if (parameters.get("EventBridgeEventBusParameters") or {}).get("EndpointId"):
        raise NotBuilt(what="pipes to global endpoints (EndpointId)")
    compiled(parameters.get("InputTemplate"))


def check_built(api: Api, document: Mapping[str, Any]) -> None:
    """Refuse a pipe whose target is a service that is not there."""
    service = require_arn(document["Target"], "Target").service
    needed = _NEEDED.get(service)
    if needed is not None and not api.has(*needed):
        raise NotBuilt(what=f"pipes to {_NAMES[service]}")


def check_log(configuration: Mapping[str, Any]) -> None:
    """Refuse destinations of logs that we do not have."""
    if configuration.get("S3LogDestination"):
        raise NotBuilt(what="logs of pipes in S3 (S3LogDestination)")
    if configuration.get("FirehoseLogDestination"):
        raise NotBuilt(what="logs of pipes to Firehose (FirehoseLogDestination)")
    if configuration["Level"] != "OFF" and not configuration.get("CloudwatchLogsLogDestination"):
        raise ValidationException("At least one log destination is required.")
