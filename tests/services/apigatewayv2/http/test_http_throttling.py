"""How many requests routes let through."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest


@pytest.fixture
def throttled(make_api: Any, make_function: Any) -> Any:
    api = make_api()
    integration = api.integration("HTTP_PROXY", IntegrationUri="http://127.0.0.1:9/")
    for key in ("GET /pets", "GET /dogs"):
        api.route(key, integration)
    return api


def answers(api: Any, path: str, count: int) -> Counter[int]:
    return Counter(api.get(path).status_code for _ in range(count))


def test_a_burst_passes_and_then_the_rate(throttled: Any, fogline: Any) -> None:
    throttled.stage(
        DefaultRouteSettings={"ThrottlingRateLimit": 2.0, "ThrottlingBurstLimit": 5},
        RouteSettings={"GET /dogs": {"ThrottlingRateLimit": 1.0, "ThrottlingBurstLimit": 1}},
    )
    assert answers(throttled, "/pets", 8) == {503: 5, 429: 3}
    assert answers(throttled, "/dogs", 2) == {503: 1, 429: 1}
    fogline.platform.advance(seconds=1)
    assert answers(throttled, "/pets", 4) == {503: 2, 429: 2}
    answer = throttled.get("/pets")
    assert answer.json() == {"message": "Too Many Requests"}
    assert answer.headers["apigw-requestid"]


def test_stages_have_buckets_of_their_own(throttled: Any) -> None:
    settings = {"ThrottlingRateLimit": 1.0, "ThrottlingBurstLimit": 1}
    throttled.stage("one", DefaultRouteSettings=settings)
    throttled.stage("two", DefaultRouteSettings=settings)
    assert answers(throttled, "/one/pets", 2) == {503: 1, 429: 1}
    assert answers(throttled, "/two/pets", 2) == {503: 1, 429: 1}


def test_without_settings_only_the_account_is_bounded(throttled: Any) -> None:
    throttled.stage()
    assert answers(throttled, "/pets", 20) == {503: 20}
