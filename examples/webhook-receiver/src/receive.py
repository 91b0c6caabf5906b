"""Takes webhooks: believes only what is signed and fresh, keeps it in a queue, and answers."""

import base64
import hmac
import json
import os
import time

import boto3

ssm = boto3.client("ssm")
sqs = boto3.client("sqs")

WINDOW_SECONDS = 300
SECRET_SECONDS = 300
BODY_BYTES_MAX = 200_000

_secrets = {"values": [], "until": 0.0}


def handler(event, context):
    headers = event["headers"]
    body = event.get("body") or ""
    body = base64.b64decode(body) if event.get("isBase64Encoded") else body.encode()
    if len(body) > BODY_BYTES_MAX:
        return answer(413, "too large")
    # The time is the one at which API Gateway took the request, not one that the caller could say.
    now = event["requestContext"]["timeEpoch"] / 1000
    timestamp = headers.get("x-webhook-timestamp", "")
    if not is_signed(timestamp, body, headers.get("x-webhook-signature", "")):
        return answer(401, "bad signature")
    if not is_fresh(timestamp, now):
        return answer(401, "too old")
    try:
        message = json.loads(body)
        event_id = str(message["id"])
    except (ValueError, KeyError, TypeError):
        return answer(400, "an event has an id")
    sqs.send_message(QueueUrl=os.environ["QUEUE_URL"], MessageBody=json.dumps(message))
    return answer(202, event_id)


def is_signed(timestamp, body, signature):
    """The bytes as they came are signed, and the timestamp with them: nobody can give an old event a new time."""
    signed = timestamp.encode() + b"." + body
    given = signature.encode()
    # All secrets are tried, and each comparison takes the same time, however much of it is right.
    matches = [
        hmac.compare_digest(hmac.digest(secret, signed, "sha256").hex().encode(), given)
        for secret in secrets()
    ]
    return True in matches


def is_fresh(timestamp, now):
    """In both directions: clocks differ, and a time in the future would be good for ever."""
    try:
        return abs(now - int(timestamp)) <= WINDOW_SECONDS
    except ValueError:
        return False


def secrets():
    """Read once in a while, so that a change gets here. While it changes, the old and the new one count."""
    if time.monotonic() >= _secrets["until"]:
        found = ssm.get_parameter(Name=os.environ["SECRET_PARAMETER"], WithDecryption=True)
        values = found["Parameter"]["Value"].split(",")
        _secrets["values"] = [value.strip().encode() for value in values if value.strip()]
        _secrets["until"] = time.monotonic() + SECRET_SECONDS
    return _secrets["values"]


def answer(status, message):
    return {
        "statusCode": status,
        "headers": {"Content-Type": "application/json"},
        "body": json.dumps({"message": message}),
    }
