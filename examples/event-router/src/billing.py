"""Writes an invoice for each order, once."""

import os

import boto3
from botocore.exceptions import ClientError

dynamodb = boto3.client("dynamodb")


def handler(event, context):
    order = event["detail"]
    try:
        dynamodb.put_item(
            TableName=os.environ["TABLE"],
            Item={
                "order_id": {"S": order["order_id"]},
                "amount": {"N": str(order["amount"])},
                "event_id": {"S": event["id"]},
            },
            ConditionExpression="attribute_not_exists(order_id)",
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
