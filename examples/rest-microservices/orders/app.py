"""The orders service: takes orders of users it has heard of, and shows them. An order sent twice is one order."""

import json
import os
import uuid

import boto3
from boto3.dynamodb.conditions import Key
from botocore.exceptions import ClientError

dynamodb = boto3.resource("dynamodb")
orders = dynamodb.Table(os.environ["ORDERS"])
customers = dynamodb.Table(os.environ["CUSTOMERS"])


def handler(event, context):
    return ROUTES[event["httpMethod"], event["resource"]](event)


def place(event):
    """The id follows from who orders and from the key that the client made: the second time finds the first."""
    asked = json.loads(event["body"])
    if "Item" not in customers.get_item(Key={"user_id": asked["user_id"]}):
        return answer(422, {"message": "no such user"})
    headers = {name.lower(): value for name, value in event["headers"].items()}
    made_of = json.dumps([asked["user_id"], headers["idempotency-key"]])
    order = {"order_id": str(uuid.uuid5(uuid.NAMESPACE_OID, made_of)), **asked}
    try:
        orders.put_item(Item=order, ConditionExpression="attribute_not_exists(order_id)")
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        return answer(200, find(order["order_id"]))
    return answer(201, order)


def show(event):
    order = find(event["pathParameters"]["order_id"])
    return answer(200, order) if order else answer(404, {"message": "no such order"})


def of_user(event):
    user_id = event["pathParameters"]["user_id"]
    found = orders.query(IndexName="by-user", KeyConditionExpression=Key("user_id").eq(user_id))
    return answer(200, {"orders": found["Items"]})


def find(order_id):
    return orders.get_item(Key={"order_id": order_id}, ConsistentRead=True).get("Item")


def answer(status, body):
    return {
        "statusCode": status,
        "headers": {"Content-Type": "application/json"},
        "body": json.dumps(body, default=int),  # numbers come from the table as Decimal
    }


ROUTES = {
    ("POST", "/orders"): place,
    ("GET", "/orders/{order_id}"): show,
    ("GET", "/users/{user_id}/orders"): of_user,
}
