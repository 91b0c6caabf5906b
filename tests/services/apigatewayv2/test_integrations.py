"""Integrations of HTTP and WebSocket APIs."""

from __future__ import annotations

from typing import Any

import pytest
from tests.services.apigatewayv2.conftest import FUNCTION, INVOCATION, ApiOfTests, Refusal

_ROLE = "arn:aws:iam::000000000000:role/r"
_MAPPING = "Invalid mapping expression specified: Validation Result: warnings : [], errors : "
_HTTP: dict[str, Any] = {
    "IntegrationType": "HTTP_PROXY",
    "IntegrationMethod": "GET",
    "IntegrationUri": "https://example.com",
}
_FUNCTION: dict[str, Any] = {"IntegrationType": "AWS_PROXY", "IntegrationUri": FUNCTION}
_QUEUE: dict[str, Any] = {
    "IntegrationType": "AWS_PROXY",
    "IntegrationSubtype": "SQS-SendMessage",
    "CredentialsArn": _ROLE,
    "RequestParameters": {"QueueUrl": "http://q", "MessageBody": "$request.body"},
}


def _plain(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def test_an_address_is_an_integration(api: ApiOfTests) -> None:
    made = _plain(api.create_integration(**_HTTP))
    assert made == {
        **_HTTP,
        "ConnectionType": "INTERNET",
        "IntegrationId": made["IntegrationId"],
        "PayloadFormatVersion": "1.0",
        "TimeoutInMillis": 30_000,
    }
    assert _plain(api.get_integration(IntegrationId=made["IntegrationId"])) == made
    assert api.get_integrations()["Items"] == [made]


@pytest.mark.parametrize("uri", [FUNCTION, INVOCATION])
def test_a_function_is_an_integration(api: ApiOfTests, uri: str) -> None:
    made = api.create_integration(
        IntegrationType="AWS_PROXY", IntegrationUri=uri, PayloadFormatVersion="2.0"
    )
    assert (made["IntegrationMethod"], made["PayloadFormatVersion"]) == ("POST", "2.0")


def test_an_operation_of_a_service_is_an_integration(api: ApiOfTests) -> None:
    made = _plain(api.create_integration(**_QUEUE))
    assert made == {
        **_QUEUE,
        "ConnectionType": "INTERNET",
        "IntegrationId": made["IntegrationId"],
        "PayloadFormatVersion": "1.0",
        "TimeoutInMillis": 30_000,
    }


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (
            {"RequestParameters": {"QueueUrl": "q"}},
            "Required request parameters are missing for integration subtype SQS-SendMessage: [MessageBody]",
        ),
        (
            {"RequestParameters": {**_QUEUE["RequestParameters"], "Body": "b"}},
            "Request parameters are not supported for integration subtype SQS-SendMessage: [Body]",
        ),
        (
            {"IntegrationSubtype": "SQS-Shout"},
            "Invalid IntegrationSubtype specified: SQS-Shout",
        ),
        (
            {"PayloadFormatVersion": "2.0"},
            "PayloadFormatVersion must be 1.0 for integration subtype SQS-SendMessage",
        ),
    ],
)
def test_operations_of_services_have_their_parameters(
    api: ApiOfTests, refusal: Refusal, changes: dict[str, Any], told: str
) -> None:
    refused = refusal(api.create_integration, **{**_QUEUE, **changes})
    assert refused == ("BadRequestException", told)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"IntegrationType": "MOCK"}, "may only be associated with proxy integrations"),
        ({**_HTTP, "IntegrationMethod": "FETCH"}, "Invalid HttpMethod specified."),
        ({**_HTTP, "IntegrationUri": "example"}, "Invalid HTTP endpoint specified for URI"),
        ({**_HTTP, "IntegrationUri": "http://"}, "Invalid HTTP endpoint specified for URI"),
        ({**_HTTP, "PayloadFormatVersion": "2.0"}, "PayloadFormatVersion must be 1.0"),
        ({**_FUNCTION, "PayloadFormatVersion": "3.0"}, "Valid options are [1.0, 2.0]"),
        ({**_FUNCTION, "IntegrationUri": "f"}, "Invalid ARN specified in the request"),
        (
            {**_FUNCTION, "IntegrationUri": "arn:aws:apigateway:us-east-1:sqs:path/q"},
            "currently only supports Lambda function",
        ),
        ({**_FUNCTION, "CredentialsArn": "me"}, "Invalid ARN specified in the request"),
        ({**_HTTP, "ConnectionType": "VPC_LINK"}, "VPC Link ID is required"),
        ({**_FUNCTION, "RequestTemplates": {"a/b": ""}}, "RequestTemplates is not supported"),
    ],
)
def test_integrations_of_http_apis_are_held_to_their_rules(
    api: ApiOfTests, refusal: Refusal, settings: dict[str, Any], told: str
) -> None:
    refused = refusal(api.create_integration, **settings)
    assert refused.code == "BadRequestException"
    assert told in refused.message


