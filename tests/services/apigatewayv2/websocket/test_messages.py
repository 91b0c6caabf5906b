"""Messages: which route takes one, and what its client is sent back."""

from __future__ import annotations

import json
import re
from contextlib import suppress

import pytest
from websockets.exceptions import ConnectionClosed

ID = re.compile(r"[A-Za-z0-9_-]{15}=")


def test_a_message_goes_to_the_route_that_its_body_names(api, echo):
    api.route("join", "AWS_PROXY", echo, answers=True)
    api.route("$default", "AWS_PROXY", echo, answers=True)
    client = api.connect()

    assert client.ask({"action": "join"})["requestContext"]["routeKey"] == "join"
    assert client.ask({"action": "leave"})["requestContext"]["routeKey"] == "$default"
    assert client.ask("no JSON")["requestContext"]["routeKey"] == "$default"


def test_a_function_is_told_the_message_as_aws_tells_it(api, echo):
    api.route("$default", "AWS_PROXY", echo, answers=True)
    client = api.connect()

    event = client.ask('{"x": 1}')

    context = event.pop("requestContext")
    assert event == {"body": '{"x": 1}', "isBase64Encoded": False}
    now = api.account.platform.now()
    assert ID.fullmatch(context.pop("connectionId"))
    assert ID.fullmatch(context.pop("messageId"))
    assert ID.fullmatch(context["requestId"])
    assert context.pop("requestId") == context.pop("extendedRequestId")
    assert context.pop("identity")["sourceIp"] == "127.0.0.1"
    assert re.fullmatch(r"\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d \+0000", context.pop("requestTime"))
    assert context == {
        "apiId": api.id,
        "connectedAt": now,
        "domainName": api.host,
        "eventType": "MESSAGE",
        "messageDirection": "IN",
        "requestTimeEpoch": now,
        "routeKey": "$default",
        "stage": "dev",
    }


def test_a_message_without_a_route_is_forbidden(api):
    api.route("join")
    client = api.connect()

    client.send("hello")

    assert re.fullmatch(
        r'\{"message": "Forbidden", "connectionId":"[\w-]{15}=", "requestId":"[\w-]{15}="\}',
        client.text(),
    )


def test_no_message_reaches_the_routes_of_connecting(api):
    api.route("$connect")
    api.route("$disconnect")
    client = api.connect()

    assert client.ask({"action": "$connect"})["message"] == "Forbidden"
    assert client.ask({"action": "$disconnect"})["message"] == "Forbidden"


def test_a_function_that_fails_is_an_internal_error_and_the_connection_stays(api, make_function):
    broken = make_function("def handler(event, context):\n    raise ValueError('no')\n")
    api.route("$default", "AWS_PROXY", broken)
    client = api.connect()

    for _ in range(2):
        answer = client.ask("hello")
        assert answer["message"] == "Internal server error"
        assert set(answer) == {"message", "connectionId", "requestId"}


@pytest.mark.parametrize("result", ["None", "'done'", "{'statusCode': 200, 'ConnectionId': 'x'}"])
def test_a_function_that_answers_in_another_form_is_an_internal_error(api, make_function, result):
    api.route("$default", "AWS_PROXY", make_function(f"handler = lambda *_: {result}\n"))

    assert api.connect().ask("x")["message"] == "Internal server error"


def test_a_route_without_a_response_answers_nothing(api, make_function):
    fine = make_function(
        "def handler(event, context):\n    return {'statusCode': 500, 'body': 'x'}\n"
    )
    api.route("$default", "AWS_PROXY", fine)
    client = api.connect()

    client.send("hello")
    api.account.platform.settle()

    assert client.has_nothing()


def test_selection_expressions_may_join_several_values(make_api):
    api = make_api("${request.body.service}/${request.body.action}")
    api.route("chat/join", answers=True, responses=[_answer("joined")])
    api.route("$default", answers=True, responses=[_answer("default")])
    client = api.connect()

    client.send({"service": "chat", "action": "join"})
    assert client.text() == "joined"
    client.send({"service": "chat"})
    assert client.text() == "default"


def test_binary_messages_end_the_connection(api):
    api.route("$default")
    client = api.connect()

    client.send(b"\x00\x01")

    assert client.ended()[0] == 1003


