"""Ships each order once, however often it is told."""

import os

import boto3
from botocore.exceptions import ClientError

dynamodb = boto3.client("dynamodb")


def handler(event, context):
    placed = event["detail"]
    try:
        dynamodb.put_item(
            TableName=os.environ["TABLE"],
            Item={
                "event_id": {"S": placed["event_id"]},
                "order_id": {"S": placed["order_id"]},
            },
            ConditionExpression="attribute_not_exists(event_id)",
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
