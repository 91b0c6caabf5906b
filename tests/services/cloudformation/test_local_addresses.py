"""Addresses that templates write for AWS lead to what the stack made here."""

from __future__ import annotations

import io
import json
import sys
import zipfile
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
import urllib3
from botocore.exceptions import ClientError

from fogline.testing.plugin import Account

Resources = dict[str, Any]
Deploy = Callable[..., dict[str, str]]

HOST = "${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}"
CODE = """
import os, urllib.request
def handler(event, context):
    with urllib.request.urlopen(os.environ["URL"], timeout=10) as answer:
        heard = answer.read().decode()
    return {"heard": heard, **{name: os.environ[name] for name in ("URL", "JOINED", "ELSEWHERE")}}
"""

BOOTSTRAP = f"""#!{sys.executable}
import json, os, urllib.request
api = f"http://{{os.environ['AWS_LAMBDA_RUNTIME_API']}}/2018-06-01/runtime/invocation"
while True:
    with urllib.request.urlopen(f"{{api}}/next") as event:
        identity = event.headers["Lambda-Runtime-Aws-Request-Id"]
    with urllib.request.urlopen(os.environ["URL"], timeout=10) as answer:
        told = json.dumps({{"heard": answer.read().decode()}})
    urllib.request.urlopen(f"{{api}}/{{identity}}/response", told.encode()).close()
"""


def sub(text: str) -> dict[str, str]:
    return {"Fn::Sub": text}


def api_of(integration: Resources, verb: str = "get") -> Resources:
    """A REST API with one method under `/hello`, deployed as `Prod`."""
    method = {
        "responses": {"200": {"description": "fine"}},
        "x-amazon-apigateway-integration": integration,
    }
    body = {"openapi": "3.0.1", "info": {"title": "hello", "version": "1"}}
    return {
        "Api": {
            "Type": "AWS::ApiGateway::RestApi",
            "Properties": {"Body": {**body, "paths": {"/hello": {verb: method}}}},
        },
        "Deployment": {
            "Type": "AWS::ApiGateway::Deployment",
            "Properties": {"RestApiId": {"Ref": "Api"}, "StageName": "Prod"},
        },
    }


GREETING = {
    "type": "mock",
    "requestTemplates": {"application/json": '{"statusCode": 200}'},
    "responses": {"default": {"statusCode": "200", "responseTemplates": {"text/plain": "hello"}}},
}


@pytest.fixture
def into_queue(fogline: Account) -> tuple[Resources, str]:
    """An API that puts what is posted into a queue; the URL of the queue."""
    url = fogline.client("sqs").create_queue(QueueName="posts")["QueueUrl"]
    template = "Action=SendMessage&MessageBody=$util.urlEncode($input.body)"
    integration = {
        "type": "aws",
        "httpMethod": "POST",
        "uri": f"arn:aws:apigateway:us-east-1:sqs:path/{fogline.id}/posts",
        "credentials": f"arn:aws:iam::{fogline.id}:role/sender",
        "requestParameters": {
            "integration.request.header.Content-Type": "'application/x-www-form-urlencoded'"
        },
        "requestTemplates": {"application/json": template, "text/plain": template},
        "responses": {"default": {"statusCode": "200"}},
    }
    return api_of(integration, "post"), url


@pytest.fixture
def deploy(fogline: Account) -> Deploy:
    """Makes the stack `hello`; its outputs."""
    cloudformation = fogline.client("cloudformation")

    def deploy(resources: Resources, **outputs: Any) -> dict[str, str]:
        written = {
            name: {"Value": value, "Export": {"Name": f"hello-{name.lower()}"}}
            for name, value in outputs.items()
        }
        cloudformation.create_stack(
            StackName="hello",
            TemplateBody=json.dumps({"Resources": resources, "Outputs": written}),
            Capabilities=["CAPABILITY_NAMED_IAM"],
        )
        fogline.platform.settle()
        stack = cloudformation.describe_stacks(StackName="hello")["Stacks"][0]
        assert stack["StackStatus"] == "CREATE_COMPLETE", failures(fogline)
        return {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}

    return deploy


def failures(fogline: Account) -> list[str]:
    found = fogline.client("cloudformation").describe_stack_events(StackName="hello")
    return [each.get("ResourceStatusReason", "") for each in found["StackEvents"]]


def zipped(code: str, name: str = "index.py") -> bytes:
    file = io.BytesIO()
    entry = zipfile.ZipInfo(name)
    entry.external_attr = 0o755 << 16
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(entry, code)
    return file.getvalue()


