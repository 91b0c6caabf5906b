"""What scenarios share: applications deployed as users deploy them, and a queue or table in few words."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import urllib3

from fogline.testing.platform import LocalPlatform
from fogline.testing.plugin import Account


@pytest.fixture(scope="module")
def fogline_platform() -> Iterator[LocalPlatform]:
    """A platform of its own for each file: weeks pass in some, and nobody else's work is to pass with them."""
    with LocalPlatform() as platform:
        yield platform


EXAMPLES = Path(__file__).parents[2] / "examples"
ROLE = "arn:aws:iam::{account}:role/anybody"


def make_zip(files: dict[str, str]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return packed.getvalue()


def zip_folder(folder: Path) -> bytes:
    files = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")
    return make_zip({str(path.relative_to(folder)): path.read_text() for path in files})


def make_function(client: Any, name: str, code: str, **options: Any) -> None:
    client.create_function(
        FunctionName=name,
        Runtime="python3.11",
        Handler="index.handler",
        Role=ROLE.format(account="000000000000"),
        Code={"ZipFile": make_zip({"index.py": code})},
        # Real time, and the machine may be busy.
        **{"Timeout": 20, **options},
    )


def make_table(client: Any, name: str) -> None:
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
    )


def scan(client: Any, table: str, key: str = "pk") -> list[str]:
    """The keys of all items, sorted."""
    pages = client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    return sorted(item[key]["S"] for page in pages for item in page["Items"])


