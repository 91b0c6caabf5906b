"""`AWS::ApiGatewayV2::Api` from OpenAPI documents."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.services.apigatewayv2.templates.conftest import Deploy, one

from fogline.testing.plugin import Account

INTEGRATION = {
    "type": "http_proxy",
    "httpMethod": "GET",
    "uri": "https://example.com",
    "payloadFormatVersion": "1.0",
}


def document(path: str = "/pets", **members: Any) -> dict[str, Any]:
    return {
        "openapi": "3.0.1",
        "info": {"title": "shop", "version": "1"},
        "paths": {path: {"get": {"x-amazon-apigateway-integration": INTEGRATION}}},
        **members,
    }


def keys(gateway: Any, id: str) -> list[str]:
    return [each["RouteKey"] for each in gateway.get_routes(ApiId=id)["Items"]]


def test_an_api_is_what_its_document_says(deploy: Deploy, gateway: Any) -> None:
    api = one("Api", Body=document(), Description="d", Tags={"team": "pets"})
    id = deploy({"Api": api})["Id"]
    about = gateway.get_api(ApiId=id)
    assert (about["Name"], about["Description"]) == ("shop", "d")
    assert about["Tags"]["team"] == "pets"
    assert about["Tags"]["aws:cloudformation:stack-name"] == "shop"
    assert keys(gateway, id) == ["GET /pets"]
    api["Properties"]["Body"] = document("/cats")
    assert deploy({"Api": api}, update=True)["Id"] == id
    assert keys(gateway, id) == ["GET /cats"]


def test_what_stands_beside_a_document_goes_before_it(deploy: Deploy, gateway: Any) -> None:
    api = one(
        "Api",
        Body=json.dumps(document(servers=[{"url": "https://a.example/v1"}])),
        Name="market",
        BasePath="prepend",
        CorsConfiguration={"AllowOrigins": ["*"]},
        DisableExecuteApiEndpoint=True,
    )
    id = deploy({"Api": api})["Id"]
    about = gateway.get_api(ApiId=id)
    assert (about["Name"], about["DisableExecuteApiEndpoint"]) == ("market", True)
    assert about["CorsConfiguration"]["AllowOrigins"] == ["*"]
    assert keys(gateway, id) == ["GET /v1/pets"]


def test_a_document_may_stand_in_a_bucket(deploy: Deploy, gateway: Any, fogline: Account) -> None:
    bucket, s3 = f"documents-{fogline.id}", fogline.client("s3")
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="api.json", Body=json.dumps(document()).encode())
    api = one("Api", BodyS3Location={"Bucket": bucket, "Key": "api.json"})
    assert keys(gateway, deploy({"Api": api})["Id"]) == ["GET /pets"]


def test_warnings_are_refused_if_the_template_says_so(fogline: Account, gateway: Any) -> None:
    body = document(**{"x-amazon-apigateway-cors": {"allowOrigins": "*"}})
    cloudformation = fogline.client("cloudformation")
    template = {"Resources": {"Api": one("Api", Body=body, FailOnWarnings="true")}}
    cloudformation.create_stack(StackName="shop", TemplateBody=json.dumps(template))
    fogline.platform.settle()
    events = cloudformation.describe_stack_events(StackName="shop")["StackEvents"]
    assert any("CORS Scheme is malformed" in e.get("ResourceStatusReason", "") for e in events)
    assert gateway.get_apis()["Items"] == []


@pytest.mark.parametrize(
    "properties",
    [
        {"Name": "shop"},
        {"ProtocolType": "HTTP"},
        {"Body": {}, "BodyS3Location": {"Bucket": "b"}},
        {"Body": document(), "ProtocolType": "WEBSOCKET"},
        {"Body": [1]},
    ],
)
def test_apis_that_are_not_described_are_refused(
    fogline: Account, gateway: Any, properties: dict[str, Any]
) -> None:
    cloudformation = fogline.client("cloudformation")
    template = {"Resources": {"Api": one("Api", **properties)}}
    cloudformation.create_stack(StackName="shop", TemplateBody=json.dumps(template))
    fogline.platform.settle()
    stack = cloudformation.describe_stacks(StackName="shop")["Stacks"][0]
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert gateway.get_apis()["Items"] == []
