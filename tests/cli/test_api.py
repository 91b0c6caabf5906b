"""APIs listed, called and read from the command line."""

import base64
import io
import json
import threading
import zipfile
from collections.abc import Iterator

import pytest
from tests.cli.conftest import Watched
from websockets.sync.server import ServerConnection, serve

from fogline.cli.apis.finding import REST, Api, Stage
from fogline.cli.apis.logs import groups_of, writes_logs
from fogline.cli.apis.routes import Route, curl_of, first_to_try
from fogline.cli.apis.sockets import converse
from fogline.cli.client import Client
from fogline.cli.exits import Failure
from fogline.cli.output import Output


def mock(answer: str, status: int = 200, condition: str = "true") -> dict:
    """An integration that answers by itself, and only what fulfils the condition."""
    responses = {
        "default": {"statusCode": str(status), "responseTemplates": {"application/json": answer}}
    }
    return {
        "responses": {str(status): {"description": "it"}},
        "x-amazon-apigateway-integration": {
            "type": "mock",
            "requestTemplates": {
                "application/json": f'#if({condition}){{"statusCode": {status}}}#end'
            },
            "responses": responses,
        },
    }


def document(title: str) -> str:
    paths = {
        "/orders": {
            "get": mock('{"orders": []}'),
            "post": mock("{}", 201, '$input.path("$.item") == "tea"'),
        },
        "/orders/{id}": {"get": mock('{"id": "$input.params("id")", "as": "$input.params("x-as")"}')},
        "/secret": {
            "get": {**mock("{}"), "security": [{"key": []}]},
        },
        "/broken": {"get": mock("{}", 500)},
        "/own": {"get": {**mock('{"caller": "$context.identity.accountId"}'), "security": [{"iam": []}]}},
    }  # fmt: skip
    return json.dumps(
        {
            "openapi": "3.0.1",
            "info": {"title": title, "version": "1"},
            "paths": paths,
            "components": {
                "securitySchemes": {
                    "key": {"type": "apiKey", "in": "header", "name": "x-api-key"},
                    "iam": {
                        "type": "apiKey",
                        "in": "header",
                        "name": "Authorization",
                        "x-amazon-apigateway-authtype": "awsSigv4",
                    },
                }
            },
        }
    )


@pytest.fixture
def make_shop(call):
    """REST APIs with the stage `live` that log what is asked of them; their ids."""
    made = []

    def make(name: str = "shop") -> str:
        body = base64.b64encode(document(name).encode()).decode()
        api = call("apigateway", "ImportRestApi", body=body)["id"]
        made.append(api)
        call("apigateway", "CreateDeployment", restApiId=api, stageName="live")
        call("logs", "CreateLogGroup", logGroupName=f"access-{api}")
        arn = f"arn:aws:logs:us-east-1:000000000000:log-group:access-{api}"
        changes = [
            {"op": "replace", "path": "/accessLogSettings/destinationArn", "value": arn},
            {
                "op": "replace",
                "path": "/accessLogSettings/format",
                "value": "$context.requestId $context.httpMethod $context.resourcePath $context.status",
            },
            {"op": "replace", "path": "/*/*/logging/loglevel", "value": "INFO"},
        ]
        call("apigateway", "UpdateAccount", patchOperations=[
            {"op": "replace", "path": "/cloudwatchRoleArn", "value": "arn:aws:iam::000000000000:role/logs"}
        ])  # fmt: skip
        call(
            "apigateway",
            "UpdateStage",
            restApiId=api,
            stageName="live",
            patchOperations=changes,
        )
        return api

    yield make
    for api in made:
        call("apigateway", "DeleteRestApi", restApiId=api)


@pytest.fixture
def shop(make_shop) -> str:
    return make_shop()


def test_apis_are_listed_with_their_addresses(shop, ask, shared_server):
    port = shared_server.server().port
    [listed] = [
        each for each in ask("api", "list", "--json").document["apis"] if each["id"] == shop
    ]
    url = f"http://{shop}.execute-api.us-east-1.localhost:{port}/live"
    assert listed == {
        "id": shop, "name": "shop", "kind": "REST", "stages": {"live": url}, "domains": [],
    }  # fmt: skip
    assert url in ask("api", "list").out


