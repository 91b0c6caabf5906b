"""What other services publish to topics."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from fogline.testing.platform import LocalPlatform
from fogline.testing.plugin import Account

Listen = Callable[..., Any]


def test_an_event_is_published_to_the_topic_of_its_rule(
    topic: str, listen: Listen, fogline: Account, fogline_platform: LocalPlatform
) -> None:
    queue = listen(topic)
    events = fogline.client("events")
    events.put_rule(Name="rule", EventPattern=json.dumps({"source": ["shop"]}))
    events.put_targets(Rule="rule", Targets=[{"Id": "topic", "Arn": topic}])
    events.put_events(
        Entries=[{"Source": "shop", "DetailType": "sold", "Detail": json.dumps({"a": 1})}]
    )
    fogline_platform.settle()
    (message,) = queue.messages()
    assert json.loads(message)["detail"] == {"a": 1}


def test_an_event_for_a_topic_that_is_gone_is_a_dead_letter(
    sns: Any,
    topic: str,
    make_topic: Callable[..., str],
    listen: Listen,
    fogline: Account,
    fogline_platform: LocalPlatform,
) -> None:
    dead = listen(make_topic("unused"), "dead")
    events = fogline.client("events")
    events.put_rule(Name="rule", EventPattern=json.dumps({"source": ["shop"]}))
    target = {"Id": "topic", "Arn": topic, "DeadLetterConfig": {"Arn": dead.arn}}
    events.put_targets(Rule="rule", Targets=[target])
    sns.delete_topic(TopicArn=topic)
    events.put_events(Entries=[{"Source": "shop", "DetailType": "sold", "Detail": "{}"}])
    fogline_platform.settle()
    (message,) = dead.hear()
    assert "ERROR_CODE" in message["MessageAttributes"]
