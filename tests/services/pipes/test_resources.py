"""Stacks with pipes."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from tests.services.pipes.conftest import MakeQueue

from fogline.testing.plugin import Account

QUEUES = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Source: {Type: AWS::SQS::Queue, Properties: {QueueName: in}}
  Target: {Type: AWS::SQS::Queue, Properties: {QueueName: out}}
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: [{Effect: Allow, Principal: {Service: pipes.amazonaws.com}, Action: "sts:AssumeRole"}]
  Pipe:
    Type: AWS::Pipes::Pipe
    Properties:
      RoleArn: !GetAtt Role.Arn
      Source: !GetAtt Source.Arn
      Target: !GetAtt Target.Arn
      SourceParameters:
        SqsQueueParameters: {BatchSize: 1}
        FilterCriteria: {Filters: [{Pattern: '{"body": {"kind": ["order"]}}'}]}
      TargetParameters:
        InputTemplate: '{"id": <$.body.id>}'
      Tags: {team: a}
Outputs:
  Name: {Value: !Ref Pipe}
  Arn: {Value: !GetAtt Pipe.Arn}
  State: {Value: !GetAtt Pipe.CurrentState}
"""

STREAM = """
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      BillingMode: PAY_PER_REQUEST
      TableName: orders
      StreamSpecification: {StreamViewType: NEW_IMAGE}
  Target: {Type: AWS::SQS::Queue, Properties: {QueueName: out}}
  Pipe:
    Type: AWS::Pipes::Pipe
    Properties:
      Name: changes
      RoleArn: !Sub arn:aws:iam::${AWS::AccountId}:role/pipes
      Source: !GetAtt Table.StreamArn
      SourceParameters:
        DynamoDBStreamParameters: {StartingPosition: LATEST, BatchSize: 1}
      Target: !GetAtt Target.Arn
      TargetParameters: {InputTemplate: "<$.dynamodb.NewImage.id.S>"}
"""

Deploy = Callable[[str], dict[str, str]]


@pytest.fixture
def deploy(fogline: Account, client: Any) -> Deploy:
    cloudformation = fogline.client("cloudformation")

    def do(template: str) -> dict[str, str]:
        names = [each["StackName"] for each in cloudformation.describe_stacks()["Stacks"]]
        settings = {
            "StackName": "pipes",
            "TemplateBody": template,
            "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        }
        act = cloudformation.update_stack if "pipes" in names else cloudformation.create_stack
        act(**settings)
        fogline.platform.settle()
        [stack] = cloudformation.describe_stacks(StackName="pipes")["Stacks"]
        assert stack["StackStatus"] in ("CREATE_COMPLETE", "UPDATE_COMPLETE"), stack
        return {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}

    return do


def test_a_stack_makes_a_pipe_that_runs(
    fogline: Account, client: Any, deploy: Deploy, make_queue: MakeQueue
) -> None:
    made = deploy(QUEUES)
    assert made["Arn"] == f"arn:aws:pipes:us-east-1:{fogline.id}:pipe/{made['Name']}"
    assert made["Name"].startswith("pipes-Pipe-")
    found = client.describe_pipe(Name=made["Name"])
    assert found["Tags"]["team"] == "a"
    assert found["Tags"]["aws:cloudformation:stack-name"] == "pipes"
    make_queue("in").send({"kind": "order", "id": 1}, {"kind": "noise"})
    assert make_queue("out").bodies() == [{"id": 1}]


def test_a_stack_changes_its_pipe_in_place(
    client: Any, deploy: Deploy, make_queue: MakeQueue
) -> None:
    before = deploy(QUEUES)
    changed = QUEUES.replace("'{\"id\": <$.body.id>}'", "<$.body.id>").replace(
        '        FilterCriteria: {Filters: [{Pattern: \'{"body": {"kind": ["order"]}}\'}]}\n', ""
    )
    assert changed.count("\n") == QUEUES.count("\n") - 1
    assert deploy(changed)["Name"] == before["Name"]
    make_queue("in").send({"kind": "noise", "id": 2})
    assert make_queue("out").bodies() == [2]
    assert "FilterCriteria" not in client.describe_pipe(Name=before["Name"])["SourceParameters"]


def test_what_a_template_does_not_say_any_more_is_gone_from_its_pipe(
    client: Any, deploy: Deploy
) -> None:
    name = deploy(QUEUES)["Name"]
    changed = QUEUES.replace(
        "      TargetParameters:\n        InputTemplate: '{\"id\": <$.body.id>}'\n", ""
    ).replace("      Tags: {team: a}\n", "")
    deploy(changed)
    found = client.describe_pipe(Name=name)
    assert "TargetParameters" not in found
    assert "team" not in found["Tags"]


def test_a_stack_that_goes_takes_its_pipe_along(
    fogline: Account, client: Any, deploy: Deploy
) -> None:
    deploy(QUEUES)
    fogline.client("cloudformation").delete_stack(StackName="pipes")
    fogline.platform.settle()
    assert client.list_pipes()["Pipes"] == []


def test_a_pipe_from_a_table_of_the_same_stack_reads_its_changes(
    fogline: Account, deploy: Deploy, make_queue: MakeQueue
) -> None:
    deploy(STREAM)
    fogline.client("dynamodb").put_item(TableName="orders", Item={"id": {"S": "a"}})
    assert make_queue("out").bodies() == ["a"]


def test_a_table_event_of_a_serverless_function_reads_its_changes(
    fogline: Account, deploy: Deploy
) -> None:
    template = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      BillingMode: PAY_PER_REQUEST
      TableName: orders
      StreamSpecification: {StreamViewType: NEW_IMAGE}
  Letters: {Type: AWS::SQS::Queue}
  Function:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: projection
      Runtime: python3.11
      Timeout: 20
      Handler: index.handler
      InlineCode: |
        def handler(event, context):
            print("batch", [r["dynamodb"]["Keys"]["id"]["S"] for r in event["Records"]])
      Events:
        Changes:
          Type: DynamoDB
          Properties:
            Stream: !GetAtt Table.StreamArn
            StartingPosition: TRIM_HORIZON
            BatchSize: 10
            BisectBatchOnFunctionError: true
            MaximumRetryAttempts: 2
            FilterCriteria: {Filters: [{Pattern: '{"eventName": ["INSERT"]}'}]}
            FunctionResponseTypes: [ReportBatchItemFailures]
            DestinationConfig: {OnFailure: {Type: SQS, Destination: !GetAtt Letters.Arn}}
"""
    deploy(template)
    fogline.client("dynamodb").put_item(TableName="orders", Item={"id": {"S": "a"}})
    fogline.platform.settle()
    found = fogline.client("logs").filter_log_events(
        logGroupName="/aws/lambda/projection", filterPattern="batch"
    )
    assert [json.dumps(each["message"]) for each in found["events"]] == ["\"batch ['a']\\n\""]