def test_routes_say_what_answers_and_who_comes_before(shop, ask):
    shown = ask("api", "routes", "shop", "--json").document["routes"]
    assert [(each["method"], each["path"]) for each in shown] == [
        ("GET", "/broken"),
        ("GET", "/orders"),
        ("POST", "/orders"),
        ("GET", "/orders/{id}"),
        ("GET", "/own"),
        ("GET", "/secret"),
    ]
    assert {each["integration"] for each in shown} == {"mock"}
    assert [each["path"] for each in shown if each["needs_key"]] == ["/secret"]
    assert "/orders/{id}" in ask("api", "routes", shop).out


def test_an_api_is_called_by_its_name(shop, ask):
    answer = ask("api", "call", "shop", "/orders/7", "-H", "X-As: Ada")
    assert answer.code == 0, answer.err
    assert json.loads(answer.out) == {"id": "7", "as": "Ada"}
    assert "200" in answer.err
    assert "Content-Type: application/json" in answer.err


@pytest.mark.parametrize(
    ("words", "given"),
    [
        (["/orders", "-d", '{"item": "tea"}'], ""),
        (["POST", "/orders", "-d", "-"], '{"item": "tea"}'),
        (["post", "/orders?a=b", "--body", "@{file}"], ""),
    ],
)
def test_a_body_is_posted(shop, ask, tmp_path, words, given):
    file = tmp_path / "order.json"
    file.write_text('{"item": "tea"}')
    answer = ask("api", "call", shop, *(word.format(file=file) if "@" in word else word for word in words),
                 "--json", given=given)  # fmt: skip
    assert answer.code == 0, answer.err
    assert answer.document["status"] == 201
    assert answer.document["body"] == {}
    assert answer.document["headers"]["content-type"] == "application/json"


def test_a_status_of_an_error_is_a_failed_command(shop, ask):
    answer = ask("api", "call", "shop", "/broken")
    assert answer.code == 1
    assert answer.out == "{}"


def test_a_route_that_is_not_there_says_where_to_look(shop, ask):
    answer = ask("api", "call", "shop", "/nothing")
    assert answer.code == 1
    assert "fogline api routes shop" in answer.err


def test_a_key_is_sent_by_its_name(shop, ask, call):
    key = call("apigateway", "CreateApiKey", name="mobile", enabled=True)["id"]
    plan = call(
        "apigateway", "CreateUsagePlan", name="p", apiStages=[{"apiId": shop, "stage": "live"}]
    )["id"]
    call("apigateway", "CreateUsagePlanKey", usagePlanId=plan, keyId=key, keyType="API_KEY")
    refused = ask("api", "call", "shop", "/secret")
    assert refused.code == 1
    assert "--key" in refused.err
    assert ask("api", "call", "shop", "/secret", "--key", "mobile").code == 0
    unknown = ask("api", "call", "shop", "/secret", "--key", "tablet")
    assert "No API key here is called 'tablet'. There are: mobile" in unknown.err
    change = {"op": "remove", "path": "/apiStages", "value": f"{shop}:live"}
    call("apigateway", "UpdateUsagePlan", usagePlanId=plan, patchOperations=[change])


def test_a_key_is_found_by_the_name_that_a_template_gives_it(shop, ask, call, tmp_path):
    properties = {"Enabled": True, "Value": "a-value-of-twenty-letters"}
    resources = {"Phone": {"Type": "AWS::ApiGateway::ApiKey", "Properties": properties}}
    template = tmp_path / "template.json"
    template.write_text(json.dumps({"Resources": resources}))
    assert ask("deploy", "--template", str(template), "--stack-name", "keys").code == 0
    refused = ask("api", "call", "shop", "/secret", "--key", "Phone")
    assert refused.code == 1
    assert "where a usage plan joins it" in refused.err
    call("cloudformation", "DeleteStack", StackName="keys")


def test_a_route_that_asks_iam_is_called_with_a_signature(shop, ask):
    refused = ask("api", "call", "shop", "/own")
    assert refused.code == 1
    assert "--sign" in refused.err
    signed = ask("api", "call", "shop", "/own?a=b c", "--sign")
    assert signed.code == 0, signed.err
    assert json.loads(signed.out) == {"caller": "000000000000"}


def test_an_api_that_is_not_there_is_told_what_there_is(shop, ask):
    answer = ask("api", "call", "shoop")
    assert answer.code == 1
    assert "shop" in answer.err


