"""Trying an event pattern."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

EVENT = {
    "id": "1",
    "detail-type": "Order Placed",
    "source": "shop",
    "account": "111122223333",
    "time": "2026-01-01T00:00:00Z",
    "region": "us-east-1",
    "detail": {"price": 3},
}


@pytest.mark.parametrize(
    ("pattern", "result"),
    [
        ({"source": ["shop"]}, True),
        ({"detail": {"price": [{"numeric": ["<", 3]}]}}, False),
    ],
)
def test_a_pattern_is_tried_on_an_event(events: Any, pattern: Any, result: bool) -> None:
    found = events.test_event_pattern(EventPattern=json.dumps(pattern), Event=json.dumps(EVENT))
    assert found["Result"] is result


def test_a_pattern_that_is_none_is_refused_in_the_words_of_aws(events: Any) -> None:
    with pytest.raises(ClientError) as refused:
        events.test_event_pattern(EventPattern='{"int": 42}', Event=json.dumps(EVENT))
    assert refused.value.response["Error"] == {
        "Code": "InvalidEventPatternException",
        "Message": 'Event pattern is not valid. Reason: "int" must be an object or an array',
    }


@pytest.mark.parametrize(
    "event", ["text", "[]", '{"source": "shop"}', json.dumps({**EVENT, "id": 1})[:-1]]
)
def test_an_event_that_is_none_is_refused(events: Any, event: str) -> None:
    with pytest.raises(ClientError) as refused:
        events.test_event_pattern(EventPattern='{"source": ["shop"]}', Event=event)
    assert refused.value.response["Error"]["Message"] == "Parameter Event is not valid."
