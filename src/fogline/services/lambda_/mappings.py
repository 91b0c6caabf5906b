"""Event source mappings: what AWS accepts, how one is kept, and how it is shown.

The document holds AWS's members, and in small letters our own: `account`, `region`, `name`,
`qualifier` (the function), `is_enabled`, `change` and `changing_until`, `revision`, `tags`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fogline.aws.arn import find_arn, make_arn
from fogline.aws.patterns import InvalidPattern, Pattern, compile_pattern
from fogline.ports.sources import Sources
from fogline.services.lambda_ import stream_mappings
from fogline.services.lambda_.errors import (
    InvalidParameterValueException,
    NotBuilt,
    ResourceConflictException,
    ResourceNotFoundException,
)
from fogline.services.lambda_.lookup import find_runnable
from fogline.services.lambda_.names import Reference
from fogline.services.lambda_.service import Lambda
from fogline.services.lambda_.tenancy import check_shared
from fogline.store.documents import Document
from fogline.store.store import Tx

_NOT_BUILT = {
    "KMSKeyArn": "encrypted filters (KMSKeyArn)",
    "ProvisionedPollerConfig": "provisioned pollers (ProvisionedPollerConfig)",
    "SelfManagedEventSource": "event source mappings for self-managed Kafka",
    "AmazonManagedKafkaEventSourceConfig": "event source mappings for Kafka",
    "SelfManagedKafkaEventSourceConfig": "event source mappings for Kafka",
    "DocumentDBEventSourceConfig": "event source mappings for DocumentDB",
}
_SOURCES = {
    "kinesis": "Kinesis",
    "dynamodb": "DynamoDB streams",
    "kafka": "Kafka",
    "mq": "Amazon MQ",
    "rds": "DocumentDB",
}
_NOT_FOR_QUEUES = (
    "StartingPosition", "StartingPositionTimestamp", "ParallelizationFactor", "DestinationConfig",
    "MaximumRecordAgeInSeconds", "BisectBatchOnFunctionError", "MaximumRetryAttempts",
    "TumblingWindowInSeconds", "Topics", "Queues", "SourceAccessConfigurations",
)  # fmt: skip

_BATCH_SIZE_ALONE_MAX = 10
_FILTERS_MAX = 10


def check_built(request: Mapping[str, Any]) -> None:
    """Refuse by name what AWS's model has and we do not do."""
    for name, what in _NOT_BUILT.items():
        if request.get(name):
            raise NotBuilt(what=what)


def check_source(request: Mapping[str, Any], sources: Sources) -> str:
    """The ARN of the queue or stream that a request names. Raises NotBuilt for other kinds of sources."""
    check_built(request)
    text = request.get("EventSourceArn")
    arn = find_arn(text) if text else None
    if not text or arn is None:
        raise InvalidParameterValueException("Unrecognized event source.")
    if stream_mappings.is_stream(text) and sources.find_stream(text) is not None:
        return str(text)
    if arn.service in _SOURCES:
        raise NotBuilt(what=f"event source mappings for {_SOURCES[arn.service]}")
    if arn.service != "sqs":
        raise InvalidParameterValueException("Unrecognized event source.")
    return str(text)


def defaults(source: str, request: Mapping[str, Any]) -> dict[str, Any]:
    """What a new mapping says of itself before the request is applied."""
    if stream_mappings.is_stream(source):
        return stream_mappings.defaults(source, request)
    return {"BatchSize": 10, "MaximumBatchingWindowInSeconds": 0}


def compiled(criteria: Mapping[str, Any] | None) -> list[Pattern]:
    """The filters of a FilterCriteria. Raises InvalidParameterValueException."""
    filters = (criteria or {}).get("Filters") or []
    if len(filters) > _FILTERS_MAX:
        raise InvalidParameterValueException(
            f"Maximum number of filters per event source mapping is {_FILTERS_MAX}."
        )
    try:
        return [compile_pattern(each.get("Pattern") or "null") for each in filters]
    except InvalidPattern as invalid:
        raise InvalidParameterValueException("Invalid filter pattern definition.") from invalid


