"""Functions as tasks: their answers, their own errors, and those of Lambda."""

from __future__ import annotations

import json
import re

from tests.services.stepfunctions.tasks.conftest import MakeFunction, Tasks

from fogline.testing.plugin import Account

INVOKE = "lambda:invoke"


def test_a_function_gets_the_input_and_its_answer_is_the_result(
    tasks: Tasks, make_function: MakeFunction
) -> None:
    arn = make_function("return {'got': event}")
    assert tasks.perform(arn, {"a": [1, None]}) == {"got": {"a": [1, None]}}


def test_text_and_null_are_inputs_too(tasks: Tasks, make_function: MakeFunction) -> None:
    arn = make_function("return event")
    assert tasks.perform(arn, "HelloWorld") == "HelloWorld"
    assert tasks.perform(arn, None) is None


def test_an_error_of_a_function_is_named_by_its_type_and_told_as_its_runtime_wrote_it(
    tasks: Tasks, make_function: MakeFunction
) -> None:
    arn = make_function("raise ValueError('no such order')")
    failed = tasks.failure(arn, {})
    told = json.loads(failed.cause)
    assert failed.error == "ValueError"
    assert told["errorMessage"] == "no such order"
    assert '"errorType": "ValueError"' in failed.cause


def test_a_function_that_is_gone_is_told_in_the_words_of_lambda(
    fogline: Account, tasks: Tasks
) -> None:
    arn = f"arn:aws:lambda:us-east-1:{fogline.id}:function:gone"
    failed = tasks.failure(arn, {})
    assert failed.error == "Lambda.ResourceNotFoundException"
    assert re.fullmatch(
        rf"Function not found: {arn}:\$LATEST \(Service: Lambda, Status Code: 404, Request ID: [0-9a-f-]{{36}}\)",
        failed.cause,
    )


def test_a_function_without_concurrency_is_told_as_too_many_requests(
    fogline: Account, tasks: Tasks, make_function: MakeFunction
) -> None:
    arn = make_function("return 1")
    fogline.client("lambda").put_function_concurrency(
        FunctionName=arn, ReservedConcurrentExecutions=0
    )
    failed = tasks.failure(arn, {})
    assert failed.error == "Lambda.TooManyRequestsException"
    assert "Status Code: 429" in failed.cause


def test_a_result_larger_than_a_state_may_have_fails_the_task(
    tasks: Tasks, make_function: MakeFunction
) -> None:
    arn = make_function("return 'x' * event")
    assert len(tasks.perform(arn, 262_142)) == 262_142
    failed = tasks.failure(arn, 262_143)
    assert failed.error == "States.DataLimitExceeded"
    assert failed.cause == (
        f"The state/task '{arn}' returned a result with a size exceeding "
        "the maximum number of bytes service limit."
    )


def test_invoke_tells_of_the_answer_too(tasks: Tasks, make_function: MakeFunction) -> None:
    make_function("return event['word'] + '!'")
    result = tasks.perform(INVOKE, {"FunctionName": "work", "Payload": {"word": "Hello"}})
    http = result["SdkHttpMetadata"]
    assert result["Payload"] == "Hello!"
    assert (result["ExecutedVersion"], result["StatusCode"]) == ("$LATEST", 200)
    assert sorted(http["HttpHeaders"], key=str.lower) == [
        "Connection",
        "Content-Length",
        "Content-Type",
        "Date",
        "X-Amz-Executed-Version",
        "x-amzn-Remapped-Content-Length",
        "x-amzn-RequestId",
        "X-Amzn-Trace-Id",
    ]
    assert http["HttpHeaders"]["Content-Length"] == "8"
    assert http["AllHttpHeaders"]["Content-Type"] == ["application/json"]
    assert http["HttpStatusCode"] == 200
    assert result["SdkResponseMetadata"]["RequestId"] == http["HttpHeaders"]["x-amzn-RequestId"]


def test_a_payload_that_is_json_text_goes_as_it_is(
    tasks: Tasks, make_function: MakeFunction
) -> None:
    make_function("return event")
    for payload, event in (('{"a": 1}', {"a": 1}), ('"text"', "text"), ("just text", "just text")):
        result = tasks.perform(INVOKE, {"FunctionName": "work", "Payload": payload})
        assert result["Payload"] == event


def test_without_a_payload_the_event_is_empty(tasks: Tasks, make_function: MakeFunction) -> None:
    make_function("return event")
    assert tasks.perform(INVOKE, {"FunctionName": "work", "Payload": None})["Payload"] == {}
    assert tasks.perform(INVOKE, {"FunctionName": "work"})["Payload"] == {}


def test_an_error_through_invoke_is_told_without_spaces(
    tasks: Tasks, make_function: MakeFunction
) -> None:
    make_function("raise KeyError('id')")
    failed = tasks.failure(INVOKE, {"FunctionName": "work"})
    assert failed.error == "KeyError"
    assert failed.cause.startswith('{"errorMessage":"\'id\'","errorType":"KeyError"')


def test_an_event_is_only_promised(tasks: Tasks, make_function: MakeFunction) -> None:
    make_function("return event")
    result = tasks.perform(INVOKE, {"FunctionName": "work", "InvocationType": "Event"})
    assert (result["StatusCode"], result["Payload"]) == (202, "")
    assert "ExecutedVersion" not in result


def test_parameters_that_are_missing_or_unknown_stop_the_task(tasks: Tasks) -> None:
    failed = tasks.failure(INVOKE, {"Function": "work", "Payload": {}})
    assert failed.error == "States.Runtime"
    assert failed.cause == (
        'The Parameters \'{"Function":"work","Payload":{}}\' could not be used to start the Task: '
        "[The field 'Function' is not supported by Step Functions, "
        "The field 'FunctionName' is required but was missing]"
    )


def test_a_role_of_another_account_calls_there(
    fogline: Account, tasks: Tasks, make_function: MakeFunction
) -> None:
    make_function("return 'here'")
    given = {"FunctionName": "work"}
    assert tasks.perform(INVOKE, given)["Payload"] == "here"
    failed = tasks.failure(INVOKE, given, role_account="999999999999")
    assert "arn:aws:lambda:us-east-1:999999999999:function:work" in failed.cause
