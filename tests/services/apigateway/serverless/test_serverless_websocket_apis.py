"""`AWS::Serverless::WebSocketApi`: what is made of it, and that it converses."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from tests.services.apigateway.serverless.conftest import Deploy, function, serverless
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from fogline.testing.plugin import Account

ECHO = """
import json
def handler(event, context):
    told = {"route": event["requestContext"]["routeKey"], "body": event.get("body")}
    return {"statusCode": 200, "body": json.dumps(told)}
"""
GUARD = """
def handler(event, context):
    effect = "Allow" if event["queryStringParameters"]["who"] == "ada" else "Deny"
    return {"principalId": "p", "policyDocument": {"Version": "2012-10-17", "Statement": [
        {"Action": "execute-api:Invoke", "Effect": effect, "Resource": event["methodArn"]}]}}
"""
ARN = {"Fn::GetAtt": ["Echo", "Arn"]}


def chat(**properties: Any) -> dict[str, Any]:
    two_way = {"FunctionArn": ARN, "RouteResponseSelectionExpression": "$default"}
    routes = {"$connect": {"FunctionArn": ARN}, "say": two_way, "$default": {"FunctionArn": ARN}}
    api = serverless(
        "WebSocketApi",
        RouteSelectionExpression="$request.body.action",
        Routes=routes,
        **{"StageName": "prod", **properties},
    )
    answers = {
        f"{name}Answer": {
            "Type": "AWS::ApiGatewayV2::RouteResponse",
            "Properties": {
                "ApiId": {"Ref": "Chat"},
                "RouteId": {"Ref": f"Chat{name}Route"},
                "RouteResponseKey": "$default",
            },
        }
        for name in ("Say", "Default")
    }
    return {"Chat": api, "Echo": function(ECHO), **answers}


@pytest.fixture
def open_socket(fogline: Account, physical_id: Callable[[str], str]) -> Any:
    """Opens a WebSocket to the stage `prod` of the API `Chat`."""

    def open_socket(query: str = "") -> ClientConnection:
        port = urlsplit(fogline.platform.endpoint).port
        host = f"{physical_id('Chat')}.execute-api.us-east-1.localhost:{port}"
        wire = socket.create_connection(("127.0.0.1", port or 0), timeout=20)
        return connect(f"ws://{host}/prod{query}", sock=wire, open_timeout=20, close_timeout=5)

    return open_socket


def test_messages_reach_the_functions_of_their_routes(deploy: Deploy, open_socket: Any) -> None:
    deploy(chat(), {"Id": {"Ref": "Chat"}, "Stage": {"Ref": "Chat.Stage"}})
    with open_socket() as client:
        client.send(json.dumps({"action": "say", "text": "hello"}))
        said = json.loads(client.recv(timeout=20))
        client.send("anything")
        other = json.loads(client.recv(timeout=20))
    assert (said["route"], json.loads(said["body"])["text"]) == ("say", "hello")
    assert other == {"route": "$default", "body": "anything"}


def test_a_function_lets_clients_in(deploy: Deploy, open_socket: Any) -> None:
    guard = {"Fn::GetAtt": ["Guard", "Arn"]}
    auth = {
        "AuthType": "CUSTOM",
        "AuthArn": guard,
        "IdentitySource": ["route.request.querystring.who"],
    }
    deploy({**chat(Auth=auth), "Guard": function(GUARD)})
    with open_socket("?who=ada"):
        pass
    for query, status in (("", 401), ("?who=bob", 403)):
        with pytest.raises(InvalidStatus) as caught, open_socket(query):
            pass
        assert caught.value.response.status_code == status


def test_stages_have_what_the_api_says(
    deploy: Deploy, fogline: Account, physical_id: Callable[[str], str]
) -> None:
    deploy(
        chat(
            Name="talk",
            Description="all of it",
            StageVariables={"colour": "red"},
            DefaultRouteSettings={"ThrottlingBurstLimit": 9},
            RouteSettings={"say": {"ThrottlingBurstLimit": 7}},
            Tags={"team": "talkers"},
            PropagateTags=True,
        )
    )
    gateway, id = fogline.client("apigatewayv2"), physical_id("Chat")
    about = gateway.get_api(ApiId=id)
    assert (about["Name"], about["Description"]) == ("talk", "all of it")
    assert about["Tags"]["team"] == "talkers"
    stage = gateway.get_stage(ApiId=id, StageName="prod")
    assert (stage["AutoDeploy"], stage["StageVariables"]) == (True, {"colour": "red"})
    assert stage["RouteSettings"]["say"]["ThrottlingBurstLimit"] == 7
    assert stage["DeploymentId"]
