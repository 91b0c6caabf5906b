"""How deep JSON values are nested."""

from __future__ import annotations

import pytest

from fogline.aws.nesting import is_nested_deeper


@pytest.mark.parametrize(
    ("value", "is_deeper"),
    [({}, False), ({"a": {"b": 1}}, False), ({"a": {"b": {}}}, True), ([[[1]]], True)],
)
def test_only_objects_and_lists_count_as_levels(value: object, is_deeper: bool) -> None:
    assert is_nested_deeper(value, 2) is is_deeper
