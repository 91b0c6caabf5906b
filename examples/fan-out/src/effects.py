"""What all three consumers share: each signup has its effect once, and only failed messages come again."""

import json
import os

import boto3
from botocore.exceptions import ClientError

dynamodb = boto3.client("dynamodb")
TABLE = os.environ["TABLE"]


def consume(event, effect):
    """Run `effect(signup)` for each message; answer which ones failed."""
    failures = []
    for record in event["Records"]:
        try:
            effect(json.loads(record["body"]))
        except Exception as error:
            print(f"{record['messageId']} failed: {error!r}")
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}


def note(name):
    """Remember that this was done; a message that comes twice changes nothing."""
    try:
        dynamodb.put_item(
            TableName=TABLE,
            Item={"effect": {"S": name}},
            ConditionExpression="attribute_not_exists(effect)",
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
