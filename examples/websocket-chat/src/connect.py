"""Somebody comes, and says their name. Until they join a room they hear nothing."""

import os

import boto3

connections = boto3.resource("dynamodb").Table(os.environ["CONNECTIONS"])

CONNECTION_SECONDS_MAX = 2 * 3600
"""API Gateway ends every connection after that; rows that are left over may go then."""


def handler(event, context):
    name = (event.get("queryStringParameters") or {}).get("name", "").strip()
    if not 1 <= len(name) <= 40:
        return {"statusCode": 400}  # and there is no connection
    about = event["requestContext"]
    connections.put_item(
        Item={
            "connection_id": about["connectionId"],
            "name": name,
            "expires_at": about["connectedAt"] // 1000 + CONNECTION_SECONDS_MAX,
        }
    )
    return {"statusCode": 200}
