"""Charges cards. To see it fail, put an item `outage` with a number of `calls` into the ledger."""

import os

from botocore.exceptions import ClientError
from service import dynamodb, note, say, serve


class PaymentDeclined(Exception):
    """The bank said no."""


def charge(order):
    call_the_bank()
    if order["card"] == "declined":
        raise PaymentDeclined(order["order_id"])
    note("charged", order)


def on_stock_reserved(order):
    try:
        charge(order)
    except PaymentDeclined:
        say("shop.payments", "PaymentDeclined", order)
    else:
        say("shop.payments", "PaymentTaken", order)


def handler(event, context):
    serve(event, {"StockReserved": on_stock_reserved}, {"charge": charge})


def call_the_bank():
    try:
        dynamodb.update_item(
            TableName=os.environ["LEDGER"],
            Key={"effect": {"S": "outage"}},
            UpdateExpression="ADD calls :less",
            ConditionExpression="calls > :none",
            ExpressionAttributeValues={":less": {"N": "-1"}, ":none": {"N": "0"}},
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        return
    raise ConnectionError("the bank does not answer")