def test_who_calls_a_function_as_an_api_is_told_its_url(call, ask):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("index.py", "def handler(event, context): return 1")
    call(
        "lambda",
        "CreateFunction",
        FunctionName="with-url",
        Runtime="python3.13",
        Handler="index.handler",
        Role="arn:aws:iam::000000000000:role/anybody",
        Code={"ZipFile": base64.b64encode(packed.getvalue()).decode()},
    )
    url = call("lambda", "CreateFunctionUrlConfig", FunctionName="with-url", AuthType="NONE")
    answer = ask("api", "call", "with-url")
    assert answer.code == 1
    assert f"curl {url['FunctionUrl']}" in answer.err


def test_apis_of_one_name_are_told_apart_by_their_ids(make_shop, ask):
    first, second = make_shop("twins"), make_shop("twins")
    answer = ask("api", "call", "twins")
    assert answer.code == 1
    assert first in answer.err
    assert second in answer.err


def test_a_stage_is_named_where_there_are_several(shop, ask, call):
    call("apigateway", "CreateDeployment", restApiId=shop, stageName="test")
    answer = ask("api", "call", "shop", "/orders")
    assert answer.code == 1
    assert "--stage" in answer.err
    assert ask("api", "call", "shop", "/orders", "--stage", "test").code == 0
    assert ask("api", "call", "shop", "/orders", "--stage", "none").code == 1


@pytest.mark.parametrize(
    "words",
    [
        ["orders"],
        ["GET", "orders"],
        ["GET", "/orders", "/more"],
        ["/orders", "-H", "no colon"],
        ["/orders", "-d", "a", "-d", "b"],
        ["/orders", "--wait", "1"],
        ["/orders", "--wait", "soon"],
    ],
)
def test_what_cannot_be_called_is_a_usage_error(shop, ask, words):
    assert ask("api", "call", "shop", *words).code == 2


def test_a_body_that_cannot_be_read_is_a_usage_error(shop, ask):
    assert ask("api", "call", "shop", "/orders", "-d", "@/no/such/file").code == 2


def test_logs_are_those_of_access_and_of_execution(shop, ask):
    ask("api", "call", "shop", "/orders/7")
    answer = ask("api", "logs", "shop")
    assert answer.code == 0, answer.err
    assert "live access | " in answer.out
    assert "GET /orders/{id} 200" in answer.out
    assert "Starting execution for request" in answer.out
    only = ask("api", "logs", "shop", "--filter", "Starting", "--json").lines
    assert only
    assert all("Starting execution" in line["message"] for line in only)


def test_an_api_that_writes_no_logs_says_how_it_would(ask, call):
    api = call("apigateway", "CreateRestApi", name="silent")["id"]
    answer = ask("api", "logs", "silent")
    assert answer.code == 1
    assert "AccessLogSettings, or MethodSettings" in answer.err
    call("apigateway", "DeleteRestApi", restApiId=api)
    api = call("apigatewayv2", "CreateApi", Name="silent", ProtocolType="HTTP")["ApiId"]
    call("apigatewayv2", "CreateStage", ApiId=api, StageName="$default")
    assert "AccessLogSettings, and deploy again" in ask("api", "logs", "silent").err
    call("apigatewayv2", "DeleteApi", ApiId=api)


@pytest.mark.parametrize(
    ("described", "writes"),
    [
        ({}, False),
        ({"methodSettings": {"*/*": {"loggingLevel": "OFF"}}}, False),
        ({"methodSettings": {"*/*": {"loggingLevel": "INFO"}}}, True),
        ({"DefaultRouteSettings": {"LoggingLevel": "ERROR"}}, True),
        ({"RouteSettings": {"x": {"LoggingLevel": "ERROR"}}}, True),
        ({"AccessLogSettings": {"DestinationArn": "arn:aws:logs:r:1:log-group:g:*"}}, True),
    ],
)
def test_a_stage_writes_logs_if_its_settings_say_so(described, writes):
    assert writes_logs(Stage("live", described)) is writes


def test_log_groups_are_found_by_kind():
    described = {"AccessLogSettings": {"DestinationArn": "arn:aws:logs:r:1:log-group:g:*"}}
    stage = Stage("live", described)
    groups = groups_of(Api("abc", "chat", "WEBSOCKET"), [stage])
    assert groups == {"g": "live access", "/aws/apigateway/abc/live": "live"}
    groups = groups_of(Api("abc", "shop", REST), [Stage("live", {})])
    assert groups == {"API-Gateway-Execution-Logs_abc/live": "live"}
    assert groups_of(Api("abc", "shop", "HTTP"), [Stage("$default", described)]) == {
        "g": "$default access"
    }


