"""A short run of the fuzzer of REST APIs; `rest_apis.py` beside this file makes long ones."""

from __future__ import annotations

import pytest
from tests.fuzz.rest_apis import Fuzzer

from fogline.testing.platform import LocalPlatform

pytestmark = pytest.mark.slow


def test_documents_templates_and_requests_made_up_never_break_the_server() -> None:
    with LocalPlatform() as platform:
        fuzzer = Fuzzer(platform, seed=7)
        fuzzer.run(200)
        fuzzer.close()
    assert fuzzer.failures == []
    assert fuzzer.counts["call 200"] > 5, "the fuzzer meets APIs that answer"
