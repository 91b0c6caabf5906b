"""TestState: one state alone, its work really done or mocked, and what is seen of it."""

from __future__ import annotations

import json
import threading

import pytest
from tests.services.events.site import open_site
from tests.services.stepfunctions.tasks.conftest import make_function  # noqa: F401 - a fixture

PASS = {"Type": "Pass", "End": True}
INVOKE = {
    "Type": "Task",
    "Resource": "arn:aws:states:::lambda:invoke",
    "Parameters": {"FunctionName": "f", "Payload.$": "$"},
    "Next": "After",
}
ERROR = {"errorOutput": {"error": "Busy", "cause": "come back"}}
PARALLEL = {
    "Type": "Parallel",
    "Branches": [
        {"StartAt": "One", "States": {"One": {"Type": "Pass", "End": True}}},
        {"StartAt": "Two", "States": {"Two": {"Type": "Pass", "End": True}}},
    ],
    "Next": "After",
}
MAP = {
    "Type": "Map",
    "ItemsPath": "$.items",
    "ItemSelector": {"n.$": "$$.Map.Item.Value", "at.$": "$$.Map.Item.Index"},
    "ItemProcessor": {
        "ProcessorConfig": {"Mode": "INLINE"},
        "StartAt": "Each",
        "States": {"Each": {"Type": "Pass", "End": True}},
    },
    "End": True,
}


@pytest.fixture
def test(fogline, stepfunctions):
    """Tests a state; the answer without what the SDK adds."""

    def test(definition, input=None, *, level="DEBUG", role=True, **more):
        if role and "mock" not in more:
            more["roleArn"] = f"arn:aws:iam::{fogline.id}:role/workflows"
        if input is not None:
            more["input"] = input if isinstance(input, str) else json.dumps(input)
        text = definition if isinstance(definition, str) else json.dumps(definition)
        answer = stepfunctions.test_state(definition=text, inspectionLevel=level, **more)
        return {name: value for name, value in answer.items() if name != "ResponseMetadata"}

    return test


@pytest.fixture
def refused(test, refusal):
    def refused(definition, input=None, **more):
        return refusal(test, definition, input, **more)

    return refused


def distributed(**more):
    processor = {
        **MAP["ItemProcessor"],
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
    }
    return {**MAP, "ItemProcessor": processor, **more}


def result(value, **more):
    return {"result": json.dumps(value), **more}


# ---- states without work


def test_a_pass_shows_its_data_after_each_of_its_fields(test):
    # The example of the developer guide.
    state = {
        "Type": "Pass",
        "InputPath": "$.payload",
        "Parameters": {"data": 1},
        "ResultPath": "$.result",
        "OutputPath": "$.result.data",
        "Next": "Another State",
    }
    assert test(state, '{"payload": {"foo": "bar"}}') == {
        "output": "1",
        "inspectionData": {
            "input": '{"payload": {"foo": "bar"}}',
            "afterInputPath": '{"foo":"bar"}',
            "afterParameters": '{"data":1}',
            "afterResultSelector": '{"data":1}',
            "afterResultPath": '{"payload":{"foo":"bar"},"result":{"data":1}}',
        },
        "nextState": "Another State",
        "status": "SUCCEEDED",
    }


def test_what_passes_through_is_shown_as_it_was_written(test):
    assert test(PASS, '{"a":  [1]}', level="INFO") == {
        "output": '{"a":  [1]}',
        "status": "SUCCEEDED",
    }


def test_the_input_is_an_empty_object_when_none_is_given(test):
    assert test(PASS)["inspectionData"]["input"] == "{}"


def test_a_choice_says_where_it_leads(test):
    state = {
        "Type": "Choice",
        "Choices": [{"Variable": "$.n", "NumericEquals": 2, "Next": "Two"}],
        "Default": "Other",
    }
    assert test(state, {"n": 2}, level="INFO")["nextState"] == "Two"
    assert test(state, {"n": 3}, level="INFO")["nextState"] == "Other"


def test_a_choice_that_nothing_matches_fails(test):
    state = {
        "Type": "Choice",
        "Choices": [{"Variable": "$.n", "NumericEquals": 2, "Next": "Two"}],
    }
    answer = test(state, {"n": 3})
    assert (answer["status"], answer["error"]) == ("FAILED", "States.NoChoiceMatched")
    assert "nextState" not in answer


def test_a_fail_fails_as_it_says(test):
    answer = test({"Type": "Fail", "Error": "No", "Cause": "no more"}, level="INFO")
    assert answer == {"status": "FAILED", "error": "No", "cause": "no more"}


