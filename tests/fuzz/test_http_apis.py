"""A short run of what `http_apis.py` beside this file does at length."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.conftest import open_platform
from tests.fuzz.http_apis import Fuzzer

from fogline.testing.platform import LocalPlatform

pytestmark = pytest.mark.slow


@pytest.fixture
def platform(request: pytest.FixtureRequest) -> Iterator[LocalPlatform]:
    yield from open_platform(request)


@pytest.mark.parametrize("seed", range(2))
def test_no_api_and_no_caller_of_one_makes_a_traceback_or_holds_anybody_up(
    platform: LocalPlatform, seed: int
) -> None:
    fuzzer = Fuzzer(platform, seed)
    fuzzer.run(400)
    fuzzer.close()
    assert fuzzer.failures == []
    assert fuzzer.statuses["2xx"] > 20, "the fuzzer meets what succeeds"
    assert fuzzer.statuses["upgrade 101"] > 10
