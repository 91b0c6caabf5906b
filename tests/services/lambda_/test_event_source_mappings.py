"""Event source mappings for queues: messages become invocations, with AWS's rules."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from tests.services.lambda_.conftest import MakeFunction, make_zip

from fogline.testing.plugin import Account

# Prints the bodies it is given, one line for each batch, and does what a body tells.
WORKER = """import json
def handler(event, context):
    bodies = [record["body"] for record in event["Records"]]
    print("batch", " ".join(sorted(bodies)))
    if "fail" in bodies:
        raise ValueError("told to")
    failures = [{"itemIdentifier": record["messageId"]} for record in event["Records"]
                if record["body"].startswith("bad")]
    return {"batchItemFailures": failures}
"""

MakeMapping = Callable[..., dict[str, Any]]


class Queue:
    """A queue, in few words."""

    def __init__(self, fogline: Account, name: str, **attributes: str) -> None:
        self._sqs = fogline.client("sqs")
        self.url = self._sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        self.arn = f"arn:aws:sqs:us-east-1:{fogline.id}:{name}"

    def send(self, *bodies: str, **options: Any) -> None:
        for body in bodies:
            self._sqs.send_message(QueueUrl=self.url, MessageBody=body, **options)

    def send_together(self, *bodies: str) -> None:
        entries = [{"Id": str(at), "MessageBody": body} for at, body in enumerate(bodies)]
        self._sqs.send_message_batch(QueueUrl=self.url, Entries=entries)

    def counts(self) -> tuple[int, int]:
        """Visible, and in flight."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self._sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=names)
        return tuple(int(found["Attributes"][name]) for name in names)


@pytest.fixture
def queue(fogline: Account) -> Queue:
    return Queue(fogline, "jobs")


