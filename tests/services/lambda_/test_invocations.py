"""Invocations, with real functions in real processes."""

from __future__ import annotations

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.services.lambda_.conftest import ECHO, MakeFunction, make_zip, make_zip_of

from fogline.testing.plugin import Account

FAIL = "def handler(event, context):\n    raise ValueError('no good')\n"


def answer(response: dict[str, Any]) -> Any:
    return json.loads(response["Payload"].read())


def logged(fogline: Account, group: str) -> str:
    found = fogline.client("logs").filter_log_events(logGroupName=group)
    return "".join(event["message"] for event in found["events"])


def test_a_function_answers_what_it_returns(client: Any, make_function: MakeFunction) -> None:
    make_function("echo")
    response = client.invoke(FunctionName="echo", Payload=b'{"a": 1}')
    assert (response["StatusCode"], response["ExecutedVersion"]) == (200, "$LATEST")
    assert answer(response) == {"a": 1}


def test_a_node_function_answers_what_it_returns(client: Any, make_function: MakeFunction) -> None:
    code = make_zip_of({"index.mjs": "export const handler = async (event) => ({got: event.a});"})
    make_function("node", Runtime="nodejs22.x", Code={"ZipFile": code})
    assert answer(client.invoke(FunctionName="node", Payload=b'{"a": 1}')) == {"got": 1}


def test_no_payload_is_an_empty_event(client: Any, make_function: MakeFunction) -> None:
    make_function("echo")
    assert answer(client.invoke(FunctionName="echo")) == {}


def test_an_error_of_the_function_is_its_answer(client: Any, make_function: MakeFunction) -> None:
    make_function("fail", FAIL)
    response = client.invoke(FunctionName="fail")
    assert response["FunctionError"] == "Unhandled"
    error = answer(response)
    assert (error["errorType"], error["errorMessage"]) == ("ValueError", "no good")


def test_the_tail_of_the_log_comes_with_the_answer(
    client: Any, make_function: MakeFunction
) -> None:
    make_function("talk", "def handler(event, context):\n    print('hello ' * 1000)\n")
    response = client.invoke(FunctionName="talk", LogType="Tail")
    tail = base64.b64decode(response["LogResult"])
    assert len(tail) == 4096
    assert b"REPORT RequestId: " in tail


def test_what_a_function_prints_is_in_its_log_group(
    client: Any, fogline: Account, make_function: MakeFunction
) -> None:
    make_function("talk", "def handler(event, context):\n    print('hello')\n")
    client.invoke(FunctionName="talk")
    assert "hello\nEND RequestId: " in logged(fogline, "/aws/lambda/talk")


def test_a_function_may_name_its_log_group(
    client: Any, fogline: Account, make_function: MakeFunction
) -> None:
    make_function("talk", LoggingConfig={"LogGroup": "/shared"})
    client.invoke(FunctionName="talk")
    assert "START RequestId" in logged(fogline, "/shared")


def test_a_function_calls_home_as_its_role(
    client: Any, fogline: Account, make_function: MakeFunction
) -> None:
    code = """import boto3
def handler(event, context):
    return boto3.client("sts").get_caller_identity()["Arn"]
"""
    make_function("who", code)
    arn = answer(client.invoke(FunctionName="who"))
    assert arn == f"arn:aws:sts::{fogline.id}:assumed-role/anybody/who"


def test_the_context_says_who_and_what(client: Any, make_function: MakeFunction) -> None:
    code = """def handler(event, context):
    return [context.aws_request_id, context.invoked_function_arn, context.function_version,
            context.memory_limit_in_mb, context.client_context.custom]
"""
    arn = make_function("who", code)["FunctionArn"]
    context = base64.b64encode(b'{"custom": {"a": "b"}}').decode()
    response = client.invoke(FunctionName="who", ClientContext=context)
    request_id = response["ResponseMetadata"]["RequestId"]
    assert answer(response) == [request_id, arn, "$LATEST", "128", {"a": "b"}]


def test_invocations_that_begin_together_each_get_their_answer(
    client: Any, make_function: MakeFunction
) -> None:
    make_function(
        "slow", "import time\ndef handler(event, context):\n    time.sleep(0.2)\n    return event\n"
    )
    with ThreadPoolExecutor(6) as pool:
        calls = [
            pool.submit(client.invoke, FunctionName="slow", Payload=str(at)) for at in range(6)
        ]
        assert [answer(call.result()) for call in calls] == list(range(6))