def test_an_http_integration_has_a_method(api: ApiOfTests, refusal: Refusal) -> None:
    settings = {name: _HTTP[name] for name in ("IntegrationType", "IntegrationUri")}
    refused = refusal(api.create_integration, **settings)
    assert refused.message == "HttpMethod is required for HTTP integrations"


def test_timeouts_of_http_apis_end_at_thirty_seconds(api: ApiOfTests) -> None:
    id = api.backend(TimeoutInMillis=30_000)
    assert api.update_integration(IntegrationId=id, TimeoutInMillis=50)["TimeoutInMillis"] == 50


def test_timeouts_of_websocket_apis_end_a_second_earlier(
    chat: ApiOfTests, refusal: Refusal
) -> None:
    made = chat.create_integration(IntegrationType="MOCK", TimeoutInMillis=29_000)
    assert made["TimeoutInMillis"] == 29_000
    refused = refusal(chat.create_integration, IntegrationType="MOCK", TimeoutInMillis=29_001)
    assert refused == ("BadRequestException", "Timeout should be between 50 ms and 29000 ms")


def test_parameters_of_requests_and_responses_are_mapped(api: ApiOfTests) -> None:
    mappings = {
        "append:header.x-request": "$context.requestId",
        "overwrite:querystring.who": "me",
        "remove:querystring.secret": "''",
        "overwrite:path": "/v1$request.path",
    }
    answers = {"403": {"overwrite:statuscode": "404"}, "200": {"append:header.a": "b"}}
    id = api.backend(RequestParameters=mappings, ResponseParameters=answers)
    changed = api.update_integration(
        IntegrationId=id,
        RequestParameters={"overwrite:querystring.who": "", "remove:header.y": "''"},
        ResponseParameters={"403": {}},
    )
    del mappings["overwrite:querystring.who"]
    assert changed["RequestParameters"] == {**mappings, "remove:header.y": "''"}
    assert changed["ResponseParameters"] == {"200": {"append:header.a": "b"}}


@pytest.mark.parametrize(
    ("mappings", "told"),
    [
        ({"add:header.x": "a"}, "[Invalid Request Actioned Parameter: add:header.x]"),
        ({"append:path": "a"}, "[Invalid Request Actioned Parameter: append:path]"),
        (
            {"append:header.Authorization": "a"},
            "[Operations on header Authorization are restricted]",
        ),
        ({"append:header.x-amz-date": "a"}, "[Operations on header x-amz-date are restricted]"),
    ],
)
def test_not_all_of_a_request_can_be_mapped(
    api: ApiOfTests, refusal: Refusal, mappings: dict[str, str], told: str
) -> None:
    refused = refusal(api.create_integration, **_HTTP, RequestParameters=mappings)
    assert refused == ("BadRequestException", _MAPPING + told)


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ({"600": {"append:header.a": "b"}}, "Invalid status code specified: 600."),
        (
            {"200": {"append:querystring.a": "b"}},
            "[Invalid Response Actioned Parameter: append:querystring.a]",
        ),
        ({"200": {"remove:header.via": ""}}, "[Operations on header via are restricted]"),
    ],
)
def test_not_all_of_a_response_can_be_mapped(
    api: ApiOfTests, refusal: Refusal, answers: dict[str, dict[str, str]], told: str
) -> None:
    refused = refusal(api.create_integration, **_HTTP, ResponseParameters=answers)
    assert refused.code == "BadRequestException"
    assert told in refused.message


@pytest.mark.parametrize(
    "value",
    [
        "text",
        "$5",
        "''",
        "$request.header.a-b",
        "${request.querystring.a}",
        "/v1${request.path}/${stageVariables.part}",
        "$request.path",
        "$request.path/more",
        "$request.path.id",
        "$request.body",
        "$request.body.a[0].b",
        "$context.requestId",
    ],
)
def test_values_are_texts_or_taken_from_the_request(api: ApiOfTests, value: str) -> None:
    id = api.backend(RequestParameters={"append:header.a": value})
    assert api.get_integration(IntegrationId=id)["RequestParameters"]["append:header.a"] == value


