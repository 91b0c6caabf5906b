"""Transforms: includes, language extensions, and the serverless transform."""

from typing import Any

import pytest

from fogline.services.cloudformation.document import read_document
from fogline.services.cloudformation.errors import ValidationError
from fogline.services.cloudformation.template import read_template
from fogline.services.cloudformation.transform import Surroundings, transform, transform_names


def fetch(location: str) -> str:
    if location != "s3://files/part.yml":
        raise ValidationError("S3 bucket [nothing] does not exist.")
    return "Properties:\n  QueueName: !Ref Name\n"


def run(text: str, **parameters: Any) -> dict[str, Any]:
    around = Surroundings("111122223333", "eu-west-1", parameters, fetch)
    return transform(read_document(text), around)


def test_an_included_file_is_merged_where_it_stands() -> None:
    processed = run(
        """
        Parameters: {Name: {Type: String}}
        Resources:
          Queue:
            Type: AWS::SQS::Queue
            Fn::Transform: {Name: AWS::Include, Parameters: {Location: s3://files/part.yml}}
        """,
        Name="orders",
    )
    assert processed["Resources"]["Queue"] == {
        "Type": "AWS::SQS::Queue",
        "Properties": {"QueueName": {"Ref": "Name"}},
    }


def test_a_failed_include_says_which_transform_failed() -> None:
    with pytest.raises(ValidationError) as refusal:
        run(
            "Resources: {A: {'Fn::Transform': {Name: 'AWS::Include', Parameters: {Location: 's3://nothing/x'}}}}"
        )
    assert (
        refusal.value.text
        == "Transform AWS::Include failed with: S3 bucket [nothing] does not exist."
    )


def test_a_macro_is_refused_by_name() -> None:
    with pytest.raises(ValidationError, match="No transform named 111122223333::Mine found"):
        run("Transform: Mine\nResources: {A: {Type: 'AWS::SQS::Queue'}}")


def test_loops_are_unrolled() -> None:
    processed = run(
        """
        Transform: AWS::LanguageExtensions
        Parameters: {Names: {Type: CommaDelimitedList}}
        Resources:
          Fn::ForEach::Queues:
            - Name
            - !Ref Names
            - Queue&{Name}:
                Type: AWS::SQS::Queue
                Properties: {QueueName: !Sub '${Name}-${AWS::Region}', Tags: [{Key: n, Value: !Ref Name}]}
        """,
        Names=["a-1", "b"],
    )
    assert processed["Resources"] == {
        "Queuea1": {
            "Type": "AWS::SQS::Queue",
            "Properties": {
                "QueueName": "a-1-eu-west-1",
                "Tags": [{"Key": "n", "Value": "a-1"}],
            },
        },
        "Queueb": {
            "Type": "AWS::SQS::Queue",
            "Properties": {
                "QueueName": "b-eu-west-1",
                "Tags": [{"Key": "n", "Value": "b"}],
            },
        },
    }


SERVERLESS = """
Transform: AWS::Serverless-2016-10-31
Globals: {Function: {Runtime: python3.12, Handler: app.handler}}
Resources:
  Queue: {Type: AWS::SQS::Queue}
  Worker:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: s3://code/worker.zip
      Policies: [AWSLambdaBasicExecutionRole]
      Events:
        Orders: {Type: SQS, Properties: {Queue: !GetAtt Queue.Arn}}
"""


def test_a_serverless_function_becomes_its_plain_resources() -> None:
    template = read_template(run(SERVERLESS))
    assert template.types() == [
        "AWS::IAM::Role",
        "AWS::Lambda::EventSourceMapping",
        "AWS::Lambda::Function",
        "AWS::SQS::Queue",
    ]
    assert template.resources["Worker"].properties["Code"] == {
        "S3Bucket": "code",
        "S3Key": "worker.zip",
    }


def test_what_the_serverless_transform_refuses_is_said_as_cloudformation_says_it() -> None:
    with pytest.raises(ValidationError) as refusal:
        run(SERVERLESS.replace("CodeUri: s3://code/worker.zip", "CodeUri: ./src"))
    assert refusal.value.text.startswith(
        "Transform AWS::Serverless-2016-10-31 failed with: Invalid Serverless Application Specification document. "
        "Number of errors found: 1. Resource with id [Worker] is invalid. 'CodeUri' is not a valid S3 Uri"
    )


def test_what_needs_no_resource_is_worked_out_early() -> None:
    processed = run(
        """
        Transform: AWS::LanguageExtensions
        Parameters: {Names: {Type: CommaDelimitedList}}
        Mappings: {Sizes: {prod: {wait: 5}}}
        Resources:
          Queue:
            Type: AWS::SQS::Queue
            DeletionPolicy: !If [Keep, Retain, Delete]
            Properties:
              DelaySeconds: !Length {Ref: Names}
              Wait: !FindInMap [Sizes, test, wait, {DefaultValue: 1}]
              Known: !ToJsonString {a: !Ref Names}
              Unknown: !ToJsonString {a: !Ref Queue}
        Conditions: {Keep: !Equals [a, a]}
        """,
        Names=["a", "b"],
    )
    assert processed["Resources"]["Queue"] == {
        "Type": "AWS::SQS::Queue",
        "DeletionPolicy": "Retain",
        "Properties": {
            "DelaySeconds": 2,
            "Wait": 1,
            "Known": '{"a":["a","b"]}',
            "Unknown": {"Fn::ToJsonString": {"a": {"Ref": "Queue"}}},
        },
    }


def test_transforms_are_named_wherever_they_stand() -> None:
    document = read_document(
        "Transform: [A, {Name: B}]\nResources: {Q: {'Fn::Transform': {Name: 'AWS::Include'}}}"
    )
    assert transform_names(document) == ["A", "B", "AWS::Include"]
