"""Reading: where a pipe's reading of a stream begins, and what is left of it when the pipe goes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.services.pipes.definition import SOURCE_PARAMETERS, require_arn
from fogline.services.pipes.errors import NotBuilt
from fogline.services.pipes.service import Pipes
from fogline.store.store import Tx

_STREAMS = {"dynamodb": "DynamoDB streams", "kinesis": "Kinesis"}


def reader_of(document: Mapping[str, Any]) -> str:
    """The name under which a pipe's positions are kept. A pipe made again under its name begins anew."""
    return f"pipe:{document['Arn']}:{document['id']}"


def _settings(document: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    service = require_arn(document["Source"], "Source").service
    return service, document["SourceParameters"][SOURCE_PARAMETERS[service][0]]


def begin_reading(pipes: Pipes, tx: Tx, document: Mapping[str, Any], now: int) -> None:
    """Note where a new pipe begins to read its stream, if it reads one that is there."""
    service, settings = _settings(document)
    if service not in _STREAMS:
        return
    found = pipes.sources.find_stream(document["Source"])
    if found is None:
        raise NotBuilt(what=f"pipes from {_STREAMS[service]}")
    arn, source = found
    facts = source.facts(tx, arn)
    position, at = settings["StartingPosition"], settings.get("StartingPositionTimestamp")
    for shard in facts.shards if facts is not None else ():
        after = source.start_of(tx, arn, shard, position, at, now)
        lanes = settings["ParallelizationFactor"]
        pipes.streams.positions.begin(tx, reader_of(document), shard, lanes, after)


def go_on_reading(pipes: Pipes, tx: Tx, document: Mapping[str, Any]) -> None:
    """Let a pipe that was changed read on from where it is."""
    service, settings = _settings(document)
    if service in _STREAMS:
        lanes = settings["ParallelizationFactor"]
        pipes.streams.positions.set_lanes(tx, reader_of(document), lanes)


def end_reading(pipes: Pipes, tx: Tx, document: Mapping[str, Any]) -> None:
    """Forget how far a pipe that is gone had read."""
    pipes.streams.positions.remove(tx, reader_of(document))
