"""Two nodes on one PostgreSQL share schedules, replays and rates, and do nothing twice."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.services.events.site import open_site

from fogline.config import read_config
from fogline.testing.platform import LocalPlatform

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

Nodes = tuple[LocalPlatform, LocalPlatform]

QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"


@pytest.fixture
def nodes(postgres_url: str, tmp_path: Path) -> Iterator[Nodes]:
    def make(name: str) -> LocalPlatform:
        data = tmp_path / name
        return LocalPlatform(read_config({}, port=0, data=data, store=postgres_url, clock="manual"))

    with make("first") as first, make("second") as second:
        yield first, second


def advance(nodes: Nodes, seconds: float) -> None:
    """Move both clocks at the same time."""
    movers = [threading.Thread(target=node.advance, kwargs={"seconds": seconds}) for node in nodes]
    for mover in movers:
        mover.start()
    for mover in movers:
        mover.join()


def taken(platform: LocalPlatform) -> list[Any]:
    """All events in the queue, which is empty then."""
    sqs = platform.client("sqs")
    url = sqs.get_queue_url(QueueName="q")["QueueUrl"]
    events: list[Any] = []
    while found := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        events += [json.loads(message["Body"]) for message in found]
        entries = [
            {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]}
            for number, message in enumerate(found)
        ]
        sqs.delete_message_batch(QueueUrl=url, Entries=entries)
    return events


def test_each_time_of_a_schedule_fires_on_one_node(nodes: Nodes) -> None:
    nodes[0].client("sqs").create_queue(QueueName="q")
    events = nodes[0].client("events")
    for number in range(10):
        events.put_rule(Name=f"r{number}", ScheduleExpression="rate(1 minute)")
        events.put_targets(Rule=f"r{number}", Targets=[{"Id": "q", "Arn": QUEUE}])
    advance(nodes, 300)
    fired = Counter(event["resources"][0] for event in taken(nodes[1]))
    assert len(fired) == 10
    assert set(fired.values()) == {5}


def test_each_event_of_a_replay_is_brought_by_one_node(nodes: Nodes) -> None:
    nodes[0].client("sqs").create_queue(QueueName="q")
    events = nodes[0].client("events")
    bus = events.create_event_bus(Name="shop")["EventBusArn"]
    archive = events.create_archive(ArchiveName="kept", EventSourceArn=bus)["ArchiveArn"]
    entry = {"EventBusName": "shop", "Source": "shop", "DetailType": "d"}
    for start in range(0, 250, 10):
        details = [json.dumps({"n": start + each}) for each in range(10)]
        events.put_events(Entries=[{**entry, "Detail": detail} for detail in details])
    events.put_rule(Name="r", EventBusName="shop", EventPattern='{"source": ["shop"]}')
    events.put_targets(Rule="r", EventBusName="shop", Targets=[{"Id": "q", "Arn": QUEUE}])
    now = datetime.fromtimestamp(nodes[0].now() / 1000, UTC)
    hour = timedelta(hours=1)
    window = {"EventStartTime": now - hour, "EventEndTime": now + hour}
    nodes[1].client("events").start_replay(
        ReplayName="again", EventSourceArn=archive, Destination={"Arn": bus}, **window
    )
    advance(nodes, 2)
    assert events.describe_replay(ReplayName="again")["State"] == "COMPLETED"
    assert sorted(event["detail"]["n"] for event in taken(nodes[0])) == list(range(250))


def test_a_rate_holds_for_all_nodes_together(nodes: Nodes) -> None:
    with open_site() as site:
        events = nodes[0].client("events")
        connection = events.create_connection(
            Name="c",
            AuthorizationType="BASIC",
            AuthParameters={"BasicAuthParameters": {"Username": "u", "Password": "p"}},
        )["ConnectionArn"]
        destination = events.create_api_destination(
            Name="d",
            ConnectionArn=connection,
            InvocationEndpoint=site.url,
            HttpMethod="POST",
            InvocationRateLimitPerSecond=3,
        )["ApiDestinationArn"]
        events.put_rule(Name="r", EventPattern='{"source": ["shop"]}')
        role = "arn:aws:iam::000000000000:role/r"
        target = {"Id": "d", "Arn": destination, "RoleArn": role}
        events.put_targets(Rule="r", Targets=[target])
        entry = {"Source": "shop", "DetailType": "d", "Detail": "{}"}
        for node in nodes * 5:
            node.client("events").put_events(Entries=[entry])
        for node in nodes:
            node.settle()
        assert len(site.asked) == 3
        for count in (6, 9, 10):
            advance(nodes, 1)
            assert len(site.asked) == count
