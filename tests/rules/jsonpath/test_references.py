from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogline.aws.jsonpath import InvalidPath, PathFailed, compile_path, compile_reference

_NAMES = st.text(alphabet="abcé _-", min_size=1, max_size=3)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("path", "document", "expected"),
    [
        ("$", {"a": 1}, "new"),
        ("$.a", {"a": 1, "b": 2}, {"a": "new", "b": 2}),
        ("$.a.b.c", {"x": 1}, {"x": 1, "a": {"b": {"c": "new"}}}),
        ("$.a[1].b", {"a": [1, {"b": 2}]}, {"a": [1, {"b": "new"}]}),
        ("$['a b']", {}, {"a b": "new"}),
    ],
)
def test_a_reference_path_sets_its_place(path: str, document: Any, expected: Any) -> None:
    before = copy.deepcopy(document)
    assert compile_reference(path).set(document, "new") == expected
    assert document == before


def test_what_a_reference_path_does_not_touch_is_not_copied() -> None:
    document = {"kept": {"x": 1}, "changed": {"y": {"z": 1}, "kept": []}}
    changed = compile_reference("$.changed.y").set(document, 2)
    assert changed["kept"] is document["kept"]
    assert changed["changed"]["kept"] is document["changed"]["kept"]


@pytest.mark.parametrize(
    ("path", "document"),
    [
        ("$.a.b", {"a": 1}),
        ("$.a.b", {"a": None}),
        ("$.a", "text"),
        ("$.a[0]", {}),
        ("$.a[1]", {"a": [1]}),
        ("$.a[0]", {"a": {}}),
        ("$.a.b", {"a": [1]}),
    ],
)
def test_a_reference_path_does_not_overwrite_what_is_in_its_way(path: str, document: Any) -> None:
    with pytest.raises(PathFailed):
        compile_reference(path).set(document, "new")


@pytest.mark.parametrize(
    "text",
    [
        "$.a[*]",
        "$..a",
        "$.a[1:]",
        "$.a[?(@.b)]",
        "$['a','b']",
        "$.a.length()",
        "$$.a",
        "$v.a",
        "$.a[-1]",
    ],
)
def test_a_reference_path_names_one_place_only(text: str) -> None:
    with pytest.raises(InvalidPath):
        compile_reference(text)


@given(
    document=st.dictionaries(_NAMES, _JSON, max_size=4),
    names=st.lists(_NAMES, max_size=4),
    value=_JSON,
)
def test_what_was_set_is_found(document: Any, names: list[str], value: Any) -> None:
    text = "$" + "".join(f"['{name}']" for name in names)
    before = copy.deepcopy(document)
    try:
        changed = compile_reference(text).set(document, value)
    except PathFailed:
        return
    assert compile_path(text).find(changed) == [value]
    assert document == before