def test_a_wait_ends_at_once_up_to_five_minutes(test):
    state = {"Type": "Wait", "Seconds": 300, "Next": "After"}
    assert test(state, {"a": 1}, level="INFO") == {
        "status": "SUCCEEDED",
        "output": '{"a": 1}',
        "nextState": "After",
    }
    answer = test({**state, "Seconds": 301})
    assert (answer["status"], answer["error"]) == ("FAILED", "States.Timeout")


def test_an_expression_that_fails_fails_the_state(test):
    answer = test({**PASS, "Parameters": {"a.$": "$.missing"}}, {"b": 1})
    assert (answer["status"], answer["error"]) == ("FAILED", "States.Runtime")
    assert "StateName" in answer["cause"]
    assert answer["inspectionData"] == {"input": '{"b": 1}', "afterInputPath": '{"b": 1}'}


def test_variables_are_seen_and_set(test):
    state = {**PASS, "Assign": {"b.$": "$a"}, "Parameters": {"sum.$": "States.MathAdd($a, 1)"}}
    answer = test(state, variables='{"a": 1}')
    assert answer["output"] == '{"sum":2}'
    assert json.loads(answer["inspectionData"]["variables"]) == {"a": 1, "b": 1}


def test_jsonata_shows_its_arguments_and_the_result(test):
    state = {
        "Type": "Task",
        "QueryLanguage": "JSONata",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Arguments": {"FunctionName": "f", "Payload": "{% $states.input.a %}"},
        "Output": "{% $states.result.Payload %}",
        "End": True,
    }
    answer = test(state, {"a": 1}, mock=result({"Payload": [2], "StatusCode": 200}))
    assert answer == {
        "status": "SUCCEEDED",
        "output": "[2]",
        "inspectionData": {
            "input": '{"a": 1}',
            "afterArguments": '{"FunctionName":"f","Payload":1}',
            "result": '{"Payload": [2], "StatusCode": 200}',
        },
    }


# ---- work that is really done


def test_a_task_is_really_performed(test, fogline):
    sqs = fogline.client("sqs")
    url = sqs.create_queue(QueueName="orders")["QueueUrl"]
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage",
        "Parameters": {"QueueUrl": url, "MessageBody.$": "$.text"},
        "ResultSelector": {"id.$": "$.MessageId"},
        "ResultPath": "$.sent",
        "End": True,
    }
    answer = test(state, {"text": "hello"})
    [message] = sqs.receive_message(QueueUrl=url)["Messages"]
    assert message["Body"] == "hello"
    assert json.loads(answer["output"]) == {"text": "hello", "sent": {"id": message["MessageId"]}}
    seen = answer["inspectionData"]
    assert json.loads(seen["afterParameters"]) == {"QueueUrl": url, "MessageBody": "hello"}
    assert json.loads(seen["result"])["MessageId"] == message["MessageId"]
    assert json.loads(seen["afterResultSelector"]) == {"id": message["MessageId"]}
    assert seen["afterResultPath"] == answer["output"]


def test_a_function_is_invoked_with_the_role_that_is_named(test, make_function):  # noqa: F811
    arn = make_function("return {'got': event}")
    answer = test({"Type": "Task", "Resource": arn, "End": True}, {"a": 1})
    assert answer["output"] == '{"got":{"a":1}}'


def test_an_error_of_a_service_meets_retriers_and_catchers(test):
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:sqs:getQueueUrl",
        "Parameters": {"QueueName": "none"},
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 1}],
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Sorry", "ResultPath": "$.error"}],
        "End": True,
    }
    answer = test(state)
    assert answer["status"] == "RETRIABLE"
    assert answer["error"].startswith("Sqs.")
    assert answer["inspectionData"]["errorDetails"] == {
        "retryIndex": 0,
        "retryBackoffIntervalSeconds": 1,
    }
    answer = test(state, stateConfiguration={"retrierRetryCount": 1})
    assert (answer["status"], answer["nextState"]) == ("CAUGHT_ERROR", "Sorry")
    assert answer["inspectionData"]["errorDetails"] == {"retryIndex": 0, "catchIndex": 0}
    assert json.loads(answer["output"])["error"]["Error"] == answer["error"]


def test_what_cannot_be_performed_is_told(test):
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::glue:startJobRun",
        "Parameters": {"JobName": "j"},
        "End": True,
    }
    answer = test(state)
    assert (answer["status"], answer["error"]) == ("FAILED", "States.Runtime")
    assert "does not implement" in answer["cause"]


