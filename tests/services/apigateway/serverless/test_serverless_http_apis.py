"""`AWS::Serverless::HttpApi` and the `HttpApi` event: what is made of them, and that it answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from tests.services.apigateway.serverless.conftest import (
    Call,
    Deploy,
    function,
    serverless,
    signed,
)

from fogline.testing.plugin import Account

Find = Callable[[str], str]

SHOP = {"Ref": "Shop"}
GUARD = """
def handler(event, context):
    who = event["headers"].get("who")
    return {"isAuthorized": who == "ada", "context": {"mood": "good"}}
"""
POLICY_GUARD = """
def handler(event, context):
    who = event["headers"].get("who")
    effect = "Allow" if who == "ada" else "Deny"
    return {"principalId": who, "policyDocument": {"Version": "2012-10-17", "Statement": [
        {"Action": "execute-api:Invoke", "Effect": effect, "Resource": event["methodArn"]}]}}
"""


def at(path: str = "/pets", method: str = "get", **more: Any) -> dict[str, Any]:
    return {"Type": "HttpApi", "Properties": {"Path": path, "Method": method, **more}}


def of_shop(path: str = "/pets", method: str = "get", **more: Any) -> dict[str, Any]:
    return at(path, method, ApiId=SHOP, **more)


@pytest.fixture
def http(call: Call) -> Call:
    """Calls the API `Shop`."""

    def ask(target: str, method: str = "GET", **options: Any) -> Any:
        return call(target, method, **{"api": "Shop", **options})

    return ask


def test_functions_with_events_share_one_api(deploy: Deploy, call: Call) -> None:
    deploy(
        {
            "List": function(Events={"It": at("/pets/{id}")}),
            "Rest": function(Events={"It": {"Type": "HttpApi"}}),
        },
        {"Endpoint": {"Fn::GetAtt": ["ServerlessHttpApi", "ApiEndpoint"]}},
    )
    answer = call("/pets/7?a=1", api="ServerlessHttpApi")
    assert answer.json["routeKey"] == "GET /pets/{id}"
    assert answer.json["version"] == "2.0"
    assert answer.json["pathParameters"] == {"id": "7"}
    assert call("/other/way", "POST", api="ServerlessHttpApi").json["routeKey"] == "$default"


def test_events_say_how_functions_are_called(
    deploy: Deploy, http: Call, fogline: Account, physical_id: Find
) -> None:
    deploy(
        {
            "Shop": serverless("HttpApi"),
            "List": function(
                Events={
                    "Old": of_shop(PayloadFormatVersion="1.0", TimeoutInMillis=5000),
                    "Any": of_shop("/all/{proxy+}", "any"),
                }
            ),
        }
    )
    assert http("/pets").json["version"] == "1.0"
    assert http("/all/a/b", "PUT").json["pathParameters"] == {"proxy": "a/b"}
    found = fogline.client("apigatewayv2").get_integrations(ApiId=physical_id("Shop"))["Items"]
    assert sorted(each["TimeoutInMillis"] for each in found) == [5000, 30000]


def test_stages_have_what_the_api_says(
    deploy: Deploy, http: Call, fogline: Account, physical_id: Find
) -> None:
    group = f"arn:aws:logs:us-east-1:{fogline.id}:log-group:api"
    deploy(
        {
            "Group": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "api"}},
            "Shop": serverless(
                "HttpApi",
                Name="market",
                Description="all of it",
                StageName="prod",
                StageVariables={"colour": "red"},
                AccessLogSettings={"DestinationArn": group, "Format": "$context.requestId"},
                DefaultRouteSettings={"ThrottlingBurstLimit": 50, "ThrottlingRateLimit": 50},
                RouteSettings={"GET /pets": {"ThrottlingBurstLimit": 7}},
                Tags={"team": "pets"},
                PropagateTags=True,
                FailOnWarnings=True,
            ),
            "List": function(
                Events={
                    "It": of_shop(),
                    "Other": of_shop("/cats", RouteSettings={"ThrottlingBurstLimit": 8}),
                }
            ),
        },
        {"Stage": {"Ref": "Shop.Stage"}},
    )
    gateway, id = fogline.client("apigatewayv2"), physical_id("Shop")
    about = gateway.get_api(ApiId=id)
    assert (about["Name"], about["Description"]) == ("market", "all of it")
    assert about["Tags"]["team"] == "pets"
    stage = gateway.get_stage(ApiId=id, StageName="prod")
    assert (stage["StageVariables"], stage["AutoDeploy"]) == ({"colour": "red"}, True)
    assert stage["AccessLogSettings"]["DestinationArn"] == group
    assert stage["DefaultRouteSettings"]["ThrottlingBurstLimit"] == 50
    assert stage["RouteSettings"]["GET /pets"]["ThrottlingBurstLimit"] == 7
    assert stage["RouteSettings"]["GET /cats"]["ThrottlingBurstLimit"] == 8
    assert stage["Tags"]["team"] == "pets"
    assert http("/prod/pets").json["stageVariables"] == {"colour": "red"}


def test_an_update_serves_the_new_routes(deploy: Deploy, http: Call) -> None:
    deploy({"Shop": serverless("HttpApi"), "List": function(Events={"It": of_shop()})})
    assert http("/cats").status == 404
    deploy(
        {"Shop": serverless("HttpApi"), "List": function(Events={"It": of_shop("/cats")})},
        update=True,
    )
    assert http("/cats").status == 200
    assert http("/pets").status == 404


def document() -> dict[str, Any]:
    """An OpenAPI document with one route to the function `List`."""
    uri = (
        "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${List.Arn}/invocations"
    )
    return {
        "openapi": "3.0.1",
        "info": {"title": "pets", "version": "1"},
        "paths": {
            "/pets": {
                "get": {
                    "x-amazon-apigateway-integration": {
                        "type": "aws_proxy",
                        "httpMethod": "POST",
                        "uri": {"Fn::Sub": uri},
                        "payloadFormatVersion": "2.0",
                    }
                }
            }
        },
    }


def permission() -> dict[str, Any]:
    return {
        "Type": "AWS::Lambda::Permission",
        "Properties": {
            "Action": "lambda:InvokeFunction",
            "FunctionName": {"Ref": "List"},
            "Principal": "apigateway.amazonaws.com",
        },
    }


def test_a_document_may_stand_in_the_template(deploy: Deploy, http: Call) -> None:
    deploy(
        {
            "Shop": serverless("HttpApi", DefinitionBody=document()),
            "List": function(Events={"More": of_shop("/cats")}),
            "May": permission(),
        }
    )
    assert http("/pets").status == 200
    assert http("/cats").status == 200


@pytest.mark.parametrize("is_included", [True, False])
def test_a_document_may_stand_in_a_bucket(
    deploy: Deploy, http: Call, fogline: Account, is_included: bool
) -> None:
    bucket, s3 = f"documents-{fogline.id}", fogline.client("s3")
    arn = f"arn:aws:lambda:us-east-1:{fogline.id}:function:list"
    uri = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{arn}/invocations"
    body = document()
    if not is_included:
        body["paths"]["/pets"]["get"]["x-amazon-apigateway-integration"]["uri"] = uri
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="api.json", Body=json.dumps(body).encode())
    place = f"s3://{bucket}/api.json"
    include = {"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": place}}}
    definition = {"DefinitionBody": include} if is_included else {"DefinitionUri": place}
    deploy(
        {
            "Shop": serverless("HttpApi", **definition),
            "List": function(FunctionName="list"),
            "May": permission(),
        }
    )
    assert http("/pets").status == 200


@pytest.mark.parametrize(
    "cors", [True, {"AllowOrigins": ["http://localhost:3000"], "AllowMethods": ["GET"]}]
)
def test_browsers_elsewhere_are_let_in(deploy: Deploy, http: Call, cors: Any) -> None:
    deploy(
        {
            "Shop": serverless("HttpApi", CorsConfiguration=cors),
            "List": function(Events={"It": of_shop()}),
        }
    )
    asked = {"Origin": "http://localhost:3000", "Access-Control-Request-Method": "GET"}
    answer = http("/pets", "OPTIONS", headers=asked)
    assert answer.status == 204
    expected = "*" if cors is True else "http://localhost:3000"
    assert answer.headers["Access-Control-Allow-Origin"] == expected


def test_tokens_of_an_issuer_are_asked_for(
    deploy: Deploy, http: Call, fogline: Account, physical_id: Find
) -> None:
    auth = {
        "DefaultAuthorizer": "Tokens",
        "Authorizers": {
            "Tokens": {
                "AuthorizationScopes": ["pets.read"],
                "IdentitySource": "$request.header.Authorization",
                "JwtConfiguration": {"issuer": "https://issuer.example", "audience": ["a"]},
            }
        },
    }
    events = {
        "It": of_shop(),
        "Open": of_shop("/open", Auth={"Authorizer": "NONE"}),
        "Scoped": of_shop("/b", Auth={"Authorizer": "Tokens", "AuthorizationScopes": ["w"]}),
    }
    deploy({"Shop": serverless("HttpApi", Auth=auth), "List": function(Events=events)})
    assert http("/pets").status == 401
    assert http("/open").status == 200
    gateway, id = fogline.client("apigatewayv2"), physical_id("Shop")
    routes = {each["RouteKey"]: each for each in gateway.get_routes(ApiId=id)["Items"]}
    assert routes["GET /pets"]["AuthorizationScopes"] == ["pets.read"]
    assert routes["GET /b"]["AuthorizationScopes"] == ["w"]
    assert routes["GET /open"]["AuthorizationType"] == "NONE"


def guarded(code: str, **authorizer: Any) -> dict[str, Any]:
    """An API that the function `Guard` guards, with permissions to call it."""
    arn = {"Fn::GetAtt": ["Guard", "Arn"]}
    auth = {
        "DefaultAuthorizer": "Function",
        "Authorizers": {
            "Function": {
                "FunctionArn": arn,
                "EnableFunctionDefaultPermissions": True,
                "Identity": {"Headers": ["who"], "ReauthorizeEvery": 30},
                **authorizer,
            }
        },
    }
    return {
        "Shop": serverless("HttpApi", Auth=auth),
        "List": function(Events={"It": of_shop()}),
        "Guard": function(code),
    }


def test_a_function_guards_with_a_yes_or_no(deploy: Deploy, http: Call) -> None:
    deploy(guarded(GUARD, AuthorizerPayloadFormatVersion="2.0", EnableSimpleResponses=True))
    assert http("/pets").status == 401
    assert http("/pets", headers={"who": "bob"}).status == 403
    answer = http("/pets", headers={"who": "ada"})
    assert answer.json["requestContext"]["authorizer"]["lambda"] == {"mood": "good"}


def test_a_function_guards_with_a_policy(deploy: Deploy, http: Call) -> None:
    deploy(guarded(POLICY_GUARD, AuthorizerPayloadFormatVersion="1.0"))
    assert http("/pets", headers={"who": "bob"}).status == 403
    assert http("/pets", headers={"who": "ada"}).status == 200


def test_signed_requests_are_asked_for(
    deploy: Deploy, http: Call, fogline: Account, physical_id: Find
) -> None:
    auth = {"EnableIamAuthorizer": True, "DefaultAuthorizer": "AWS_IAM"}
    events = {"It": of_shop(), "Open": of_shop("/open", Auth={"Authorizer": "NONE"})}
    deploy({"Shop": serverless("HttpApi", Auth=auth), "List": function(Events=events)})
    assert http("/pets").status == 403
    host = f"{physical_id('Shop')}.execute-api.us-east-1.localhost"
    headers = signed(fogline, f"https://{host}/pets", host)
    assert http("/pets", headers=headers).status == 200
    assert http("/open").status == 200


def test_a_domain_name_is_the_only_way_in(deploy: Deploy, http: Call, fogline: Account) -> None:
    name = f"h{fogline.id}.example.com"
    deploy(
        {
            "Shop": serverless(
                "HttpApi",
                DisableExecuteApiEndpoint=True,
                Domain={
                    "DomainName": name,
                    "CertificateArn": "arn:aws:acm:us-east-1:000000000000:certificate/c",
                    "BasePath": ["one", "two/three"],
                },
            ),
            "List": function(Events={"It": of_shop()}),
        },
        {"Domain": {"Ref": "Shop.DomainName"}},
    )
    assert http("/one/pets", api=name).status == 200
    assert http("/two/three/pets", api=name).status == 200
    assert http("/pets").status == 404