@pytest.fixture
def make_mapping(
    client: Any, fogline: Account, make_function: MakeFunction, queue: Queue
) -> MakeMapping:
    def make(code: str = WORKER, **options: Any) -> dict[str, Any]:
        make_function("worker", code)
        made = client.create_event_source_mapping(
            FunctionName="worker", EventSourceArn=queue.arn, **options
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


def test_a_message_becomes_an_invocation_and_is_removed(
    queue: Queue, make_mapping: MakeMapping, batches: Any
) -> None:
    make_mapping()
    queue.send("one")
    assert batches() == ["one"]
    assert queue.counts() == (0, 0)


def test_messages_from_before_the_mapping_are_read_too(
    queue: Queue, make_mapping: MakeMapping, batches: Any
) -> None:
    queue.send_together("a", "b", "c")
    make_mapping()
    assert batches() == ["a b c"]


def test_a_delayed_message_is_read_when_it_becomes_visible(
    fogline: Account, queue: Queue, make_mapping: MakeMapping, batches: Any
) -> None:
    make_mapping()
    queue.send("late", DelaySeconds=60)
    assert batches() == []
    fogline.platform.advance(seconds=60)
    assert batches() == ["late"]


def test_a_batch_has_the_size_asked_for(
    queue: Queue, make_mapping: MakeMapping, batches: Any
) -> None:
    queue.send_together("a", "b", "c", "d", "e")
    make_mapping(BatchSize=2)
    assert sorted(len(batch.split()) for batch in batches()) == [1, 2, 2]


def test_a_window_gathers_messages_until_it_ends(
    fogline: Account, queue: Queue, make_mapping: MakeMapping, batches: Any
) -> None:
    make_mapping(BatchSize=100, MaximumBatchingWindowInSeconds=20)
    queue.send("a")
    fogline.platform.advance(seconds=10)
    queue.send("b")
    fogline.platform.advance(seconds=9)
    assert batches() == []
    assert queue.counts() == (2, 0)
    fogline.platform.advance(seconds=1)
    assert batches() == ["a b"]


def test_a_full_batch_does_not_wait_for_its_window(
    queue: Queue, make_mapping: MakeMapping, batches: Any
) -> None:
    make_mapping(BatchSize=3, MaximumBatchingWindowInSeconds=300)
    queue.send_together("a", "b", "c")
    assert batches() == ["a b c"]


def test_a_function_that_fails_gets_its_messages_again_after_the_visibility_timeout(
    fogline: Account, queue: Queue, make_mapping: MakeMapping, batches: Any
) -> None:
    make_mapping()
    queue.send("fail")
    assert batches() == ["fail"]
    assert queue.counts() == (0, 1)
    fogline.platform.advance(seconds=29)
    assert batches() == ["fail"]
    fogline.platform.advance(seconds=1)
    assert batches() == ["fail", "fail"]


def test_what_fails_too_often_goes_to_the_dead_letters(
    client: Any, fogline: Account, make_function: MakeFunction, batches: Any
) -> None:
    dead = Queue(fogline, "dead")
    policy = json.dumps({"deadLetterTargetArn": dead.arn, "maxReceiveCount": 2})
    source = Queue(fogline, "source", RedrivePolicy=policy)
    make_function("worker", WORKER)
    client.create_event_source_mapping(FunctionName="worker", EventSourceArn=source.arn)
    source.send("fail")
    fogline.platform.advance(seconds=61)
    assert batches() == ["fail", "fail"]
    assert dead.counts() == (1, 0)


def test_only_the_items_that_are_reported_come_again(
    fogline: Account, queue: Queue, make_mapping: MakeMapping, batches: Any
) -> None:
    queue.send_together("good", "bad")
    make_mapping(FunctionResponseTypes=["ReportBatchItemFailures"])
    assert batches() == ["bad good"]
    assert queue.counts() == (0, 1)
    fogline.platform.advance(seconds=30)
    assert batches() == ["bad good", "bad"]


def test_reports_mean_nothing_unless_they_were_asked_for(
    queue: Queue, make_mapping: MakeMapping, batches: Any
) -> None:
    queue.send("bad")
    make_mapping()
    assert batches() == ["bad"]
    assert queue.counts() == (0, 0)


def test_messages_that_no_filter_lets_through_are_removed(
    queue: Queue, make_mapping: MakeMapping, batches: Any
) -> None:
    pattern = json.dumps({"body": {"kind": ["order"]}})
    make_mapping(FilterCriteria={"Filters": [{"Pattern": pattern}]})
    queue.send('{"kind":"order"}', '{"kind":"other"}', "text")
    assert batches() == ['{"kind":"order"}']
    assert queue.counts() == (0, 0)


def test_a_disabled_mapping_reads_nothing_until_it_is_enabled(
    client: Any, queue: Queue, make_mapping: MakeMapping, batches: Any
) -> None:
    made = make_mapping(Enabled=False)
    assert made["State"] == "Disabled"
    queue.send("one")
    assert batches() == []
    enabled = client.update_event_source_mapping(UUID=made["UUID"], Enabled=True)
    assert enabled["State"] == "Enabling"
    assert batches() == ["one"]
    client.update_event_source_mapping(UUID=made["UUID"], Enabled=False)
    queue.send("two")
    assert batches() == ["one"]
    assert client.get_event_source_mapping(UUID=made["UUID"])["State"] == "Disabled"


def test_a_deleted_mapping_reads_nothing_and_is_gone(
    client: Any, queue: Queue, make_mapping: MakeMapping, batches: Any
) -> None:
    uuid = make_mapping()["UUID"]
    assert client.delete_event_source_mapping(UUID=uuid)["State"] == "Deleting"
    queue.send("one")
    assert batches() == []
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_event_source_mapping(UUID=uuid)


def test_a_throttled_function_leaves_messages_where_they_are(
    client: Any, queue: Queue, make_mapping: MakeMapping, batches: Any
) -> None:
    make_mapping()
    client.put_function_concurrency(FunctionName="worker", ReservedConcurrentExecutions=0)
    queue.send("one")
    assert batches() == []
    assert queue.counts() == (1, 0)
    client.delete_function_concurrency(FunctionName="worker")
    assert batches() == ["one"]


def test_a_queue_that_comes_back_is_read_again(
    client: Any, fogline: Account, queue: Queue, make_mapping: MakeMapping, batches: Any
) -> None:
    make_mapping()
    fogline.client("sqs").delete_queue(QueueUrl=queue.url)
    fogline.platform.advance(seconds=61)
    Queue(fogline, "jobs").send("one")
    assert batches() == ["one"]


def test_new_code_gets_the_next_batch(
    client: Any, queue: Queue, make_mapping: MakeMapping, batches: Any
) -> None:
    make_mapping()
    code = "def handler(event, context):\n    print('batch new')\n"
    client.update_function_code(FunctionName="worker", ZipFile=make_zip(index=code))
    queue.send("one")
    assert batches() == ["new"]


def test_records_have_the_form_that_functions_know(
    client: Any, fogline: Account, queue: Queue, make_mapping: MakeMapping, batches: Any
) -> None:
    code = """import json
def handler(event, context):
    print("batch", json.dumps(event["Records"][0]))
"""
    make_mapping(code)
    attribute = {"DataType": "Number", "StringValue": "6"}
    queue.send("body", MessageAttributes={"n": attribute})
    record = json.loads(batches()[0])
    assert list(record) == [
        "messageId",
        "receiptHandle",
        "body",
        "attributes",
        "messageAttributes",
        "md5OfMessageAttributes",
        "md5OfBody",
        "eventSource",
        "eventSourceARN",
        "awsRegion",
    ]
    assert record["attributes"]["ApproximateReceiveCount"] == "1"
    assert record["messageAttributes"] == {
        "n": {
            "stringValue": "6",
            "stringListValues": [],
            "binaryListValues": [],
            "dataType": "Number",
        }
    }


def test_a_mapping_is_shown_as_it_was_made(
    client: Any, fogline: Account, queue: Queue, make_mapping: MakeMapping
) -> None:
    made = make_mapping()
    del made["ResponseMetadata"], made["LastModified"]
    uuid = made["UUID"]
    arn = f"arn:aws:lambda:us-east-1:{fogline.id}"
    assert made == {
        "UUID": uuid,
        "BatchSize": 10,
        "MaximumBatchingWindowInSeconds": 0,
        "EventSourceArn": queue.arn,
        "EventSourceMappingArn": f"{arn}:event-source-mapping:{uuid}",
        "FunctionArn": f"{arn}:function:worker",
        "FunctionResponseTypes": [],
        "State": "Creating",
        "StateTransitionReason": "USER_INITIATED",
    }
    (listed,) = client.list_event_source_mappings(FunctionName="worker")["EventSourceMappings"]
    assert (listed["UUID"], listed["State"]) == (uuid, "Enabled")
    assert not client.list_event_source_mappings(FunctionName="other")["EventSourceMappings"]


def test_a_second_mapping_of_the_same_pair_is_refused(
    client: Any, queue: Queue, make_mapping: MakeMapping
) -> None:
    uuid = make_mapping()["UUID"]
    with pytest.raises(client.exceptions.ResourceConflictException) as refused:
        client.create_event_source_mapping(FunctionName="worker", EventSourceArn=queue.arn)
    assert refused.value.response["Error"]["Message"] == (
        f'An event source mapping with SQS arn (" {queue.arn} ") and function (" worker ") already '
        f"exists. Please update or delete the existing mapping with UUID {uuid}"
    )


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (
            {"BatchSize": 11},
            "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10",
        ),
        (
            {"FilterCriteria": {"Filters": [{"Pattern": '{"body": "text"}'}]}},
            "Invalid filter pattern definition.",
        ),
        (
            {"FilterCriteria": {"Filters": [{"Pattern": "null"}]}},
            "Invalid filter pattern definition.",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(
    client: Any, make_mapping: MakeMapping, options: Any, text: str
) -> None:
    with pytest.raises(client.exceptions.InvalidParameterValueException) as refused:
        make_mapping(**options)
    assert refused.value.response["Error"]["Message"] == text


def test_a_queue_must_hide_messages_for_as_long_as_the_function_may_run(
    client: Any, queue: Queue, make_function: MakeFunction
) -> None:
    make_function("slow", Timeout=31)
    with pytest.raises(client.exceptions.InvalidParameterValueException) as refused:
        client.create_event_source_mapping(FunctionName="slow", EventSourceArn=queue.arn)
    assert refused.value.response["Error"]["Message"] == (
        "Queue visibility timeout: 30 seconds is less than Function timeout: 31 seconds"
    )


def test_a_queue_that_is_not_there_is_refused(
    client: Any, queue: Queue, make_function: MakeFunction
) -> None:
    make_function("worker")
    with pytest.raises(client.exceptions.InvalidParameterValueException) as refused:
        client.create_event_source_mapping(FunctionName="worker", EventSourceArn=queue.arn + "-not")
    assert "NonExistentQueue" in refused.value.response["Error"]["Message"]


def test_other_sources_are_refused_by_name(
    client: Any, fogline: Account, make_function: MakeFunction
) -> None:
    make_function("worker")
    with pytest.raises(client.exceptions.ClientError) as refused:
        client.create_event_source_mapping(
            FunctionName="worker",
            EventSourceArn=f"arn:aws:kinesis:us-east-1:{fogline.id}:stream/s",
            StartingPosition="LATEST",
        )
    error = refused.value.response["Error"]
    assert error["Code"] == "NotImplemented"
    assert "event source mappings for Kinesis" in error["Message"]


POWERTOOLS = """from aws_lambda_powertools.utilities.batch import (
    BatchProcessor, EventType, process_partial_response)
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.parser import event_parser
from aws_lambda_powertools.utilities.parser.models import SqsModel

processor = BatchProcessor(event_type=EventType.SQS)

def work(record: SQSRecord):
    if record.body.startswith("bad"):
        raise ValueError(record.body)
    print("batch", record.body)

@event_parser(model=SqsModel)
def parsed(event: SqsModel, context):
    print("batch parsed", len(event.Records))

def handler(event, context):
    parsed(event, context)
    return process_partial_response(event=event, record_handler=work, processor=processor, context=context)
"""


def test_the_batch_processor_of_powertools_works_on_the_records(
    client: Any, queue: Queue, make_function: MakeFunction, fogline: Account, batches: Any
) -> None:
    import aws_lambda_powertools

    packages = aws_lambda_powertools.__file__.rpartition("/aws_lambda_powertools/")[0]
    code = f"import sys\nsys.path.append({packages!r})\n" + POWERTOOLS
    make_function("worker", code, Timeout=20, MemorySize=512)
    queue.send_together("good", "bad")
    client.create_event_source_mapping(
        FunctionName="worker",
        EventSourceArn=queue.arn,
        FunctionResponseTypes=["ReportBatchItemFailures"],
    )
    assert batches() == ["parsed 2", "good"]
    assert queue.counts() == (0, 1)