def test_a_message_may_be_128_kilobytes_long_and_no_longer(api, make_function):
    length = make_function(
        "def handler(event, context):\n    return {'statusCode': 200, 'body': str(len(event['body']))}\n"
    )
    api.route("$default", "AWS_PROXY", length, answers=True)
    client = api.connect()

    client.connection.send("x" * 32 * 1024 for _ in range(4))
    assert client.text() == str(128 * 1024)
    with suppress(ConnectionClosed):  # it may be closed before the last part is sent
        client.connection.send(["x" * 32 * 1024] * 4 + ["x"])
    assert client.ended()[0] == 1009


def test_a_frame_may_be_32_kilobytes_long_and_no_longer(api):
    api.route("$default", answers=True, responses=[_answer("ok")])
    client = api.connect()

    client.send("x" * 32 * 1024)
    assert client.text() == "ok"
    client.send("x" * (32 * 1024 + 1))
    assert client.ended()[0] == 1009


def test_a_model_is_asked_of_messages_of_its_route(api):
    schema = '{"type": "object", "required": ["name"]}'
    api.create_model(Name="person", ContentType="application/json", Schema=schema)
    settings = {
        "ModelSelectionExpression": "$request.body.kind",
        "RequestModels": {"person": "person"},
    }
    api.route("add", answers=True, route=settings, responses=[_answer("ok")])
    client = api.connect()

    client.send({"action": "add", "kind": "person", "name": "Ada"})
    assert client.text() == "ok"
    assert client.ask({"action": "add", "kind": "person"})["message"] == "Invalid request body"
    assert client.ask({"action": "add", "kind": "dog"})["message"] == "Invalid request body"


def test_a_model_may_refer_to_another_of_its_api(api):
    front = f"https://apigateway.amazonaws.com/restapis/{api.id}/models"
    schemas = {
        "Team": {"type": "object", "properties": {"lead": {"$ref": f"{front}/Person"}}},
        "Person": {"type": "object", "required": ["name"]},
    }
    for name, schema in schemas.items():
        api.create_model(Name=name, ContentType="application/json", Schema=json.dumps(schema))
    settings = {"ModelSelectionExpression": "\\$default", "RequestModels": {"$default": "Team"}}
    api.route("add", answers=True, route=settings, responses=[_answer("ok")])
    client = api.connect()

    client.send({"action": "add", "lead": {"name": "Ada"}})
    assert client.text() == "ok"
    assert client.ask({"action": "add", "lead": {}})["message"] == "Invalid request body"


def test_routes_are_throttled_by_their_stages_settings(api):
    api.route("$default", answers=True, responses=[_answer("ok")])
    api.deploy(DefaultRouteSettings={"ThrottlingBurstLimit": 2, "ThrottlingRateLimit": 1.0})
    client = api.connect()

    answers = []
    for _ in range(3):
        client.send("x")
        answers.append(client.text())

    assert answers[:2] == ["ok", "ok"]
    assert '"message": "Too Many Requests"' in answers[2]
    api.account.platform.advance(seconds=1)
    client.send("x")
    assert client.text() == "ok"


def test_clients_that_stay_get_what_is_deployed_later(api):
    route = api.route("$default", answers=True, responses=[_answer("old")])
    client = api.connect()
    client.send("x")
    assert client.text() == "old"

    api.delete_route(RouteId=route)
    api.route("$default", answers=True, responses=[_answer("new")])
    api.deploy()

    client.send("x")
    assert client.text() == "new"


def test_many_messages_at_once_are_all_answered(api):
    response = {**_answer(""), "ResponseTemplates": {"$default": "$context.messageId"}}
    api.route("$default", answers=True, responses=[response])
    client = api.connect()

    for _ in range(200):
        client.send("x")

    assert len({client.text() for _ in range(200)}) == 200


def _answer(text: str) -> dict:
    return {
        "IntegrationResponseKey": "$default",
        "TemplateSelectionExpression": "\\$default",
        "ResponseTemplates": {"$default": text},
    }


def test_a_client_of_a_stage_that_was_deleted_is_disconnected_when_it_speaks(api):
    api.route("$default")
    client = api.connect()
    api.delete_stage(StageName="dev")

    client.send("hello?")

    assert client.ended() == (1001, "Going away")
