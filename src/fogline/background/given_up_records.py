"""Records of a stream that were given up, as those are told of them who have to look after them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fogline.background.stream_work import GivenUp

BATCH_INFO = {"dynamodb": "DDBStreamBatchInfo", "kinesis": "KinesisBatchInfo"}
"""The member that says where they are, by the service that has the stream."""


def batch_info(given_up: GivenUp, stream_arn: str, written: Callable[[int], str]) -> dict[str, Any]:
    """Where they can be found; `written` is how instants are written there."""
    first, last = given_up.records[0], given_up.records[-1]
    return {
        "shardId": given_up.shard,
        "startSequenceNumber": first.sequence,
        "endSequenceNumber": last.sequence,
        "approximateArrivalOfFirstRecord": written(first.arrived_at),
        "approximateArrivalOfLastRecord": written(last.arrived_at),
        "batchSize": len(given_up.records),
        "streamArn": stream_arn,
    }
