"""A small story of map runs with crashes; `map_runs_under_crashes.py` beside this file tells a long one."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

_spec = importlib.util.spec_from_file_location(
    "map_runs_under_crashes", Path(__file__).with_name("map_runs_under_crashes.py")
)
assert _spec is not None
assert _spec.loader is not None
maps = importlib.util.module_from_spec(_spec)
sys.modules["map_runs_under_crashes"] = maps
_spec.loader.exec_module(maps)


def test_map_runs_are_whole_when_the_server_dies_in_any_phase(tmp_path: Path) -> None:
    story = maps.MapRunsUnderCrashes(tmp_path)
    wanted = {"READING", "RUNNING"}
    story.run(6, is_enough=lambda: wanted <= story.killed_in)
    assert story.failures == []
    assert wanted <= story.killed_in


@pytest.mark.postgres
def test_map_runs_are_whole_in_postgresql(tmp_path: Path, postgres_url: str) -> None:
    story = maps.MapRunsUnderCrashes(tmp_path, "--store", postgres_url)
    story.run(1)
    assert story.failures == []