def get(url: str) -> tuple[int, bytes]:
    """Like a client whose resolver knows that all under `localhost` is this machine."""
    parts = urlsplit(url)
    answer = urllib3.PoolManager(retries=False).request(
        "GET", f"http://127.0.0.1:{parts.port}{parts.path}", headers={"Host": parts.netloc}
    )
    return answer.status, answer.data


def messages(fogline: Account, url: str) -> list[str]:
    fogline.platform.settle()
    found = fogline.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10)
    return [each["Body"] for each in found.get("Messages", [])]


def test_an_output_can_be_called(deploy: Deploy) -> None:
    outputs = deploy(
        api_of(GREETING),
        Written=sub(f"https://{HOST}/Prod/hello"),
        Joined={
            "Fn::Join": [
                "",
                ["https://", {"Ref": "Api"}, ".execute-api.us-east-1.amazonaws.com/Prod/hello"],
            ]
        },
    )
    assert outputs["Written"] == outputs["Joined"]
    assert ".localhost:" in outputs["Written"]
    assert get(outputs["Written"]) == (200, b"hello")


def test_outputs_of_http_and_websocket_apis_can_be_called(deploy: Deploy) -> None:
    inner = api_of(GREETING)
    outputs = deploy(
        {
            **inner,
            "Http": {
                "Type": "AWS::ApiGatewayV2::Api",
                "Properties": {
                    "Name": "front",
                    "ProtocolType": "HTTP",
                    "Target": sub(f"https://{HOST}/Prod/hello"),
                },
            },
            "Chat": {
                "Type": "AWS::ApiGatewayV2::Api",
                "Properties": {
                    "Name": "chat",
                    "ProtocolType": "WEBSOCKET",
                    "RouteSelectionExpression": "$request.body.action",
                },
            },
        },
        Url=sub(f"https://{HOST}/".replace("Api", "Http", 1)),
        Endpoint={"Fn::GetAtt": ["Http", "ApiEndpoint"]},
        Socket=sub(f"wss://{HOST}/live".replace("Api", "Chat", 1)),
    )
    assert get(outputs["Url"]) == (200, b"hello")
    assert outputs["Endpoint"] == outputs["Url"].rstrip("/")
    port = urlsplit(outputs["Url"]).port
    assert outputs["Socket"].startswith("ws://")
    assert outputs["Socket"].endswith(f".execute-api.us-east-1.localhost:{port}/live")


def test_what_another_stack_imports_can_be_called(deploy: Deploy, fogline: Account) -> None:
    cloudformation = fogline.client("cloudformation")
    deploy(api_of(GREETING), Url=sub(f"https://{HOST}/Prod/hello"))
    parameter = {"Name": "url", "Type": "String", "Value": {"Fn::ImportValue": "hello-url"}}
    template = {
        "Resources": {"Parameter": {"Type": "AWS::SSM::Parameter", "Properties": parameter}}
    }
    cloudformation.create_stack(StackName="other", TemplateBody=json.dumps(template))
    fogline.platform.settle()
    value = fogline.client("ssm").get_parameter(Name="url")["Parameter"]["Value"]
    assert get(value) == (200, b"hello")


def test_what_a_function_is_given_can_be_called(deploy: Deploy, fogline: Account) -> None:
    elsewhere = "https://abcdefghij.execute-api.us-east-1.amazonaws.com/prod"
    deploy(
        {
            **api_of(GREETING),
            "Caller": {
                "Type": "AWS::Lambda::Function",
                "Properties": {
                    "FunctionName": "caller",
                    "Runtime": "python3.12",
                    "Handler": "index.handler",
                    "Timeout": 20,
                    "Role": "arn:aws:iam::000000000000:role/caller",
                    "Code": {"ZipFile": CODE},
                    "Environment": {
                        "Variables": {
                            "URL": sub(f"https://{HOST}/Prod/hello"),
                            "JOINED": {"Fn::Join": [".", [{"Ref": "Api"}, sub(HOST.partition(".")[2])]]},
                            "ELSEWHERE": elsewhere,
                        }
                    },
                },
            },
        }
    )  # fmt: skip
    payload = fogline.client("lambda").invoke(FunctionName="caller")["Payload"].read()
    told = json.loads(payload)
    assert told["heard"] == "hello"
    assert told["JOINED"] == urlsplit(told["URL"]).netloc
    assert told["ELSEWHERE"] == elsewhere
    shown = fogline.client("lambda").get_function_configuration(FunctionName="caller")
    assert shown["Environment"]["Variables"]["URL"].endswith(".amazonaws.com/Prod/hello")


