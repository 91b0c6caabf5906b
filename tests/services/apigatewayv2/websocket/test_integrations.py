"""Integrations: services, functions, servers and mocks behind routes, with what goes in and comes out mapped."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

ROLE = "arn:aws:iam::{account}:role/gateway"


def _service(name: str) -> str:
    return f"arn:aws:apigateway:us-east-1:{name}"


def _response(key: str = "$default", template: str | None = None, **more: object) -> dict:
    templates = {"ResponseTemplates": {"$default": template}} if template is not None else {}
    return {"IntegrationResponseKey": key, **templates, **more}


def test_clients_are_kept_in_a_table_without_a_function(api, fogline):
    """As a published application does it: rows come with `$connect`, and go with `$disconnect`."""
    table = fogline.client("dynamodb")
    table.create_table(
        TableName="sessions",
        KeySchema=[{"AttributeName": "connectionid", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "connectionid", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    settings = {
        "IntegrationMethod": "POST",
        "CredentialsArn": ROLE.format(account=fogline.id),
        "TemplateSelectionExpression": "\\$default",
        "answers": True,
        "responses": [_response("/200/", TemplateSelectionExpression="\\$default")],
    }
    put = """
        #set($ttl = $context.requestTimeEpoch + 86400)
        {"TableName": "sessions", "Item": {
            "connectionid": {"S": "$context.connectionId"},
            "headers": {"S": "$input.params().get('header')"},
            "querystring": {"S": "$input.params().get('querystring')"},
            "ttl": {"N": "$ttl"}}}
    """
    remove = '{"TableName": "sessions", "Key": {"connectionid": {"S": "$context.connectionId"}}}'
    dynamodb = _service("dynamodb:action/")
    api.route(
        "$connect", "AWS", f"{dynamodb}PutItem", RequestTemplates={"$default": put}, **settings
    )
    api.route(
        "$disconnect",
        "AWS",
        f"{dynamodb}DeleteItem",
        RequestTemplates={"$default": remove},
        **settings,
    )

    client = api.connect("?foo=bar")

    (item,) = table.scan(TableName="sessions")["Items"]
    assert item["querystring"]["S"] == "{foo=bar}"
    assert "Host=" in item["headers"]["S"]
    client.close()
    fogline.platform.settle()
    assert table.scan(TableName="sessions")["Items"] == []


def test_a_service_that_refuses_keeps_clients_out(api, fogline):
    api.route(
        "$connect",
        "AWS",
        _service("dynamodb:action/PutItem"),
        RequestTemplates={"$default": '{"TableName": "nothing", "Item": {}}'},
        TemplateSelectionExpression="\\$default",
    )

    assert api.refused().status_code == 400


def test_a_queue_takes_messages_by_its_path(api, queue, fogline):
    form = (
        "Action=SendMessage&MessageBody=$util.urlEncode($input.body)"
        "&MessageAttribute.1.Name=connectionId&MessageAttribute.1.Value.StringValue=$context.connectionId"
        "&MessageAttribute.1.Value.DataType=String"
    )
    api.route(
        "$default",
        "AWS",
        _service(f"sqs:path/{fogline.id}/told"),
        IntegrationMethod="POST",
        RequestParameters={
            "integration.request.header.Content-Type": "'application/x-www-form-urlencoded'"
        },
        RequestTemplates={"$default": form},
        TemplateSelectionExpression="\\$default",
        answers=True,
        responses=[_response()],
    )
    client = api.connect()

    answer = client.ask('{"order": "1 & 2"}')

    assert answer["SendMessageResponse"]["SendMessageResult"]["MessageId"]
    assert queue.take() == [{"order": "1 & 2"}]


def test_a_workflow_answers_at_once(api, fogline):
    definition = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
    machine = fogline.client("stepfunctions").create_state_machine(
        name="sync",
        type="EXPRESS",
        definition=json.dumps(definition),
        roleArn=ROLE.format(account=fogline.id),
    )["stateMachineArn"]
    template = (
        '#set($sfn_input=$util.escapeJavaScript($input.body).replaceAll("\\\\\'","\'"))\n'
        f'{{"input": "$sfn_input", "stateMachineArn": "{machine}"}}'
    )
    api.route(
        "$default",
        "AWS",
        _service("states:action/StartSyncExecution"),
        RequestTemplates={"$default": template},
        TemplateSelectionExpression="\\$default",
        answers=True,
        responses=[_response()],
    )
    client = api.connect()

    answer = client.ask({"name": "it's me"})

    assert answer["status"] == "SUCCEEDED"
    assert json.loads(answer["output"]) == {"name": "it's me"}


def test_a_bus_takes_messages_by_its_action(api):
    events = '{"Entries": [{"Source": "chat", "DetailType": "said", "Detail": "{}"}]}'
    api.route(
        "$default",
        "AWS",
        _service("events:action/PutEvents"),
        RequestTemplates={"$default": events},
        TemplateSelectionExpression="\\$default",
        answers=True,
        responses=[_response()],
    )

    assert api.connect().ask("x")["FailedEntryCount"] == 0


def test_a_topic_takes_messages_as_a_form(api, fogline):
    """As a published application does it, whose expression names no variable."""
    topic = fogline.client("sns").create_topic(Name="orders")["TopicArn"]
    body = f"Action=Publish&TopicArn=$util.urlEncode('{topic}')&Message=$input.path('$.Name')"
    form = "'application/x-www-form-urlencoded'"
    api.route(
        "sendOrder",
        "AWS",
        _service("sns:action/Publish"),
        ContentHandlingStrategy="CONVERT_TO_TEXT",
        RequestParameters={"integration.request.header.Content-Type": form},
        RequestTemplates={"$default": body},
        TemplateSelectionExpression="request.body.action",
        answers=True,
        responses=[_response(), _response(r"/4\d\d/", "refused")],
    )

    answer = api.connect().ask({"action": "sendOrder", "Name": "Jon"})

    assert answer["PublishResponse"]["PublishResult"]["MessageId"]


def test_a_custom_function_gets_what_the_template_makes(api, make_function):
    code = "def handler(event, context):\n    return {'got': event}\n"
    api.route(
        "$default",
        "AWS",
        make_function(code),
        RequestTemplates={"greeting": '{"name": $input.json("$.name"), "id": "$context.routeKey"}'},
        TemplateSelectionExpression="${request.body.kind}",
        answers=True,
        responses=[_response()],
    )
    client = api.connect()

    assert client.ask({"kind": "greeting", "name": "Ada"}) == {
        "got": {"name": "Ada", "id": "$default"}
    }
    assert client.ask({"kind": "other"}) == {"got": {"kind": "other"}}


def test_responses_are_selected_by_the_error_of_a_function(api, make_function):
    code = "def handler(event, context):\n    raise ValueError(event['say'])\n"
    api.route(
        "$default",
        "AWS",
        make_function(code),
        answers=True,
        responses=[
            _response("/no .*/", 'refused: $input.path("$.errorMessage")'),
            _response("$default", "fine"),
        ],
    )
    client = api.connect()

    client.send({"say": "no way"})
    assert client.text() == "refused: no way"
    client.send({"say": "never"})
    assert client.text() == "fine"


def test_an_answer_for_which_there_is_no_response_is_an_internal_error(api):
    api.route("$default", answers=True, responses=[_response("/3../", "moved")])
    client = api.connect()

    assert client.ask("x")["message"] == "Internal server error"


def test_a_message_that_no_template_is_for_may_be_refused(api):
    api.route(
        "$default",
        RequestTemplates={"known": '{"statusCode": 200}'},
        TemplateSelectionExpression="$request.body.kind",
        PassthroughBehavior="NEVER",
        answers=True,
        responses=[_response("$default", "ok")],
    )
    client = api.connect()

    client.send({"kind": "known"})
    assert client.text() == "ok"
    assert client.ask({"kind": "other"})["message"] == "Unsupported Media Type"


def test_a_mock_may_keep_clients_out(api):
    api.route("$connect", RequestTemplates={"$default": '{"statusCode": 403}'})

    assert api.refused().status_code == 403


def test_a_template_that_fails_is_an_internal_error(api):
    api.route("$default", RequestTemplates={"$default": "#if("})
    client = api.connect()

    assert client.ask("x")["message"] == "Internal server error"


@pytest.fixture
def server():
    """A server that answers with what it was asked."""
    asked: list[dict] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            asked.append({"path": self.path, "headers": dict(self.headers), "body": body.decode()})
            status = 500 if b"fail" in body else 200
            answer = json.dumps({"said": body.decode(), "path": self.path}).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *args):
            """Nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        server.asked = asked
        server.url = f"http://127.0.0.1:{server.server_port}"
        yield server
        server.shutdown()
        thread.join()


