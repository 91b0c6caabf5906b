"""Live tails: a stream of what arrives, from the moment it is asked for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.call import Call
from fogline.services.logs.batches import unpack
from fogline.services.logs.errors import InvalidParameterException
from fogline.services.logs.filter_patterns import (
    FilterPattern,
    InvalidFilterPattern,
    compile_filter,
)
from fogline.services.logs.identifiers import group_name_from, require_group
from fogline.services.logs.service import Logs
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
    """One live tail. It remembers the last batch it has seen, and reads on when a group stirs."""

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
        self._groups = groups
        self._stream_names = stream_names
        self._prefixes = prefixes
        self._pattern = pattern
        self._seen = logs.ids.ordered(call.now)

    async def events(self, start: Mapping[str, Any]) -> AsyncIterator[Mapping[str, Any]]:
        logs, call = self._logs, self._call
        ends_at = call.now + logs.limits.tail_session_max
        yield {"sessionStart": start}
        while (now := logs.clock.now()) < ends_at:
            stirred = asyncio.Event()
            cancels = [
                logs.topics.once(f"logs:{call.account}:{call.region}:{name}", stirred.set)
                for name in self._groups
            ]
            alarm = logs.clock.call_at(now + logs.limits.tail_interval, stirred.set)
            try:
                results = self._read(now)
                if not results:
                    await stirred.wait()
                    results = self._read(logs.clock.now())
            finally:
                alarm.cancel()
                for cancel in cancels:
                    cancel()
            shown = results[: logs.limits.tail_events_max]
            yield {
                "sessionUpdate": {
                    "sessionMetadata": {"sampled": len(shown) < len(results)},
                    "sessionResults": shown,
                }
            }
        yield {"SessionTimeoutException": {"message": "The live tail session has timed out."}}

    def _read(self, now: int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        newest = self._seen
        with self._logs.store.read() as tx:
            for name in self._groups:
                group = self._logs.tables.groups.find(
                    tx, self._call.account, self._call.region, name
                )
                if group is None:
                    continue
                # What is older than a day when it arrives is history, no live event.
                for stream, batch in self._logs.tables.newer_batches(
                    tx, group, self._seen, now - DAY, _BATCHES_MAX
                ):
                    newest = max(newest, batch.id)
                    if self._wants(stream):
                        found += self._results(name, stream, batch)
        self._seen = newest
        return found

    def _wants(self, stream: str) -> bool:
        if self._stream_names:
            return stream in self._stream_names
        return not self._prefixes or stream.startswith(self._prefixes)

    def _results(self, group: str, stream: str, batch: Any) -> list[dict[str, Any]]:
        return [
            {
                "logStreamName": stream,
                "logGroupIdentifier": f"{self._call.account}:{group}",
                "message": event.message,
                "timestamp": event.timestamp,
                "ingestionTime": event.ingested_at,
            }
            for event in unpack(batch, 0)
            if self._pattern.matches(event.message)
        ]
