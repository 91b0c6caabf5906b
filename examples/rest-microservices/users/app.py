"""The users service: registers users and shows them. Nobody else reads or writes its table."""

import json
import os
import uuid

import boto3

table = boto3.resource("dynamodb").Table(os.environ["TABLE"])


def handler(event, context):
    """What fits no route never comes here, and what a body must look like was checked before."""
    return ROUTES[event["httpMethod"], event["resource"]](event)


def register(event):
    user = {"user_id": str(uuid.uuid4()), **json.loads(event["body"])}
    table.put_item(Item=user)
    return answer(201, user)


def show(event):
    key = {"user_id": event["pathParameters"]["user_id"]}
    user = table.get_item(Key=key, ConsistentRead=True).get("Item")
    return answer(200, user) if user else answer(404, {"message": "no such user"})


def answer(status, body):
    return {
        "statusCode": status,
        "headers": {"Content-Type": "application/json"},
        "body": json.dumps(body),
    }


ROUTES = {("POST", "/users"): register, ("GET", "/users/{user_id}"): show}