def test_a_task_is_given_up_when_its_time_is_over(test, make_function, fogline_platform):  # noqa: F811
    arn = make_function("import time; time.sleep(20)")
    state = {"Type": "Task", "Resource": arn, "TimeoutSeconds": 7, "End": True}
    answers = []
    asking = threading.Thread(target=lambda: answers.append(test(state)))
    asking.start()
    clock = fogline_platform.platform.clock
    for _ in range(2_000):
        if answers:
            break
        asking.join(0.05)
        if clock.next_alarm_at() is not None:
            fogline_platform.advance(seconds=7)
    asking.join(60)
    [answer] = answers
    assert (answer["status"], answer["error"]) == ("FAILED", "States.Timeout")


# ---- HTTP tasks


@pytest.fixture
def http(fogline):
    made = fogline.client("events").create_connection(
        Name="partner",
        AuthorizationType="API_KEY",
        AuthParameters={"ApiKeyAuthParameters": {"ApiKeyName": "X-Key", "ApiKeyValue": "secret"}},
    )
    with open_site() as site:
        site.says(200, '{"ok": true}')
        yield {
            "Type": "Task",
            "Resource": "arn:aws:states:::http:invoke",
            "Parameters": {
                "ApiEndpoint": f"{site.url}/orders",
                "Method": "POST",
                "Authentication": {"ConnectionArn": made["ConnectionArn"]},
                "RequestBody": {"id": 1},
            },
            "End": True,
        }


def test_trace_shows_the_request_and_the_response_without_secrets(test, http):
    seen = test(http, level="TRACE")["inspectionData"]
    asked = seen["request"]
    assert (asked["protocol"], asked["method"]) == ("http", "POST")
    assert asked["url"].endswith("/orders")
    assert asked["body"] == '{"id":1}'
    assert asked["headers"].startswith("[Content-Type: application/json, ")
    assert "secret" not in json.dumps(seen)
    assert seen["response"]["statusCode"] == "200"
    assert seen["response"]["statusMessage"] == "OK"
    assert seen["response"]["body"] == '{"ok": true}'


def test_trace_reveals_secrets_when_it_is_told_to(test, http):
    seen = test(http, level="TRACE", revealSecrets=True)["inspectionData"]
    assert "X-Key: secret" in seen["request"]["headers"]


def test_only_trace_shows_requests(test, http):
    assert "request" not in test(http)["inspectionData"]


# ---- mocks


def test_a_mocked_result_goes_through_the_fields_of_the_state(test):
    state = {**INVOKE, "ResultSelector": {"n.$": "$.Payload"}, "ResultPath": "$.f"}
    answer = test(state, {"a": 1}, mock=result({"Payload": 2}))
    assert (answer["status"], answer["nextState"]) == ("SUCCEEDED", "After")
    assert json.loads(answer["output"]) == {"a": 1, "f": {"n": 2}}
    assert answer["inspectionData"]["result"] == '{"Payload": 2}'


def test_a_mocked_error_is_retriable_as_long_as_attempts_are_left(test):
    retry = [{"ErrorEquals": ["Other"]}, {"ErrorEquals": ["Busy"], "MaxAttempts": 2}]
    state = {**INVOKE, "Retry": retry}
    for made, seconds in ((0, 1), (1, 2)):
        answer = test(state, mock=ERROR, stateConfiguration={"retrierRetryCount": made})
        assert answer["status"] == "RETRIABLE"
        assert answer["inspectionData"]["errorDetails"] == {
            "retryIndex": 1,
            "retryBackoffIntervalSeconds": seconds,
        }
    answer = test(state, mock=ERROR, stateConfiguration={"retrierRetryCount": 2})
    assert (answer["status"], answer["error"], answer["cause"]) == ("FAILED", "Busy", "come back")
    assert answer["inspectionData"]["errorDetails"] == {"retryIndex": 1}


def test_a_backoff_beyond_all_numbers_is_cut(test):
    retry = {"ErrorEquals": ["Busy"], "BackoffRate": 1e300, "MaxAttempts": 10**7}
    for more, seconds in (({}, 31_622_400), ({"MaxDelaySeconds": 5}, 5)):
        answer = test(
            {**INVOKE, "Retry": [{**retry, **more}]},
            mock=ERROR,
            stateConfiguration={"retrierRetryCount": 10**6},
        )
        details = answer["inspectionData"]["errorDetails"]
        assert details["retryBackoffIntervalSeconds"] == seconds