def test_an_api_destination_reaches_an_api_of_ours(
    deploy: Deploy, fogline: Account, into_queue: tuple[Resources, str]
) -> None:
    api, queue = into_queue
    destination = {
        "ConnectionArn": {"Fn::GetAtt": ["Connection", "Arn"]},
        "HttpMethod": "POST",
        "InvocationEndpoint": sub(f"https://{HOST}/Prod/hello"),
    }
    key = {"ApiKeyName": "x-key", "ApiKeyValue": "secret"}
    target = {
        "Id": "api",
        "Arn": {"Fn::GetAtt": ["Destination", "Arn"]},
        "RoleArn": "arn:aws:iam::000000000000:role/caller",
        "InputPath": "$.detail",
    }
    deploy(
        {
            **api,
            "Connection": {
                "Type": "AWS::Events::Connection",
                "Properties": {
                    "AuthorizationType": "API_KEY",
                    "AuthParameters": {"ApiKeyAuthParameters": key},
                },
            },
            "Destination": {"Type": "AWS::Events::ApiDestination", "Properties": destination},
            "Rule": {
                "Type": "AWS::Events::Rule",
                "Properties": {"EventPattern": {"source": ["shop"]}, "Targets": [target]},
            },
        }
    )
    events = fogline.client("events")
    entry = {"Source": "shop", "DetailType": "order", "Detail": '{"order":7}'}
    events.put_events(Entries=[entry])
    assert messages(fogline, queue) == ['{"order":7}']
    shown = events.list_api_destinations()["ApiDestinations"][0]["InvocationEndpoint"]
    assert shown.endswith(".amazonaws.com/Prod/hello")


def test_a_topic_reaches_an_api_of_ours(
    deploy: Deploy, fogline: Account, into_queue: tuple[Resources, str]
) -> None:
    api, queue = into_queue
    deploy(
        {
            **api,
            "Topic": {"Type": "AWS::SNS::Topic"},
            "Subscription": {
                "Type": "AWS::SNS::Subscription",
                "DependsOn": "Deployment",
                "Properties": {
                    "TopicArn": {"Ref": "Topic"},
                    "Protocol": "https",
                    "Endpoint": sub(f"https://{HOST}/Prod/hello"),
                },
            },
        }
    )
    assert '"SubscriptionConfirmation"' in messages(fogline, queue)[0]


@pytest.mark.parametrize("address", [HOST, f"https://{HOST}"])
def test_a_workflow_reaches_an_api_of_ours(deploy: Deploy, fogline: Account, address: str) -> None:
    call = {
        "Type": "Task",
        "Resource": "arn:aws:states:::apigateway:invoke",
        "Parameters": {
            "ApiEndpoint": "${Endpoint}",
            "Method": "GET",
            "Stage": "Prod",
            "Path": "/hello",
        },
        "End": True,
    }
    outputs = deploy(
        {
            **api_of(GREETING),
            "Flow": {
                "Type": "AWS::StepFunctions::StateMachine",
                "DependsOn": "Deployment",
                "Properties": {
                    "RoleArn": "arn:aws:iam::000000000000:role/caller",
                    "DefinitionString": json.dumps({"StartAt": "Ask", "States": {"Ask": call}}),
                    "DefinitionSubstitutions": {"Endpoint": sub(address)},
                },
            },
        },
        Arn={"Ref": "Flow"},
    )
    states = fogline.client("stepfunctions")
    execution = states.start_execution(stateMachineArn=outputs["Arn"])["executionArn"]
    fogline.platform.settle()
    ended = states.describe_execution(executionArn=execution)
    assert ended["status"] == "SUCCEEDED", ended.get("cause")
    assert json.loads(ended["output"])["ResponseBody"] == "hello"


def test_an_api_passes_on_to_another_of_ours(deploy: Deploy) -> None:
    inner = api_of(GREETING)
    outer = {
        "type": "http_proxy",
        "httpMethod": "GET",
        "uri": sub(f"https://{HOST}/Prod/hello"),
    }
    front = api_of(outer)
    resources = {**inner, "Front": front["Api"], "FrontDeployment": front["Deployment"]}
    resources["FrontDeployment"]["Properties"]["RestApiId"] = {"Ref": "Front"}
    outputs = deploy(resources, Url=sub(f"https://{HOST}/Prod/hello".replace("Api", "Front", 1)))
    assert get(outputs["Url"]) == (200, b"hello")


