from __future__ import annotations

import contextlib
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fogline.aws.jsonpath import InvalidPath, PathFailed, compile_path

_ENDS = st.none() | st.integers(-7, 7)
_WHOLE = ["[*]", "[?(@.a)]", ".a", "..a", "[0,0]", "length()", "/a*/", "true", "size", "in"]
_SIGNS = ["..", "==", "!=", "&&", "||", "=~", "-1", "é", "\\", *"$@.*[]()?ab'\"0:,!<{} "]
_PIECES = st.sampled_from([*_WHOLE, *_SIGNS])
_DOCUMENTS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.floats(allow_nan=False)
    | st.text("ab", max_size=2),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("ab"), inner),
    max_leaves=12,
)


@given(elements=st.lists(st.integers(), max_size=6), start=_ENDS, stop=_ENDS)
def test_slices_are_as_in_python(elements: list[int], start: int | None, stop: int | None) -> None:
    if start is None and stop is None:
        return
    ends = ":".join("" if end is None else str(end) for end in (start, stop))
    assert compile_path(f"$[{ends}]").value(elements) == elements[start:stop]


@settings(max_examples=400)
@given(pieces=st.lists(_PIECES, max_size=14), document=_DOCUMENTS)
def test_no_expression_does_anything_but_answer_or_refuse(pieces: list[str], document: Any) -> None:
    try:
        compile_path("$" + "".join(pieces)).find(document)
    except (InvalidPath, PathFailed):
        return


def _nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = {"a": [value, value, value]}
    return value


@pytest.mark.parametrize(
    "path",
    [
        "$..*..*..*..*..*",
        "$" + "..a" * 60,
        "$" + "[0,0,0,0,0,0,0,0,0,0]" * 30,
        "$..[?(@ == $)]",
        "$..[?($..[?($..a == @)])]",
        "$..*",
        "$[?(@ =~ /(a|aa|aaa)*b/)]",
    ],
)
@pytest.mark.parametrize("kind", ["nested", "flat", "self"])
def test_a_hostile_expression_ends_soon(path: str, kind: str) -> None:
    document: Any = {
        "nested": _nested(9),
        "flat": [["a" * 20]] * 5_000,
        "self": [[[[[[0] * 10] * 10] * 10] * 10] * 10] * 10,
    }[kind]
    began = time.thread_time()
    with contextlib.suppress(PathFailed):
        compile_path(path).find(document)
    assert time.thread_time() - began < 5


def test_a_deep_document_is_scanned_without_recursion() -> None:
    document: Any = 1
    for _ in range(20_000):
        document = [document]
    with pytest.raises(PathFailed):
        compile_path("$..*").find(document)
    assert compile_path("$..a").find(document) == []
    assert compile_path("$[?(@ == $)]").find(document) == []