def depth(sqs: Any, url: str) -> tuple[int, int]:
    """Messages that are visible, and in flight."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return int(found[names[0]]), int(found[names[1]])


class WebAnswer:
    """What an API answered."""

    def __init__(self, response: urllib3.BaseHTTPResponse) -> None:
        self.status = response.status
        self.headers = response.headers
        self.body = response.data
        self.text = response.data.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Web:
    """Calls an address as browsers do: by its name, which leads to this machine."""

    def __init__(self, platform: LocalPlatform, url: str) -> None:
        address = urlsplit(url)
        self._host, self._path = address.netloc, address.path.rstrip("/")
        self._pool = urllib3.HTTPConnectionPool(
            "127.0.0.1", platform.platform.port, retries=False, timeout=30
        )

    def send(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> WebAnswer:
        sent = {"Host": self._host, **headers}
        return WebAnswer(self._pool.request(method, self._path + path, body=body, headers=sent))

    def get(self, path: str, headers: dict[str, str] | None = None) -> WebAnswer:
        return self.send("GET", path, None, headers or {})

    def post(self, path: str, body: Any, headers: dict[str, str] | None = None) -> WebAnswer:
        """Post JSON."""
        kind = {"Content-Type": "application/json"}
        return self.send("POST", path, json.dumps(body).encode(), {**kind, **(headers or {})})

    def close(self) -> None:
        self._pool.close()


class Application:
    """One of the examples as a stack of its own, deployed as `aws cloudformation package` and `deploy` do it."""

    def __init__(self, account: Account, platform: LocalPlatform, name: str) -> None:
        self.account, self.platform, self.name = account, platform, name
        self.sqs = account.client("sqs")
        self.dynamodb = account.client("dynamodb")
        self.cloudformation = account.client("cloudformation")
        self.stepfunctions = account.client("stepfunctions")
        self.outputs: dict[str, str] = {}

    def deploy(self) -> None:
        self.cloudformation.create_stack(
            StackName=self.name,
            TemplateBody=self._package(),
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        )
        self.platform.settle()
        stack = self.cloudformation.describe_stacks(StackName=self.name)["Stacks"][0]
        if stack["StackStatus"] != "CREATE_COMPLETE":
            events = self.cloudformation.describe_stack_events(StackName=self.name)["StackEvents"]
            reasons = [each.get("ResourceStatusReason") for each in events]
            raise AssertionError([reason for reason in reasons if reason])
        self.outputs = {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}

    def _package(self) -> str:
        """The template, with the code that it names uploaded and named anew."""
        s3 = self.account.client("s3")
        bucket = f"packages-{self.account.id}"
        s3.create_bucket(Bucket=bucket)
        template = (EXAMPLES / self.name / "template.yaml").read_text()

        def upload(found: re.Match[str]) -> str:
            folder = found[1]
            key = f"{self.name}-{folder}.zip"
            s3.put_object(Bucket=bucket, Key=key, Body=zip_folder(EXAMPLES / self.name / folder))
            return f"CodeUri: s3://{bucket}/{key}"

        def upload_definition(found: re.Match[str]) -> str:
            key = f"{self.name}-{Path(found[1]).name}"
            text = (EXAMPLES / self.name / found[1]).read_text()
            s3.put_object(Bucket=bucket, Key=key, Body=text.encode())
            return f"DefinitionUri: s3://{bucket}/{key}"

        template = re.sub(r"DefinitionUri: (\S+)", upload_definition, template)
        return re.sub(r"CodeUri: (\w+)/", upload, template)

    def invoke(self, output: str, event: dict[str, Any]) -> Any:
        """What the function named in that output answers."""
        answer = self.account.client("lambda").invoke(
            FunctionName=self.outputs[output], Payload=json.dumps(event)
        )
        payload = json.load(answer["Payload"])
        assert "FunctionError" not in answer, payload
        self.platform.settle()
        return payload

    def web(self, output: str) -> Web:
        """Calls the URL of that output."""
        return Web(self.platform, self.outputs[output])

    def listen(self, output: str) -> Callable[[], list[dict[str, Any]]]:
        """Gives the events that have passed the bus of that output since, once each."""
        events, name = self.account.client("events"), "listener"
        url = self.sqs.create_queue(QueueName=name)["QueueUrl"]
        arn = f"arn:aws:sqs:us-east-1:{self.account.id}:{name}"
        bus = {"EventBusName": self.outputs[output]}
        pattern = json.dumps({"account": [self.account.id]})
        events.put_rule(Name=name, EventPattern=pattern, **bus)
        events.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": arn}], **bus)
        self.outputs["Listener"] = url
        return lambda: [json.loads(body) for body in self.bodies("Listener")]

    def bodies(self, output: str) -> list[str]:
        """The bodies that the queue of that output gives out, which removes them."""
        url, found = self.outputs[output], []
        while messages := self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get(
            "Messages"
        ):
            for message in messages:
                found.append(message["Body"])
                self.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return found

    def items(self, output: str, key: str) -> list[str]:
        """The keys of all items of the table of that output, sorted."""
        return scan(self.dynamodb, self.outputs[output], key)

    def start(self, output: str, given: dict[str, Any], name: str) -> str:
        """Start an execution of the state machine of that output; what follows at once has happened."""
        started = self.stepfunctions.start_execution(
            stateMachineArn=self.outputs[output], name=name, input=json.dumps(given)
        )
        self.platform.settle()
        return str(started["executionArn"])

    def execution(self, arn: str) -> dict[str, Any]:
        """How the execution stands; its output is read, where there is one."""
        found: dict[str, Any] = self.stepfunctions.describe_execution(executionArn=arn)
        return {**found, "output": json.loads(found["output"])} if "output" in found else found

    def states(self, arn: str) -> list[str]:
        """The states that the execution has entered, in order."""
        pages = self.stepfunctions.get_paginator("get_execution_history").paginate(executionArn=arn)
        events = (event for page in pages for event in page["events"])
        return [
            event["stateEnteredEventDetails"]["name"]
            for event in events
            if "stateEnteredEventDetails" in event
        ]


class Orders(Application):
    """The orders example."""

    def __init__(self, account: Account, platform: LocalPlatform) -> None:
        super().__init__(account, platform, "orders")

    def send(self, *orders: dict[str, Any]) -> None:
        """Send orders, ten to a batch, and let what follows at once happen."""
        for start in range(0, len(orders), 10):
            entries = [
                {"Id": str(number), "MessageBody": json.dumps(order)}
                for number, order in enumerate(orders[start : start + 10])
            ]
            answer = self.sqs.send_message_batch(QueueUrl=self.outputs["QueueUrl"], Entries=entries)
            assert len(answer["Successful"]) == len(entries)
        self.platform.settle()

    def stored(self) -> list[str]:
        return self.items("TableName", "order_id")

    def waiting(self) -> tuple[int, int]:
        return depth(self.sqs, self.outputs["QueueUrl"])

    def dead(self) -> list[str]:
        """What the dead-letter queue holds; looking leaves it as it is."""
        found: list[str] = []
        while messages := self.sqs.receive_message(
            QueueUrl=self.outputs["DeadLettersUrl"], MaxNumberOfMessages=10, VisibilityTimeout=5
        ).get("Messages"):
            found += [json.loads(message["Body"])["order_id"] for message in messages]
        self.platform.advance(seconds=5)
        return sorted(found)


@pytest.fixture
def orders(fogline: Account, fogline_platform: LocalPlatform) -> Orders:
    story = Orders(fogline, fogline_platform)
    story.deploy()
    return story
