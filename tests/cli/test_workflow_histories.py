"""Histories are read as they grow: each event once, page by page; and what they do not tell is asked for."""

from typing import Any

from fogline.aws.states.drawing import Items, Progress
from fogline.cli.exits import ServerRefused
from fogline.cli.workflows.histories import HistoryReader, count_map_runs, follow


class Server:
    """A history in pages of two, a Map run, and an execution that ended."""

    def __init__(self, count: int = 0, status: str = "RUNNING") -> None:
        self.count, self.status = count, status
        self.asked: list[str] = []
        self.run: dict[str, Any] | None = None

    def call(self, service: str, operation: str, **request: Any) -> dict[str, Any]:
        self.asked.append(operation)
        if operation == "DescribeExecution":
            return {"status": self.status}
        if operation == "DescribeMapRun":
            if self.run is None:
                raise ServerRefused("ResourceNotFound", "gone")
            return self.run
        start = int(request.get("nextToken", 0))
        events = [self.event(number + 1) for number in range(start, min(start + 2, self.count))]
        more = {"nextToken": str(start + 2)} if start + 2 < self.count else {}
        return {"events": events, **more}

    @staticmethod
    def event(number: int) -> dict[str, Any]:
        return {"id": number, "previousEventId": number - 1, "timestamp": number, "type": "Any"}


def test_every_event_is_read_once_and_only_the_last_page_again():
    server = Server(count=5)
    reader = HistoryReader(server, "arn")
    assert [event["id"] for event in reader.read()] == [1, 2, 3, 4, 5]
    server.asked.clear()
    server.count = 7
    assert [event["id"] for event in reader.read()] == [6, 7]
    assert len(server.asked) == 2
    assert reader.read() == []


def test_an_execution_whose_history_does_not_tell_its_end_is_not_followed_for_ever():
    server = Server(count=1, status="ABORTED")
    progress = Progress(None)
    pieces = [len(events) for events in follow(server, "arn", progress)]
    assert sum(pieces) == 1
    assert progress.execution.status == "ABORTED"


def with_a_map_run() -> Progress:
    progress = Progress(None)
    entered = {"name": "Each", "input": "[]"}
    started = {"mapRunArn": "run"}
    progress.add(
        [
            {**Server.event(1), "type": "ExecutionStarted"},
            {**Server.event(2), "type": "MapStateEntered", "stateEnteredEventDetails": entered},
            {**Server.event(3), "type": "MapRunStarted", "mapRunStartedEventDetails": started},
        ]
    )
    return progress


def test_the_items_of_a_map_run_are_asked_for():
    server, progress = Server(), with_a_map_run()
    counts = {
        "total": 10,
        "pending": 4,
        "running": 2,
        "succeeded": 2,
        "failed": 1,
        "timedOut": 1,
        "aborted": 0,
    }
    server.run = {"itemCounts": counts}
    assert count_map_runs(server, progress)
    assert progress.of("Each").items == Items(total=10, started=6, succeeded=2, failed=2)


def test_a_map_run_that_is_gone_is_no_error():
    assert not count_map_runs(Server(), with_a_map_run())