def test_a_mocked_error_is_caught(test):
    catch = [
        {"ErrorEquals": ["Other"], "Next": "No"},
        {"ErrorEquals": ["States.TaskFailed"], "ResultPath": "$.error", "Next": "Sorry"},
    ]
    answer = test({**INVOKE, "Catch": catch}, {"a": 1}, mock=ERROR)
    assert (answer["status"], answer["nextState"]) == ("CAUGHT_ERROR", "Sorry")
    assert json.loads(answer["output"]) == {
        "a": 1,
        "error": {"Error": "Busy", "Cause": "come back"},
    }
    assert answer["inspectionData"]["errorDetails"] == {"catchIndex": 1}


@pytest.mark.parametrize(
    "resource",
    [
        "arn:aws:states:::states:startExecution.sync:2",
        "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "arn:aws:states:us-east-1:000000000000:activity:worker",
    ],
)
def test_what_takes_somebody_else_is_tested_with_a_mock_alone(test, refused, resource):
    state = {"Type": "Task", "Resource": resource, "End": True}
    mock = result({"done": True}, fieldValidationMode="NONE")
    assert test(state, mock=mock)["output"] == '{"done": true}'
    assert test(state, mock=ERROR)["error"] == "Busy"
    code, message = refused(state)
    assert code == "ValidationException"
    assert "can only be tested with a mock" in message


def test_a_task_token_is_there_for_who_is_to_answer(test):
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
        "Parameters": {"FunctionName": "f", "Payload": {"token.$": "$$.Task.Token"}},
        "End": True,
    }
    seen = test(state, mock=result(1))["inspectionData"]
    assert json.loads(seen["afterParameters"])["Payload"]["token"]
    seen = test(state, mock=result(1), context='{"Task": {"Token": "mine"}}')["inspectionData"]
    assert json.loads(seen["afterParameters"])["Payload"]["token"] == "mine"


@pytest.mark.parametrize("state", [PASS, {"Type": "Succeed"}, {"Type": "Fail"}])
def test_only_work_can_be_mocked(refused, state):
    code, message = refused(state, mock=result(1))
    assert code == "ValidationException"
    assert message.startswith("A mock can only be specified for Task, Map, or Parallel states.")


@pytest.mark.parametrize(
    ("mock", "more", "word"),
    [
        ({**result(1), **ERROR}, {}, "cannot specify both"),
        ({"fieldValidationMode": "NONE"}, {}, "must specify a result or an errorOutput"),
        ({"result": "{"}, {}, "must be valid JSON"),
        ({"errorOutput": {"cause": "c"}}, {}, "is required"),
        (result({}), {"revealSecrets": True}, "revealSecrets"),
        (result({"StatusCode": "200"}), {}, "Field 'StatusCode' must be a number"),
        (result([1]), {}, "must be an object"),
        (result({}), {"context": "[]"}, "Invalid Context object provided"),
        (result({}), {"variables": "[]"}, "variables must be a JSON object"),
    ],
)
def test_a_mock_that_cannot_be_is_refused(refused, mock, more, word):
    code, message = refused(INVOKE, mock=mock, **more)
    assert code == "ValidationException"
    assert word in message


# ---- Parallel and Map


def test_a_parallel_takes_a_result_for_each_branch(test, refused):
    answer = test({**PARALLEL, "ResultPath": "$.both"}, {"a": 1}, mock=result([1, 2]))
    assert (answer["status"], answer["nextState"]) == ("SUCCEEDED", "After")
    assert json.loads(answer["output"]) == {"a": 1, "both": [1, 2]}
    code, message = refused(PARALLEL, mock=result([1]))
    assert (code, "one element for each of the 2 branches" in message) == (
        "ValidationException",
        True,
    )


def test_an_error_inside_a_parallel_meets_its_own_catchers(test, refused):
    state = {**PARALLEL, "Catch": [{"ErrorEquals": ["Busy"], "Next": "Sorry"}]}
    caused = {"stateConfiguration": {"errorCausedByState": "Two"}}
    assert test(state, mock=ERROR, **caused)["nextState"] == "Sorry"
    code, message = refused(state, mock=ERROR, stateConfiguration={"errorCausedByState": "Three"})
    assert (code, "no state 'Three'" in message) == ("ValidationException", True)
    code, _ = refused(INVOKE, mock=ERROR, **caused)
    assert code == "ValidationException"


