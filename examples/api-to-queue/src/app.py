"""Works off orders, each once however often it is delivered. One that fails does not hold up the rest of its batch."""

import json
import os

import boto3
from botocore.exceptions import ClientError

table = boto3.resource("dynamodb").Table(os.environ["TABLE"])


def handler(event, context):
    failures = []
    for record in event["Records"]:
        try:
            work(json.loads(record["body"]))
        except Exception as error:
            # Whatever it is: this message comes again, the others are done with.
            print(f"{record['messageId']} failed: {error!r}")
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}


def work(order):
    """Only one API checks orders, so everything is checked here, too."""
    amount = order["amount"]
    if type(amount) is not int or not 1 <= amount <= 10_000:
        raise ValueError(f"no such amount: {amount}")
    try:
        table.put_item(
            Item={"order_id": order["order_id"], "amount": amount},
            ConditionExpression="attribute_not_exists(order_id)",
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        print(f"{order['order_id']} is done already")
