"""Settings that stand beside a function: runtime management and recursive loops."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.services.lambda_.conftest import MakeFunction

from fogline.testing.plugin import Account


def test_a_runtime_is_kept_up_to_date_unless_told_otherwise(
    client: Any, make_function: MakeFunction
) -> None:
    made = make_function("f")
    shown = client.get_runtime_management_config(FunctionName="f")
    assert shown["UpdateRuntimeOn"] == "Auto"
    assert shown["FunctionArn"] == f"{made['FunctionArn']}:$LATEST"
    assert "RuntimeVersionArn" not in shown
    client.put_runtime_management_config(FunctionName="f", UpdateRuntimeOn="FunctionUpdate")
    shown = client.get_runtime_management_config(FunctionName="f")
    assert shown["UpdateRuntimeOn"] == "FunctionUpdate"


def test_a_version_is_held_to_the_runtime_it_has(client: Any, make_function: MakeFunction) -> None:
    runtime = make_function("f", Publish=True)["RuntimeVersionConfig"]["RuntimeVersionArn"]
    held = client.put_runtime_management_config(
        FunctionName="f", Qualifier="1", UpdateRuntimeOn="Manual", RuntimeVersionArn=runtime
    )
    assert held["RuntimeVersionArn"] == runtime
    shown = client.get_runtime_management_config(FunctionName="f", Qualifier="1")
    assert (shown["UpdateRuntimeOn"], shown["RuntimeVersionArn"]) == ("Manual", runtime)
    assert client.get_runtime_management_config(FunctionName="f")["UpdateRuntimeOn"] == "Auto"


@pytest.mark.parametrize(
    "setting",
    [
        {"UpdateRuntimeOn": "Manual"},
        {"UpdateRuntimeOn": "Auto", "RuntimeVersionArn": "arn:aws:lambda:us-east-1::runtime:a"},
        {"UpdateRuntimeOn": "Manual", "RuntimeVersionArn": "arn:aws:lambda:us-east-1::runtime:a"},
    ],
)
def test_a_runtime_that_is_not_here_is_refused(
    client: Any, make_function: MakeFunction, setting: dict[str, str]
) -> None:
    make_function("f")
    with pytest.raises(ClientError) as refused:
        client.put_runtime_management_config(FunctionName="f", **setting)
    assert refused.value.response["Error"]["Code"] == "InvalidParameterValueException"


def test_what_is_wanted_of_loops_is_kept(client: Any, make_function: MakeFunction) -> None:
    make_function("f")
    assert client.get_function_recursion_config(FunctionName="f")["RecursiveLoop"] == "Terminate"
    client.put_function_recursion_config(FunctionName="f", RecursiveLoop="Allow")
    assert client.get_function_recursion_config(FunctionName="f")["RecursiveLoop"] == "Allow"


def test_a_stack_sets_both_and_takes_them_back(fogline: Account, client: Any) -> None:
    properties = {
        "FunctionName": "f",
        "Runtime": "python3.11",
        "Handler": "index.handler",
        "Role": f"arn:aws:iam::{fogline.id}:role/anybody",
        "Code": {"ZipFile": "def handler(event, context): pass"},
    }
    settings = {
        "RecursiveLoop": "Allow",
        "RuntimeManagementConfig": {"UpdateRuntimeOn": "FunctionUpdate"},
    }
    stacks = fogline.client("cloudformation")

    def body(extra: dict[str, Any]) -> str:
        function = {"Type": "AWS::Lambda::Function", "Properties": {**properties, **extra}}
        return json.dumps({"Resources": {"F": function}})

    def seen() -> tuple[str, str]:
        fogline.platform.settle()
        runtime = client.get_runtime_management_config(FunctionName="f")["UpdateRuntimeOn"]
        return runtime, client.get_function_recursion_config(FunctionName="f")["RecursiveLoop"]

    stacks.create_stack(StackName="s", TemplateBody=body(settings))
    assert seen() == ("FunctionUpdate", "Allow")
    stacks.update_stack(StackName="s", TemplateBody=body({}))
    assert seen() == ("Auto", "Terminate")