def route(method: str, path: str, authorizer: str = "", *, needs_key: bool = False) -> Route:
    return Route(method, path, "mock", authorizer, needs_key)


@pytest.mark.parametrize(
    ("routes", "line"),
    [
        ([route("POST", "/a"), route("GET", "/b/{id}"), route("GET", "/c")], "curl u/c"),
        ([route("GET", "/a", "me"), route("GET", "/b/{id}")], "curl u/b/id"),
        ([route("ANY", "/{proxy+}")], "curl u/proxy"),
        ([route("", "$default")], "curl u/"),
        ([route("POST", "/a")], "curl -H 'Content-Type: application/json' -d '{}' u/a"),
        ([route("DELETE", "/a")], "curl -X DELETE u/a"),
        ([route("GET", "/a", needs_key=True)], "curl -H 'x-api-key: KEY' u/a"),
        ([route("GET", "/a", "me")], "curl -H 'Authorization: TOKEN' u/a"),
        (
            [route("GET", "/a", "IAM")],
            "curl -u test:test --aws-sigv4 aws:amz:us-east-1:execute-api u/a",
        ),
    ],
)
def test_the_route_that_is_tried_most_easily_is_tried(routes, line):
    first = first_to_try(routes)
    assert first is not None
    assert curl_of("u", first) == line


def test_there_is_nothing_to_try_where_nothing_answers():
    assert first_to_try([Route("GET", "/a", "", "", False)]) is None


TEMPLATE = {
    "Resources": {
        "Shop": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Body": json.loads(document("front"))}},
        "Deployment": {
            "Type": "AWS::ApiGateway::Deployment",
            "Properties": {"RestApiId": {"Ref": "Shop"}, "StageName": "live"},
        },
        "Chat": {
            "Type": "AWS::ApiGatewayV2::Api",
            "Properties": {
                "Name": "chat", "ProtocolType": "WEBSOCKET",
                "RouteSelectionExpression": "$request.body.action",
            },
        },
        "Domain": {
            "Type": "AWS::ApiGateway::DomainName",
            "Properties": {
                "DomainName": "api.example.com",
                "RegionalCertificateArn": "arn:aws:acm:us-east-1:000000000000:certificate/c",
                "EndpointConfiguration": {"Types": ["REGIONAL"]},
            },
        },
        "Mapping": {
            "Type": "AWS::ApiGateway::BasePathMapping",
            "DependsOn": "Deployment",
            "Properties": {
                "DomainName": {"Ref": "Domain"}, "RestApiId": {"Ref": "Shop"},
                "BasePath": "shop", "Stage": "live",
            },
        },
        "Guard": {
            "Type": "AWS::ApiGatewayV2::Authorizer",
            "Properties": {
                "ApiId": {"Ref": "Chat"}, "Name": "guard", "AuthorizerType": "REQUEST",
                "IdentitySource": ["route.request.querystring.token", "route.request.header.x-who"],
                "AuthorizerUri": "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/"
                "arn:aws:lambda:us-east-1:000000000000:function:guard/invocations",
            },
        },
        "Connect": {
            "Type": "AWS::ApiGatewayV2::Route",
            "Properties": {
                "ApiId": {"Ref": "Chat"}, "RouteKey": "$connect",
                "AuthorizationType": "CUSTOM", "AuthorizerId": {"Ref": "Guard"},
            },
        },
        "Say": {
            "Type": "AWS::ApiGatewayV2::Route",
            "Properties": {"ApiId": {"Ref": "Chat"}, "RouteKey": "say"},
        },
        "Live": {
            "Type": "AWS::ApiGatewayV2::Stage",
            "Properties": {"ApiId": {"Ref": "Chat"}, "StageName": "live"},
        },
    }
}  # fmt: skip


