"""Event source mappings for streams of tables: changes become invocations, in order, with AWS's rules."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.services.lambda_.conftest import MakeFunction

from fogline.testing.plugin import Account

# Prints the keys it is given, one line for each batch, and does what a key tells.
WORKER = """import json
def handler(event, context):
    keys = [record["dynamodb"]["Keys"]["id"]["S"] for record in event["Records"]]
    print("batch", " ".join(keys))
    if any(key.startswith("fail") for key in keys):
        raise ValueError("told to")
    failures = [{"itemIdentifier": record["dynamodb"]["SequenceNumber"]}
                for record, key in zip(event["Records"], keys) if key.startswith("bad")]
    return {"batchItemFailures": failures}
"""

MakeMapping = Callable[..., dict[str, Any]]


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


@pytest.fixture
def make_mapping(
    client: Any, fogline: Account, make_function: MakeFunction, table: StreamedTable
) -> MakeMapping:
    def make(code: str = WORKER, **options: Any) -> dict[str, Any]:
        make_function("worker", code)
        made: dict[str, Any] = client.create_event_source_mapping(
            FunctionName="worker",
            EventSourceArn=table.stream,
            **{"StartingPosition": "TRIM_HORIZON", **options},
        )
        fogline.platform.settle()
        return made

    return make


@pytest.fixture
def batches(fogline: Account) -> Callable[[], list[str]]:
    def read() -> list[str]:
        fogline.platform.settle()
        logs = fogline.client("logs")
        if not logs.describe_log_groups(logGroupNamePrefix="/aws/lambda/worker")["logGroups"]:
            return []
        found = logs.filter_log_events(logGroupName="/aws/lambda/worker", filterPattern="batch")
        return [event["message"].strip().removeprefix("batch ") for event in found["events"]]

    return read


@pytest.fixture
def letters(fogline: Account) -> tuple[str, Callable[[], list[dict[str, Any]]]]:
    """The ARN of a queue, and what it has received."""
    sqs = fogline.client("sqs")
    url = sqs.create_queue(QueueName="letters")["QueueUrl"]

    def read() -> list[dict[str, Any]]:
        fogline.platform.settle()
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        return [json.loads(message["Body"]) for message in found]

    return f"arn:aws:sqs:us-east-1:{fogline.id}:letters", read


def error_of(caught: Any) -> tuple[str, str]:
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


# ---- mappings


def test_a_mapping_of_a_stream_says_all_its_settings(
    client: Any, make_mapping: MakeMapping, table: StreamedTable
) -> None:
    made = make_mapping()
    expected = {
        "BatchSize": 100,
        "BisectBatchOnFunctionError": False,
        "DestinationConfig": {"OnFailure": {}},
        "EventSourceArn": table.stream,
        "FunctionResponseTypes": [],
        "LastProcessingResult": "No records processed",
        "MaximumBatchingWindowInSeconds": 0,
        "MaximumRecordAgeInSeconds": -1,
        "MaximumRetryAttempts": -1,
        "ParallelizationFactor": 1,
        "StartingPosition": "TRIM_HORIZON",
        "State": "Creating",
        "StateTransitionReason": "User action",
        "TumblingWindowInSeconds": 0,
    }
    assert {name: made[name] for name in expected} == expected
    assert client.get_event_source_mapping(UUID=made["UUID"])["State"] == "Enabled"


def test_a_mapping_tells_how_its_last_batch_ended(
    client: Any, make_mapping: MakeMapping, table: StreamedTable
) -> None:
    uuid = make_mapping()["UUID"]
    table.put("a")
    found = client.get_event_source_mapping(UUID=uuid)
    assert found["LastProcessingResult"] == "OK"
    table.put("fail")
    found = client.get_event_source_mapping(UUID=uuid)
    assert found["LastProcessingResult"] == "PROBLEM: Function call failed"


def test_a_second_mapping_of_the_same_stream_and_function_is_refused(
    client: Any, make_mapping: MakeMapping, table: StreamedTable
) -> None:
    uuid = make_mapping()["UUID"]
    with pytest.raises(ClientError) as caught:
        client.create_event_source_mapping(
            FunctionName="worker", EventSourceArn=table.stream, StartingPosition="LATEST"
        )
    assert error_of(caught) == (
        "ResourceConflictException",
        f'The event source arn (" {table.stream} ") and function (" worker ") provided mapping '
        f"already exists. Please update or delete the existing mapping with UUID {uuid}",
    )


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (
            {"StartingPosition": None},
            "1 validation error detected: Value null at 'startingPosition' failed to satisfy "
            "constraint: Member must not be null.",
        ),
        (
            {"ScalingConfig": {"MaximumConcurrency": 2}},
            "Unsupported ScalingConfig parameter for given event source mapping type.",
        ),
        (
            {"MaximumRecordAgeInSeconds": 59},
            "MaximumRecordAgeInSeconds must be -1, or 60 at least.",
        ),
    ],
)
def test_settings_that_a_stream_cannot_have_are_refused(
    client: Any,
    make_function: MakeFunction,
    table: StreamedTable,
    options: dict[str, Any],
    text: str,
) -> None:
    make_function("worker", WORKER)
    asked = {"StartingPosition": "LATEST", **options}
    with pytest.raises(ClientError) as caught:
        client.create_event_source_mapping(
            FunctionName="worker",
            EventSourceArn=table.stream,
            **{name: value for name, value in asked.items() if value is not None},
        )
    assert error_of(caught) == ("InvalidParameterValueException", text)


def test_a_table_is_not_read_at_a_time(
    client: Any, make_function: MakeFunction, table: StreamedTable
) -> None:
    make_function("worker", WORKER)
    with pytest.raises(ClientError) as caught:
        client.create_event_source_mapping(
            FunctionName="worker",
            EventSourceArn=table.stream,
            StartingPosition="AT_TIMESTAMP",
            StartingPositionTimestamp=1_000,
        )
    assert error_of(caught) == (
        "InvalidParameterValueException",
        f"Unsupported starting position for arn type: {table.stream}",
    )


def test_a_stream_that_does_not_exist_is_refused(
    client: Any, fogline: Account, make_function: MakeFunction
) -> None:
    make_function("worker", WORKER)
    missing = f"arn:aws:dynamodb:us-east-1:{fogline.id}:table/t/stream/2026-01-01T00:00:00.000"
    with pytest.raises(ClientError) as caught:
        client.create_event_source_mapping(
            FunctionName="worker", EventSourceArn=missing, StartingPosition="LATEST"
        )
    assert error_of(caught) == ("InvalidParameterValueException", f"Stream not found: {missing}")


# ---- reading


def test_a_change_becomes_an_invocation_with_the_record_of_the_stream(
    fogline: Account, make_mapping: MakeMapping, table: StreamedTable, batches: Any
) -> None:
    code = "import json\ndef handler(event, context):\n    print('batch', json.dumps(event))\n"
    make_mapping(code)
    table.put("a", data={"B": b"\x00\x01"}, n={"N": "7"})
    [line] = batches()
    [record] = json.loads(line)["Records"]
    assert (record["eventName"], record["eventSource"]) == ("INSERT", "aws:dynamodb")
    assert record["eventSourceARN"] == table.stream
    assert record["dynamodb"]["NewImage"] == {
        "id": {"S": "a"}, "data": {"B": "AAE="}, "n": {"N": "7"},
    }  # fmt: skip
    assert isinstance(record["dynamodb"]["ApproximateCreationDateTime"], int)


def test_trim_horizon_begins_with_the_oldest_record(
    make_mapping: MakeMapping, table: StreamedTable, batches: Any
) -> None:
    table.put("a", "b")
    make_mapping()
    table.put("c")
    assert batches() == ["a b", "c"]


def test_latest_begins_with_what_comes_next(
    make_mapping: MakeMapping, table: StreamedTable, batches: Any
) -> None:
    table.put("a", "b")
    make_mapping(StartingPosition="LATEST")
    assert batches() == []
    table.put("c")
    assert batches() == ["c"]


def test_batches_follow_each_other_in_order(
    make_mapping: MakeMapping, table: StreamedTable, batches: Any
) -> None:
    table.put(*[f"k{at:02d}" for at in range(25)])
    make_mapping(BatchSize=10)
    found = batches()
    assert [len(batch.split()) for batch in found] == [10, 10, 5]
    assert " ".join(found).split() == [f"k{at:02d}" for at in range(25)]


def test_a_window_gathers_records_until_it_ends(
    fogline: Account, make_mapping: MakeMapping, table: StreamedTable, batches: Any
) -> None:
    make_mapping(MaximumBatchingWindowInSeconds=20)
    table.put("a")
    fogline.platform.advance(seconds=10)
    table.put("b")
    fogline.platform.advance(seconds=9)
    assert batches() == []
    fogline.platform.advance(seconds=1)
    assert batches() == ["a b"]


def test_a_full_batch_does_not_wait_for_its_window(
    make_mapping: MakeMapping, table: StreamedTable, batches: Any
) -> None:
    make_mapping(BatchSize=3, MaximumBatchingWindowInSeconds=300)
    table.put("a", "b", "c", "d")
    assert batches() == ["a b c"]


def test_a_filter_passes_over_what_it_does_not_let_through(
    make_mapping: MakeMapping, table: StreamedTable, batches: Any
) -> None:
    pattern = json.dumps(
        {"eventName": ["INSERT"], "dynamodb": {"NewImage": {"kind": {"S": ["order"]}}}}
    )
    make_mapping(FilterCriteria={"Filters": [{"Pattern": pattern}]})
    table.put("a", kind={"S": "noise"})
    table.put("b", kind={"S": "order"})
    table.put("b", kind={"S": "order"}, again={"BOOL": True})
    assert batches() == ["b"]


def test_records_of_one_key_keep_their_order_when_a_shard_is_read_in_parallel(
    make_mapping: MakeMapping, table: StreamedTable, batches: Any
) -> None:
    for at in range(5):
        for key in ("a", "b", "c", "d", "e", "f"):
            table.put(key, n={"N": str(at)})
    code = (
        "def handler(event, context):\n"
        "    print('batch', ' '.join(r['dynamodb']['Keys']['id']['S'] +"
        " r['dynamodb']['NewImage']['n']['N'] for r in event['Records']))\n"
    )
    make_mapping(code, ParallelizationFactor=4, BatchSize=2)
    seen = " ".join(batches()).split()
    assert len(seen) == 30
    for key in ("a", "b", "c", "d", "e", "f"):
        mine = [each for each in seen if each[0] == key]
        assert mine == [f"{key}{at}" for at in range(5)]


def test_a_mapping_that_is_disabled_goes_on_where_it_stopped(
    client: Any,
    fogline: Account,
    make_mapping: MakeMapping,
    table: StreamedTable,
    batches: Any,
) -> None:
    uuid = make_mapping()["UUID"]
    table.put("a")
    client.update_event_source_mapping(UUID=uuid, Enabled=False)
    table.put("b")
    assert batches() == ["a"]
    client.update_event_source_mapping(UUID=uuid, Enabled=True)
    assert batches() == ["a", "b"]


def test_more_lanes_leave_nothing_out(
    client: Any, make_mapping: MakeMapping, table: StreamedTable, batches: Any
) -> None:
    uuid = make_mapping(ParallelizationFactor=3)["UUID"]
    table.put("a", "b", "c")
    client.update_event_source_mapping(UUID=uuid, ParallelizationFactor=5)
    table.put("d", "e", "f")
    client.update_event_source_mapping(UUID=uuid, ParallelizationFactor=1)
    table.put("g")
    assert set(" ".join(batches()).split()) == set("abcdefg")


# ---- failing


def test_a_batch_that_fails_is_repeated_before_anything_after_it(
    fogline: Account, make_mapping: MakeMapping, table: StreamedTable, batches: Any
) -> None:
    make_mapping(BatchSize=1)
    table.put("fail", "next")
    assert batches() == ["fail"]
    fogline.platform.advance(seconds=1)
    assert batches() == ["fail"] * 2
    fogline.platform.advance(seconds=2)
    assert batches() == ["fail"] * 3


def test_a_batch_is_given_up_after_its_attempts(
    fogline: Account,
    make_mapping: MakeMapping,
    table: StreamedTable,
    batches: Any,
    letters: Any,
) -> None:
    queue, read = letters
    made = make_mapping(
        BatchSize=2,
        MaximumRetryAttempts=1,
        DestinationConfig={"OnFailure": {"Destination": queue}},
    )
    table.put_together("fail", "with")
    table.put("next")
    fogline.platform.advance(seconds=5)
    assert batches() == ["fail with", "fail with", "next"]
    [letter] = read()
    assert letter["requestContext"]["functionArn"] == made["FunctionArn"]
    assert letter["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert letter["requestContext"]["approximateInvokeCount"] == 2
    assert letter["responseContext"] == {
        "statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled",
    }  # fmt: skip
    info = letter["DDBStreamBatchInfo"]
    assert (info["batchSize"], info["streamArn"]) == (2, table.stream)
    assert int(info["startSequenceNumber"]) < int(info["endSequenceNumber"])
    assert info["shardId"].startswith("shardId-")


def test_a_batch_that_fails_is_cut_in_two_until_one_record_is_left(
    fogline: Account,
    make_mapping: MakeMapping,
    table: StreamedTable,
    batches: Any,
    letters: Any,
) -> None:
    queue, read = letters
    make_mapping(
        BisectBatchOnFunctionError=True,
        MaximumRetryAttempts=1,
        DestinationConfig={"OnFailure": {"Destination": queue}},
    )
    table.put_together("a", "b", "fail", "d", "e")
    fogline.platform.advance(seconds=5)
    assert batches() == [
        "a b fail d e", "a b", "fail d e", "fail", "fail", "d e",
    ]  # fmt: skip
    [letter] = read()
    assert letter["DDBStreamBatchInfo"]["batchSize"] == 1


def test_what_a_function_reports_is_repeated_from_the_first_that_failed(
    fogline: Account,
    make_mapping: MakeMapping,
    table: StreamedTable,
    batches: Any,
    letters: Any,
) -> None:
    queue, read = letters
    make_mapping(
        MaximumRetryAttempts=3,
        FunctionResponseTypes=["ReportBatchItemFailures"],
        DestinationConfig={"OnFailure": {"Destination": queue}},
    )
    table.put_together("a", "b", "bad")
    fogline.platform.advance(seconds=10)
    assert batches() == ["a b bad", "bad", "bad", "bad"]
    [letter] = read()
    assert letter["requestContext"]["approximateInvokeCount"] == 4
    assert letter["responseContext"]["functionError"] is None


def test_records_that_are_too_old_are_given_up(
    fogline: Account,
    make_mapping: MakeMapping,
    table: StreamedTable,
    batches: Any,
    letters: Any,
) -> None:
    queue, read = letters
    make_mapping(
        MaximumRecordAgeInSeconds=60, DestinationConfig={"OnFailure": {"Destination": queue}}
    )
    table.put("fail")
    fogline.platform.advance(seconds=59)
    table.put("next")
    fogline.platform.advance(seconds=40)
    [letter] = read()
    assert letter["requestContext"]["condition"] == "RecordAgeExceeded"
    assert batches()[-1] == "next"


def test_a_batch_waits_for_a_function_that_is_busy(
    client: Any,
    fogline: Account,
    make_mapping: MakeMapping,
    table: StreamedTable,
    batches: Any,
) -> None:
    make_mapping(MaximumRetryAttempts=0)
    client.put_function_concurrency(FunctionName="worker", ReservedConcurrentExecutions=0)
    table.put("a")
    fogline.platform.advance(seconds=120)
    assert batches() == []
    client.delete_function_concurrency(FunctionName="worker")
    assert batches() == ["a"]


def test_records_wait_for_a_function_that_comes_back(
    client: Any,
    fogline: Account,
    make_mapping: MakeMapping,
    make_function: MakeFunction,
    table: StreamedTable,
    batches: Any,
) -> None:
    make_mapping()
    client.delete_function(FunctionName="worker")
    table.put("a")
    make_function("worker", WORKER)
    assert batches() == ["a"]


def test_a_deleted_mapping_reads_no_more(
    client: Any,
    fogline: Account,
    make_mapping: MakeMapping,
    table: StreamedTable,
    batches: Any,
) -> None:
    uuid = make_mapping()["UUID"]
    client.delete_event_source_mapping(UUID=uuid)
    table.put("a")
    assert batches() == []
