from __future__ import annotations

import pytest

from fogline.aws.call import Call, Principal, Trace
from fogline.background.topics import Topics
from fogline.services.logs import schema
from fogline.services.logs.lines import Lines
from fogline.services.logs.operations.events import filter_log_events, get_log_events
from fogline.services.logs.service import make_logs
from fogline.store import documents
from fogline.store.schema import migrate
from fogline.store.sqlite import SqliteStore
from fogline.world.clock import ManualClock
from fogline.world.ids import Ids

ACCOUNT, REGION, GROUP = "000000000000", "us-east-1", "/aws/lambda/orders"


class Bench:
    """CloudWatch Logs on a store of its own, without a gateway."""

    def __init__(self, now: int = 1_767_225_600_000) -> None:
        self.stirred: list[str] = []
        self.store = SqliteStore(None, on_stir=self.stirred.extend)
        migrate(self.store, (documents.SCHEMA, schema.SCHEMA))
        self.clock = ManualClock(now)
        self.logs = make_logs(self.store, Topics(), self.clock, Ids(1))
        self.lines = Lines(self.logs.tables, self.clock, self.logs.limits)

    def put(self, *lines: tuple[int, str], stream: str = "s") -> None:
        with self.store.write() as tx:
            self.lines.put_lines(tx, ACCOUNT, REGION, GROUP, stream, lines)

    def call(self) -> Call:
        principal = Principal(ACCOUNT, "", "")
        trace = Trace("1-0-0", "0")
        return Call("logs", "", ACCOUNT, REGION, principal, "r", self.clock.now(), trace, "")

    def found(self, **request) -> list[str]:
        found: list[str] = []
        request["logGroupName"] = GROUP
        while True:
            answer = filter_log_events(self.logs, self.call(), request)
            found += [each["message"] for each in answer["events"]]
            if "nextToken" not in answer:
                return found
            request["nextToken"] = answer["nextToken"]

    def read(self, stream: str, **request) -> dict:
        request |= {"logGroupName": GROUP, "logStreamName": stream}
        return get_log_events(self.logs, self.call(), request)


@pytest.fixture
def logs(fogline):
    return fogline.client("logs")


@pytest.fixture
def group(logs) -> str:
    logs.create_log_group(logGroupName="/app/orders")
    return "/app/orders"


@pytest.fixture
def stream(logs, group) -> str:
    logs.create_log_stream(logGroupName=group, logStreamName="main")
    return "main"


@pytest.fixture
def now(fogline) -> int:
    return fogline.platform.now()


@pytest.fixture
def put(logs, group, stream):
    def put(*events: tuple[int, str], stream: str = stream):
        return logs.put_log_events(
            logGroupName=group,
            logStreamName=stream,
            logEvents=[{"timestamp": at, "message": text} for at, text in events],
        )

    return put


@pytest.fixture
def refusal():
    """The code and the message of the refusal that a call meets."""

    def refusal(function, **request) -> tuple[str, str]:
        from botocore.exceptions import ClientError

        with pytest.raises(ClientError) as refused:
            function(**request)
        error = refused.value.response["Error"]
        return error["Code"], error["Message"]

    return refusal


@pytest.fixture(scope="session")
def make_bench() -> type[Bench]:
    return Bench


@pytest.fixture
def bench() -> Bench:
    return Bench()
