"""Buckets and their policies as parts of a stack."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from fogline.testing.plugin import Account

# What `sam deploy --resolve-s3` asks for, in its own words.
MANAGED = """
Resources:
  SourceBucket:
    Type: AWS::S3::Bucket
    Properties:
      VersioningConfiguration: {Status: Enabled}
      BucketEncryption:
        ServerSideEncryptionConfiguration:
          - ServerSideEncryptionByDefault: {SSEAlgorithm: "aws:kms"}
      PublicAccessBlockConfiguration:
        BlockPublicPolicy: "true"
        BlockPublicAcls: "true"
        IgnorePublicAcls: "true"
        RestrictPublicBuckets: "true"
      Tags: [{Key: ManagedStackSource, Value: Cli}]
  SourceBucketPolicy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref SourceBucket
      PolicyDocument:
        Statement:
          - Action: ["s3:GetObject"]
            Effect: Allow
            Resource: !Join ["", [!GetAtt SourceBucket.Arn, "/*"]]
            Principal: {Service: serverlessrepo.amazonaws.com}
Outputs:
  SourceBucket: {Value: !Ref SourceBucket}
  Domain: {Value: !GetAtt SourceBucket.RegionalDomainName}
"""


def deploy(fogline: Account, template: str, verb: str = "create") -> dict[str, Any]:
    cloudformation = fogline.client("cloudformation")
    getattr(cloudformation, f"{verb}_stack")(StackName="shop", TemplateBody=template)
    fogline.platform.settle()
    stack: dict[str, Any] = cloudformation.describe_stacks(StackName="shop")["Stacks"][0]
    return stack


def outputs(stack: dict[str, Any]) -> dict[str, str]:
    return {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}


def test_a_bucket_has_what_its_template_says(fogline: Account, s3: Any) -> None:
    stack = deploy(fogline, MANAGED)
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    name = outputs(stack)["SourceBucket"]
    assert name.startswith("shop-sourcebucket-")
    port = fogline.platform.endpoint.rpartition(":")[2]
    assert outputs(stack)["Domain"] == f"{name}.s3.us-east-1.localhost:{port}", "it answers here"
    assert s3.get_bucket_versioning(Bucket=name)["Status"] == "Enabled"
    rule = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "aws:kms"}
    blocked = s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]
    assert set(blocked.values()) == {True}
    tags = {tag["Key"]: tag["Value"] for tag in s3.get_bucket_tagging(Bucket=name)["TagSet"]}
    assert tags["ManagedStackSource"] == "Cli"
    assert tags["aws:cloudformation:logical-id"] == "SourceBucket"
    policy = json.loads(s3.get_bucket_policy(Bucket=name)["Policy"])
    assert policy["Statement"][0]["Resource"] == f"arn:aws:s3:::{name}/*"


def test_a_changed_bucket_keeps_its_objects(fogline: Account, s3: Any) -> None:
    before = """
Resources:
  Box:
    Type: AWS::S3::Bucket
    Properties:
      CorsConfiguration: {CorsRules: [{AllowedMethods: [GET], AllowedOrigins: ["*"], MaxAge: "5"}]}
Outputs:
  Box: {Value: !Ref Box}
"""
    after = """
Resources:
  Box:
    Type: AWS::S3::Bucket
    Properties:
      LifecycleConfiguration:
        Rules: [{Id: old, Status: Enabled, Prefix: logs/, ExpirationInDays: "30"}]
Outputs:
  Box: {Value: !Ref Box}
"""
    name = outputs(deploy(fogline, before))["Box"]
    assert s3.get_bucket_cors(Bucket=name)["CORSRules"][0]["MaxAgeSeconds"] == 5
    s3.put_object(Bucket=name, Key="k", Body=b"kept")
    stack = deploy(fogline, after, "update")
    assert (stack["StackStatus"], outputs(stack)["Box"]) == ("UPDATE_COMPLETE", name)
    with pytest.raises(ClientError):
        s3.get_bucket_cors(Bucket=name)
    rule = s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"][0]
    assert rule["Expiration"] == {"Days": 30}
    assert rule["Filter"] == {"Prefix": "logs/"}
    assert s3.get_object(Bucket=name, Key="k")["Body"].read() == b"kept"


def test_a_bucket_that_is_there_already_is_not_adopted(
    fogline: Account, s3: Any, bucket: str
) -> None:
    template = f"""
