"""Enrichments of pipes: an answer goes on in place of the batch."""

from __future__ import annotations

import json

from tests.services.pipes.conftest import MakeFunction, MakePipe, Queue

from fogline.testing.plugin import Account

DOUBLES = """import json
def handler(event, context):
    return [{"n": json.loads(each["body"])["n"] * 2} for each in event]
"""


def test_a_function_answers_what_goes_on(
    make_pipe: MakePipe, make_function: MakeFunction, source: Queue, target: Queue
) -> None:
    make_pipe(Enrichment=make_function("doubles", DOUBLES))
    source.send({"n": 4})
    assert target.bodies() == [{"n": 8}]
    assert source.counts() == (0, 0)


def test_an_enrichment_may_make_more_of_a_batch(
    make_pipe: MakePipe, make_function: MakeFunction, source: Queue, target: Queue
) -> None:
    code = "def handler(event, context):\n    return [1, 2, 3]\n"
    make_pipe(Enrichment=make_function("more", code))
    source.send("one")
    assert sorted(target.bodies()) == [1, 2, 3]


def test_an_empty_answer_ends_the_execution(
    make_pipe: MakePipe, make_function: MakeFunction, source: Queue, target: Queue
) -> None:
    for at, nothing in enumerate(("[]", "{}", '""', "None")):
        name = f"empty{at}"
        code = f"def handler(event, context):\n    return {nothing}\n"
        make_pipe(Name=name, Enrichment=make_function(name, code))
        source.send("gone")
        assert (source.counts(), target.counts()) == ((0, 0), (0, 0))


def test_the_input_of_an_enrichment_may_be_made_by_a_template(
    make_pipe: MakePipe, make_function: MakeFunction, source: Queue, target: Queue
) -> None:
    make_pipe(
        Enrichment=make_function("echo"),
        EnrichmentParameters={"InputTemplate": '{"id": <$.body.id>}'},
        TargetParameters={"InputTemplate": '{"seen": <$.id>}'},
    )
    source.send({"id": 7})
    assert target.bodies() == [{"seen": 7}]


def test_an_enrichment_that_fails_leaves_the_batch_in_its_queue(
    make_pipe: MakePipe, make_function: MakeFunction, source: Queue, target: Queue
) -> None:
    code = "def handler(event, context):\n    raise ValueError('no')\n"
    make_pipe(Enrichment=make_function("broken", code))
    source.send("stays")
    assert (source.counts(), target.counts()) == ((0, 1), (0, 0))


def test_without_a_way_back_to_its_events_a_target_that_fails_gets_nothing(
    fogline: Account, make_pipe: MakePipe, make_function: MakeFunction, source: Queue
) -> None:
    code = "def handler(event, context):\n    return [{'a': 1}, {'b': 2}]\n"
    make_pipe(
        Enrichment=make_function("made", code),
        Target=f"arn:aws:sqs:us-east-1:{fogline.id}:missing",
    )
    source.send("stays")
    assert source.counts() == (0, 1)


def test_events_that_an_enrichment_left_recognizable_fail_alone(
    make_pipe: MakePipe, make_function: MakeFunction, source: Queue
) -> None:
    code = (
        "def handler(event, context):\n"
        "    bad = [e['messageId'] for e in event if e['body'] == 'bad']\n"
        "    return {'batchItemFailures': [{'itemIdentifier': i} for i in bad]}\n"
    )
    source.send_together("good", "bad")
    make_pipe(Enrichment=make_function("echo"), Target=make_function("picky", code))
    assert source.counts() == (0, 1)


def test_the_log_of_a_pipe_tells_what_failed(
    fogline: Account, make_pipe: MakePipe, make_function: MakeFunction, source: Queue
) -> None:
    code = "def handler(event, context):\n    raise ValueError('no')\n"
    group = f"arn:aws:logs:us-east-1:{fogline.id}:log-group:/pipes/log"
    made = make_pipe(
        Target=make_function("broken", code),
        LogConfiguration={
            "Level": "ERROR",
            "CloudwatchLogsLogDestination": {"LogGroupArn": group},
        },
    )
    source.send("hello")
    found = fogline.client("logs").filter_log_events(logGroupName="/pipes/log")["events"]
    records = [json.loads(event["message"]) for event in found]
    assert [record["messageType"] for record in records] == [
        "TargetInvocationFailed", "ExecutionFailed",
    ]  # fmt: skip
    assert records[0]["resourceArn"] == made["Arn"]
    assert records[0]["error"]["message"].startswith(
        "Target invocation failed with error from Lambda. "
    )
    assert "payload" not in records[0]


def test_the_log_of_a_pipe_tells_every_step_when_it_shall(
    fogline: Account, make_pipe: MakePipe, source: Queue, target: Queue
) -> None:
    group = f"arn:aws:logs:us-east-1:{fogline.id}:log-group:/pipes/log"
    make_pipe(
        LogConfiguration={
            "Level": "TRACE",
            "IncludeExecutionData": ["ALL"],
            "CloudwatchLogsLogDestination": {"LogGroupArn": group},
        },
    )
    source.send("hello")
    found = fogline.client("logs").filter_log_events(logGroupName="/pipes/log")["events"]
    records = [json.loads(event["message"]) for event in found]
    assert [record["messageType"] for record in records] == [
        "ExecutionStarted", "TargetStageEntered", "TargetInvocationStarted",
        "TargetStageSucceeded", "ExecutionSucceeded",
    ]  # fmt: skip
    assert json.loads(records[0]["payload"])[0]["body"] == "hello"
