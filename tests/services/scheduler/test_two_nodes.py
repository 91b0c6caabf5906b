"""Two nodes on one PostgreSQL: whichever fires a schedule, it is fired once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from fogline.cli.waiting import wait_for
from fogline.config import read_config
from fogline.testing.platform import LocalPlatform

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

SCHEDULES = 150
"""More than a step takes, so that both have something to do."""


@pytest.fixture
def nodes(postgres_url, tmp_path):
    def make(name):
        config = read_config({}, port=0, data=tmp_path / name, store=postgres_url, clock="manual")
        return LocalPlatform(config)

    with make("first") as first, make("second") as second:
        yield first, second


def test_every_schedule_is_fired_by_one_node_only(nodes):
    clients = [node.client("scheduler") for node in nodes]
    sqs = nodes[0].client("sqs")
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    role = "arn:aws:iam::000000000000:role/r"
    due = datetime.fromtimestamp(nodes[0].now() / 1000, UTC) + timedelta(hours=1)
    for number in range(SCHEDULES):
        clients[number % 2].create_schedule(
            Name=f"s{number}",
            ScheduleExpression=f"at({due:%Y-%m-%dT%H:%M:%S})",
            FlexibleTimeWindow={"Mode": "OFF"},
            ActionAfterCompletion="DELETE",
            Target={
                "Arn": "arn:aws:sqs:us-east-1:000000000000:q",
                "RoleArn": role,
                "Input": str(number),
            },
        )

    def count():
        name = "ApproximateNumberOfMessages"
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[name])
        return int(found["Attributes"][name])

    assert count() == 0
    with ThreadPoolExecutor() as both:
        for moved in [both.submit(node.advance, hours=2) for node in nodes]:
            moved.result()
    assert wait_for(lambda: count() >= SCHEDULES, 60)
    assert wait_for(lambda: not clients[0].list_schedules()["Schedules"], 60)
    assert count() == SCHEDULES
