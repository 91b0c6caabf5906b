"""Functions that are subscribed to a topic."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

from fogline.testing.platform import LocalPlatform
from fogline.testing.plugin import Account

CODE = """
import json, boto3, os
def handler(event, context):
    boto3.client("sqs").send_message(QueueUrl=os.environ["QUEUE"], MessageBody=json.dumps(event))
"""


def make_function(fogline: Account, queue: str) -> str:
    role = fogline.client("iam").create_role(
        RoleName="role",
        AssumeRolePolicyDocument=json.dumps(
            {
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": "lambda.amazonaws.com"},
                        "Action": "sts:AssumeRole",
                    }
                ]
            }
        ),
    )["Role"]["Arn"]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("app.py", CODE)
    made = fogline.client("lambda").create_function(
        FunctionName="listener",
        Runtime="python3.12",
        Handler="app.handler",
        Role=role,
        Code={"ZipFile": packed.getvalue()},
        Timeout=20,  # real time, and the machine may be busy
        Environment={"Variables": {"QUEUE": queue}},
    )
    return str(made["FunctionArn"])


def test_a_function_gets_the_event_of_aws(
    sns: Any, sqs: Any, topic: str, fogline: Account, fogline_platform: LocalPlatform
) -> None:
    queue = sqs.create_queue(QueueName="heard")["QueueUrl"]
    function = make_function(fogline, queue)
    subscription = sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=function)
    published = sns.publish(
        TopicArn=topic,
        Message="m",
        MessageAttributes={"a": {"DataType": "Number", "StringValue": "1"}},
    )
    fogline_platform.settle()
    (message,) = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=20)["Messages"]
    (record,) = json.loads(message["Body"])["Records"]
    assert record["EventSource"] == "aws:sns"
    assert record["EventVersion"] == "1.0"
    assert record["EventSubscriptionArn"] == subscription["SubscriptionArn"]
    heard = record["Sns"]
    assert base64.b64decode(heard.pop("Signature"))
    assert heard.pop("SigningCertUrl").startswith("http")
    assert subscription["SubscriptionArn"] in heard.pop("UnsubscribeUrl")
    assert heard.pop("Timestamp").endswith("Z")
    assert heard == {
        "Type": "Notification",
        "MessageId": published["MessageId"],
        "TopicArn": topic,
        "Subject": None,
        "Message": "m",
        "SignatureVersion": "1",
        "MessageAttributes": {"a": {"Type": "Number", "Value": "1"}},
    }


def test_a_failing_function_publishes_to_its_dead_letter_topic(
    sns: Any,
    topic: str,
    listen: Callable[..., Any],
    fogline: Account,
    fogline_platform: LocalPlatform,
) -> None:
    queue = listen(topic)
    functions = fogline.client("lambda")
    make_function(fogline, "http://127.0.0.1/nowhere")
    functions.update_function_configuration(
        FunctionName="listener", DeadLetterConfig={"TargetArn": topic}, Handler="app.missing"
    )
    functions.put_function_event_invoke_config(FunctionName="listener", MaximumRetryAttempts=0)
    functions.invoke(FunctionName="listener", InvocationType="Event", Payload=b'{"a": 1}')
    fogline_platform.settle()
    (body,) = queue.bodies()
    envelope = json.loads(body)
    assert json.loads(envelope["Message"]) == {"a": 1}
    assert set(envelope["MessageAttributes"]) == {"RequestID", "ErrorCode", "ErrorMessage"}
