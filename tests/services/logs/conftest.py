from __future__ import annotations

import pytest


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