def test_fan_outs_are_not_tested_without_a_mock(refused):
    for state in (MAP, PARALLEL):
        code, message = refused(state)
        assert code == "InvalidDefinition"
        assert message.startswith("TestState API does not support Map or Parallel states.")


def test_a_map_shows_its_items_and_what_is_made_of_them(test):
    answer = test({**MAP, "MaxConcurrency": 3}, {"items": ["a", "b"]}, mock=result([1, 2]))
    assert answer["output"] == "[1, 2]"
    seen = answer["inspectionData"]
    assert seen["afterItemsPath"] == '["a","b"]'
    assert seen["afterItemSelector"] == '[{"n":"a","at":0},{"n":"b","at":1}]'
    assert seen["maxConcurrency"] == 3


def test_a_map_over_no_array_fails(test):
    answer = test(MAP, {"items": 1}, mock=result([]))
    assert (answer["status"], answer["error"]) == ("FAILED", "States.Runtime")


def test_a_distributed_map_shows_its_batches(test):
    batcher = {"MaxItemsPerBatch": 2, "BatchInput": {"day.$": "$.day"}}
    state = distributed(ItemBatcher=batcher)
    given = {"items": [1, 2, 3], "day": "Monday"}
    seen = test(state, given, mock=result([1, 2]))["inspectionData"]
    first, second = json.loads(seen["afterItemBatcher"])
    assert first["BatchInput"] == {"day": "Monday"}
    assert [one["n"] for one in first["Items"] + second["Items"]] == [1, 2, 3]


def test_what_an_item_reader_reads_is_said(test):
    reader = {
        "Resource": "arn:aws:states:::s3:getObject",
        "ReaderConfig": {"InputType": "JSON", "ItemsPointer": "/orders"},
        "Parameters": {"Bucket": "b", "Key": "k"},
    }
    state = distributed(ItemReader=reader, ItemSelector={"of.$": "$$.Map.Item.Value"})
    del state["ItemsPath"]
    config = {"mapItemReaderData": '{"orders": [1, 2]}'}
    seen = test(state, mock=result([]), stateConfiguration=config)["inspectionData"]
    assert seen["afterItemsPointer"] == "[1,2]"
    assert seen["afterItemSelector"] == '[{"of":1},{"of":2}]'
    broken = {"mapItemReaderData": '{"orders": 1}'}
    answer = test(state, mock=result([]), stateConfiguration=broken)
    assert (answer["status"], answer["error"]) == ("FAILED", "States.ItemReaderFailed")


def test_a_csv_file_is_read_as_a_reader_would(test):
    reader = {
        "Resource": "arn:aws:states:::s3:getObject",
        "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW", "MaxItems": 1},
        "Parameters": {"Bucket": "b", "Key": "k"},
    }
    state = distributed(ItemReader=reader, ItemSelector={"row.$": "$$.Map.Item.Value"})
    del state["ItemsPath"]
    config = {"mapItemReaderData": "name,age\nAda,36\nBob,40\n"}
    seen = test(state, mock=result([]), stateConfiguration=config)["inspectionData"]
    assert json.loads(seen["afterItemSelector"]) == [{"row": {"name": "Ada", "age": "36"}}]


def test_a_distributed_map_fails_when_more_iterations_fail_than_it_tolerates(test, refused):
    state = distributed(
        ToleratedFailureCount=1,
        Catch=[{"ErrorEquals": ["States.ExceedToleratedFailureThreshold"], "Next": "Sorry"}],
    )
    given = {"items": [1, 2, 3]}
    for failed, status in ((1, "SUCCEEDED"), (2, "CAUGHT_ERROR")):
        config = {"mapIterationFailureCount": failed}
        answer = test(state, given, mock=result([1]), stateConfiguration=config)
        assert answer["status"] == status
        assert answer["inspectionData"]["toleratedFailureCount"] == 1
    assert answer["error"] == "States.ExceedToleratedFailureThreshold"
    code, message = refused(
        state, given, mock=result([1]), stateConfiguration={"mapIterationFailureCount": 4}
    )
    assert (code, "number of items" in message) == ("ValidationException", True)
    code, _ = refused(
        MAP, given, mock=result([1]), stateConfiguration={"mapIterationFailureCount": 1}
    )
    assert code == "ValidationException"


