"""Nested stacks, and templates that are fetched from S3."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

Make = Callable[..., dict[str, Any]]

CHILD = """
Parameters: {Name: {Type: String}, Delay: {Type: Number, Default: 0}}
Resources: {Q: {Type: 'AWS::SQS::Queue', Properties: {QueueName: !Ref Name, DelaySeconds: !Ref Delay}}}
Outputs: {Arn: {Value: !GetAtt Q.Arn}}
"""
PARENT = """
Resources:
  Child:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: https://s3.amazonaws.com/templates/child.yaml
      Parameters: {Name: !Sub '${AWS::StackName}-inner', Delay: 1}
  Q:
    Type: AWS::SQS::Queue
    Properties: {RedrivePolicy: {deadLetterTargetArn: !GetAtt Child.Outputs.Arn, maxReceiveCount: 3}}
Outputs: {Arn: {Value: !GetAtt Child.Outputs.Arn}, Id: {Value: !Ref Child}}
"""


@pytest.fixture(autouse=True)
def templates(fogline: Any, bucket_name: str) -> Any:
    """A bucket with the template of the child."""
    s3 = fogline.client("s3")
    s3.create_bucket(Bucket=bucket_name)
    s3.put_object(Bucket=bucket_name, Key="child.yaml", Body=CHILD.encode())
    return s3


@pytest.fixture
def bucket_name(fogline: Any) -> str:
    return f"templates-{fogline.id}"


@pytest.fixture
def parent(bucket_name: str) -> str:
    return PARENT.replace("/templates/", f"/{bucket_name}/")


def test_a_nested_stack_is_a_resource_with_outputs(
    parent: str, make_stack: Make, cloudformation: Any
) -> None:
    stack = make_stack(parent)
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    outputs = {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}
    assert outputs["Arn"].endswith(":shop-inner")
    child = cloudformation.describe_stacks(StackName=outputs["Id"])["Stacks"][0]
    assert (child["ParentId"], child["RootId"]) == (stack["StackId"], stack["StackId"])
    assert child["StackName"].startswith("shop-Child-")


def test_a_nested_stack_is_updated_with_its_parent(
    parent: str, make_stack: Make, update_stack: Make, sqs: Any
) -> None:
    make_stack(parent)
    stack = update_stack(parent.replace("Delay: 1", "Delay: 2"))
    assert stack["StackStatus"] == "UPDATE_COMPLETE"
    url = sqs.get_queue_url(QueueName="shop-inner")["QueueUrl"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["DelaySeconds"])
    assert found["Attributes"]["DelaySeconds"] == "2"


def test_a_nested_stack_that_fails_fails_its_parent(
    parent: str, make_stack: Make, cloudformation: Any, sqs: Any
) -> None:
    stack = make_stack(parent.replace("Delay: 1", "Delay: 99999"))
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    found = cloudformation.describe_stack_events(StackName="shop")["StackEvents"]
    reasons = [each.get("ResourceStatusReason", "") for each in found]
    assert any("was not successfully created" in reason for reason in reasons)
    assert "QueueUrls" not in sqs.list_queues()


def test_a_nested_stack_is_deleted_with_its_parent(
    parent: str, make_stack: Make, cloudformation: Any, describe: Make
) -> None:
    stack = make_stack(parent)
    cloudformation.delete_stack(StackName="shop")
    assert describe(stack["StackId"])["StackStatus"] == "DELETE_COMPLETE"
    assert cloudformation.describe_stacks()["Stacks"] == []


@pytest.mark.parametrize(
    "form",
    [
        "https://s3.amazonaws.com/{bucket}/child.yaml",
        "https://s3.us-east-1.amazonaws.com/{bucket}/child.yaml",
        "https://{bucket}.s3.amazonaws.com/child.yaml",
        "https://{bucket}.s3.us-east-1.amazonaws.com/child.yaml",
        "{endpoint}/{bucket}/child.yaml",
        "http://{bucket}.s3.localhost:4566/child.yaml",
    ],
)
def test_a_template_is_fetched_by_every_form_of_its_url(
    fogline: Any, cloudformation: Any, describe: Make, bucket_name: str, form: str
) -> None:
    url = form.format(bucket=bucket_name, endpoint=fogline.platform.endpoint)
    cloudformation.create_stack(
        StackName="shop",
        TemplateURL=url,
        Parameters=[{"ParameterKey": "Name", "ParameterValue": "fetched"}],
    )
    assert describe("shop")["StackStatus"] == "CREATE_COMPLETE"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("https://example.com/child.yaml", "TemplateURL must be a supported URL."),
        (
            "s3://some-bucket/x",
            "S3 error: Domain name specified in some-bucket is not a valid S3 domain",
        ),
        (
            "https://s3.amazonaws.com/no-such-bucket-here/x",
            "S3 bucket [no-such-bucket-here] does not exist.",
        ),
        ("ftp://x/y", "TemplateURL must be a supported URL."),
    ],
)
def test_a_url_that_leads_nowhere_is_refused(cloudformation: Any, url: str, message: str) -> None:
    with pytest.raises(ClientError) as refused:
        cloudformation.validate_template(TemplateURL=url)
    assert refused.value.response["Error"]["Message"] == message


def test_an_included_file_is_expanded(
    templates: Any, bucket_name: str, make_stack: Make, cloudformation: Any
) -> None:
    templates.put_object(Bucket=bucket_name, Key="part.yaml", Body=b"DelaySeconds: 7\n")
    template = (
        "Resources: {Q: {Type: 'AWS::SQS::Queue', Properties: {QueueName: q, 'Fn::Transform': "
        f"{{Name: 'AWS::Include', Parameters: {{Location: 's3://{bucket_name}/part.yaml'}}}}}}}}}}"
    )
    make_stack(template, Capabilities=["CAPABILITY_AUTO_EXPAND"])
    found = cloudformation.get_template(StackName="shop", TemplateStage="Processed")
    assert found["TemplateBody"]["Resources"]["Q"]["Properties"] == {
        "QueueName": "q",
        "DelaySeconds": 7,
    }
