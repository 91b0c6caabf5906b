"""A scheduler, a queue to send to, and short words for what the tests do most."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from botocore.exceptions import ClientError

ROLE = "arn:aws:iam::000000000000:role/scheduler"


@pytest.fixture
def scheduler(fogline):
    return fogline.client("scheduler")


@pytest.fixture
def sqs(fogline):
    return fogline.client("sqs")


@pytest.fixture
def make_queue(sqs):
    """Makes a queue; its URL and its ARN."""

    def make(name="queue", **attributes):
        url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return url, found["Attributes"]["QueueArn"]

    return make


@pytest.fixture
def queue(make_queue):
    return make_queue()


@pytest.fixture
def make_schedule(scheduler, queue):
    """Makes a schedule that sends to the queue unless it is told otherwise; its ARN."""

    def make(expression="rate(5 minutes)", name="schedule", target=None, **more):
        more.setdefault("FlexibleTimeWindow", {"Mode": "OFF"})
        given = {"Arn": queue[1], "RoleArn": ROLE, "Input": "tick", **(target or {})}
        return scheduler.create_schedule(
            Name=name,
            ScheduleExpression=expression,
            Target={key: value for key, value in given.items() if value is not None},
            **more,
        )["ScheduleArn"]

    return make


@pytest.fixture
def receive(sqs, queue):
    """All messages of a queue, taken out of it."""

    def receive(url=None):
        url, messages = url or queue[0], []
        while found := sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
        ).get("Messages"):
            messages += found
            for message in found:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return messages

    return receive


@pytest.fixture
def bodies(receive):
    def bodies(url=None):
        return [message["Body"] for message in receive(url)]

    return bodies


@pytest.fixture
def sleep_until(fogline_platform):
    """Moves the clock in one leap, as when a machine sleeps: `sleep_until("03-24T12:00:00")` of the next year."""
    local = fogline_platform
    year = datetime.fromtimestamp(local.now() / 1000, UTC).year + 1

    def sleep_until(text):
        wanted = datetime.fromisoformat(f"{year}-{text}").replace(tzinfo=UTC)

        async def leap():
            local.platform.clock.move_to(int(wanted.timestamp() * 1000))
            await local.platform.settle()

        local.ask(leap())

    return sleep_until


@pytest.fixture
def refusal():
    """The code and the message of the refusal that a call meets."""

    def refusal(function, *given, **request):
        with pytest.raises(ClientError) as refused:
            function(*given, **request)
        error = refused.value.response["Error"]
        return error["Code"], error["Message"]

    return refusal
