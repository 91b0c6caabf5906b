"""Books amounts in the order in which they come. An account never goes below zero."""

import json
import os

import boto3
from botocore.exceptions import ClientError

dynamodb = boto3.client("dynamodb")
TABLE = os.environ["TABLE"]


class Overdrawn(Exception):
    """The account has not enough."""


def handler(event, context):
    """Book a batch. After a failure, the rest of its group has to wait, or it would overtake."""
    failures, blocked = [], set()
    for record in event["Records"]:
        group = record["attributes"]["MessageGroupId"]
        try:
            if group in blocked:
                raise RuntimeError("an earlier booking of this account failed")
            book(group, json.loads(record["body"]), record["attributes"]["SequenceNumber"])
        except Exception as error:
            print(f"{record['messageId']} failed: {error!r}")
            blocked.add(group)
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}


def book(account, booking, sequence):
    """Book once: the sequence number of the last booking is kept beside the balance."""
    try:
        dynamodb.update_item(
            TableName=TABLE,
            Key={"account": {"S": account}},
            UpdateExpression="SET sequence_number = :sequence,"
            " bookings = list_append(if_not_exists(bookings, :none), :booking)"
            " ADD balance :amount",
            ConditionExpression="(attribute_not_exists(sequence_number) OR sequence_number < :sequence)"
            " AND (:amount >= :zero OR balance >= :least)",
            ExpressionAttributeValues={
                ":sequence": {"S": sequence},
                ":none": {"L": []},
                ":booking": {"L": [{"S": booking["id"]}]},
                ":amount": {"N": str(booking["amount"])},
                ":zero": {"N": "0"},
                ":least": {"N": str(-booking["amount"])},
            },
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        if not is_booked(account, sequence):
            raise Overdrawn(f"account {account} has less than {-booking['amount']}") from error


def is_booked(account, sequence):
    """True when this very booking, or a later one, is in the balance already."""
    item = dynamodb.get_item(
        TableName=TABLE, Key={"account": {"S": account}}, ConsistentRead=True
    ).get("Item", {})
    return item.get("sequence_number", {"S": ""})["S"] >= sequence
