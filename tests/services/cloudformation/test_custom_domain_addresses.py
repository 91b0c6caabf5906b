"""Addresses that templates write with custom domain names lead to the APIs mapped there."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import urllib3

from fogline.testing.plugin import Account

Resources = dict[str, Any]
Deploy = Callable[..., dict[str, str]]

CERTIFICATE = "arn:aws:acm:us-east-1:000000000000:certificate/c"
CODE = """
import os, urllib.request
def handler(event, context):
    with urllib.request.urlopen(os.environ["URL"], timeout=10) as answer:
        return {"heard": answer.read().decode(), "url": os.environ["URL"]}
"""
MOCK = {
    "type": "mock",
    "requestTemplates": {"application/json": '{"statusCode": 200}'},
    "responses": {
        "default": {
            "statusCode": "200",
            "responseTemplates": {"text/plain": "$context.domainName $context.path"},
        }
    },
}


@pytest.fixture
def name(fogline: Account) -> str:
    return f"api{fogline.id}.example.com"


def api(name: str) -> Resources:
    """A REST API with the path `/hello`, and a domain name that has it under `/v1`."""
    method = {"responses": {"200": {}}, "x-amazon-apigateway-integration": MOCK}
    body = {"openapi": "3.0.1", "info": {"title": "hello", "version": "1"}}
    mapping = {
        "DomainName": {"Ref": "Domain"},
        "RestApiId": {"Ref": "Api"},
        "Stage": "Prod",
        "BasePath": "v1",
    }
    return {
        "Api": {
            "Type": "AWS::ApiGateway::RestApi",
            "Properties": {"Body": {**body, "paths": {"/hello": {"get": method}}}},
        },
        "Deployment": {
            "Type": "AWS::ApiGateway::Deployment",
            "Properties": {"RestApiId": {"Ref": "Api"}, "StageName": "Prod"},
        },
        "Domain": {
            "Type": "AWS::ApiGateway::DomainName",
            "Properties": {"DomainName": name, "RegionalCertificateArn": CERTIFICATE}
            | {"EndpointConfiguration": {"Types": ["REGIONAL"]}},
        },
        "Mapping": {
            "Type": "AWS::ApiGateway::BasePathMapping",
            "DependsOn": "Deployment",
            "Properties": mapping,
        },
    }


@pytest.fixture
def deploy(fogline: Account) -> Deploy:
    """Makes the stack `hello`; its outputs."""
    cloudformation = fogline.client("cloudformation")

    def deploy(resources: Resources, **outputs: Any) -> dict[str, str]:
        written = {
            key: {"Value": value, "Export": {"Name": f"hello-{key.lower()}"}}
            for key, value in outputs.items()
        }
        template = {"Resources": resources, "Outputs": written}
        cloudformation.create_stack(StackName="hello", TemplateBody=json.dumps(template))
        fogline.platform.settle()
        stack = cloudformation.describe_stacks(StackName="hello")["Stacks"][0]
        assert stack["StackStatus"] == "CREATE_COMPLETE"
        return {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}

    return deploy


def get(url: str) -> tuple[int, bytes]:
    """Like a client whose resolver knows that all under `localhost` is this machine."""
    parts = urllib3.util.parse_url(url)
    target = f"http://127.0.0.1:{parts.port}{parts.request_uri}"
    answer = urllib3.request("GET", target, headers={"Host": parts.netloc or ""}, retries=False)
    return answer.status, answer.data


def make_caller(fogline: Account, url: str) -> Callable[[], Any]:
    """A function that calls that address; what it tells."""
    functions = fogline.client("lambda")
    from tests.services.cloudformation.test_local_addresses import zipped

    functions.create_function(
        FunctionName="caller",
        Runtime="python3.12",
        Handler="index.handler",
        Role="arn:aws:iam::000000000000:role/caller",
        Code={"ZipFile": zipped(CODE)},
        Environment={"Variables": {"URL": url}},
        Timeout=20,
    )
    return lambda: json.loads(functions.invoke(FunctionName="caller")["Payload"].read())


def test_outputs_and_exports_can_be_called(deploy: Deploy, fogline: Account, name: str) -> None:
    outputs = deploy(
        api(name), Url={"Fn::Sub": "https://${Domain}/v1/hello"}, Name={"Ref": "Domain"}
    )
    assert get(outputs["Url"]) == (200, f"{name} /v1/hello".encode())
    assert outputs["Name"] == name, "by it calls and other templates mean the domain name"
    exports = fogline.client("cloudformation").list_exports()["Exports"]
    assert {each["Name"]: each["Value"] for each in exports}["hello-url"] == outputs["Url"]


def test_a_function_calls_it(deploy: Deploy, fogline: Account, name: str) -> None:
    deploy(api(name))
    told = make_caller(fogline, f"https://{name}/v1/hello")()
    assert told["heard"] == f"{name} /v1/hello"
    shown = fogline.client("lambda").get_function_configuration(FunctionName="caller")
    assert shown["Environment"]["Variables"]["URL"] == f"https://{name}/v1/hello"


def test_functions_that_were_there_before_the_name_learn_of_it(
    deploy: Deploy, fogline: Account, name: str
) -> None:
    ask = make_caller(fogline, f"https://{name}/v1/hello")
    assert "errorMessage" in ask()
    deploy(api(name))
    assert ask()["heard"] == f"{name} /v1/hello"
    fogline.client("cloudformation").delete_stack(StackName="hello")
    fogline.platform.settle()
    assert "errorMessage" in ask(), "it is somebody else's again"


def test_parameters_can_be_called(deploy: Deploy, fogline: Account, name: str) -> None:
    value = {"Fn::Sub": '{"orders": "https://${Domain}/v1/hello"}'}
    parameter = {"Name": "/front/config", "Type": "String", "Value": value}
    deploy({**api(name), "Config": {"Type": "AWS::SSM::Parameter", "Properties": parameter}})
    kept = fogline.client("ssm").get_parameter(Name="/front/config")["Parameter"]["Value"]
    assert get(json.loads(kept)["orders"])[0] == 200
