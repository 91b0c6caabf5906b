"""What the three services share: a ledger of what they did, a voice on the bus, and two ways of being asked."""

import json
import os

import boto3
from botocore.exceptions import ClientError

dynamodb = boto3.client("dynamodb")
events = boto3.client("events")


def serve(event, reactions, tasks):
    """An event is reacted to, a task is done: the work is the same."""
    if "detail-type" in event:
        return reactions[event["detail-type"]](event["detail"])
    return tasks[event["do"]](event["order"])


def note(what, order):
    """Remember that this was done; what is asked for twice is done once."""
    try:
        dynamodb.put_item(
            TableName=os.environ["LEDGER"],
            Item={"effect": {"S": f"{what} {order['order_id']}"}},
            ConditionExpression="attribute_not_exists(effect)",
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise


def say(source, what, order):
    """Tell whoever cares. An event that was not taken must not be forgotten: the function fails, and is tried again."""
    answer = events.put_events(
        Entries=[
            {
                "EventBusName": os.environ["BUS"],
                "Source": source,
                "DetailType": what,
                "Detail": json.dumps(order),
            }
        ]
    )
    if answer["FailedEntryCount"]:
        raise RuntimeError(answer["Entries"][0]["ErrorMessage"])
