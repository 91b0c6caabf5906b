"""Custom resources: asked through a function of the user's, answered at a URL."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

Make = Callable[..., dict[str, Any]]

CODE = """
import json, urllib.request

def handler(event, context):
    properties = event["ResourceProperties"]
    print(event["RequestType"], event.get("PhysicalResourceId"))
    is_stuck = event["RequestType"] == "Update" and properties.get("Size") == "stuck"
    answer = {
        "Status": "FAILED" if properties.get("Fail") in ("true", event["RequestType"]) or is_stuck else "SUCCESS",
        "Reason": "as asked",
        "PhysicalResourceId": "thing-" + properties["Name"],
        "StackId": event["StackId"], "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
        "Data": {"Kind": event["RequestType"], "Count": properties.get("Count", "none"), "In": {"Side": "x"}},
    }
    request = urllib.request.Request(event["ResponseURL"], json.dumps(answer).encode(), method="PUT")
    urllib.request.urlopen(request).close()
"""

TEMPLATE = """
Resources:
  Thing:
    Type: Custom::Thing
    Properties: {{ServiceToken: '{arn}', Name: {name}, Count: 3, Fail: {fail}}}
Outputs:
  Id: {{Value: !Ref Thing}}
  Kind: {{Value: !GetAtt Thing.Kind}}
  Count: {{Value: !GetAtt Thing.Count}}
  Side: {{Value: !GetAtt Thing.In.Side}}
"""


# As the handlers of the CDK do: neither the scheme nor the port of the URL is looked at.
NODE_CODE = """
const https = require("https");

exports.handler = (event) => new Promise((resolve, reject) => {
  const url = new URL(event.ResponseURL);
  const answer = JSON.stringify({
    Status: "SUCCESS", PhysicalResourceId: "node-thing", StackId: event.StackId, RequestId: event.RequestId,
    LogicalResourceId: event.LogicalResourceId, Data: {Kind: event.RequestType, Count: "3", In: {Side: "x"}},
  });
  const headers = {"content-type": "", "content-length": Buffer.byteLength(answer)};
  const request = https.request({hostname: url.hostname, path: url.pathname, method: "PUT", headers}, (found) => {
    found.resume();
    resolve();
  });
  request.on("error", reject);
  request.end(answer);
});
"""


def archive_of(file_name: str, code: str) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr(file_name, code)
    return archive.getvalue()


def make_function(fogline: Any, runtime: str, file_name: str, code: str) -> str:
    made = fogline.client("lambda").create_function(
        FunctionName="things",
        Runtime=runtime,
        Handler="app.handler",
        Role="arn:aws:iam::000000000000:role/r",
        Code={"ZipFile": archive_of(file_name, code)},
        Timeout=20,
    )
    arn: str = made["FunctionArn"]
    return arn


@pytest.fixture
def function(fogline: Any) -> str:
    """The ARN of a function that answers."""
    return make_function(fogline, "python3.11", "app.py", CODE)


def test_a_handler_may_take_only_host_and_path_from_the_url(fogline: Any, make_stack: Make) -> None:
    arn = make_function(fogline, "nodejs20.x", "app.js", NODE_CODE)
    stack = make_stack(TEMPLATE.format(arn=arn, name="a", fail="false"))
    assert stack["StackStatus"] == "CREATE_COMPLETE"


def test_a_function_makes_the_resource(function: str, make_stack: Make) -> None:
    stack = make_stack(TEMPLATE.format(arn=function, name="a", fail="false"))
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    outputs = {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}
    assert outputs == {"Id": "thing-a", "Kind": "Create", "Count": "3", "Side": "x"}


def test_a_function_refuses(function: str, make_stack: Make, cloudformation: Any) -> None:
    stack = make_stack(TEMPLATE.format(arn=function, name="a", fail="true"))
    assert stack["StackStatus"].startswith("ROLLBACK")
    found = cloudformation.describe_stack_events(StackName="shop")["StackEvents"]
    reasons = [each.get("ResourceStatusReason", "") for each in found]
    assert any(
        reason.startswith(
            "Received response status [FAILED] from custom resource. Message returned: as asked"
        )
        for reason in reasons
    )


def asked_of(fogline: Any) -> list[str]:
    """What the function was asked to do, in order."""
    found = fogline.client("logs").filter_log_events(logGroupName="/aws/lambda/things")["events"]
    lines = [each["message"].strip() for each in found]
    return [line for line in lines if line.split()[0] in ("Create", "Update", "Delete")]


def test_what_a_failed_creation_left_behind_is_deleted(
    fogline: Any, function: str, make_stack: Make, events: Callable[..., Any]
) -> None:
    stack = make_stack(TEMPLATE.format(arn=function, name="a", fail="Create"))
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert asked_of(fogline) == ["Create None", "Delete thing-a"]
    assert ("Thing", "DELETE_COMPLETE") in events(stack["StackId"])


def test_another_physical_id_replaces_the_resource(
    function: str, make_stack: Make, update_stack: Make, events: Callable[..., Any]
) -> None:
    make_stack(TEMPLATE.format(arn=function, name="a", fail="false"))
    stack = update_stack(TEMPLATE.format(arn=function, name="b", fail="false"))
    assert stack["StackStatus"] == "UPDATE_COMPLETE"
    outputs = {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}
    assert (outputs["Id"], outputs["Kind"]) == ("thing-b", "Update")
    assert ("Thing", "DELETE_COMPLETE") in events()


def test_the_function_deletes_the_resource(
    function: str, make_stack: Make, cloudformation: Any, describe: Make
) -> None:
    stack = make_stack(TEMPLATE.format(arn=function, name="a", fail="false"))
    cloudformation.delete_stack(StackName="shop")
    assert describe(stack["StackId"])["StackStatus"] == "DELETE_COMPLETE"


def test_a_function_that_never_answers_is_given_up_after_its_time(
    fogline: Any, make_stack: Make, describe: Make, function: str
) -> None:
    template = TEMPLATE.format(arn=function, name="a", fail="false")
    make_stack(template.replace("Name: a", "Nome: a, ServiceTimeout: 60"))
    assert describe("shop")["StackStatus"] == "CREATE_IN_PROGRESS"
    fogline.platform.advance(seconds=60)
    assert describe("shop")["StackStatus"].startswith("ROLLBACK")


def test_a_token_that_names_nothing_fails_at_once(make_stack: Make) -> None:
    arn = "arn:aws:lambda:us-east-1:000000000000:function:nothing"
    stack = make_stack(TEMPLATE.format(arn=arn, name="a", fail="false"))
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"


STUCK = """
Resources:
  Thing: {{Type: Custom::Thing, Properties: {{ServiceToken: '{arn}', Name: a, Size: {size}}}}}
  Q: {{Type: 'AWS::SQS::Queue', DependsOn: Thing, Properties: {{DelaySeconds: {delay}}}}}
