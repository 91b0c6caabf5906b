"""What the tests of Pipes share: queues in few words, functions made from text, and pipes between them."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from fogline.testing.plugin import Account

ECHO = "def handler(event, context):\n    return event\n"

MakeQueue = Callable[..., "Queue"]
MakePipe = Callable[..., dict[str, Any]]
MakeFunction = Callable[..., str]


class Queue:
    """A queue, in few words."""

    def __init__(self, fogline: Account, name: str, **attributes: str) -> None:
        self._sqs = fogline.client("sqs")
        self._settle = fogline.platform.settle
        self.url = self._sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        self.arn = f"arn:aws:sqs:us-east-1:{fogline.id}:{name}"

    def send(self, *bodies: Any, **options: Any) -> None:
        """Send bodies one by one; what is no text is sent as JSON."""
        for body in bodies:
            text = body if isinstance(body, str) else json.dumps(body)
            self._sqs.send_message(QueueUrl=self.url, MessageBody=text, **options)
        self._settle()

    def send_together(self, *bodies: str) -> None:
        entries = [{"Id": str(at), "MessageBody": body} for at, body in enumerate(bodies)]
        self._sqs.send_message_batch(QueueUrl=self.url, Entries=entries)
        self._settle()

    def messages(self) -> list[dict[str, Any]]:
        """All that can be received now, removed as it is read."""
        self._settle()
        found: list[dict[str, Any]] = []
        while True:
            answer = self._sqs.receive_message(
                QueueUrl=self.url,
                MaxNumberOfMessages=10,
                AttributeNames=["All"],
                MessageAttributeNames=["All"],
            )
            if not answer.get("Messages"):
                return found
            for message in answer["Messages"]:
                self._sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
                found.append(message)

    def bodies(self) -> list[Any]:
        """What the messages say, in order, read as JSON where it is JSON."""
        return [_read(message["Body"]) for message in self.messages()]

    def counts(self) -> tuple[int, int]:
        """Visible, and in flight."""
        self._settle()
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self._sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=names)
        return tuple(int(found["Attributes"][name]) for name in names)  # type: ignore[return-value]


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


@pytest.fixture
def client(fogline: Account) -> Any:
    return fogline.client("pipes")


@pytest.fixture
def make_queue(fogline: Account) -> MakeQueue:
    return lambda name, **attributes: Queue(fogline, name, **attributes)


@pytest.fixture
def source(make_queue: MakeQueue) -> Queue:
    return make_queue("source")


@pytest.fixture
def target(make_queue: MakeQueue) -> Queue:
    return make_queue("target")


@pytest.fixture
def role(fogline: Account) -> str:
    return f"arn:aws:iam::{fogline.id}:role/anybody"


@pytest.fixture
def make_pipe(fogline: Account, client: Any, role: str, request: Any) -> MakePipe:
    def make(**options: Any) -> dict[str, Any]:
        for end, member in (("source", "Source"), ("target", "Target")):
            if member not in options:
                options[member] = request.getfixturevalue(end).arn
        made: dict[str, Any] = client.create_pipe(
            **{"Name": "pipe", "RoleArn": role, **options},
        )
        fogline.platform.settle()
        return made

    return make


@pytest.fixture
def make_function(fogline: Account, role: str) -> MakeFunction:
    """Make a function and return its ARN."""

    def make(name: str, code: str = ECHO, **options: Any) -> str:
        body = io.BytesIO()
        with zipfile.ZipFile(body, "w") as archive:
            archive.writestr("index.py", code)
        made = fogline.client("lambda").create_function(
            FunctionName=name,
            Runtime="python3.11",
            Handler="index.handler",
            Role=role,
            Code={"ZipFile": body.getvalue()},
            # Real time, and the machine may be busy.
            **{"Timeout": 20, **options},
        )
        return str(made["FunctionArn"])

    return make