def test_a_dry_run_runs_nothing(client: Any, fogline: Account, make_function: MakeFunction) -> None:
    make_function("echo")
    assert client.invoke(FunctionName="echo", InvocationType="DryRun")["StatusCode"] == 204
    groups = fogline.client("logs").describe_log_groups()["logGroups"]
    assert groups == []


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"n\x87r", "Invalid UTF-8 start byte 0x87\n at [Source: REDACTED"),
        (b"\x99\xeb", "Unexpected character ((CTRL-CHAR, code 153)): expected a valid value"),
        (b"hello", "Unrecognized token 'hello': was expecting (JSON String"),
    ],
)
def test_a_payload_that_is_not_json_is_refused(
    client: Any, make_function: MakeFunction, payload: bytes, reason: str
) -> None:
    make_function("echo")
    with pytest.raises(client.exceptions.InvalidRequestContentException) as refused:
        client.invoke(FunctionName="echo", Payload=payload)
    text = refused.value.response["Error"]["Message"]
    assert text.startswith("Could not parse request body into json: Could not parse payload")
    assert reason in text


def test_a_function_that_is_not_there_is_named(client: Any, fogline: Account) -> None:
    with pytest.raises(client.exceptions.ResourceNotFoundException) as refused:
        client.invoke(FunctionName="nobody")
    arn = f"arn:aws:lambda:us-east-1:{fogline.id}:function:nobody:$LATEST"
    assert refused.value.response["Error"]["Message"] == f"Function not found: {arn}"


def test_payloads_have_a_bound(client: Any, make_function: MakeFunction) -> None:
    make_function("echo")
    largest = b'"' + b"a" * (1_048_576 - 2) + b'"'
    assert (
        client.invoke(FunctionName="echo", InvocationType="Event", Payload=largest)["StatusCode"]
        == 202
    )
    with pytest.raises(client.exceptions.RequestTooLargeException):
        client.invoke(FunctionName="echo", InvocationType="Event", Payload=largest + b" ")


def test_a_function_that_reserves_nothing_left_is_throttled(
    client: Any, make_function: MakeFunction
) -> None:
    make_function("echo")
    client.put_function_concurrency(FunctionName="echo", ReservedConcurrentExecutions=0)
    with pytest.raises(client.exceptions.TooManyRequestsException) as refused:
        client.invoke(FunctionName="echo")
    response = refused.value.response
    assert response["Error"]["Message"] == "Rate Exceeded."
    assert response["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"
    client.delete_function_concurrency(FunctionName="echo")
    assert client.invoke(FunctionName="echo")["StatusCode"] == 200


def test_new_code_is_used_by_the_next_invocation(client: Any, make_function: MakeFunction) -> None:
    make_function("echo")
    client.invoke(FunctionName="echo")
    code = make_zip(index="def handler(event, context):\n    return 'new'\n")
    client.update_function_code(FunctionName="echo", ZipFile=code)
    assert answer(client.invoke(FunctionName="echo")) == "new"


def test_code_in_a_live_folder_is_used_as_it_is_now(
    client: Any, make_function: MakeFunction, tmp_path: Path
) -> None:
    tmp_path.chmod(0o755)
    for parent in list(tmp_path.parents)[:2]:
        parent.chmod(0o755)
    file = tmp_path / "index.py"
    file.write_text(ECHO)
    make_function("live", Code={"S3Bucket": "hot-reload", "S3Key": str(tmp_path)})
    assert answer(client.invoke(FunctionName="live", Payload=b"1")) == 1
    file.write_text("def handler(event, context):\n    return 'edited'\n")
    assert answer(client.invoke(FunctionName="live")) == "edited"


def test_an_alias_leads_to_its_version(client: Any, make_function: MakeFunction) -> None:
    arn = make_function("echo", Publish=True)["FunctionArn"]
    client.create_alias(FunctionName="echo", Name="live", FunctionVersion="1")
    code = """def handler(event, context):
    return context.invoked_function_arn
"""
    client.update_function_code(FunctionName="echo", ZipFile=make_zip(index=code), Publish=True)
    old = client.invoke(FunctionName="echo:live", Payload=b"1")
    assert (old["ExecutedVersion"], answer(old)) == ("1", 1)
    client.update_alias(FunctionName="echo", Name="live", FunctionVersion="2")
    new = client.invoke(FunctionName="echo", Qualifier="live")
    assert (new["ExecutedVersion"], answer(new)) == ("2", f"{arn}:live")


def test_a_streamed_response_ends_with_its_completion(
    client: Any, make_function: MakeFunction
) -> None:
    make_function("echo")
    response = client.invoke_with_response_stream(FunctionName="echo", Payload=b'{"a":1}')
    events = list(response["EventStream"])
    assert json.loads(events[0]["PayloadChunk"]["Payload"]) == {"a": 1}
    assert "InvokeComplete" in events[-1]


def test_an_invocation_is_part_of_its_chain(
    client: Any, fogline: Account, make_function: MakeFunction
) -> None:
    make_function("echo")
    lineage = fogline.platform.platform.lineage

    async def make_room() -> None:
        # Of requests that nothing caused a bounded number is kept at a time, and the clock stands still.
        lineage.flush()

    fogline.platform.ask(make_room())
    request_id = client.invoke(FunctionName="echo")["ResponseMetadata"]["RequestId"]
    digits = request_id.replace("-", "")[:24]
    now = fogline.platform.now() // 1000

    async def events() -> list[str]:
        return [event.kind for event in lineage.of_trace(f"1-{now:08x}-{digits}")]

    assert sorted(fogline.platform.ask(events())) == ["invocation", "request"]


# Later.


def make_queue(fogline: Account, name: str) -> tuple[str, str]:
    url = fogline.client("sqs").create_queue(QueueName=name)["QueueUrl"]
    return url, f"arn:aws:sqs:us-east-1:{fogline.id}:{name}"


def received(fogline: Account, url: str) -> list[Any]:
    found = fogline.client("sqs").receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
    )
    return list(found.get("Messages", []))


