"""Pipes from streams of tables: read in order, repeated in place, and given up by the rules of the source."""

from __future__ import annotations

from typing import Any

import pytest
from tests.services.pipes.conftest import MakeFunction, MakePipe, MakeQueue, Queue
from tests.services.pipes.test_queue_sources import batches

from fogline.testing.plugin import Account

# Prints the keys it is given, one line for each batch, and does what a key tells.
WORKER = """import json
def handler(event, context):
    keys = [record["dynamodb"]["Keys"]["id"]["S"] for record in event]
    print("batch", " ".join(keys))
    if any(key.startswith("fail") for key in keys):
        raise ValueError("told to")
    failures = [{"itemIdentifier": record["eventID"]}
                for record, key in zip(event, keys) if key.startswith("bad")]
    return {"batchItemFailures": failures}
"""


class StreamedTable:
    """A table with a stream, in few words."""

    def __init__(self, fogline: Account, name: str) -> None:
        self._dynamodb = fogline.client("dynamodb")
        self._settle = fogline.platform.settle
        self.name = name
        made = self._dynamodb.create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        )
        self.stream: str = made["TableDescription"]["LatestStreamArn"]

    def put(self, *keys: str, **attributes: Any) -> None:
        for key in keys:
            self._dynamodb.put_item(TableName=self.name, Item={"id": {"S": key}, **attributes})
        self._settle()

    def put_together(self, *keys: str) -> None:
        puts = [{"Put": {"TableName": self.name, "Item": {"id": {"S": key}}}} for key in keys]
        self._dynamodb.transact_write_items(TransactItems=puts)
        self._settle()


@pytest.fixture
def table(fogline: Account) -> StreamedTable:
    return StreamedTable(fogline, "orders")


def from_stream(table: StreamedTable, **settings: Any) -> dict[str, Any]:
    """Source and SourceParameters of a pipe from the table's stream."""
    filters = settings.pop("FilterCriteria", None)
    own = {"StartingPosition": "TRIM_HORIZON", **settings}
    parameters: dict[str, Any] = {"DynamoDBStreamParameters": own}
    if filters:
        parameters["FilterCriteria"] = filters
    return {"Source": table.stream, "SourceParameters": parameters}


def test_describe_pipe_shows_the_defaults_of_a_stream(
    client: Any, make_pipe: MakePipe, table: StreamedTable
) -> None:
    make_pipe(**from_stream(table))
    assert client.describe_pipe(Name="pipe")["SourceParameters"] == {
        "DynamoDBStreamParameters": {
            "BatchSize": 100,
            "MaximumBatchingWindowInSeconds": 0,
            "MaximumRecordAgeInSeconds": -1,
            "MaximumRetryAttempts": -1,
            "ParallelizationFactor": 1,
            "StartingPosition": "TRIM_HORIZON",
        }
    }


def test_changes_go_to_a_queue_in_the_form_of_the_stream(
    make_pipe: MakePipe, table: StreamedTable, target: Queue
) -> None:
    table.put("a")
    make_pipe(**from_stream(table))
    table.put("b")
    events = target.bodies()
    assert [event["dynamodb"]["Keys"]["id"]["S"] for event in events] == ["a", "b"]
    assert {event["eventSource"] for event in events} == {"aws:dynamodb"}


def test_latest_begins_with_what_comes_next(
    make_pipe: MakePipe, table: StreamedTable, target: Queue
) -> None:
    table.put("a")
    make_pipe(**from_stream(table, StartingPosition="LATEST"))
    table.put("b")
    assert [event["dynamodb"]["Keys"]["id"]["S"] for event in target.bodies()] == ["b"]


def test_a_filter_and_a_template_see_the_change(
    make_pipe: MakePipe, table: StreamedTable, target: Queue
) -> None:
    make_pipe(
        **from_stream(
            table, FilterCriteria={"Filters": [{"Pattern": '{"eventName": ["MODIFY"]}'}]}
        ),
        TargetParameters={"InputTemplate": '{"id": <$.dynamodb.NewImage.id.S>}'},
    )
    table.put("a", "b")
    table.put("a", again={"BOOL": True})
    assert target.bodies() == [{"id": "a"}]