Resources:
  Box:
    Type: AWS::S3::Bucket
    Properties: {{BucketName: {bucket}}}
"""
    assert deploy(fogline, template)["StackStatus"] == "ROLLBACK_COMPLETE"
    s3.head_bucket(Bucket=bucket)


NOTIFYING = """
Resources:
  News:
    Type: AWS::SQS::Queue
    Properties: {QueueName: news}
  Box:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: notifying
      NotificationConfiguration:
"""
BOTH = """
        QueueConfigurations:
          - Event: s3:ObjectCreated:*
            Queue: !GetAtt News.Arn
            Filter: {S3Key: {Rules: [{Name: suffix, Value: .png}]}}
        EventBridgeConfiguration: {EventBridgeEnabled: true}
"""
BRIDGE_OFF = """
        QueueConfigurations:
          - Event: s3:ObjectRemoved:*
            Queue: !GetAtt News.Arn
        EventBridgeConfiguration: {EventBridgeEnabled: "false"}
"""


def test_a_bucket_notifies_as_its_template_says(fogline: Account, s3: Any) -> None:
    stack = deploy(fogline, NOTIFYING + BOTH)
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    found = s3.get_bucket_notification_configuration(Bucket="notifying")
    (entry,) = found["QueueConfigurations"]
    assert entry["Events"] == ["s3:ObjectCreated:*"]
    assert entry["Filter"]["Key"]["FilterRules"] == [{"Name": "Suffix", "Value": ".png"}]
    assert "EventBridgeConfiguration" in found
    deploy(fogline, NOTIFYING + BRIDGE_OFF, "update")
    found = s3.get_bucket_notification_configuration(Bucket="notifying")
    assert found["QueueConfigurations"][0]["Events"] == ["s3:ObjectRemoved:*"]
    assert "EventBridgeConfiguration" not in found
    deploy(fogline, NOTIFYING.replace("      NotificationConfiguration:\n", ""), "update")
    found = s3.get_bucket_notification_configuration(Bucket="notifying")
    assert "QueueConfigurations" not in found


@pytest.mark.parametrize(
    ("configuration", "reason"),
    [
        ("text", "expected type: JSONObject, found: text"),
        ("{QueueConfigurations: text}", "expected type: JSONArray, found: text"),
        ("{QueueConfigurations: [{Queue: q, Event: e, Filter: 5}]}", "expected type: JSONObject"),
        ("{QueueConfigurations: [{Queue: q}]}", "not well-formed"),
        ("{EventBridgeConfiguration: {EventBridgeEnabled: maybe}}", "expected type: Boolean"),
    ],
)
def test_notifications_of_another_shape_are_refused(
    fogline: Account, configuration: str, reason: str
) -> None:
    template = f"""
Resources:
  Box:
    Type: AWS::S3::Bucket
    Properties: {{NotificationConfiguration: {configuration}}}
"""
    assert deploy(fogline, template)["StackStatus"] == "ROLLBACK_COMPLETE"
    events = fogline.client("cloudformation").describe_stack_events(StackName="shop")
    reasons = [event.get("ResourceStatusReason", "") for event in events["StackEvents"]]
    assert any(reason in each for each in reasons)


UPLOADED = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Uploads:
    Type: AWS::S3::Bucket
    Properties: {BucketName: uploads}
  Listener:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.12
      Timeout: 20
      Handler: index.handler
      InlineCode: |
        def handler(event, context):
            return None
      Events:
        Upload:
          Type: S3
          Properties:
            Bucket: !Ref Uploads
            Events: [s3:ObjectCreated:Put, s3:ObjectRemoved:*]
            Filter: {S3Key: {Rules: [{Name: prefix, Value: in/}]}}
"""


def test_a_function_of_sam_listens_to_a_bucket(fogline: Account, s3: Any) -> None:
    cloudformation = fogline.client("cloudformation")
    cloudformation.create_stack(
        StackName="shop",
        TemplateBody=UPLOADED,
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    fogline.platform.settle()
    stack = cloudformation.describe_stacks(StackName="shop")["Stacks"][0]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    found = s3.get_bucket_notification_configuration(Bucket="uploads")
    entries = found["LambdaFunctionConfigurations"]
    assert sorted(entry["Events"][0] for entry in entries) == [
        "s3:ObjectCreated:Put",
        "s3:ObjectRemoved:*",
    ]
    assert all(":function:shop-Listener-" in entry["LambdaFunctionArn"] for entry in entries)
