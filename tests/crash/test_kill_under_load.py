"""A few rounds of killing a real server under load; `kill_under_load.py` beside this file makes many."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

_spec = importlib.util.spec_from_file_location(
    "kill_under_load", Path(__file__).with_name("kill_under_load.py")
)
assert _spec is not None
assert _spec.loader is not None
load = importlib.util.module_from_spec(_spec)
sys.modules["kill_under_load"] = load
_spec.loader.exec_module(load)


def test_what_was_acknowledged_outlives_sigkill_at_any_moment(tmp_path: Path) -> None:
    check(load.KillUnderLoad(tmp_path, 7), rounds=3)


@pytest.mark.postgres
def test_what_was_acknowledged_is_in_postgresql_when_a_node_is_killed(
    tmp_path: Path, postgres_url: str
) -> None:
    check(load.KillUnderLoad(tmp_path, 7, "--store", postgres_url), rounds=1)


def check(story: Any, rounds: int) -> None:
    story.run(rounds)
    assert story.failures == []
    assert story.ledger.acknowledged() >= rounds * load.ACKNOWLEDGED_MIN
