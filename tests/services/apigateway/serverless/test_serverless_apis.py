"""`AWS::Serverless::Api` and the `Api` event: what is made of them, and that it answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from tests.services.apigateway.serverless.conftest import Call, Deploy, event, function, serverless

from fogline.testing.plugin import Account

Find = Callable[[str], str]


def document(*, path: str = "/pets", **operation: Any) -> dict[str, Any]:
    """An OpenAPI document with one method that answers by itself."""
    return {
        "openapi": "3.0.1",
        "info": {"title": "pets", "version": "1"},
        "paths": {
            path: {
                "get": {
                    "responses": {"200": {"description": "ok"}},
                    "x-amazon-apigateway-integration": {
                        "type": "mock",
                        "requestTemplates": {"application/json": '{"statusCode": 200}'},
                        "responses": {
                            "default": {
                                "statusCode": "200",
                                "responseTemplates": {"application/json": '{"by": "mock"}'},
                            }
                        },
                    },
                    **operation,
                }
            }
        },
    }


def test_functions_with_api_events_share_one_api(deploy: Deploy, call: Call) -> None:
    endpoint = {"Fn::Sub": "https://${ServerlessRestApi}.execute-api.${AWS::Region}.amazonaws.com"}
    deploy(
        {
            "List": function(Events={"It": event("/pets")}),
            "Any": function(Events={"It": event("/all/{proxy+}", "any")}),
        },
        {"Endpoint": endpoint, "Stage": {"Ref": "ServerlessRestApiProdStage"}},
    )
    answer = call("/Prod/pets?a=1")
    assert answer.status == 200
    assert answer.json["queryStringParameters"] == {"a": "1"}
    answer = call("/Prod/all/x/y", "PUT", body="b")
    assert answer.json["pathParameters"] == {"proxy": "x/y"}
    assert call("/Stage/pets").status == 200
    assert call("/Prod/other").status == 403


def test_an_update_deploys_the_new_routes(deploy: Deploy, call: Call) -> None:
    deploy({"List": function(Events={"It": event("/pets")})})
    assert call("/Prod/cats").status == 403
    deploy({"List": function(Events={"It": event("/cats")})}, update=True)
    assert call("/Prod/cats").status == 200
    assert call("/Prod/pets").status == 403


def test_stages_have_what_the_api_says(
    deploy: Deploy, call: Call, fogline: Account, physical_id: Find
) -> None:
    group = f"arn:aws:logs:us-east-1:{fogline.id}:log-group:api"
    deploy(
        {
            "Group": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "api"}},
            "Shop": serverless(
                "Api",
                StageName="prod",
                Name="shop",
                Description="all of it",
                OpenApiVersion="3.0.1",
                TracingEnabled=True,
                Variables={"colour": "red"},
                CacheClusterEnabled=True,
                CacheClusterSize="0.5",
                BinaryMediaTypes=["image~1png"],
                MinimumCompressionSize=0,
                EndpointConfiguration={"Type": "REGIONAL"},
                AccessLogSetting={"DestinationArn": group, "Format": "$context.requestId"},
                MethodSettings=[
                    {"ResourcePath": "/*", "HttpMethod": "*", "ThrottlingBurstLimit": 9}
                ],
                CanarySetting={
                    "DeploymentId": {"Ref": "Shop.Deployment"},
                    "PercentTraffic": 50,
                    "StageVariableOverrides": {"colour": "blue"},
                },
                Tags={"team": "pets"},
                PropagateTags=True,
                DisableExecuteApiEndpoint=False,
            ),
            "List": function(Events={"It": event("/pets", RestApiId={"Ref": "Shop"})}),
        },
        {"Stage": {"Ref": "Shop.Stage"}, "Deployment": {"Ref": "Shop.Deployment"}},
    )
    gateway, id = fogline.client("apigateway"), physical_id("Shop")
    about = gateway.get_rest_api(restApiId=id)
    assert (about["name"], about["description"]) == ("shop", "all of it")
    assert about["binaryMediaTypes"] == ["image/png"]
    assert about["endpointConfiguration"]["types"] == ["REGIONAL"]
    stage = gateway.get_stage(restApiId=id, stageName="prod")
    assert stage["variables"] == {"colour": "red"}
    assert stage["tracingEnabled"] is True
    assert stage["cacheClusterSize"] == "0.5"
    assert stage["methodSettings"]["*/*"]["throttlingBurstLimit"] == 9
    assert stage["canarySettings"]["percentTraffic"] == 50.0
    assert stage["tags"]["team"] == "pets"
    assert call("/prod/pets", api="Shop").json["stageVariables"]["colour"] in ("red", "blue")
    assert call("/Stage/pets", api="Shop").status == 403


def test_a_canary_that_names_no_deployment_serves_that_of_its_stage(
    deploy: Deploy, fogline: Account, physical_id: Find
) -> None:
    canary = {"PercentTraffic": 10}
    deploy(
        {
            "Shop": serverless(
                "Api", StageName="prod", DefinitionBody=document(), CanarySetting=canary
            )
        }
    )
    stage = fogline.client("apigateway").get_stage(restApiId=physical_id("Shop"), stageName="prod")
    assert stage["canarySettings"]["deploymentId"] == stage["deploymentId"]
    assert stage["canarySettings"]["percentTraffic"] == 10.0


def test_a_document_may_stand_in_the_template(deploy: Deploy, call: Call) -> None:
    deploy({"Shop": serverless("Api", StageName="prod", DefinitionBody=document())})
    assert call("/prod/pets", api="Shop").json == {"by": "mock"}


@pytest.mark.parametrize("is_text", [True, False])
def test_a_document_may_stand_in_a_bucket(
    deploy: Deploy, call: Call, fogline: Account, is_text: bool
) -> None:
    bucket = f"documents-{fogline.id}"
    s3 = fogline.client("s3")
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="api.json", Body=json.dumps(document()).encode())
    place = f"s3://{bucket}/api.json" if is_text else {"Bucket": bucket, "Key": "api.json"}
    deploy({"Shop": serverless("Api", StageName="prod", DefinitionUri=place)})
    assert call("/prod/pets", api="Shop").json == {"by": "mock"}


def test_a_document_may_include_a_file_of_a_bucket(
    deploy: Deploy, call: Call, fogline: Account
) -> None:
    bucket = f"included-{fogline.id}"
    s3 = fogline.client("s3")
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="api.json", Body=json.dumps(document()).encode())
    include = {"Name": "AWS::Include", "Parameters": {"Location": f"s3://{bucket}/api.json"}}
    deploy({"Shop": serverless("Api", StageName="prod", DefinitionBody={"Fn::Transform": include})})
    assert call("/prod/pets", api="Shop").json == {"by": "mock"}


def test_paths_for_browsers_elsewhere(deploy: Deploy, call: Call) -> None:
    cors = {
        "AllowOrigin": "'http://localhost:3000'",
        "AllowHeaders": "'X-A'",
        "AllowMethods": "'GET'",
        "MaxAge": "'60'",
        "AllowCredentials": True,
    }
    deploy(
        {
            "Shop": serverless("Api", StageName="prod", Cors=cors),
            "List": function(Events={"It": event("/pets", RestApiId={"Ref": "Shop"})}),
        }
    )
    answer = call("/prod/pets", "OPTIONS", api="Shop", headers={"Origin": "http://localhost:3000"})
    assert answer.status == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "http://localhost:3000"
    assert answer.headers["Access-Control-Allow-Headers"] == "X-A"
    assert answer.headers["Access-Control-Allow-Credentials"] == "true"


def test_answers_of_the_gateway_itself_can_be_said(deploy: Deploy, call: Call) -> None:
    deploy(
        {
            "Shop": serverless(
                "Api",
                StageName="prod",
                GatewayResponses={
                    "MISSING_AUTHENTICATION_TOKEN": {
                        "StatusCode": 404,
                        "ResponseParameters": {"Headers": {"X-Why": "'none'"}},
                        "ResponseTemplates": {"application/json": '{"message": "no such path"}'},
                    }
                },
            ),
            "List": function(Events={"It": event("/pets", RestApiId={"Ref": "Shop"})}),
        }
    )
    answer = call("/prod/other", api="Shop")
    assert (answer.status, answer.json) == (404, {"message": "no such path"})
    assert answer.headers["X-Why"] == "none"


def test_models_and_parameters_are_asked_for(deploy: Deploy, call: Call) -> None:
    pet = {
        "type": "object",
        "required": ["name"],
        "properties": {"name": {"type": "string"}},
    }
    deploy(
        {
            "Shop": serverless("Api", StageName="prod", Models={"Pet": pet}),
            "Add": function(
                Events={
                    "It": event(
                        "/pets",
                        "post",
                        RestApiId={"Ref": "Shop"},
                        RequestModel={"Model": "Pet", "Required": True, "ValidateBody": True},
                    ),
                    "Other": event(
                        "/cats",
                        RestApiId={"Ref": "Shop"},
                        RequestModel={"Model": "Pet", "ValidateParameters": True},
                        RequestParameters=[
                            {"method.request.querystring.page": {"Required": True}},
                            "method.request.header.X-Other",
                        ],
                    ),
                }
            ),
        }
    )
    json_body = {"Content-Type": "application/json"}
    assert call("/prod/pets", "POST", api="Shop", headers=json_body, body="{}").status == 400
    assert (
        call("/prod/pets", "POST", api="Shop", headers=json_body, body='{"name": "x"}').status
        == 200
    )
    assert call("/prod/cats", api="Shop").status == 400
    assert call("/prod/cats?page=1", api="Shop").status == 200


def test_a_domain_name_leads_to_the_stage(deploy: Deploy, call: Call, fogline: Account) -> None:
    name = f"shop{fogline.id}.example.com"
    deploy(
        {
            "Shop": serverless(
                "Api",
                StageName="prod",
                Domain={
                    "DomainName": name,
                    "CertificateArn": "arn:aws:acm:us-east-1:000000000000:certificate/c",
                    "EndpointConfiguration": "REGIONAL",
                    "SecurityPolicy": "TLS_1_2",
                    "BasePath": ["one", "/two"],
                },
            ),
            "List": function(Events={"It": event("/pets", RestApiId={"Ref": "Shop"})}),
        },
        {"Domain": {"Ref": "Shop.DomainName"}},
    )
    assert call("/one/pets", api=name).status == 200
    assert call("/two/pets", api=name).status == 200
    assert call("/three/pets", api=name).status == 403


def test_a_state_machine_is_started_by_a_path(
    deploy: Deploy, call: Call, fogline: Account, physical_id: Find
) -> None:
    machine = serverless(
        "StateMachine",
        Definition={"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}},
        Events={"It": event("/start", "post")},
    )
    deploy({"Machine": machine})
    answer = call("/Prod/start", "POST", body='{"a": 1}')
    assert answer.status == 200
    executions = fogline.client("stepfunctions").list_executions(
        stateMachineArn=physical_id("Machine")
    )["executions"]
    assert answer.json["executionArn"] == executions[0]["executionArn"]
