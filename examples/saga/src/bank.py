"""The bank: charges cards, once for each trip, and tells the workflow by its task token.

Cards named `declined` are refused. Of a card named `silent` the money is taken, and nobody is told.
"""

import json
import os

import boto3
from botocore.exceptions import ClientError

dynamodb = boto3.client("dynamodb")
workflows = boto3.client("stepfunctions")
TABLE = os.environ["TABLE"]


def handler(event, context):
    for record in event["Records"]:
        request = json.loads(record["body"])
        answer(request["task_token"], *charge(request))


def charge(request):
    """What to tell the workflow, and with which facts; nothing to tell is None."""
    if request["card"] == "declined":
        return workflows.send_task_failure, {
            "error": "CardDeclined",
            "cause": f"the card of {request['trip']} was declined",
        }
    if not take(request):
        return workflows.send_task_failure, {"error": "ChargeIsVoid", "cause": "it came too late"}
    if request["card"] == "silent":
        return None, {}
    return workflows.send_task_success, {"output": json.dumps({"amount": request["amount"]})}


def take(request):
    """Take the money once; False when the charge was made void before it was made."""
    try:
        dynamodb.update_item(
            TableName=TABLE,
            Key={"trip": {"S": request["trip"]}},
            UpdateExpression="SET amount = :amount",
            ConditionExpression="attribute_not_exists(is_void)",
            ExpressionAttributeValues={":amount": {"N": str(request["amount"])}},
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        return False
    return True


def answer(token, tell, facts):
    """Tell the workflow. One that has stopped waiting has its own way of finding out."""
    if tell is None:
        return
    try:
        tell(taskToken=token, **facts)
    except (workflows.exceptions.TaskTimedOut, workflows.exceptions.TaskDoesNotExist) as error:
        print(f"nobody waits for this: {error}")
