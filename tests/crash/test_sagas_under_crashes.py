"""A small story of sagas with crashes; `sagas_under_crashes.py` beside this file tells a long one."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

_spec = importlib.util.spec_from_file_location(
    "sagas_under_crashes", Path(__file__).with_name("sagas_under_crashes.py")
)
assert _spec is not None
assert _spec.loader is not None
sagas = importlib.util.module_from_spec(_spec)
sys.modules["sagas_under_crashes"] = sagas
_spec.loader.exec_module(sagas)


def test_sagas_end_once_with_each_effect_once_when_the_server_dies(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    check(sagas.SagasUnderCrashes(tmp_path, 7, 60), kills=4)


@pytest.mark.postgres
def test_sagas_end_once_in_postgresql(tmp_path: Path, postgres_url: str) -> None:
    tmp_path.chmod(0o755)
    check(sagas.SagasUnderCrashes(tmp_path, 7, 30, "--store", postgres_url), kills=2)


def check(story: Any, kills: int) -> None:
    story.run(kills)
    assert story.ledger.failures == []
    assert len(story.ledger.started) == story.executions
