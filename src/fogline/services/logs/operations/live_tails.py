"""Live tails: a stream of what arrives, from the moment it is asked for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.call import Call
from fogline.services.logs.batches import Batch, unpack
from fogline.services.logs.errors import InvalidParameterException
from fogline.services.logs.filter_patterns import (
    FilterPattern,
    InvalidFilterPattern,
    compile_filter,
)
from fogline.services.logs.identifiers import group_name_from, require_group
from fogline.services.logs.service import Logs
from fogline.services.logs.tables import GroupKey, Watch, topic_of
from fogline.store.store import Tx
from fogline.world.clock import DAY

if TYPE_CHECKING:
    from types_boto3_logs.type_defs import StartLiveTailRequestTypeDef

_BATCHES_MAX = 500


def start_live_tail(
    logs: Logs, call: Call, request: StartLiveTailRequestTypeDef
) -> Mapping[str, Any]:
    identifiers = request["logGroupIdentifiers"]
    stream_names = request.get("logStreamNames") or []
    prefixes = request.get("logStreamNamePrefixes") or []
    if len(identifiers) > logs.limits.tail_groups_max:
        raise InvalidParameterException(
            reason=f"A live tail can have at most {logs.limits.tail_groups_max} log groups."
        )
    if stream_names and prefixes:
        raise InvalidParameterException(
            reason="logStreamNames and logStreamNamePrefixes are mutually exclusive parameters."
        )
    if (stream_names or prefixes) and len(identifiers) > 1:
        raise InvalidParameterException(
            reason="Log streams can be chosen only where there is one log group."
        )
    pattern_text = request.get("logEventFilterPattern", "")
    try:
        pattern = compile_filter(pattern_text)
    except InvalidFilterPattern as error:
        raise InvalidParameterException(reason=error) from None
    groups = [group_name_from(call, each) for each in identifiers]
    with logs.store.read() as tx:
        for name in groups:
            require_group(logs.tables, tx, call, name)
    session = _Session(logs, call, groups, set(stream_names), tuple(prefixes), pattern)
    start = {
        "requestId": call.request_id,
        "sessionId": logs.ids.uuid(),
        "logGroupIdentifiers": list(identifiers),
        "logStreamNames": list(stream_names),
        "logStreamNamePrefixes": list(prefixes),
        "logEventFilterPattern": pattern_text,
    }
    return {"responseStream": session.events(start)}


class _Session:
    """One live tail. It reads what was put since it last looked, whenever a group stirs.

    Where only this process writes, tables note for it what they are given. On a shared store it
    looks for batches with higher numbers than it has seen.
    """

    def __init__(
        self,
        logs: Logs,
        call: Call,
        groups: list[str],
        stream_names: set[str],
        prefixes: tuple[str, ...],
        pattern: FilterPattern,
    ) -> None:
        self._logs = logs
        self._call = call
        self._groups: list[GroupKey] = [(call.account, call.region, name) for name in groups]
        self._stream_names = stream_names
        self._prefixes = prefixes
        self._pattern = pattern
        self._seen = dict.fromkeys(self._groups, logs.ids.ordered(call.now))
        self._watches: dict[GroupKey, Watch] = {}

    async def events(self, start: Mapping[str, Any]) -> AsyncIterator[Mapping[str, Any]]:
        logs = self._logs
        ends_at = self._call.now + logs.limits.tail_session_max
        if not logs.store.is_shared:
            self._watches = {key: logs.tables.watch(key) for key in self._groups}
        try:
            yield {"sessionStart": start}
            while logs.clock.now() < ends_at:
                results = await self._next_results()
                shown = results[: logs.limits.tail_events_max]
                yield {
                    "sessionUpdate": {
                        "sessionMetadata": {"sampled": len(shown) < len(results)},
                        "sessionResults": shown,
                    }
                }
        finally:
            for key, watch in self._watches.items():
                logs.tables.unwatch(key, watch)
        yield {"SessionTimeoutException": {"message": "The live tail session has timed out."}}

    async def _next_results(self) -> list[dict[str, Any]]:
        """What has come, as soon as anything has; nothing after a while in which nothing did."""
        logs = self._logs
        now = logs.clock.now()
        stirred = asyncio.Event()
        cancels = [logs.topics.once(topic_of(key), stirred.set) for key in self._groups]
        alarm = logs.clock.call_at(now + logs.limits.tail_interval, stirred.set)
        try:
            results = self._read(now)
            if not results:
                await stirred.wait()
                results = self._read(logs.clock.now())
            return results
        finally:
            alarm.cancel()
            for cancel in cancels:
                cancel()

    def _read(self, now: int) -> list[dict[str, Any]]:
        with self._logs.store.read() as tx:
            return [
                result
                for key in self._groups
                for stream, batch in self._batches(tx, key, now)
                if self._wants(stream)
                for result in self._results(key, stream, batch)
            ]

    def _batches(self, tx: Tx, key: GroupKey, now: int) -> Iterator[tuple[str, Batch]]:
        tables = self._logs.tables
        watch = self._watches.get(key)
        if watch is not None:
            while watch:
                noted = tables.watched_batch(tx, watch.popleft())
                if noted is not None:
                    yield noted
            return
        group = tables.groups.find(tx, *key)
        if group is not None:
            # What is older than a day when it arrives is history, no live event.
            newer = tables.newer_batches(tx, group, self._seen[key], now - DAY, _BATCHES_MAX)
            if newer:
                self._seen[key] = newer[-1][1].id
            yield from newer

    def _wants(self, stream: str) -> bool:
        if self._stream_names:
            return stream in self._stream_names
        return not self._prefixes or stream.startswith(self._prefixes)

    def _results(self, key: GroupKey, stream: str, batch: Batch) -> list[dict[str, Any]]:
        return [
            {
                "logStreamName": stream,
                "logGroupIdentifier": f"{key[0]}:{key[2]}",
                "message": event.message,
                "timestamp": event.timestamp,
                "ingestionTime": event.ingested_at,
            }
            for event in unpack(batch, 0)
            if self._pattern.matches(event.message)
        ]
