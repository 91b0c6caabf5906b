"""Snapshots saved and restored over HTTP while everything runs, and carried from one engine to another."""

from __future__ import annotations

import json
import shutil
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.scenarios.conftest import depth, make_function, make_table, make_zip, scan

from fogline.config import read_config
from fogline.testing.platform import LocalPlatform

WORKER = """import boto3
dynamodb = boto3.client("dynamodb")
def handler(event, context):
    for record in event.get("Records", ()):
        dynamodb.put_item(TableName="done", Item={"pk": {"S": record["body"]}})
    return "first"
"""
BODY = b"an object, large enough to be a file of its own " * 10_000


def page(platform: LocalPlatform, path: str, body: dict[str, Any] | None = None) -> Any:
    """One of the platform's own pages."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{platform.endpoint}{path}", data)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def save(platform: LocalPlatform, name: str) -> Any:
    return page(platform, "/_fogline/snapshots/save", {"name": name})


def restore(platform: LocalPlatform, name: str) -> Any:
    answer = page(platform, "/_fogline/snapshots/restore", {"name": name})
    platform.settle()
    return answer


def refusal(platform: LocalPlatform, verb: str, name: str) -> int:
    """The status with which it is refused."""
    with pytest.raises(urllib.error.HTTPError) as refused:
        page(platform, f"/_fogline/snapshots/{verb}", {"name": name})
    refused.value.close()
    return refused.value.code


def make_platform(folder: Path, **settings: Any) -> LocalPlatform:
    folder.mkdir(exist_ok=True, parents=True)
    folder.chmod(0o755)
    return LocalPlatform(read_config({}, port=0, data=folder, clock="manual", **settings))


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[LocalPlatform]:
    tmp_path.chmod(0o755)
    with make_platform(tmp_path / "state") as platform:
        yield platform


def fill(platform: LocalPlatform) -> None:
    """Some of everything: messages, items, an object, a function that a queue feeds."""
    sqs = platform.client("sqs")
    url = sqs.create_queue(QueueName="plain")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="now")
    sqs.send_message(QueueUrl=url, MessageBody="later", DelaySeconds=600)
    make_table(platform.client("dynamodb"), "done")
    platform.client("dynamodb").put_item(TableName="done", Item={"pk": {"S": "kept"}})
    platform.client("s3").create_bucket(Bucket="things")
    platform.client("s3").put_object(Bucket="things", Key="thing", Body=BODY)
    sqs.create_queue(QueueName="jobs")
    make_function(platform.client("lambda"), "worker", WORKER)
    platform.settle()
    platform.client("lambda").create_event_source_mapping(
        FunctionName="worker", EventSourceArn="arn:aws:sqs:us-east-1:000000000000:jobs"
    )
    platform.settle()


def check_all_is_there(platform: LocalPlatform) -> None:
    sqs = platform.client("sqs")
    url = sqs.get_queue_url(QueueName="plain")["QueueUrl"]
    assert depth(sqs, url)[0] == 1
    platform.advance(seconds=600)
    assert depth(sqs, url)[0] == 2, "the delayed message comes when its time has come"
    got = platform.client("s3").get_object(Bucket="things", Key="thing")["Body"].read()
    assert got == BODY
    answer = platform.client("lambda").invoke(FunctionName="worker")
    assert json.load(answer["Payload"]) == "first"
    assert scan(platform.client("dynamodb"), "done") == ["kept"]
    jobs = sqs.get_queue_url(QueueName="jobs")["QueueUrl"]
    sqs.send_message(QueueUrl=jobs, MessageBody="job")
    platform.settle()
    assert scan(platform.client("dynamodb"), "done") == ["job", "kept"]


def test_a_restored_snapshot_undoes_all_that_came_after_it(platform: LocalPlatform) -> None:
    fill(platform)
    save(platform, "full")
    sqs, dynamodb, lambda_ = (platform.client(name) for name in ("sqs", "dynamodb", "lambda"))
    sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName="plain")["QueueUrl"])
    dynamodb.delete_item(TableName="done", Key={"pk": {"S": "kept"}})
    make_table(dynamodb, "made-later")
    platform.client("s3").put_object(Bucket="things", Key="thing", Body=b"other")
    other = make_zip({"index.py": "def handler(event, context):\n    return 'second'\n"})
    lambda_.update_function_code(FunctionName="worker", ZipFile=other)
    platform.settle()
    assert json.load(lambda_.invoke(FunctionName="worker")["Payload"]) == "second"

    restore(platform, "full")
    assert dynamodb.list_tables()["TableNames"] == ["done"]
    check_all_is_there(platform)


def test_a_function_and_mapping_that_were_deleted_work_again(platform: LocalPlatform) -> None:
    fill(platform)
    save(platform, "full")
    lambda_ = platform.client("lambda")
    [mapping] = lambda_.list_event_source_mappings()["EventSourceMappings"]
    lambda_.delete_event_source_mapping(UUID=mapping["UUID"])
    platform.settle()
    lambda_.delete_function(FunctionName="worker")
    platform.settle()

    restore(platform, "full")
    check_all_is_there(platform)


def test_what_was_made_after_a_snapshot_does_not_run_on(platform: LocalPlatform) -> None:
    make_table(platform.client("dynamodb"), "done")
    save(platform, "empty")
    platform.client("dynamodb").delete_table(TableName="done")
    platform.settle()
    fill(platform)

    restore(platform, "empty")
    sqs = platform.client("sqs")
    assert "QueueUrls" not in sqs.list_queues()
    jobs = sqs.create_queue(QueueName="jobs")["QueueUrl"]
    sqs.send_message(QueueUrl=jobs, MessageBody="job")
    platform.settle()
    assert depth(sqs, jobs) == (1, 0), "there is no mapping that could read it"
    with pytest.raises(ClientError, match="Function not found"):
        platform.client("lambda").invoke(FunctionName="worker")


def test_a_snapshot_outlives_a_restart(tmp_path: Path) -> None:
    with make_platform(tmp_path / "state") as platform:
        fill(platform)
        save(platform, "full")
        platform.client("dynamodb").delete_item(TableName="done", Key={"pk": {"S": "kept"}})
    with make_platform(tmp_path / "state") as platform:
        listed = page(platform, "/_fogline/snapshots")["snapshots"]
        assert [each["name"] for each in listed] == ["full"]
        restore(platform, "full")
        check_all_is_there(platform)


def test_a_snapshot_saved_under_load_is_of_one_instant(platform: LocalPlatform) -> None:
    """Two items that are written together are in it together, and nothing without what came before."""
    dynamodb = platform.client("dynamodb")
    make_table(dynamodb, "pairs")
    is_enough = threading.Event()

    def write(client: Any) -> None:
        number = 0
        while not is_enough.is_set():
            puts = [
                {"Put": {"TableName": "pairs", "Item": {"pk": {"S": f"{side}-{number:05}"}}}}
                for side in ("left", "right")
            ]
            client.transact_write_items(TransactItems=puts)
            number += 1

    writer = threading.Thread(target=write, args=(platform.client("dynamodb"),))
    writer.start()
    try:
        for name in ("one", "two", "three"):
            save(platform, name)
    finally:
        is_enough.set()
        writer.join(30)
    sizes = []
    for name in ("three", "one", "two"):
        restore(platform, name)
        found = scan(dynamodb, "pairs")
        count = len(found) // 2
        assert found == [f"{side}-{n:05}" for side in ("left", "right") for n in range(count)]
        sizes.append(count)
    assert sizes[1] <= sizes[2] <= sizes[0]


def test_a_name_that_is_taken_and_a_snapshot_that_is_not_there_are_refused(
    platform: LocalPlatform,
) -> None:
    save(platform, "once")
    assert refusal(platform, "save", "once") == 409
    assert refusal(platform, "restore", "never") == 404
    assert refusal(platform, "restore", "../once") == 400


@pytest.mark.postgres
def test_a_snapshot_moves_from_sqlite_to_postgresql_and_back(
    tmp_path: Path, postgres_url: str
) -> None:
    with make_platform(tmp_path / "embedded") as platform:
        fill(platform)
        save(platform, "full")
    shared = tmp_path / "shared"
    shutil.copytree(tmp_path / "embedded/snapshots", shared / "snapshots")
    with make_platform(shared, store=postgres_url) as platform:
        assert restore(platform, "full")["store"] == "sqlite"
        assert page(platform, "/_fogline/health")["store"] == "postgres"
        save(platform, "back")
        check_all_is_there(platform)
    third = tmp_path / "third"
    shutil.copytree(shared / "snapshots", third / "snapshots")
    with make_platform(third) as platform:
        restore(platform, "back")
        check_all_is_there(platform)