def test_buckets_and_queues_have_local_addresses_too(deploy: Deploy, fogline: Account) -> None:
    outputs = deploy(
        {
            "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "local"}},
            "Bucket": {"Type": "AWS::S3::Bucket"},
        },
        Queue=sub("https://sqs.${AWS::Region}.amazonaws.com/${AWS::AccountId}/local"),
        Object=sub("https://${Bucket}.s3.${AWS::Region}.amazonaws.com/a.txt"),
        Bucket={"Ref": "Bucket"},
    )
    fogline.client("sqs").send_message(QueueUrl=outputs["Queue"], MessageBody="hello")
    assert messages(fogline, outputs["Queue"]) == ["hello"]
    fogline.client("s3").put_object(Bucket=outputs["Bucket"], Key="a.txt", Body=b"hello")
    assert get(outputs["Object"]) == (200, b"hello")


def test_principals_and_arns_stay_as_aws_writes_them(deploy: Deploy, fogline: Account) -> None:
    policy = {
        "Statement": {
            "Effect": "Allow",
            "Principal": {"Service": sub("apigateway.${AWS::URLSuffix}")},
            "Action": "sts:AssumeRole",
        }
    }
    outputs = deploy(
        {
            **api_of(GREETING),
            "Role": {
                "Type": "AWS::IAM::Role",
                "Properties": {"RoleName": "caller", "AssumeRolePolicyDocument": policy},
            },
        },
        Arn=sub("arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/*"),
        Suffix={"Ref": "AWS::URLSuffix"},
    )
    assert outputs["Arn"].startswith(f"arn:aws:execute-api:us-east-1:{fogline.id}:")
    assert outputs["Suffix"] == "amazonaws.com"
    role = fogline.client("iam").get_role(RoleName="caller")["Role"]
    principal = role["AssumeRolePolicyDocument"]["Statement"]["Principal"]
    assert principal == {"Service": "apigateway.amazonaws.com"}


def test_a_template_that_did_not_change_changes_nothing(deploy: Deploy, fogline: Account) -> None:
    """What resources are given is local, what is compared is what the template says."""
    parameter = {
        "Type": "AWS::SSM::Parameter",
        "Properties": {"Name": "u", "Type": "String", "Value": sub(f"https://{HOST}/Prod")},
    }
    resources = {**api_of(GREETING), "Parameter": parameter}
    deploy(resources, Url=sub(f"https://{HOST}/Prod"))
    cloudformation = fogline.client("cloudformation")
    template = cloudformation.get_template(StackName="hello")["TemplateBody"]
    with pytest.raises(ClientError, match="No updates are to be performed"):
        cloudformation.update_stack(StackName="hello", TemplateBody=json.dumps(template))


def test_exports_are_shown_as_they_can_be_called(deploy: Deploy, fogline: Account) -> None:
    outputs = deploy(api_of(GREETING), Url=sub(f"https://{HOST}/Prod/hello"))
    [export] = fogline.client("cloudformation").list_exports()["Exports"]
    assert export["Value"] == outputs["Url"]


def test_the_output_of_a_nested_stack_can_be_called(deploy: Deploy, fogline: Account) -> None:
    inner = {
        "Resources": api_of(GREETING),
        "Outputs": {"Url": {"Value": sub(f"https://{HOST}/Prod/hello")}},
    }
    s3 = fogline.client("s3")
    s3.create_bucket(Bucket="templates")
    s3.put_object(Bucket="templates", Key="inner.json", Body=json.dumps(inner))
    nested = {
        "Type": "AWS::CloudFormation::Stack",
        "Properties": {"TemplateURL": "https://templates.s3.amazonaws.com/inner.json"},
    }
    outputs = deploy({"Inner": nested}, Url={"Fn::GetAtt": ["Inner", "Outputs.Url"]})
    assert get(outputs["Url"]) == (200, b"hello")


@pytest.mark.parametrize(
    ("runtime", "package"),
    [
        ("python3.12", zipped(CODE)),
        ("provided.al2023", zipped(BOOTSTRAP, "bootstrap")),
    ],
    ids=["python", "provided"],
)
def test_variables_that_no_template_gave_lead_here_too(
    deploy: Deploy, fogline: Account, runtime: str, package: bytes
) -> None:
    outputs = deploy(api_of(GREETING), Id={"Ref": "Api"})
    url = f"https://{outputs['Id']}.execute-api.us-east-1.amazonaws.com/Prod/hello"
    functions = fogline.client("lambda")
    variables = {"URL": url, "JOINED": "", "ELSEWHERE": ""}
    functions.create_function(
        FunctionName="caller",
        Runtime=runtime,
        Handler="index.handler",
        Role="arn:aws:iam::000000000000:role/caller",
        Code={"ZipFile": package},
        Environment={"Variables": variables},
        Timeout=20,
    )
    told = json.loads(functions.invoke(FunctionName="caller")["Payload"].read())
    assert told["heard"] == "hello"