def apply(document: dict[str, Any], request: Mapping[str, Any]) -> None:
    """Set what a request says on a mapping's document, and check it."""
    is_stream = stream_mappings.is_stream(document["EventSourceArn"])
    if is_stream:
        stream_mappings.apply(document, request)
    else:
        _check_for_queue(request)
    for name in ("BatchSize", "MaximumBatchingWindowInSeconds"):
        if request.get(name) is not None:
            document[name] = request[name]
    for name in ("ScalingConfig", "MetricsConfig", "LoggingConfig"):
        if request.get(name) is not None:
            document.pop(name, None)
            if request[name]:
                document[name] = dict(request[name])
    if request.get("FunctionResponseTypes") is not None:
        document["FunctionResponseTypes"] = list(request["FunctionResponseTypes"])
    criteria = request.get("FilterCriteria")
    if criteria is not None:
        compiled(criteria)
        document.pop("FilterCriteria", None)
        if criteria.get("Filters"):
            document["FilterCriteria"] = {"Filters": [dict(each) for each in criteria["Filters"]]}
    if (
        not is_stream
        and document["BatchSize"] > _BATCH_SIZE_ALONE_MAX
        and not document["MaximumBatchingWindowInSeconds"]
    ):
        raise InvalidParameterValueException(
            "Maximum batch window in seconds must be greater than 0 if maximum batch size is "
            f"greater than {_BATCH_SIZE_ALONE_MAX}"
        )


def _check_for_queue(request: Mapping[str, Any]) -> None:
    for name in _NOT_FOR_QUEUES:
        if request.get(name):
            raise InvalidParameterValueException(
                f"Unsupported {name} parameter for given event source mapping type."
            )


def check_stands(lambda_: Lambda, tx: Tx, document: Mapping[str, Any]) -> None:
    """Check the source and the function of a mapping against each other."""
    reference = reference_of(document)
    try:
        runnable = find_runnable(lambda_, tx, reference)
    except ResourceNotFoundException as missing:
        raise InvalidParameterValueException("Function does not exist") from missing
    check_shared(runnable.config, "An event source mapping")
    if stream_mappings.is_stream(document["EventSourceArn"]):
        stream_mappings.check_stream(lambda_, tx, document["EventSourceArn"])
        return
    found = lambda_.sources.find_queue(document["EventSourceArn"])
    facts = found[1].facts(tx, found[0]) if found else None
    if facts is None:
        raise InvalidParameterValueException(
            "Error occurred while ReceiveMessage. SQS Error Code: "
            "AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: The specified queue "
            "does not exist."
        )
    timeout = runnable.config["Timeout"]
    if facts.visibility_timeout_seconds < timeout:
        raise InvalidParameterValueException(
            f"Queue visibility timeout: {facts.visibility_timeout_seconds} seconds is less than "
            f"Function timeout: {timeout} seconds"
        )
    if facts.is_fifo and document["BatchSize"] > _BATCH_SIZE_ALONE_MAX:
        raise InvalidParameterValueException(
            f"FIFO queues have a maximum batch size of {_BATCH_SIZE_ALONE_MAX}."
        )
    if facts.is_fifo and document["MaximumBatchingWindowInSeconds"]:
        raise InvalidParameterValueException("Batching window is not supported for FIFO queues")


def check_alone(
    others: Sequence[tuple[str, Document]], document: Mapping[str, Any], now: int
) -> None:
    """Refuse a second mapping of the same source to the same function."""
    for uuid, other in others:
        if (
            uuid != document["UUID"]
            and other["EventSourceArn"] == document["EventSourceArn"]
            and other["FunctionArn"] == document["FunctionArn"]
            and not is_gone(other, now)
        ):
            if stream_mappings.is_stream(document["EventSourceArn"]):
                raise stream_mappings.conflict(document, uuid)
            raise ResourceConflictException(
                f'An event source mapping with SQS arn (" {document["EventSourceArn"]} ") and '
                f'function (" {document["name"]} ") already exists. Please update or delete the '
                f"existing mapping with UUID {uuid}"
            )


def reference_of(document: Mapping[str, Any]) -> Reference:
    """The function that a mapping feeds."""
    return Reference(
        document["account"], document["region"], document["name"], document["qualifier"]
    )


def is_gone(document: Mapping[str, Any], now: int) -> bool:
    """True once the deletion of a mapping has come to its end."""
    return bool(document["change"] == "Deleting" and now >= document["changing_until"])


def shown(
    document: Mapping[str, Any], region: str, account: str, now: int, *, is_answer: bool = False
) -> dict[str, Any]:
    """EventSourceMappingConfiguration. `is_answer`: to the request that began a change."""
    result = {key: value for key, value in document.items() if key[0].isupper()}
    result["EventSourceMappingArn"] = make_arn(
        "lambda", region, account, f"event-source-mapping:{document['UUID']}"
    )
    is_stream = stream_mappings.is_stream(document["EventSourceArn"])
    result["StateTransitionReason"] = (
        stream_mappings.STATE_REASON if is_stream else "USER_INITIATED"
    )
    if (is_answer and document["change"]) or now < document["changing_until"]:
        result["State"] = document["change"]
    else:
        result["State"] = "Enabled" if document["is_enabled"] else "Disabled"
    return result
