"""The history of an execution, read as it grows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fogline.aws.states.drawing import Items, Progress
from fogline.cli.client import Client
from fogline.cli.exits import ServerRefused
from fogline.cli.waiting import pause

_PAGE = 1_000
_LOOK_EVERY_SECONDS = 0.25


class HistoryReader:
    """Each `read` gives the events that came since the last one; only the last page is asked for again."""

    def __init__(self, server: Client, execution_arn: str) -> None:
        self._server, self._arn = server, execution_arn
        self._token: str | None = None
        self._last_id = 0

    def read(self) -> list[dict[str, Any]]:
        fresh: list[dict[str, Any]] = []
        while True:
            request: dict[str, Any] = {"executionArn": self._arn, "maxResults": _PAGE}
            if self._token:
                request["nextToken"] = self._token
            answer = self._server.call("stepfunctions", "GetExecutionHistory", **request)
            for event in answer.get("events", []):
                if int(event["id"]) > self._last_id:
                    fresh.append(event)
                    self._last_id = int(event["id"])
            following = answer.get("nextToken")
            if not following:
                return fresh
            self._token = str(following)


def follow(
    server: Client, execution_arn: str, progress: Progress
) -> Iterator[list[dict[str, Any]]]:
    """What happens next, as it happens, taken in by `progress` already; until the execution has ended."""
    reader = HistoryReader(server, execution_arn)
    ended_as = ""
    while True:
        events = reader.read()
        progress.add(events)
        yield events
        if progress.execution.status != "RUNNING":
            return
        if not events:
            if ended_as:  # and its history does not tell so
                progress.execution.status = ended_as
                return
            described = server.call(
                "stepfunctions", "DescribeExecution", executionArn=execution_arn
            )
            if described["status"] != "RUNNING":
                ended_as = str(described["status"])
                continue
        pause(_LOOK_EVERY_SECONDS)


def count_map_runs(server: Client, progress: Progress) -> bool:
    """Tell the progress what the history does not: how far the children of Map runs are. True if there are any."""
    are_any = False
    for state in list(progress.states.values()):
        if state.map_run_arn is None or (state.items is not None and not state.running):
            continue
        try:
            run = server.call("stepfunctions", "DescribeMapRun", mapRunArn=state.map_run_arn)
        except ServerRefused:
            continue
        are_any = True
        counts = run.get("itemCounts", {})
        progress.count_items(
            state.name,
            Items(
                total=int(counts.get("total", 0)),
                started=int(counts.get("total", 0)) - int(counts.get("pending", 0)),
                succeeded=int(counts.get("succeeded", 0)),
                failed=int(counts.get("failed", 0)) + int(counts.get("timedOut", 0)),
                aborted=int(counts.get("aborted", 0)),
            ),
        )
    return are_any
