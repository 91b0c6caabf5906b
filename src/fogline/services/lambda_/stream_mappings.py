"""Event source mappings for streams: what AWS accepts and fills in.

Recorded: a mapping of a stream tells more of itself than one of a queue, and gives another reason for its state.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.aws.arn import find_arn
from fogline.services.lambda_.errors import (
    InvalidParameterValueException,
    NotBuilt,
    ResourceConflictException,
)
from fogline.services.lambda_.service import Lambda
from fogline.store.store import Tx

SERVICES = frozenset(("dynamodb", "kinesis"))
"""The services whose ARNs name streams."""
NOTHING_READ = "No records processed"
STATE_REASON = "User action"

_DEFAULTS: Mapping[str, Any] = {
    "BatchSize": 100,
    "BisectBatchOnFunctionError": False,
    "DestinationConfig": {"OnFailure": {}},
    "MaximumBatchingWindowInSeconds": 0,
    "MaximumRecordAgeInSeconds": -1,
    "MaximumRetryAttempts": -1,
    "ParallelizationFactor": 1,
    "TumblingWindowInSeconds": 0,
}
_PLAIN = (
    "BisectBatchOnFunctionError", "MaximumRecordAgeInSeconds", "MaximumRetryAttempts",
    "ParallelizationFactor",
)  # fmt: skip
_NOT_FOR_STREAMS = ("ScalingConfig", "Topics", "Queues", "SourceAccessConfigurations")
_AGE_SECONDS_MIN = 60
_DESTINATIONS = ("sqs", "sns")


def is_stream(arn_text: str) -> bool:
    """True when an event source's ARN names a stream."""
    arn = find_arn(arn_text)
    return arn is not None and arn.service in SERVICES


def defaults(source: str, request: Mapping[str, Any]) -> dict[str, Any]:
    """What a new mapping of a stream says of itself before the request is applied."""
    position = request.get("StartingPosition")
    if position is None:
        raise InvalidParameterValueException(
            "1 validation error detected: Value null at 'startingPosition' failed to satisfy "
            "constraint: Member must not be null."
        )
    arn = find_arn(source)
    assert arn is not None, "it was found to be one"
    document = {**_DEFAULTS, "StartingPosition": position}
    if position == "AT_TIMESTAMP":
        if arn.service == "dynamodb":
            raise InvalidParameterValueException(
                f"Unsupported starting position for arn type: {source}"
            )
        if request.get("StartingPositionTimestamp") is None:
            raise InvalidParameterValueException(
                "StartingPositionTimestamp must be set when StartingPosition is AT_TIMESTAMP."
            )
        document["StartingPositionTimestamp"] = request["StartingPositionTimestamp"]
    elif request.get("StartingPositionTimestamp") is not None:
        raise InvalidParameterValueException(
            "StartingPositionTimestamp must only be set when StartingPosition is AT_TIMESTAMP."
        )
    return document


def apply(document: dict[str, Any], request: Mapping[str, Any]) -> None:
    """Set what a request says of a stream's mapping, and check it."""
    for name in _NOT_FOR_STREAMS:
        if request.get(name):
            raise InvalidParameterValueException(
                f"Unsupported {name} parameter for given event source mapping type."
            )
    if request.get("TumblingWindowInSeconds"):
        raise NotBuilt(what="tumbling windows (TumblingWindowInSeconds)")
    for name in _PLAIN:
        if request.get(name) is not None:
            document[name] = request[name]
    if 0 <= document["MaximumRecordAgeInSeconds"] < _AGE_SECONDS_MIN:
        raise InvalidParameterValueException(
            f"MaximumRecordAgeInSeconds must be -1, or {_AGE_SECONDS_MIN} at least."
        )
    config = request.get("DestinationConfig")
    if config is not None:
        document["DestinationConfig"] = {"OnFailure": dict(config.get("OnFailure") or {})}
        _check_destination(document["DestinationConfig"]["OnFailure"].get("Destination"))


def _check_destination(text: str | None) -> None:
    if not text:
        return
    arn = find_arn(text)
    if arn is None:
        raise InvalidParameterValueException(f"Invalid destination: {text}")
    if arn.service not in _DESTINATIONS:
        raise NotBuilt(what=f"on-failure destinations of streams in {arn.service}")


def check_stream(lambda_: Lambda, tx: Tx, source: str) -> None:
    """Raises InvalidParameterValueException unless there is such a stream."""
    found = lambda_.sources.find_stream(source)
    if found is None or found[1].facts(tx, found[0]) is None:
        raise InvalidParameterValueException(f"Stream not found: {source}")


def conflict(document: Mapping[str, Any], uuid: str) -> ResourceConflictException:
    """The refusal of a second mapping of the same stream to the same function."""
    return ResourceConflictException(
        f'The event source arn (" {document["EventSourceArn"]} ") and function (" '
        f'{document["name"]} ") provided mapping already exists. Please update or delete the '
        f"existing mapping with UUID {uuid}"
    )
