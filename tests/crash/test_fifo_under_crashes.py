"""A small FIFO story with crashes; `fifo_under_crashes.py` beside this file tells a long one."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

_spec = importlib.util.spec_from_file_location(
    "fifo_under_crashes", Path(__file__).with_name("fifo_under_crashes.py")
)
assert _spec is not None
assert _spec.loader is not None
fifo = importlib.util.module_from_spec(_spec)
sys.modules["fifo_under_crashes"] = fifo
_spec.loader.exec_module(fifo)


def test_groups_stay_in_order_and_whole_when_consumers_and_server_die(tmp_path: Path) -> None:
    check(fifo.FifoUnderCrashes(tmp_path, 7, 1_000, 20), kills=3)


@pytest.mark.postgres
def test_groups_stay_in_order_and_whole_in_postgresql(tmp_path: Path, postgres_url: str) -> None:
    check(fifo.FifoUnderCrashes(tmp_path, 7, 500, 20, "--store", postgres_url), kills=1)


def check(story: Any, kills: int) -> None:
    story.run(kills)
    assert story.ledger.failures == []
    assert len(story.ledger.deleted | story.ledger.deleted_maybe) == story.messages
