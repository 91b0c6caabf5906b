"""Regular expressions find what JavaScript's find: the leftmost, by preference."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogline.aws.jsonata.regex import InvalidRegex, Regex


def free(steps: int) -> None:
    """Nothing is charged here."""


@pytest.mark.parametrize(
    ("pattern", "flags", "text", "found"),
    [
        ("a+?", "", "aaa", "a"),
        ("a|ab", "", "ab", "a"),
        ("(a|ab)(c|bcd)", "", "abcd", "abcd"),
        (r"\bcat\b", "", "a cat sat", "cat"),
        ("^b", "m", "a\nb", "b"),
        ("a$", "m", "a\nb", "a"),
        ("[^a-c]+", "", "abcxyz", "xyz"),
        (r"[\w.-]+@\w+", "", "to: a.b-c@d", "a.b-c@d"),
        ("x{2,3}", "", "xxxx", "xxx"),
        ("x{2}", "", "xxxx", "xx"),
        ("HELLO", "i", "say hello", "hello"),
        ("[a-f]+", "i", "xABCx", "ABC"),
        (r"\u0041\x42", "", "AB", "AB"),
        (r"(?<year>\d{4})", "", "in 2024", "2024"),
        (r"\D\S\W", "", "1 a-", " a-"),
        ("a{,2}", "", "a{,2}", "a{,2}"),
    ],
)
def test_match_is_the_one_javascript_finds(pattern: str, flags: str, text: str, found: str) -> None:
    match = Regex(pattern, flags).search(text, 0, free)
    assert match is not None
    assert text[match.start : match.end] == found


def test_groups_hold_their_last_turn_or_nothing() -> None:
    match = Regex("(a)|(b)").search("b", 0, free)
    assert match is not None
    assert match.groups == [None, "b"]
    match = Regex("(?:(a|b))+").search("abab", 0, free)
    assert match is not None
    assert match.groups == ["b"]


@pytest.mark.parametrize(
    "pattern", ["(", ")", "[", "*", "a**", "(?=a)", r"\1", "[b-a]", "a{2,1}", "\\"]
)
def test_what_is_not_understood_is_refused(pattern: str) -> None:
    with pytest.raises(InvalidRegex):
        Regex(pattern)


PARTS = st.sampled_from(["a", "b", "[ab]", ".", "(a)", "(a|b)", "(?:ab|a)", "^", "$", r"\b"])
ENDINGS = st.sampled_from(["", "", "*", "+", "?", "*?", "{1,2}"])
PIECES = st.tuples(PARTS, ENDINGS).map(
    lambda piece: piece[0] if piece[0] in ("^", "$", r"\b") else "".join(piece)
)


@given(st.lists(PIECES, min_size=1, max_size=5).map("".join), st.text("ab", max_size=8))
def test_simple_patterns_agree_with_python(pattern: str, text: str) -> None:
    ours = Regex(pattern).search(text, 0, free)
    theirs = re.compile(pattern).search(text)
    assert (ours and (ours.start, ours.end)) == (theirs and theirs.span())