def test_a_server_gets_messages_as_they_are_and_what_is_mapped(api, server):
    api.route(
        "$default",
        "HTTP_PROXY",
        f"{server.url}/messages/{{room}}",
        IntegrationMethod="POST",
        RequestParameters={
            "integration.request.header.connectionId": "context.connectionId",
            "integration.request.header.fixed": "'value'",
            "integration.request.querystring.n": "route.request.body.n",
            "integration.request.path.room": "stageVariables.room",
        },
        answers=True,
    )
    api.deploy(StageVariables={"room": "a b"})
    client = api.connect()

    answer = client.ask('{"n": 1}')

    assert answer == {"said": '{"n": 1}', "path": "/messages/a%20b?n=1"}
    (asked,) = server.asked
    assert asked["headers"]["fixed"] == "value"
    assert len(asked["headers"]["connectionId"]) == 16


def test_a_server_is_told_of_clients_with_their_headers_and_query(api, server):
    api.route(
        "$connect",
        "HTTP_PROXY",
        f"{server.url}/connect",
        IntegrationMethod="POST",
        RequestParameters={"integration.request.header.token": "route.request.querystring.token"},
    )

    api.connect("?token=secret", additional_headers={"X-Mine": "yes"})

    (asked,) = server.asked
    assert asked["path"] == "/connect?token=secret"
    assert asked["headers"]["token"] == "secret"
    assert asked["headers"]["X-Mine"] == "yes"
    assert "Sec-WebSocket-Key" not in asked["headers"]


