"""Calls of users' own APIs: what the API gets, what comes back, and how they fail."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.services.stepfunctions.tasks.conftest import MakeFunction, Tasks

from fogline.testing.plugin import Account

INVOKE = "apigateway:invoke"
ECHO = "return {'statusCode': 200, 'body': json.dumps(event)}"


@pytest.fixture
def api(fogline: Account, make_function: MakeFunction) -> str:
    """An API that tells what it was asked, under /echo, and to those who sign, under /signed."""
    function = make_function(ECHO)
    apigateway = fogline.client("apigateway")
    made = apigateway.create_rest_api(name="shop")
    for part, authorization in (("echo", "NONE"), ("signed", "AWS_IAM")):
        resource = apigateway.create_resource(
            restApiId=made["id"], parentId=made["rootResourceId"], pathPart=part
        )
        where = {"restApiId": made["id"], "resourceId": resource["id"], "httpMethod": "ANY"}
        apigateway.put_method(**where, authorizationType=authorization)
        apigateway.put_integration(
            **where,
            type="AWS_PROXY",
            integrationHttpMethod="POST",
            uri=f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{function}/invocations",
        )
    apigateway.create_deployment(restApiId=made["id"], stageName="dev")
    return f"{made['id']}.execute-api.us-east-1.amazonaws.com"


def given(api: str, **more: Any) -> dict[str, Any]:
    return {"ApiEndpoint": api, "Method": "POST", "Stage": "dev", "Path": "echo"} | more


def test_an_api_is_asked_as_the_parameters_say(tasks: Tasks, api: str) -> None:
    result = tasks.perform(
        INVOKE,
        given(
            api,
            RequestBody={"name": "Ada", "nick": None},
            Headers={"X-Shop": ["one", "two"]},
            QueryParameters={"page": ["1", "2"], "of": ["a b&c"]},
        ),
    )
    event = result["ResponseBody"]
    assert json.loads(event["body"]) == {"name": "Ada"}
    assert event["multiValueHeaders"]["X-Shop"] == ["one", "two"]
    assert event["headers"]["Content-Type"] == "application/json"
    assert event["multiValueQueryStringParameters"] == {"page": ["1", "2"], "of": ["a b&c"]}
    assert event["requestContext"]["stage"] == "dev"


def test_the_result_tells_status_and_headers(tasks: Tasks, api: str) -> None:
    result = tasks.perform(INVOKE, given(api))
    assert (result["StatusCode"], result["StatusText"]) == (200, "OK")
    assert result["Headers"]["Content-Type"] == ["application/json"]
    assert {"Connection", "Content-Length", "Date", "x-amz-apigw-id"} <= result["Headers"].keys()


def test_nulls_are_sent_where_they_are_wanted(tasks: Tasks, api: str) -> None:
    asked = given(api, RequestBody={"nick": None}, AllowNullValues=True)
    assert json.loads(tasks.perform(INVOKE, asked)["ResponseBody"]["body"]) == {"nick": None}


def test_methods_that_have_no_body_are_sent_none(tasks: Tasks, api: str) -> None:
    result = tasks.perform(INVOKE, given(api, Method="GET", RequestBody={"a": 1}))
    assert result["ResponseBody"]["body"] is None


def test_text_is_sent_as_it_is(tasks: Tasks, api: str) -> None:
    assert tasks.perform(INVOKE, given(api, RequestBody="Hello"))["ResponseBody"]["body"] == "Hello"


def test_a_local_address_will_do(tasks: Tasks, api: str) -> None:
    name = api.partition(".")[0]
    for endpoint in (f"http://{name}.execute-api.localhost:4566/", f"{name}.execute-api.localhost"):
        assert tasks.perform(INVOKE, given(endpoint))["StatusCode"] == 200
    for front in ("_aws/execute-api", "restapis"):
        assert tasks.perform(INVOKE, given(f"localhost:4566/{front}/{name}"))["StatusCode"] == 200


def test_a_refusal_of_the_api_fails_the_task_with_its_status(tasks: Tasks, api: str) -> None:
    failed = tasks.failure(INVOKE, given(api, Path="elsewhere"))
    assert failed.error == "ApiGateway.403"
    assert json.loads(failed.cause) == {"message": "Missing Authentication Token"}


def test_a_role_need_not_sign(tasks: Tasks, api: str) -> None:
    assert tasks.failure(INVOKE, given(api, Path="signed")).error == "ApiGateway.403"
    event = tasks.perform(INVOKE, given(api, Path="signed", AuthType="IAM_ROLE"))["ResponseBody"]
    assert ":assumed-role/worker/" in event["requestContext"]["identity"]["userArn"]


def test_a_machine_may_be_let_in_by_the_apis_policy(
    tasks: Tasks, api: str, fogline: Account
) -> None:
    apigateway, name = fogline.client("apigateway"), api.partition(".")[0]
    machine = f"arn:aws:states:us-east-1:{fogline.id}:stateMachine:orders"
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "states.amazonaws.com"},
        "Action": "execute-api:Invoke",
        "Resource": "execute-api:/dev/*",
        "Condition": {"StringEquals": {"aws:SourceArn": machine}},
    }
    change = {"op": "replace", "path": "/policy", "value": json.dumps({"Statement": statement})}
    apigateway.update_rest_api(restApiId=name, patchOperations=[change])
    apigateway.create_deployment(restApiId=name, stageName="dev")
    assert tasks.failure(INVOKE, given(api)).error == "ApiGateway.403"
    for path in ("echo", "signed"):
        asked = given(api, Path=path, AuthType="RESOURCE_POLICY")
        assert tasks.perform(INVOKE, asked)["StatusCode"] == 200


def test_a_host_that_is_no_apis_fails_the_task(tasks: Tasks) -> None:
    failed = tasks.failure(INVOKE, given("sqs.us-east-1.amazonaws.com"))
    assert failed.error == "ApiGateway.UnknownHostException"


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"Headers": {"X": "text"}}, "The value of the field 'Headers' has an invalid format"),
        ({"Headers": {"X": ["a\r\nb"]}}, "The value of the field 'Headers' has an invalid format"),
        (
            {"Headers": {"X-Amz-Date": ["now"]}},
            "The value of the field 'Headers.X-Amz-Date' has an invalid format",
        ),
        ({"AuthType": "BASIC"}, "The value of the field 'AuthType' has an invalid format"),
        ({"ApiEndpoint": "a b"}, "The value of the field 'ApiEndpoint' has an invalid format"),
        ({"Method": None}, "The field 'Method' is required but was missing"),
        ({"Url": "x"}, "The field 'Url' is not supported by Step Functions"),
    ],
)
def test_parameters_that_no_request_can_have_fail_the_task(
    tasks: Tasks, more: dict[str, Any], problem: str
) -> None:
    failed = tasks.failure(INVOKE, given("a.execute-api.localhost") | more)
    assert failed.error == "States.Runtime"
    assert failed.cause.endswith(f"could not be used to start the Task: [{problem}]")


def test_http_apis_are_asked_too(
    tasks: Tasks, fogline: Account, make_function: MakeFunction
) -> None:
    code = "return {'path': event['rawPath']}"
    made = fogline.client("apigatewayv2").create_api(
        Name="shop", ProtocolType="HTTP", Target=make_function(code)
    )
    endpoint = f"{made['ApiId']}.execute-api.us-east-1.amazonaws.com"
    result = tasks.perform(INVOKE, {"ApiEndpoint": endpoint, "Method": "GET", "Path": "/a/b"})
    assert (result["StatusCode"], result["ResponseBody"]) == (200, {"path": "/a/b"})
