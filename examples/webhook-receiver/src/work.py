"""Works off events, each once: the mark that it is done and what it does are written in one transaction."""

import json
import os

import boto3

dynamodb = boto3.client("dynamodb")

REMEMBERED_SECONDS = 30 * 24 * 3600


def handler(event, context):
    failures = []
    for record in event["Records"]:
        try:
            sent_at = int(record["attributes"]["SentTimestamp"]) // 1000
            work(json.loads(record["body"]), sent_at)
        except Exception as error:
            print(f"{record['messageId']} failed: {error!r}")
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}


def work(event, sent_at):
    """{"id": "evt_1", "type": "payment", "account": "ada", "amount": 20}"""
    if event["type"] != "payment":
        return  # A sender adds types; those that nobody knows are none of our business.
    try:
        dynamodb.transact_write_items(
            TransactItems=[
                {
                    "Put": {
                        "TableName": os.environ["SEEN"],
                        "Item": {
                            "event_id": {"S": str(event["id"])},
                            "expires_at": {"N": str(sent_at + REMEMBERED_SECONDS)},
                        },
                        "ConditionExpression": "attribute_not_exists(event_id)",
                    }
                },
                {
                    "Update": {
                        "TableName": os.environ["ACCOUNTS"],
                        "Key": {"account": {"S": event["account"]}},
                        "UpdateExpression": "ADD paid :amount",
                        "ExpressionAttributeValues": {":amount": {"N": str(event["amount"])}},
                    }
                },
            ]
        )
    except dynamodb.exceptions.TransactionCanceledException as error:
        reasons = [reason["Code"] for reason in error.response["CancellationReasons"]]
        if reasons[0] != "ConditionalCheckFailed":
            raise
        print(f"{event['id']} is done already")