def test_what_was_deployed_is_told_with_lines_that_try_it(shared_server, tmp_path):
    template = tmp_path / "template.json"
    template.write_text(json.dumps(TEMPLATE))
    words = ("deploy", "--template", str(template), "--stack-name", "front")
    told = shared_server.run(*words)
    assert told.code == 0, told.err
    lines = [line.strip() for line in told.out.splitlines()]
    url = next(line for line in lines if line.startswith("Shop (REST): ")).partition(" (REST): ")[2]
    assert f"curl {url}/broken" in lines
    assert any(line.startswith("Chat (WebSocket): ws://") for line in lines)
    shown = "'?token=VALUE' -H 'x-who: VALUE'"
    assert f"""fogline api call Chat {shown} -d '{{"action": "say"}}'""" in lines
    urls = shared_server.run(*words, "--json").lines[-1]["urls"]
    assert [each["name"] for each in urls] == ["Chat", "Shop", "Shop"]
    assert urls[1]["url"] == url
    port = shared_server.server().port
    there = f"http://api.example.com.localhost:{port}/shop"
    assert urls[2]["url"] == there
    assert urls[2]["attempt"] == f"curl {there}/broken"
    assert there in shared_server.run("api", "list").out
    assert shared_server.run("api", "call", "Shop", "/orders").out == '{"orders": []}'
    assert shared_server.run("delete", "front").code == 0


# ---- WebSocket APIs: what the command says and hears, with somebody who answers


@pytest.fixture
def echo() -> Iterator[tuple[Client, str]]:
    """A server that says everything back, and closes when it hears `bye`."""

    def answer(connection: ServerConnection) -> None:
        for message in connection:
            connection.send(f"you said {message}")
            if message == "bye":
                connection.close(1000, "as you like")
            if message == "crash":
                connection.close(1011, "no more")

    def refuse(connection: ServerConnection, request):
        return connection.respond(403, "Forbidden") if "no" in request.path else None

    with serve(answer, "127.0.0.1", 0, process_request=refuse) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        port = server.socket.getsockname()[1]
        yield (
            Client(f"http://127.0.0.1:{port}"),
            f"ws://abc.execute-api.us-east-1.localhost:{port}/live",
        )


def test_messages_are_sent_and_what_arrives_is_printed(echo, capsys):
    client, url = echo
    assert converse(Output(), client, url, [("x-a", "b")], ["one", "bye"], None) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"Connected to {url}.",
        "you said one",
        "you said bye",
        "Closed by the API: 1000 as you like.",
    ]


def test_a_close_that_is_an_error_is_a_failed_command(echo, capsys):
    client, url = echo
    assert converse(Output(is_json=True), client, url, [], ["crash"], None) == 1
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert events[1:] == [
        {"event": "message", "data": "you said crash"},
        {"event": "closed", "code": 1011, "reason": "no more"},
    ]


def test_listening_ends_when_the_time_has_passed(echo, capsys):
    client, url = echo
    assert converse(Output(), client, url, [], ["one"], 0.3) == 0
    assert "you said one" in capsys.readouterr().out


def test_a_refused_connection_says_why(echo):
    client, url = echo
    with pytest.raises(Failure, match="refused the connection: 403 Forbidden"):
        converse(Output(), client, f"{url}/no", [], [], None)


# ---- an OpenAPI document that is edited


DEFINED = """
Transform: AWS::Serverless-2016-10-31
Resources:
  ByUri:
    Type: AWS::Serverless::Api
    Properties: {StageName: live, DefinitionUri: api.json}
  ByInclude:
    Type: AWS::Serverless::Api
    Properties:
      StageName: live
      DefinitionBody:
        Fn::Transform: {Name: AWS::Include, Parameters: {Location: definitions/api.json}}
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("api", "name"), [("ByUri", "api.json"), ("ByInclude", "definitions/api.json")]
)
def test_an_edited_definition_is_deployed_at_once(program, api, name):
    (program.folder / "template.yaml").write_text(DEFINED)
    (program.folder / "definitions").mkdir()
    for file in ("api.json", "definitions/api.json"):
        (program.folder / file).write_text(document("first"))
    process = program.start("up", "--port", "0", "--json")
    watched = Watched(process)
    watched.until("deployed")

    (program.folder / name).write_text(document("second").replace("orders", "invoices"))
    assert watched.until("changed")["deploys"] is True
    assert watched.until("deployed")["status"] == "UPDATE_COMPLETE"
    assert program.run("api", "call", api, "/invoices", "--stage", "live").code == 0

    (program.folder / name).write_text("{")
    watched.until("waiting")
    assert program.run("api", "call", api, "/invoices", "--stage", "live").code == 0
