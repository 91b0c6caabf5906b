"""The CloudFormation types of Lambda, in real stacks."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.services.lambda_.conftest import make_zip_of

from fogline.testing.plugin import Account

PYTHON = "def handler(event, context):\n    return [event, {word!r}]\n"

FUNCTION = {
    "Type": "AWS::Lambda::Function",
    "Properties": {
        "Runtime": "python3.11",
        "Handler": "index.handler",
        "Role": {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:role/anybody"},
        "Code": {"ZipFile": PYTHON.format(word="one")},
        "Environment": {"Variables": {"WORD": "1"}},
        "Timeout": "20",
    },
}


class Stack:
    """A stack, in few words."""

    def __init__(self, fogline: Account) -> None:
        self._platform = fogline.platform
        self.client = fogline.client("cloudformation")

    def create(self, resources: dict[str, Any], outputs: dict[str, Any]) -> dict[str, str]:
        self.client.create_stack(StackName="s", TemplateBody=_template(resources, outputs))
        return self._end("CREATE_COMPLETE")

    def update(self, resources: dict[str, Any], outputs: dict[str, Any]) -> dict[str, str]:
        self.client.update_stack(StackName="s", TemplateBody=_template(resources, outputs))
        return self._end("UPDATE_COMPLETE")

    def delete(self) -> None:
        self.client.delete_stack(StackName="s")
        self._platform.settle()

    def _end(self, status: str) -> dict[str, str]:
        self._platform.settle()
        (stack,) = self.client.describe_stacks(StackName="s")["Stacks"]
        if stack["StackStatus"] != status:
            events = self.client.describe_stack_events(StackName="s")["StackEvents"]
            raise AssertionError([event.get("ResourceStatusReason") for event in events])
        return {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}


def _template(resources: dict[str, Any], outputs: dict[str, Any]) -> str:
    told = {name: {"Value": value} for name, value in outputs.items()}
    return json.dumps({"Resources": resources, "Outputs": told})


@pytest.fixture
def stack(fogline: Account) -> Stack:
    return Stack(fogline)


def _function(**properties: Any) -> dict[str, Any]:
    return {**FUNCTION, "Properties": {**FUNCTION["Properties"], **properties}}


def _answer(client: Any, name: str) -> Any:
    return json.loads(client.invoke(FunctionName=name, Payload=b"1")["Payload"].read())


def test_a_function_is_made_changed_and_removed(stack: Stack, client: Any) -> None:
    outputs = {"Name": {"Ref": "F"}, "Arn": {"Fn::GetAtt": "F.Arn"}}
    told = stack.create({"F": FUNCTION}, outputs)
    name = told["Name"]
    assert name.startswith("s-F-")
    assert told["Arn"].endswith(f":function:{name}")
    assert _answer(client, name) == [1, "one"]
    changed = _function(
        Code={"ZipFile": PYTHON.format(word="two")}, Timeout=6, ReservedConcurrentExecutions="3"
    )
    del changed["Properties"]["Environment"]
    assert stack.update({"F": changed}, outputs) == told
    assert _answer(client, name) == [1, "two"]
    found = client.get_function(FunctionName=name)
    assert found["Configuration"]["Timeout"] == 6
    assert found["Configuration"]["Environment"] == {"Variables": {}}
    assert found["Concurrency"] == {"ReservedConcurrentExecutions": 3}
    assert found["Tags"]["aws:cloudformation:stack-name"] == "s"
    stack.delete()
    assert client.list_functions()["Functions"] == []


def test_versions_aliases_permissions_and_settings_hang_on_a_function(
    stack: Stack, client: Any
) -> None:
    resources = {
        "F": FUNCTION,
        "V": {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": "F"}}},
        "A": {
            "Type": "AWS::Lambda::Alias",
            "Properties": {
                "FunctionName": {"Ref": "F"},
                "Name": "live",
                "FunctionVersion": {"Fn::GetAtt": "V.Version"},
                "ProvisionedConcurrencyConfig": {"ProvisionedConcurrentExecutions": "1"},
            },
        },
        "P": {
            "Type": "AWS::Lambda::Permission",
            "Properties": {
                "FunctionName": {"Ref": "A"},
                "Action": "lambda:InvokeFunction",
                "Principal": "s3.amazonaws.com",
                "SourceAccount": {"Ref": "AWS::AccountId"},
            },
        },
        "E": {
            "Type": "AWS::Lambda::EventInvokeConfig",
            "Properties": {
                "FunctionName": {"Ref": "F"},
                "Qualifier": "live",
                "MaximumRetryAttempts": "0",
            },
            "DependsOn": "A",
        },
        "U": {
            "Type": "AWS::Lambda::Url",
            "Properties": {"TargetFunctionArn": {"Ref": "F"}, "AuthType": "NONE"},
        },
    }
    outputs = {"Alias": {"Ref": "A"}, "Url": {"Fn::GetAtt": "U.FunctionUrl"}, "V": {"Ref": "V"}}
    told = stack.create(resources, outputs)
    assert told["V"].endswith(":1")
    assert ".lambda-url.us-east-1." in told["Url"]
    assert _answer(client, told["Alias"]) == [1, "one"]
    (statement,) = json.loads(client.get_policy(FunctionName=told["Alias"])["Policy"])["Statement"]
    assert statement["Resource"] == told["Alias"]
    config = client.get_function_event_invoke_config(FunctionName=told["Alias"])
    assert config["MaximumRetryAttempts"] == 0
    stack.delete()
    assert client.list_functions()["Functions"] == []


def test_a_mapping_feeds_its_function(stack: Stack, client: Any, fogline: Account) -> None:
    code = "def handler(event, context):\n    print('got', len(event['Records']))\n"
    resources = {
        "Q": {"Type": "AWS::SQS::Queue"},
        "F": _function(Code={"ZipFile": code}),
        "M": {
            "Type": "AWS::Lambda::EventSourceMapping",
            "Properties": {
                "FunctionName": {"Ref": "F"},
                "EventSourceArn": {"Fn::GetAtt": "Q.Arn"},
                "BatchSize": "5",
                "ScalingConfig": {"MaximumConcurrency": "2"},
            },
        },
    }
    outputs = {"Url": {"Ref": "Q"}, "Name": {"Ref": "F"}, "Id": {"Ref": "M"}}
    told = stack.create(resources, outputs)
    fogline.client("sqs").send_message(QueueUrl=told["Url"], MessageBody="a")
    fogline.platform.settle()
    found = fogline.client("logs").filter_log_events(logGroupName=f"/aws/lambda/{told['Name']}")
    assert "got 1\n" in [event["message"] for event in found["events"]]
    properties = resources["M"]["Properties"]
    assert isinstance(properties, dict)
    properties.pop("ScalingConfig")
    properties["BatchSize"] = 3
    stack.update(resources, outputs)
    mapping = client.get_event_source_mapping(UUID=told["Id"])
    assert mapping["BatchSize"] == 3
    assert "ScalingConfig" not in mapping
    stack.delete()
    assert client.list_event_source_mappings()["EventSourceMappings"] == []


def test_a_layer_comes_from_a_bucket_and_is_found_by_its_function(
    stack: Stack, client: Any, fogline: Account
) -> None:
    s3 = fogline.client("s3")
    s3.create_bucket(Bucket=f"layers-{fogline.id}")
    body = make_zip_of({"python/shared.py": "WORD = 'from the layer'\n"})
    s3.put_object(Bucket=f"layers-{fogline.id}", Key="l.zip", Body=body)
    code = "import shared\ndef handler(event, context):\n    return shared.WORD\n"
    resources = {
        "L": {
            "Type": "AWS::Lambda::LayerVersion",
            "Properties": {"Content": {"S3Bucket": f"layers-{fogline.id}", "S3Key": "l.zip"}},
        },
        "F": _function(Code={"ZipFile": code}, Layers=[{"Ref": "L"}]),
    }
    told = stack.create(resources, {"Name": {"Ref": "F"}})
    assert _answer(client, told["Name"]) == "from the layer"
    stack.delete()
    assert client.list_layers()["Layers"] == []


@pytest.mark.parametrize(
    ("runtime", "code"),
    [
        (
            "python3.11",
            "import cfnresponse\n"
            "def handler(event, context):\n"
            "    cfnresponse.send(event, context, cfnresponse.SUCCESS, {'Word': 'hello'}, 'id')\n",
        ),
        (
            "nodejs22.x",
            "const response = require('cfn-response');\n"
            "exports.handler = (event, context) =>\n"
            "  response.send(event, context, response.SUCCESS, {Word: 'hello'}, 'id');\n",
        ),
    ],
)
def test_inline_code_can_answer_for_a_custom_resource(
    stack: Stack, runtime: str, code: str
) -> None:
    resources = {
        "F": _function(Code={"ZipFile": code}, Runtime=runtime),
        "C": {
            "Type": "Custom::Thing",
            "Properties": {"ServiceToken": {"Fn::GetAtt": "F.Arn"}},
        },
    }
    told = stack.create(resources, {"Word": {"Fn::GetAtt": "C.Word"}, "Id": {"Ref": "C"}})
    assert told == {"Word": "hello", "Id": "id"}


def test_images_are_refused_before_anything_is_made(stack: Stack, client: Any) -> None:
    resources = {
        "F": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Role": "arn:aws:iam::000000000000:role/r",
                "PackageType": "Image",
                "Code": {"ImageUri": "somewhere"},
            },
        }
    }
    with pytest.raises(AssertionError, match="container images"):
        stack.create(resources, {})
    assert client.list_functions()["Functions"] == []
