"""Speaks with the airline: reserves a seat for a trip, or gives it back. Either may be asked twice and happens once."""

import os

import boto3
from botocore.exceptions import ClientError

dynamodb = boto3.client("dynamodb")
TABLE = os.environ["TABLE"]
SEATS = 5


class AirlineUnavailable(Exception):
    """Nobody answered; trying again may help."""


class SoldOut(Exception):
    """The flight has no seat left; trying again does not help."""


def handler(event, context):
    call()
    return ACTIONS[event["action"]](event["trip"], event["flight"])


def reserve(trip, flight):
    """A trip that has a seat keeps it: adding to a set what it holds changes nothing."""
    try:
        dynamodb.update_item(
            TableName=TABLE,
            Key={"flight": {"S": flight}},
            UpdateExpression="ADD passengers :trips",
            ConditionExpression="contains(passengers, :trip) OR attribute_not_exists(passengers)"
            " OR size(passengers) < :seats",
            ExpressionAttributeValues={
                ":trip": {"S": trip},
                ":trips": {"SS": [trip]},
                ":seats": {"N": str(SEATS)},
            },
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        raise SoldOut(f"{flight} has no seat left") from error
    return {"seat": f"{flight}/{trip}"}


def cancel(trip, flight):
    """Right also for a seat that was never reserved."""
    dynamodb.update_item(
        TableName=TABLE,
        Key={"flight": {"S": flight}},
        UpdateExpression="DELETE passengers :trips",
        ExpressionAttributeValues={":trips": {"SS": [trip]}},
    )
    return {}


ACTIONS = {"reserve": reserve, "cancel": cancel}


def call():
    """The line to the airline. To see it fail, put an item `outage` with a number of `calls` into the table."""
    try:
        dynamodb.update_item(
            TableName=TABLE,
            Key={"flight": {"S": "outage"}},
            UpdateExpression="ADD calls :less",
            ConditionExpression="calls > :none",
            ExpressionAttributeValues={":less": {"N": "-1"}, ":none": {"N": "0"}},
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        return
    raise AirlineUnavailable("the airline does not answer")
