"""Stores each order once, however often its message comes."""

import json
import os

import boto3
from botocore.exceptions import ClientError

dynamodb = boto3.client("dynamodb")
TABLE = os.environ["TABLE"]


class OrderInvalid(Exception):
    """The order can never be stored; trying again does not help."""


def handler(event, context):
    """Store a batch; answer which messages failed, so that only those come again."""
    failures = []
    for record in event["Records"]:
        try:
            store(json.loads(record["body"]))
        except Exception as error:
            print(f"{record['messageId']} failed: {error!r}")
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}


def store(order):
    if order["amount"] <= 0:
        raise OrderInvalid(f"order {order['order_id']} has amount {order['amount']}")
    try:
        dynamodb.put_item(
            TableName=TABLE,
            Item={
                "order_id": {"S": order["order_id"]},
                "amount": {"N": str(order["amount"])},
            },
            ConditionExpression="attribute_not_exists(order_id)",
        )
    except ClientError as error:
        # The order is there already: a message may come twice, an order is stored once.
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
