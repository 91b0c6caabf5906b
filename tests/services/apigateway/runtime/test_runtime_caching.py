"""The cache of a stage."""

from __future__ import annotations

from typing import Any

import pytest

TEXT = '{"id": "$context.requestId", "q": "$input.params(\'q\')"}'


@pytest.fixture
def configure(api: Any, integrate: Any) -> Any:
    """Serves the API with a cache and what else is set."""

    def make(**settings: str) -> None:
        for verb in ("GET", "POST"):
            integrate(
                verb=verb,
                method={"requestParameters": {"method.request.querystring.q": False}},
                cacheKeyParameters=["method.request.querystring.q"],
                responses=[{"responseTemplates": {"application/json": TEXT}}],
            )
        api.create_stage(
            stageName="dev", deploymentId=api.create_deployment()["id"], cacheClusterEnabled=True
        )
        whole = {"enabled": "true", **settings}
        api.update_stage(
            stageName="dev",
            patchOperations=[
                {"op": "replace", "path": f"/*/*/caching/{name}", "value": value}
                for name, value in whole.items()
            ],
        )

    return make


def test_an_answer_is_given_again_until_its_time_is_up(
    configure: Any, call: Any, fogline: Any
) -> None:
    configure(ttlInSeconds="60")
    first = call("GET", "/?q=1")
    again = call("GET", "/?q=1")
    assert again.json == first.json
    assert again.headers["x-amzn-RequestId"] != first.headers["x-amzn-RequestId"]
    assert call("GET", "/?q=2").json["q"] == "2"
    fogline.platform.advance(seconds=61)
    assert call("GET", "/?q=1").json != first.json


def test_what_changes_things_is_not_cached_by_the_setting_of_all(configure: Any, call: Any) -> None:
    configure()
    assert call("POST").json != call("POST").json


def test_a_flushed_cache_has_nothing(configure: Any, call: Any, api: Any, fogline: Any) -> None:
    configure()
    first = call("GET").json
    fogline.platform.advance(seconds=1)
    api.flush_stage_cache(stageName="dev")
    assert call("GET").json != first


def test_a_caller_may_ask_for_a_new_answer_where_nobody_must_be_authorized(
    configure: Any, call: Any
) -> None:
    configure(requireAuthorizationForCacheControl="false")
    first = call("GET").json
    renewed = call("GET", headers={"Cache-Control": "max-age=0"}).json
    assert renewed != first
    assert call("GET").json == renewed


@pytest.mark.parametrize(
    ("strategy", "status", "is_warned"),
    [
        ("SUCCEED_WITH_RESPONSE_HEADER", 200, True),
        ("SUCCEED_WITHOUT_RESPONSE_HEADER", 200, False),
        ("FAIL_WITH_403", 403, False),
    ],
)
def test_who_may_not_ask_for_a_new_answer_is_told_as_the_stage_says(
    configure: Any, call: Any, strategy: str, status: int, is_warned: bool
) -> None:
    configure(unauthorizedCacheControlHeaderStrategy=strategy)
    first = call("GET").json
    answer = call("GET", headers={"Cache-Control": "max-age=0"})
    assert (answer.status, "Warning" in answer.headers) == (status, is_warned)
    assert status != 200 or answer.json == first
