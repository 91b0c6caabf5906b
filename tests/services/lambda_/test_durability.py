"""What a restart must not lose: functions, promised events, mappings and the messages they wait for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.services.lambda_.conftest import make_zip

from fogline.config import read_config
from fogline.testing.platform import LocalPlatform

CODE = """def handler(event, context):
    print("got", event["Records"][0]["body"] if "Records" in event else event)
"""


def start(folder: Path) -> LocalPlatform:
    return LocalPlatform(read_config({}, port=0, data=folder, clock="manual"))


def make_worker(platform: LocalPlatform) -> Any:
    client = platform.client("lambda")
    client.create_function(
        FunctionName="worker",
        Runtime="python3.11",
        Handler="index.handler",
        Role="arn:aws:iam::000000000000:role/r",
        Code={"ZipFile": make_zip(index=CODE)},
        Timeout=20,  # real time, and the machine may be busy
    )
    return client


def logged(platform: LocalPlatform) -> list[str]:
    found = platform.client("logs").filter_log_events(
        logGroupName="/aws/lambda/worker", filterPattern="got"
    )
    return [event["message"] for event in found["events"]]


def test_a_promised_event_is_invoked_after_a_restart(tmp_path: Path) -> None:
    with start(tmp_path) as platform:
        client = make_worker(platform)
        client.put_function_concurrency(FunctionName="worker", ReservedConcurrentExecutions=0)
        client.invoke(FunctionName="worker", InvocationType="Event", Payload=b'"later"')
        platform.settle()
    with start(tmp_path) as platform:
        platform.client("lambda").delete_function_concurrency(FunctionName="worker")
        platform.advance(seconds=60)
        assert logged(platform) == ["got later\n"]


def test_a_mapping_goes_on_after_a_restart(tmp_path: Path) -> None:
    with start(tmp_path) as platform:
        client = make_worker(platform)
        url = platform.client("sqs").create_queue(QueueName="q")["QueueUrl"]
        client.create_event_source_mapping(
            FunctionName="worker", EventSourceArn="arn:aws:sqs:us-east-1:000000000000:q"
        )
        platform.client("sqs").send_message(QueueUrl=url, MessageBody="late", DelaySeconds=60)
        platform.settle()
    with start(tmp_path) as platform:
        platform.advance(seconds=61)
        assert logged(platform) == ["got late\n"]


def test_code_that_was_not_unpacked_to_its_end_is_unpacked_again(tmp_path: Path) -> None:
    with start(tmp_path) as platform:
        make_worker(platform)
        platform.settle()
    (folder,) = (tmp_path / "code").iterdir()
    folder.rename(tmp_path / "code" / ".incoming-killed")
    with start(tmp_path) as platform:
        client = platform.client("lambda")
        client.invoke(FunctionName="worker", Payload=b'"one"')
        assert logged(platform) == ["got one\n"]
    assert [each.name for each in (tmp_path / "code").iterdir()] == [folder.name]
