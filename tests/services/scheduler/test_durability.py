"""What a restart keeps: schedules and when they are due."""

from __future__ import annotations

import pytest

from fogline.config import read_config
from fogline.testing.platform import LocalPlatform

ROLE = "arn:aws:iam::000000000000:role/scheduler"


@pytest.fixture
def start(tmp_path):
    """Starts a platform on the same folder as the one before."""
    running = []

    def start():
        for platform in running:
            platform.stop()
        running[:] = [LocalPlatform(read_config({}, port=0, data=tmp_path, clock="manual")).start()]
        return running[0]

    yield start
    for platform in running:
        platform.stop()


def test_a_schedule_is_due_when_it_was_due_before_a_restart(start):
    platform = start()
    platform.client("sqs").create_queue(QueueName="q")
    platform.client("scheduler").create_schedule(
        Name="hourly",
        ScheduleExpression="cron(0 * * * ? *)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": "arn:aws:sqs:us-east-1:000000000000:q", "RoleArn": ROLE, "Input": "tick"},
    )
    began = platform.now()
    platform = start()
    platform.advance(seconds=(began - platform.now()) / 1000 + 3600)
    sqs = platform.client("sqs")
    url = sqs.get_queue_url(QueueName="q")["QueueUrl"]
    found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    assert [message["Body"] for message in found] == ["tick"]
