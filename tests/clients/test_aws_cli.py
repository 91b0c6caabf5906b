"""The AWS CLI, and the wrappers people call it through."""

from __future__ import annotations

import json
import sys
import urllib.request
from urllib.parse import urlsplit

import pytest
from tests.clients.conftest import Clients

pytestmark = pytest.mark.slow

TEMPLATE = f"""
Parameters: {{Word: {{Type: String, Default: none}}}}
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: [{{Effect: Allow, Principal: {{Service: lambda.amazonaws.com}}, Action: sts:AssumeRole}}]
  Say:
    Type: AWS::Lambda::Function
    Properties:
      FunctionName: say
      Runtime: python3.{sys.version_info.minor}
      Handler: index.handler
      Timeout: 20
      Role: !GetAtt Role.Arn
      Environment: {{Variables: {{WORD: !Ref Word}}}}
      Code:
        ZipFile: |
          import os
          def handler(event, context):
              print("said", os.environ["WORD"])
              return os.environ["WORD"]
"""
SAM_TEMPLATE = f"""
Transform: AWS::Serverless-2016-10-31
Resources:
  Say:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: say
      Runtime: python3.{sys.version_info.minor}
      Handler: index.handler
      Timeout: 20
      InlineCode: "def handler(event, context): return 'sam'"
"""


def test_a_template_is_deployed_and_its_function_called(clients: Clients) -> None:
    clients.write(template_yaml=TEMPLATE)
    deploy = (
        "aws", "cloudformation", "deploy", "--template-file", "template.yaml",
        "--stack-name", "shop", "--capabilities", "CAPABILITY_IAM",
    )  # fmt: skip
    for word in ("one", "two"):
        clients.run(*deploy, "--parameter-overrides", f"Word={word}")
        clients.run("aws", "lambda", "wait", "function-updated-v2", "--function-name", "say")
        clients.run("aws", "lambda", "invoke", "--function-name", "say", "answer.json")
        assert json.loads((clients.folder / "answer.json").read_text()) == word
    assert "No changes to deploy" in clients.run(
        *deploy, "--parameter-overrides", "Word=two", code=255
    )
    assert "said two" in clients.run(
        "aws", "logs", "filter-log-events", "--log-group-name", "/aws/lambda/say"
    )
    clients.run("aws", "cloudformation", "delete-stack", "--stack-name", "shop")
    clients.run("aws", "cloudformation", "wait", "stack-delete-complete", "--stack-name", "shop")


def test_items_and_objects_pass_through_the_cli(clients: Clients) -> None:
    clients.run(
        "aws", "dynamodb", "create-table", "--table-name", "things", "--billing-mode", "PAY_PER_REQUEST",
        "--attribute-definitions", "AttributeName=id,AttributeType=S",
        "--key-schema", "AttributeName=id,KeyType=HASH",
    )  # fmt: skip
    clients.run("aws", "dynamodb", "wait", "table-exists", "--table-name", "things")
    clients.run(
        "aws", "dynamodb", "put-item", "--table-name", "things", "--item", '{"id": {"S": "a"}}'
    )
    assert '"Count": 1' in clients.run("aws", "dynamodb", "scan", "--table-name", "things")
    clients.write(note_txt="hello")
    bucket = f"s3://notes-{clients.account}"
    clients.run("aws", "s3", "mb", bucket)
    clients.run("aws", "s3", "cp", "note.txt", f"{bucket}/note.txt")
    assert "hello" in clients.run("aws", "s3", "cp", f"{bucket}/note.txt", "-")


def wrapped(clients: Clients) -> dict[str, str]:
    """How the wrappers are told where to go."""
    port = str(urlsplit(clients.endpoint).port)
    return {
        "AWS_ENDPOINT_URL": "",
        "LOCALSTACK_HOST": f"localhost:{port}",
        "LOCALSTACK_HOSTNAME": "localhost",
        "EDGE_PORT": port,
    }


def test_wrappers_find_the_health_they_wait_for(clients: Clients) -> None:
    with urllib.request.urlopen(f"{clients.endpoint}/_localstack/health") as response:
        health = json.loads(response.read())
    assert {"cloudformation", "lambda", "s3", "sqs"} <= health["services"].keys()
    assert set(health["services"].values()) == {"running"}


def test_awslocal_finds_us(clients: Clients) -> None:
    where = wrapped(clients)
    made = clients.run("awslocal", "sqs", "create-queue", "--queue-name", "q", **where)
    assert "/q" in made
    url = clients.boto3("sqs").get_queue_url(QueueName="q")["QueueUrl"]
    clients.run(
        "awslocal", "sqs", "send-message", "--queue-url", url, "--message-body", "hi", **where
    )
    received = clients.run("awslocal", "sqs", "receive-message", "--queue-url", url, **where)
    assert '"Body": "hi"' in received


def test_samlocal_deploys_here(clients: Clients) -> None:
    clients.write(template_yaml=SAM_TEMPLATE)
    clients.run(
        "samlocal", "deploy", "--stack-name", "shop", "--resolve-s3",
        "--capabilities", "CAPABILITY_IAM", "--no-confirm-changeset", **wrapped(clients),
    )  # fmt: skip
    assert clients.invoke("say") == "sam"
