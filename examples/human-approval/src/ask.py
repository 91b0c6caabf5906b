"""Asks somebody about an expense. The task token stays in the table: it is a key, and no business of a mail."""

import os

import boto3

dynamodb = boto3.client("dynamodb")
sns = boto3.client("sns")


def handler(event, context):
    expense = event["expense"]
    # First the token, then the mail: who reads the mail at once must be able to answer.
    dynamodb.put_item(
        TableName=os.environ["TABLE"],
        Item={
            "expense": {"S": expense},
            "amount": {"N": str(event["amount"])},
            "purpose": {"S": event["purpose"]},
            "stand": {"S": "waiting"},
            "task_token": {"S": event["task_token"]},
        },
    )
    sns.publish(
        TopicArn=event["topic"],
        Subject=f"Expense {expense}: {event['amount']}",
        Message=f"{event['purpose']}. Approve, reject, or say later: expense {expense}.",
    )
