"""The types CloudFormation owns: wait conditions, CDK's metadata, nested stacks, custom resources."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable
from typing import Any

Make = Callable[..., dict[str, Any]]

WAITING = """
Resources:
  Handle: {Type: 'AWS::CloudFormation::WaitConditionHandle'}
  Ready: {Type: 'AWS::CloudFormation::WaitCondition', Properties: {Handle: !Ref Handle, Timeout: "60", Count: 2}}
  Q: {Type: 'AWS::SQS::Queue', DependsOn: Ready}
Outputs: {Url: {Value: !Ref Handle}, Data: {Value: !GetAtt Ready.Data}}
"""


def signal(url: str, status: str, unique_id: str) -> None:
    body = json.dumps({"Status": status, "UniqueId": unique_id, "Data": "d", "Reason": "because"})
    request = urllib.request.Request(url, body.encode(), method="PUT")
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 200


def handle(cloudformation: Any) -> str:
    found = cloudformation.describe_stack_resource(StackName="shop", LogicalResourceId="Handle")
    url: str = found["StackResourceDetail"]["PhysicalResourceId"]
    return url


def test_a_wait_condition_waits_for_its_signals(
    make_stack: Make, cloudformation: Any, describe: Make
) -> None:
    assert make_stack(WAITING)["StackStatus"] == "CREATE_IN_PROGRESS"
    signal(handle(cloudformation), "SUCCESS", "one")
    signal(handle(cloudformation), "SUCCESS", "one")
    assert describe("shop")["StackStatus"] == "CREATE_IN_PROGRESS"
    signal(handle(cloudformation), "SUCCESS", "two")
    stack = describe("shop")
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    assert stack["Outputs"][0]["OutputValue"] == '{"one":"d","two":"d"}'


def test_a_wait_condition_fails_with_a_signal(
    make_stack: Make, cloudformation: Any, describe: Make
) -> None:
    make_stack(WAITING)
    signal(handle(cloudformation), "FAILURE", "one")
    assert describe("shop")["StackStatus"] == "ROLLBACK_COMPLETE"


def test_a_wait_condition_runs_out_of_time(fogline: Any, make_stack: Make, describe: Make) -> None:
    make_stack(WAITING)
    fogline.platform.advance(seconds=59)
    assert describe("shop")["StackStatus"] == "CREATE_IN_PROGRESS"
    fogline.platform.advance(seconds=1)
    assert describe("shop")["StackStatus"] == "ROLLBACK_COMPLETE"


def test_a_stack_that_waits_can_be_deleted(
    make_stack: Make, cloudformation: Any, describe: Make
) -> None:
    stack = make_stack(WAITING)
    cloudformation.delete_stack(StackName="shop")
    assert describe(stack["StackId"])["StackStatus"] == "DELETE_COMPLETE"
    assert "Ready" in cloudformation.get_template(StackName=stack["StackId"])["TemplateBody"]


def test_a_creation_with_a_time_limit_is_rolled_back(
    fogline: Any, make_stack: Make, describe: Make
) -> None:
    make_stack(WAITING.replace('"60"', '"600"'), TimeoutInMinutes=1)
    fogline.platform.advance(seconds=60)
    assert describe("shop")["StackStatus"] == "ROLLBACK_COMPLETE"


def test_cdk_metadata_does_nothing(make_stack: Make) -> None:
    stack = make_stack(
        "Resources: {M: {Type: 'AWS::CDK::Metadata', Properties: {Analytics: 'v2:x'}}}"
    )
    assert stack["StackStatus"] == "CREATE_COMPLETE"


def test_an_answer_nobody_waits_for_is_refused_or_kept(fogline: Any) -> None:
    base = fogline.platform.endpoint + "/_fogline/cloudformation/responses/"
    for path, method, body, status in (
        ("", "PUT", b"{}", 404),
        ("UPPER", "PUT", b"{}", 404),
        ("abc", "GET", None, 405),
        ("abc", "PUT", b"text", 400),
        ("abc", "PUT", b'{"Status": "MAYBE"}', 400),
        ("abc", "PUT", b'{"Status": "SUCCESS"}' + b" " * 70_000, 413),
    ):
        request = urllib.request.Request(base + path, body, method=method)
        try:
            with urllib.request.urlopen(request) as answer:
                found = answer.status
        except urllib.error.HTTPError as refused:
            found = refused.code
            refused.close()
        assert found == status, (path, method)


def test_an_update_that_waits_can_be_cancelled(
    make_stack: Make, update_stack: Make, cloudformation: Any, describe: Make, sqs: Any
) -> None:
    make_stack("Resources: {Q: {Type: 'AWS::SQS::Queue', Properties: {QueueName: q}}}")
    waiting = WAITING.replace("Q: {Type: 'AWS::SQS::Queue', DependsOn: Ready}", "").replace(
        "Resources:",
        "Resources:\n  Q: {Type: 'AWS::SQS::Queue', Properties: {QueueName: q, DelaySeconds: 3}}",
    )
    assert update_stack(waiting)["StackStatus"] == "UPDATE_IN_PROGRESS"
    cloudformation.cancel_update_stack(StackName="shop")
    assert describe("shop")["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    url = sqs.get_queue_url(QueueName="q")["QueueUrl"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["DelaySeconds"])
    assert found["Attributes"]["DelaySeconds"] == "0"
    resources = cloudformation.describe_stack_resources(StackName="shop")["StackResources"]
    assert [each["LogicalResourceId"] for each in resources] == ["Q"]
