from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogline.aws.patterns.regex import InvalidRegex, Regex

_TEXT = st.text(alphabet="abc1 -_\n", max_size=7)
_PIECE = st.sampled_from(
    [
        "a",
        "b",
        "c",
        ".",
        r"\d",
        r"\w",
        r"\S",
        "[ab]",
        "[^a]",
        "[a-c1]",
        "-",
        r"\-",
        "(a|bc)",
        "(?:ab)",
    ]
)
_PIECES = st.tuples(_PIECE, st.sampled_from(["", "*", "+", "?", "{2}", "{1,}", "{0,2}", "*?"]))
_SEQUENCE = st.lists(_PIECES.map("".join), max_size=4).map("".join)
_GROUPED = st.tuples(_SEQUENCE, _SEQUENCE, st.sampled_from(["", "*", "+"])).map(
    lambda parts: f"({parts[0]}|{parts[1]}){parts[2]}"
)
_SOURCE = st.lists(_SEQUENCE | _GROUPED, min_size=1, max_size=3).map("".join)


@given(_SOURCE, st.booleans(), st.booleans(), _TEXT)
def test_an_expression_matches_what_pythons_does(source, at_start, at_end, text) -> None:
    expected = re.compile(f"(?:{source})", re.ASCII)
    regex = Regex(source)
    assert regex.found_in(text) == bool(expected.search(text))
    assert regex.matches(text) == bool(expected.fullmatch(text))
    anchored = Regex(f"{'^' * at_start}({source}){'$' * at_end}")
    start, end = r"\A" * at_start, r"\Z" * at_end
    assert anchored.found_in(text) == bool(re.search(f"{start}(?:{source}){end}", text, re.ASCII))


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("(a", "a group is not closed, or holds '$'"),
        ("a)", "')' has no meaning at position 1"),
        ("*a", "'*' has no meaning at position 0"),
        ("a**", "'*' has no meaning at position 2"),
        ("[a", "a set is not closed"),
        ("a{2,1}", "a repetition goes from the smaller number to the larger"),
        ("a{x}", "a repetition is written {n}, {n,} or {n,m}"),
        (r"\q", r"'\q' has no meaning"),
        (r"(a)\1", r"'\1' has no meaning"),
        (r"\xz1", "\\x needs two hexadecimal digits"),
        ("(?=a)", "look-around and flags are not understood"),
        ("a{9999}", "it is too large"),
        ("(((a{99}){99}){99}){99}", "it is too large"),
        ("(" * 500, "it is nested too deeply"),
    ],
)
def test_what_is_not_understood_is_refused_with_a_reason(source, reason) -> None:
    with pytest.raises(InvalidRegex) as refused:
        Regex(source)
    assert str(refused.value) == reason


@given(st.text(alphabet="ab()[]{}*+?|^$\\-,1x.", max_size=15), _TEXT)
def test_any_text_compiles_or_is_refused(source, text) -> None:
    try:
        regex = Regex(source)
    except InvalidRegex:
        return
    assert regex.found_in(text) in (True, False)


def test_hostile_expressions_take_no_time() -> None:
    started = time.thread_time()
    assert not Regex("^(a+)+$").found_in("a" * 50_000 + "b")
    assert not Regex("(a|a)*(a|aa)*c").found_in("a" * 50_000)
    assert not Regex("a*" * 300 + "b").found_in("a" * 50_000)
    assert time.thread_time() - started < 2