def test_a_pipe_that_is_stopped_goes_on_where_it_was(
    client: Any, make_pipe: MakePipe, table: StreamedTable, target: Queue
) -> None:
    make_pipe(**from_stream(table), TargetParameters={"InputTemplate": "<$.dynamodb.Keys.id.S>"})
    table.put("a")
    client.stop_pipe(Name="pipe")
    table.put("b")
    client.start_pipe(Name="pipe")
    assert target.bodies() == ["a", "b"]


def test_a_pipe_made_again_under_its_name_begins_anew(
    client: Any, make_pipe: MakePipe, table: StreamedTable, target: Queue
) -> None:
    make_pipe(**from_stream(table))
    table.put("a")
    client.delete_pipe(Name="pipe")
    make_pipe(**from_stream(table))
    assert len(target.bodies()) == 2


def test_a_batch_that_fails_is_given_up_after_its_attempts(
    fogline: Account,
    make_pipe: MakePipe,
    make_function: MakeFunction,
    make_queue: MakeQueue,
    table: StreamedTable,
) -> None:
    letters = make_queue("letters")
    made = make_pipe(
        **from_stream(
            table, BatchSize=2, MaximumRetryAttempts=1, DeadLetterConfig={"Arn": letters.arn}
        ),
        Target=make_function("worker", WORKER),
    )
    table.put_together("fail", "with")
    table.put("next")
    fogline.platform.advance(seconds=5)
    assert batches(fogline) == ["fail with", "fail with", "next"]
    [letter] = letters.bodies()
    assert letter["context"] == {
        "partnerResourceArn": made["Arn"], "condition": "RetryAttemptsExhausted",
    }  # fmt: skip
    assert letter["DDBStreamBatchInfo"]["batchSize"] == 2


def test_automatic_bisect_finds_the_record_that_fails(
    fogline: Account, make_pipe: MakePipe, make_function: MakeFunction, table: StreamedTable
) -> None:
    make_pipe(
        **from_stream(table, OnPartialBatchItemFailure="AUTOMATIC_BISECT", MaximumRetryAttempts=0),
        Target=make_function("worker", WORKER),
    )
    table.put_together("a", "fail", "c", "d")
    fogline.platform.advance(seconds=5)
    assert batches(fogline) == ["a fail c d", "a fail", "a", "fail", "c d"]


def test_what_a_function_reports_is_repeated_from_the_first_that_failed(
    fogline: Account, make_pipe: MakePipe, make_function: MakeFunction, table: StreamedTable
) -> None:
    make_pipe(**from_stream(table, MaximumRetryAttempts=2), Target=make_function("worker", WORKER))
    table.put_together("a", "bad", "c")
    fogline.platform.advance(seconds=10)
    assert batches(fogline) == ["a bad c", "bad c", "bad c"]


def test_nothing_overtakes_an_event_that_its_target_did_not_take(
    fogline: Account, make_pipe: MakePipe, make_queue: MakeQueue, table: StreamedTable
) -> None:
    later = f"arn:aws:sqs:us-east-1:{fogline.id}:later"
    make_pipe(
        **from_stream(table),
        Target=later,
        TargetParameters={"InputTemplate": "<$.dynamodb.Keys.id.S>"},
    )
    table.put("a", "b", "c")
    queue = make_queue("later")
    fogline.platform.advance(seconds=120)
    assert queue.bodies() == ["a", "b", "c"]


def test_a_second_consumer_reads_the_same_stream_for_itself(
    make_pipe: MakePipe, make_queue: MakeQueue, table: StreamedTable, target: Queue
) -> None:
    other = make_queue("other")
    make_pipe(**from_stream(table))
    make_pipe(Name="second", Target=other.arn, **from_stream(table))
    table.put("a")
    assert (len(target.bodies()), len(other.bodies())) == (1, 1)