@pytest.mark.parametrize(
    "value",
    [
        "$request.headers.a",
        "$method.request.header.a",
        "$response.header.a",
        "a ${request.cookie.b}",
        "$request.body..a",
        "$request.body.a[?(@.b)]",
        "${nothing}",
    ],
)
def test_other_values_are_refused(api: ApiOfTests, refusal: Refusal, value: str) -> None:
    refused = refusal(api.create_integration, **_HTTP, RequestParameters={"append:header.a": value})
    told = f"{_MAPPING}[Invalid mapping expression specified: {value}]"
    assert refused == ("BadRequestException", told)
    parameters = {**_QUEUE["RequestParameters"], "MessageBody": value}
    refused = refusal(api.create_integration, **{**_QUEUE, "RequestParameters": parameters})
    assert refused == ("BadRequestException", told)


def test_values_of_answers_are_taken_from_answers(api: ApiOfTests, refusal: Refusal) -> None:
    mappings = {"append:header.a": "$response.header.b", "append:header.c": "${response.body.d}"}
    api.backend(ResponseParameters={"200": mappings})
    wrong = {"200": {"append:header.a": "$request.header.b"}}
    refused = refusal(api.create_integration, **_HTTP, ResponseParameters=wrong)
    assert refused.message.endswith("[Invalid mapping expression specified: $request.header.b]")


def test_credentials_may_be_those_of_a_stage(api: ApiOfTests) -> None:
    arn = "arn:aws:iam::000000000000:${stageVariables.role}"
    made = api.create_integration(**_FUNCTION, CredentialsArn=arn)
    assert made["CredentialsArn"] == arn


def test_a_mock_answers_messages(chat: ApiOfTests) -> None:
    made = _plain(chat.create_integration(IntegrationType="MOCK"))
    assert made == {
        "ConnectionType": "INTERNET",
        "IntegrationId": made["IntegrationId"],
        "IntegrationResponseSelectionExpression": "${integration.response.statuscode}",
        "IntegrationType": "MOCK",
        "PassthroughBehavior": "WHEN_NO_MATCH",
        "PayloadFormatVersion": "1.0",
        "TimeoutInMillis": 29_000,
    }


def test_a_function_answers_messages(chat: ApiOfTests) -> None:
    made = chat.create_integration(
        IntegrationType="AWS",
        IntegrationUri=INVOCATION,
        ContentHandlingStrategy="CONVERT_TO_TEXT",
        RequestTemplates={"$default": "{}"},
        TemplateSelectionExpression="\\$default",
        RequestParameters={"integration.request.header.who": "route.request.querystring.who"},
    )
    expression = "${integration.response.body.errorMessage}"
    assert made["IntegrationResponseSelectionExpression"] == expression
    assert made["IntegrationMethod"] == "POST"
    proxied = chat.create_integration(IntegrationType="AWS_PROXY", IntegrationUri=INVOCATION)
    assert "IntegrationResponseSelectionExpression" not in proxied


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"PayloadFormatVersion": "2.0"}, "PayloadFormatVersion must be 1.0"),
        ({"IntegrationSubtype": "SQS-SendMessage"}, "IntegrationSubtype is not supported"),
        ({"ResponseParameters": {"200": {"append:header.a": "b"}}}, "ResponseParameters is not"),
        ({"RequestParameters": {"append:header.a": "b"}}, "Invalid mapping expression specified"),
        (
            {"RequestParameters": {"integration.request.header.a": "nothing"}},
            "Invalid mapping expression specified: nothing",
        ),
    ],
)
def test_integrations_of_websocket_apis_are_held_to_their_rules(
    chat: ApiOfTests, refusal: Refusal, settings: dict[str, Any], told: str
) -> None:
    refused = refusal(chat.create_integration, IntegrationType="MOCK", **settings)
    assert refused.code == "BadRequestException"
    assert told in refused.message


def test_an_integration_that_a_route_leads_to_stays(api: ApiOfTests, refusal: Refusal) -> None:
    id = api.backend()
    route = api.route(Target=f"integrations/{id}")
    refused = refusal(api.delete_integration, IntegrationId=id)
    assert refused.status == 409
    assert refused == (
        "ConflictException",
        "Cannot delete Integration because it is referenced by the following Routes with Ids: "
        f"[{route}]",
    )
    api.delete_route(RouteId=route)
    api.delete_integration(IntegrationId=id)
    missing = ("NotFoundException", "Invalid Integration identifier specified")
    assert refusal(api.get_integration, IntegrationId=id) == missing
    assert refusal(api.update_integration, IntegrationId=id) == missing


def test_what_the_model_does_not_allow_is_a_bad_request(api: ApiOfTests, refusal: Refusal) -> None:
    refused = refusal(api.create_integration, **_HTTP, TimeoutInMillis=30_001)
    assert (refused.code, refused.status) == ("BadRequestException", 400)
    refused = refusal(api.create_integration, IntegrationType="MAIL")
    assert refused.code == "BadRequestException"