def test_answers_of_a_server_are_mapped_by_their_status(api, server):
    api.route(
        "$default",
        "HTTP",
        server.url,
        IntegrationMethod="POST",
        answers=True,
        responses=[
            _response(r"/5\d\d/", "broken: $context.status"),
            _response("$default", '$input.path("$.said")'),
        ],
    )
    client = api.connect()

    client.send("hello")
    assert client.text() == "hello"
    client.send("fail")
    assert client.text() == "broken: 500"


def test_a_server_that_is_not_there_is_an_internal_error(api):
    api.route("$default", "HTTP_PROXY", "http://127.0.0.1:9/x", IntegrationMethod="POST")
    client = api.connect()

    assert client.ask("x")["message"] == "Internal server error"


def test_bodies_may_be_base64_on_their_way(api, make_function):
    code = "def handler(event, context):\n    return event\n"
    api.route(
        "$default",
        "AWS",
        make_function(code),
        ContentHandlingStrategy="CONVERT_TO_BINARY",
        answers=True,
        responses=[_response()],
    )
    client = api.connect()

    assert client.ask("eyJhIjogMX0=") == {"a": 1}
    assert client.ask("%%%")["message"] == "Internal server error"


def test_a_custom_function_that_fails_lets_nobody_in_but_where_a_response_is_for_that(
    api, make_function
):
    code = (
        "def handler(event, context):\n"
        "    if event['who'] != 'ada':\n"
        "        raise ValueError(f\"not {event['who']}\")\n"
    )
    api.route(
        "$connect",
        "AWS",
        make_function(code),
        RequestTemplates={"$default": '{"who": "$input.params(\'who\')"}'},
        responses=[_response(), _response("/not bob/")],
    )

    assert api.connect("?who=ada").has_nothing()
    assert api.connect("?who=bob").has_nothing()
    assert api.refused("?who=eve").status_code == 502


@pytest.mark.parametrize("source", ["'chat'", "stageVariables.protocol"])
def test_a_client_that_connects_is_told_what_is_mapped_to_its_headers(api, source):
    mapping = {"route.response.header.Sec-WebSocket-Protocol": source}
    api.route("$connect", responses=[_response(ResponseParameters=mapping)])
    api.deploy(StageVariables={"protocol": "chat"})

    assert api.connect(subprotocols=["chat"]).connection.subprotocol == "chat"


def test_a_client_that_connects_is_told_what_its_function_chose(api, make_function):
    code = "def handler(event, context):\n    return {'chosen': 'chat'}\n"
    mapping = {"route.response.header.Sec-WebSocket-Protocol": "integration.response.body.chosen"}
    response = _response(ResponseParameters=mapping)
    api.route("$connect", "AWS", make_function(code), responses=[response])

    assert api.connect(subprotocols=["chat"]).connection.subprotocol == "chat"
