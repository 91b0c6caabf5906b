"""A short run of the fuzzer; `fuzz.py` beside this file makes long ones."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from fogline.testing.platform import LocalPlatform

pytestmark = pytest.mark.slow

_spec = importlib.util.spec_from_file_location("fuzz", Path(__file__).with_name("fuzz.py"))
assert _spec is not None
assert _spec.loader is not None
fuzz = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(fuzz)


@pytest.mark.parametrize("seed", range(4))
def test_requests_made_up_from_the_models_are_never_answered_500(seed: int) -> None:
    with LocalPlatform() as platform:
        fuzzer = fuzz.Fuzzer(platform, seed)
        fuzzer.run(1_500)
        fuzzer.close()
    assert fuzzer.failures == []
    assert fuzzer.statuses[200] > 50, "the fuzzer meets operations that succeed"
