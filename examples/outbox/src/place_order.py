"""Stores an order together with the event that tells of it: both, or neither."""

import os
import time

import boto3
from botocore.exceptions import ClientError

dynamodb = boto3.client("dynamodb")
DAY_SECONDS = 24 * 60 * 60


def handler(event, context):
    order_id, amount = event["order_id"], str(event["amount"])
    try:
        dynamodb.transact_write_items(
            TransactItems=[
                {
                    "Put": {
                        "TableName": os.environ["ORDERS"],
                        "Item": {"order_id": {"S": order_id}, "amount": {"N": amount}},
                        "ConditionExpression": "attribute_not_exists(order_id)",
                    }
                },
                {
                    "Put": {
                        "TableName": os.environ["OUTBOX"],
                        "Item": {
                            # Made from the order, so that the same order says the same event.
                            "event_id": {"S": f"placed-{order_id}"},
                            "order_id": {"S": order_id},
                            "amount": {"N": amount},
                            "expires_at": {"N": str(int(time.time()) + DAY_SECONDS)},
                        },
                    }
                },
            ]
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "TransactionCanceledException":
            raise
        return {"placed": False, "reason": "there is such an order already"}
    return {"placed": True}