"""


def test_a_rollback_that_fails_can_be_continued_without_what_is_stuck(
    function: str, make_stack: Make, update_stack: Make, cloudformation: Any, describe: Make
) -> None:
    make_stack(STUCK.format(arn=function, size="stuck", delay=1))
    stack = update_stack(STUCK.format(arn=function, size="free", delay=99999))
    assert stack["StackStatus"] == "UPDATE_ROLLBACK_FAILED"
    cloudformation.continue_update_rollback(StackName="shop")
    assert describe("shop")["StackStatus"] == "UPDATE_ROLLBACK_FAILED"
    cloudformation.continue_update_rollback(StackName="shop", ResourcesToSkip=["Thing"])
    assert describe("shop")["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    stack = update_stack(STUCK.format(arn=function, size="free", delay=2))
    assert stack["StackStatus"] == "UPDATE_COMPLETE"


WITH_FUNCTION = """
Resources:
  Q: {{Type: 'AWS::SQS::Queue'}}
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement: {{Effect: Allow, Principal: {{Service: lambda.amazonaws.com}}, Action: 'sts:AssumeRole'}}
  Function:
    Type: AWS::Lambda::Function
    Properties:
      FunctionName: things
      Runtime: python3.11
      Handler: app.handler
      Timeout: 20
      Role: !GetAtt Role.Arn
      Code: {{S3Bucket: packages, S3Key: code}}
  Thing: {{Type: Custom::Thing, Properties: {{ServiceToken: !GetAtt Function.Arn, Name: a}}}}
"""


def test_a_function_taken_out_with_its_resource_is_deleted_after_it(
    fogline: Any, make_stack: Make, update_stack: Make, events: Callable[..., Any]
) -> None:
    s3 = fogline.client("s3")
    s3.create_bucket(Bucket="packages")
    s3.put_object(Bucket="packages", Key="code", Body=archive_of("app.py", CODE))
    stack = make_stack(WITH_FUNCTION.format(), Capabilities=["CAPABILITY_IAM"])
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    stack = update_stack("Resources: {Q: {Type: 'AWS::SQS::Queue'}}")
    assert stack["StackStatus"] == "UPDATE_COMPLETE"
    assert asked_of(fogline) == ["Create None", "Delete thing-a"]
    gone = [name for name, status in events() if status == "DELETE_COMPLETE"]
    assert gone == ["Thing", "Function", "Role"]
