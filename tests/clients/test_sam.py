"""The SAM CLI: an application deployed with and without a build, changed, run, looked at and removed."""

from __future__ import annotations

import sys

import pytest
from tests.clients.conftest import Clients, until

pytestmark = pytest.mark.slow

TEMPLATE = f"""
Transform: AWS::Serverless-2016-10-31
Resources:
  Orders: {{Type: AWS::SQS::Queue}}
  Table:
    Type: AWS::Serverless::SimpleTable
  Worker:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      Timeout: 20
      Runtime: python3.{sys.version_info.minor}
      Environment: {{Variables: {{TABLE: !Ref Table}}}}
      Policies: [{{DynamoDBCrudPolicy: {{TableName: !Ref Table}}}}]
      Events:
        Orders: {{Type: SQS, Properties: {{Queue: !GetAtt Orders.Arn}}}}
Outputs:
  Queue: {{Value: !Ref Orders}}
  Table: {{Value: !Ref Table}}
  Worker: {{Value: !Ref Worker}}
"""
CODE = """
import os
import boto3

table = boto3.resource("dynamodb").Table(os.environ["TABLE"])

def handler(event, context):
    print("worker one")
    for record in event.get("Records", []):
        table.put_item(Item={"id": record["body"]})
    return "one"
"""
DEPLOY = (
    "sam", "deploy", "--stack-name", "shop", "--resolve-s3", "--capabilities", "CAPABILITY_IAM",
    "--no-confirm-changeset",
)  # fmt: skip


@pytest.fixture
def app(clients: Clients) -> Clients:
    clients.write(template_yaml=TEMPLATE, src__app_py=CODE)
    return clients


def test_an_application_is_deployed_changed_and_removed(app: Clients) -> None:
    assert "Successfully created/updated stack - shop" in app.run(*DEPLOY)
    outputs = app.outputs("shop")
    app.boto3("sqs").send_message(QueueUrl=outputs["Queue"], MessageBody="first")
    table = app.boto3("dynamodb")
    assert until(lambda: table.scan(TableName=outputs["Table"])["Items"]) == [
        {"id": {"S": "first"}}
    ]

    app.write(src__app_py=CODE.replace("one", "two"))
    assert "Successfully created/updated stack - shop" in app.run(*DEPLOY)
    assert app.invoke(outputs["Worker"], {}) == "two"

    assert "No changes to deploy" in app.run(*DEPLOY, code=1)

    app.run("sam", "delete", "--stack-name", "shop", "--no-prompts", "--region", "us-east-1")
    assert not app.boto3("lambda").list_functions()["Functions"]
    assert not app.boto3("sqs").list_queues().get("QueueUrls")


def test_what_was_built_is_deployed_called_and_looked_at(app: Clients) -> None:
    assert "Build Succeeded" in app.run("sam", "build")
    app.run(*DEPLOY)
    here = ("--stack-name", "shop")
    assert '"one"' in app.run("sam", "remote", "invoke", "Worker", *here, "--event", "{}")
    assert "worker one" in app.run("sam", "logs", *here, "--name", "Worker")
    listed = app.run("sam", "list", "resources", *here, "--output", "json")
    assert app.outputs("shop")["Worker"] in listed


def test_a_template_that_fails_is_rolled_back_and_says_why(app: Clients) -> None:
    app.write(
        template_yaml=TEMPLATE.replace(
            "Handler: app.handler", "Handler: app.handler\n      ReservedConcurrentExecutions: 5000"
        )
    )
    said = app.run(*DEPLOY, code=1)
    assert "Failed to create/update the stack: shop" in said
    assert "CREATE_FAILED" in said
    assert "ROLLBACK_COMPLETE" in said
    assert not app.boto3("lambda").list_functions()["Functions"]
