"""Takes somebody's decision to the workflow that waits for it. The first decision counts."""

import json
import os

import boto3

dynamodb = boto3.client("dynamodb")
workflows = boto3.client("stepfunctions")


def handler(event, context):
    """{"expense": "e7", "decision": "approve" or "reject" or "later", "by": "ada", "why": "..."}"""
    found = dynamodb.get_item(
        TableName=os.environ["TABLE"],
        Key={"expense": {"S": event["expense"]}},
        ConsistentRead=True,
    ).get("Item", {})
    if "task_token" not in found:
        return {"done": False, "reason": "nobody waits for this decision"}
    try:
        DECISIONS[event["decision"]](found["task_token"]["S"], event)
    except (workflows.exceptions.TaskTimedOut, workflows.exceptions.TaskDoesNotExist):
        return {"done": False, "reason": "it was decided already, or too long ago"}
    return {"done": True}


def approve(token, event):
    workflows.send_task_success(taskToken=token, output=json.dumps({"by": event["by"]}))


def reject(token, event):
    why = f"{event['by']}: {event.get('why', 'no')}"
    workflows.send_task_failure(taskToken=token, error="Rejected", cause=why)


def later(token, event):
    """Somebody is there: the workflow waits for another day."""
    workflows.send_task_heartbeat(taskToken=token)


DECISIONS = {"approve": approve, "reject": reject, "later": later}