def test_an_event_is_invoked_after_its_answer(
    client: Any, fogline: Account, make_function: MakeFunction
) -> None:
    make_function("talk", "def handler(event, context):\n    print(event['word'])\n")
    response = client.invoke(
        FunctionName="talk", InvocationType="Event", Payload=b'{"word": "later"}'
    )
    assert response["StatusCode"] == 202
    fogline.platform.settle()
    assert "later\n" in logged(fogline, "/aws/lambda/talk")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_older_way_to_invoke_later_works_too(
    client: Any, fogline: Account, make_function: MakeFunction
) -> None:
    make_function("talk", "def handler(event, context):\n    print(event['word'])\n")
    assert client.invoke_async(FunctionName="talk", InvokeArgs=b'{"word": "old"}')["Status"] == 202
    fogline.platform.settle()
    assert "old\n" in logged(fogline, "/aws/lambda/talk")


def test_an_event_that_fails_is_tried_twice_more_and_then_a_dead_letter(
    client: Any, fogline: Account, make_function: MakeFunction
) -> None:
    url, arn = make_queue(fogline, "dead")
    make_function("fail", FAIL, DeadLetterConfig={"TargetArn": arn})
    client.invoke(FunctionName="fail", InvocationType="Event", Payload=b'{"a":1}')
    fogline.platform.settle()
    starts = []
    for seconds in (59, 2, 118, 3):
        starts.append(logged(fogline, "/aws/lambda/fail").count("START"))
        fogline.platform.advance(seconds=seconds)
    starts.append(logged(fogline, "/aws/lambda/fail").count("START"))
    assert starts == [1, 1, 2, 2, 3]
    (message,) = received(fogline, url)
    assert message["Body"] == '{"a":1}'
    attributes = {
        name: value["StringValue"] for name, value in message["MessageAttributes"].items()
    }
    assert attributes["ErrorCode"] == "200"
    assert attributes["ErrorMessage"] == "no good"
    assert len(attributes["RequestID"]) == 36


def test_destinations_get_a_record_of_the_invocation(
    client: Any, fogline: Account, make_function: MakeFunction
) -> None:
    url, arn = make_queue(fogline, "results")
    function = make_function("echo")["FunctionArn"]
    client.put_function_event_invoke_config(
        FunctionName="echo", DestinationConfig={"OnSuccess": {"Destination": arn}}
    )
    client.invoke(FunctionName="echo", InvocationType="Event", Payload=b'{"a":1}')
    fogline.platform.settle()
    (message,) = received(fogline, url)
    record = json.loads(message["Body"])
    assert record["requestContext"]["condition"] == "Success"
    assert record["requestContext"]["functionArn"] == f"{function}:$LATEST"
    assert record["requestPayload"] == record["responsePayload"] == {"a": 1}
    assert record["responseContext"] == {"statusCode": 200, "executedVersion": "$LATEST"}


def test_a_throttled_event_waits_for_its_turn(
    client: Any, fogline: Account, make_function: MakeFunction
) -> None:
    make_function("echo")
    client.put_function_concurrency(FunctionName="echo", ReservedConcurrentExecutions=0)
    client.invoke(FunctionName="echo", InvocationType="Event")
    fogline.platform.advance(seconds=10)
    with pytest.raises(ClientError):
        logged(fogline, "/aws/lambda/echo")
    client.delete_function_concurrency(FunctionName="echo")
    fogline.platform.advance(seconds=60)
    assert "START" in logged(fogline, "/aws/lambda/echo")


def test_an_answer_is_json_and_a_promise_is_empty(client: Any, make_function: MakeFunction) -> None:
    make_function("echo")
    answered = client.invoke(FunctionName="echo")["ResponseMetadata"]["HTTPHeaders"]
    promised = client.invoke(FunctionName="echo", InvocationType="Event")["ResponseMetadata"]
    assert answered["content-type"] == "application/json"
    assert "content-type" not in promised["HTTPHeaders"]