def test_a_result_writer_makes_the_result_of_a_map_an_object(test):
    writer = {
        "Resource": "arn:aws:states:::s3:putObject",
        "Parameters": {"Bucket": "b", "Prefix": "p"},
    }
    answer = test(
        distributed(ResultWriter=writer), {"items": []}, mock=result({"MapRunArn": "arn"})
    )
    assert answer["output"] == '{"MapRunArn": "arn"}'


# ---- whole machines and their context


def machine(**states):
    return {"StartAt": next(iter(states)), "States": states}


def test_a_state_of_a_machine_is_found_by_its_name(test, refused):
    whole = machine(First={"Type": "Pass", "Next": "Last"}, Last={"Type": "Succeed"})
    assert test(whole, stateName="First", level="INFO")["nextState"] == "Last"
    assert "nextState" not in test(whole, stateName="Last", level="INFO")
    code, message = refused(whole, stateName="Middle")
    assert (code, "'Middle'" in message) == ("ValidationException", True)


def test_a_state_inside_a_map_works_on_the_first_item(test):
    each = {"Type": "Pass", "Parameters": {"item.$": "$$.Map.Item"}, "End": True}
    whole = machine(All={**MAP, "ItemProcessor": machine(Each=each)})
    answer = test(whole, {"a": 1}, stateName="Each")
    assert json.loads(answer["output"]) == {"item": {"Index": 0, "Value": {"a": 1}}}


def test_the_context_object_is_that_of_an_execution(test, fogline):
    context = json.loads(test({**PASS, "InputPath": "$$"}, {"a": 1})["output"])
    assert context["Execution"]["Input"] == {"a": 1}
    assert context["Execution"]["RoleArn"] == f"arn:aws:iam::{fogline.id}:role/workflows"
    assert context["Execution"]["Id"].startswith(f"arn:aws:states:us-east-1:{fogline.id}:express:")
    assert context["State"]["Name"] == "StateName"


def test_a_context_takes_the_place_of_the_whole_context_object(test, refused):
    context = {"Execution": {"Name": "mine"}}
    state = {**INVOKE, "ResultSelector": {"all.$": "$$"}}
    answer = test(state, mock=result({}), context=json.dumps(context))
    assert json.loads(answer["output"]) == {"all": context}
    code, message = refused(PASS, context=json.dumps(context))
    assert (code, "together with a mock" in message) == ("ValidationException", True)


# ---- requests


def test_a_role_is_needed_where_nothing_is_mocked(test, refused):
    code, message = refused(PASS, role=False)
    assert (code, "roleArn" in message) == ("ValidationException", True)
    code, _ = refused(PASS, role=False, roleArn="workflows")
    assert code == "InvalidArn"


def test_definitions_are_checked_as_those_of_machines(refused):
    for text in ("", "[]", "{", "1"):
        if text:
            assert refused(text)[0] == "InvalidDefinition"
    code, message = refused({"Type": "Pass", "Resource": "x", "End": True})
    assert code == "InvalidDefinition"
    assert message.startswith("Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: ")
    assert refused(machine(A={"Type": "Pass", "Next": "B"}), stateName="A")[0] == (
        "InvalidDefinition"
    )


def test_an_input_that_is_no_json_is_refused(refused):
    code, message = refused(PASS, "{'a': 1}")
    assert code == "InvalidExecutionInput"
    assert message.startswith("Invalid State Machine Execution Input: ")


def test_what_would_last_for_ever_ends_in_an_answer(test):
    state = {**PASS, "QueryLanguage": "JSONata", "Output": "{% $map([1..10000000], $string) %}"}
    answer = test(state)
    assert (answer["status"], answer["error"]) == ("FAILED", "States.QueryEvaluationError")
    costly = "{% $count($map([1..40000], function($v) { $v + $v })) %}"
    answer = test({**state, "Output": {f"k{n}": costly for n in range(1_000)}})
    assert (answer["status"], answer["error"]) == ("FAILED", "States.QueryEvaluationError")
    items = {"items": [0] * 10_001}
    assert "afterItemSelector" not in test(MAP, items, mock=result([]))["inspectionData"]


def test_an_output_larger_than_a_payload_may_be_fails(test):
    def doubled(size):
        state = {**PASS, "Parameters": {"a.$": "$", "b.$": "$"}}
        return test(state, json.dumps("x" * size), level="INFO")

    # {"a":"...","b":"..."} has 15 bytes besides the two texts.
    assert doubled((262_144 - 15) // 2)["status"] == "SUCCEEDED"
    assert doubled((262_144 - 15) // 2 + 1)["error"] == "States.DataLimitExceeded"
