"""Who is in which room, and how they are told something."""

import json
import os
from functools import lru_cache

import boto3
from boto3.dynamodb.conditions import Key

dynamodb = boto3.resource("dynamodb")
connections = dynamodb.Table(os.environ["CONNECTIONS"])
rooms = dynamodb.Table(os.environ["ROOMS"])


def leave(connection):
    """Take a connection out of its room. It doesn't matter whether it is there."""
    if "room" in connection:
        rooms.delete_item(
            Key={"room": connection["room"], "connection_id": connection["connection_id"]}
        )


def forget(connection_id):
    """Remove all that is known of a connection. Who it was, if anybody."""
    gone = connections.delete_item(
        Key={"connection_id": connection_id}, ReturnValues="ALL_OLD"
    ).get("Attributes")
    if gone:
        leave(gone)
    return gone


def broadcast(event, room, message):
    """Tell everybody in the room. Who is gone without a word is found out here."""
    options = {"KeyConditionExpression": Key("room").eq(room), "ConsistentRead": True}
    while True:
        page = rooms.query(**options)
        for member in page["Items"]:
            tell(event, member["connection_id"], message)
        if "LastEvaluatedKey" not in page:
            return
        options["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def tell(event, connection_id, message):
    about = event["requestContext"]
    client = client_of(about["domainName"], about["stage"])
    try:
        client.post_to_connection(ConnectionId=connection_id, Data=json.dumps(message).encode())
    except client.exceptions.GoneException:
        forget(connection_id)


@lru_cache
def client_of(domain, stage):
    """The way back is where the message came from: the API's host and stage."""
    return boto3.client("apigatewaymanagementapi", endpoint_url=f"https://{domain}/{stage}")
