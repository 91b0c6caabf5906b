"""The AWS SDK for JavaScript, in a program beside us and in a function that runs here."""

from __future__ import annotations

import io
import json
import os
import zipfile
from pathlib import Path

import pytest
from tests.clients.conftest import NODE_MODULES, Clients

pytestmark = pytest.mark.slow

PROGRAM = """
import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { DeleteMessageCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';

const sqs = new SQSClient();
const [QueueUrl, Bucket] = process.argv.slice(2);
await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'hello' }));
const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }));
await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: Messages[0].ReceiptHandle }));

const dynamodb = new DynamoDBClient();
await dynamodb.send(new PutItemCommand({ TableName: 'things', Item: { id: { S: 'a' }, n: { N: '1.5' } } }));
const { Item } = await dynamodb.send(new GetItemCommand({ TableName: 'things', Key: { id: { S: 'a' } } }));

const s3 = new S3Client();
await s3.send(new PutObjectCommand({ Bucket, Key: 'a/b', Body: 'stored' }));
const object = await s3.send(new GetObjectCommand({ Bucket, Key: 'a/b' }));

const lambda = new LambdaClient();
const Payload = JSON.stringify({ QueueUrl, Bucket });
const answer = await lambda.send(new InvokeCommand({ FunctionName: 'sender', Payload }));
console.log(JSON.stringify({
  body: Messages[0].Body,
  number: Item.n.N,
  object: await object.Body.transformToString(),
  error: answer.FunctionError ?? null,
  answer: JSON.parse(answer.Payload.transformToString()),
}));
"""
FUNCTION = """
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';

const s3 = new S3Client();
const sqs = new SQSClient();
export const handler = async ({ QueueUrl, Bucket }) => {
  const object = await s3.send(new GetObjectCommand({ Bucket, Key: 'a/b' }));
  const MessageBody = await object.Body.transformToString();
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
  return 'sent';
};
"""


def package(code: str) -> bytes:
    """A function and the SDK that it brings along."""
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", compresslevel=1) as archive:
        archive.writestr("index.mjs", code)
        for folder, _, names in os.walk(NODE_MODULES):
            for name in names:
                file = Path(folder, name)
                if file.suffix in (".js", ".mjs", ".cjs", ".json") and "dist-types" not in folder:
                    archive.write(file, f"node_modules/{file.relative_to(NODE_MODULES)}")
    return body.getvalue()


def test_a_program_and_a_function_use_the_sdk_with_no_line_changed(clients: Clients) -> None:
    sqs, functions = clients.boto3("sqs"), clients.boto3("lambda")
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    bucket = f"notes-{clients.account}"
    clients.boto3("s3").create_bucket(Bucket=bucket)
    clients.boto3("dynamodb").create_table(
        TableName="things",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    )
    functions.create_function(
        FunctionName="sender",
        Runtime="nodejs22.x",
        Handler="index.handler",
        Role=f"arn:aws:iam::{clients.account}:role/anybody",
        Code={"ZipFile": package(FUNCTION)},
        Timeout=20,
        MemorySize=512,
    )
    functions.get_waiter("function_active_v2").wait(
        FunctionName="sender", WaiterConfig={"Delay": 0}
    )
    (clients.folder / "node_modules").symlink_to(NODE_MODULES)
    clients.write(program_mjs=PROGRAM)
    said = clients.run("node", "program.mjs", url, bucket)
    seen = json.loads(said.splitlines()[0])
    assert seen == {
        "body": "hello",
        "number": "1.5",
        "object": "stored",
        "error": None,
        "answer": "sent",
    }
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    assert message["Body"] == "stored"
