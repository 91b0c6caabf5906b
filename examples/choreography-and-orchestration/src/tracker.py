"""Listens to everything, to know how orders stand. Events may come in any order and twice, so they are a set."""

import os

import boto3

dynamodb = boto3.client("dynamodb")


def handler(event, context):
    dynamodb.update_item(
        TableName=os.environ["ORDERS"],
        Key={"order_id": {"S": event["detail"]["order_id"]}},
        UpdateExpression="ADD events :event",
        ExpressionAttributeValues={":event": {"SS": [event["detail-type"]]}},
    )
