"""One matcher for many patterns says what each of them would say alone."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from fogline.aws.patterns import compile_pattern
from fogline.aws.patterns.matcher import Matcher

TEXTS = st.sampled_from(["", "a", "A", "ab", "aB", "abc", "b", "10.0.0.1", "10.0.1.9", "::1"])
NUMBERS = st.sampled_from([-1, 0, 1, 1.5, 2, 3, 1e3])
VALUES = st.one_of(TEXTS, NUMBERS, st.booleans(), st.none())


def _numeric(bottom: float, top: float) -> dict[str, Any]:
    if bottom < top:
        return {"numeric": [">", bottom, "<=", top]}
    return {"numeric": [">=", bottom]}


AFFIX = TEXTS.filter(bool)
OPERATORS = st.one_of(
    VALUES,
    AFFIX.map(lambda text: {"prefix": text}),
    AFFIX.map(lambda text: {"suffix": text}),
    AFFIX.map(lambda text: {"prefix": {"equals-ignore-case": text}}),
    AFFIX.map(lambda text: {"suffix": {"equals-ignore-case": text}}),
    TEXTS.map(lambda text: {"equals-ignore-case": text}),
    st.sampled_from(["*", "a*", "*b", "a*c", "*b*", "abc"]).map(lambda text: {"wildcard": text}),
    st.builds(_numeric, NUMBERS, NUMBERS),
    NUMBERS.map(lambda number: {"numeric": ["<", number]}),
    NUMBERS.map(lambda number: {"numeric": ["=", number]}),
    st.sampled_from(["10.0.0.0/24", "10.0.0.0/16", "10.0.0.1/32", "::/0"]).map(
        lambda network: {"cidr": network}
    ),
    AFFIX.map(lambda text: {"anything-but": [text]}),
    AFFIX.map(lambda text: {"anything-but": {"prefix": text}}),
    st.booleans().map(lambda flag: {"exists": flag}),
)
NAMES = st.sampled_from(["x", "y", "z"])
CONDITIONS = st.lists(OPERATORS, min_size=1, max_size=3)
FLAT = st.dictionaries(NAMES, CONDITIONS, min_size=1, max_size=3)
NESTED = st.dictionaries(NAMES, st.one_of(CONDITIONS, FLAT), min_size=1, max_size=3)
PATTERNS = st.one_of(
    NESTED, st.lists(FLAT, min_size=2, max_size=3).map(lambda branches: {"$or": branches})
)
LEAVES = st.one_of(VALUES, st.lists(VALUES, max_size=3))
ELEMENTS = st.lists(st.dictionaries(NAMES, VALUES, max_size=2), max_size=2)
EVENTS = st.dictionaries(
    NAMES, st.one_of(LEAVES, ELEMENTS, st.dictionaries(NAMES, LEAVES, max_size=3)), max_size=3
)


@settings(max_examples=400, deadline=None)
@given(
    patterns=st.lists(PATTERNS, max_size=12),
    removed=st.sets(st.integers(0, 11)),
    events=st.lists(EVENTS, max_size=4),
)
def test_it_finds_what_each_pattern_matches_alone(
    patterns: list[Any], removed: set[int], events: list[Any]
) -> None:
    compiled = [compile_pattern(pattern) for pattern in patterns]
    matcher = Matcher()
    for number, pattern in enumerate(compiled):
        matcher.put(str(number), pattern)
    for number in removed:
        matcher.remove(str(number))
    left = [number for number in range(len(compiled)) if number not in removed]
    for event in events:
        expected = [str(number) for number in left if compiled[number].matches(event)]
        assert matcher.find(event) == expected


def test_a_pattern_put_again_replaces_the_one_of_that_name() -> None:
    matcher = Matcher()
    matcher.put("rule", compile_pattern({"source": ["a"]}))
    matcher.put("rule", compile_pattern({"source": ["b"]}))
    assert matcher.find({"source": "a"}) == []
    assert matcher.find({"source": "b"}) == ["rule"]
    assert len(matcher) == 1


def test_what_is_removed_leaves_nothing_behind() -> None:
    matcher = Matcher()
    pattern = compile_pattern(
        {
            "a": [{"prefix": "x"}, {"cidr": "10.0.0.0/8"}],
            "b": [{"numeric": [">", 1]}, {"exists": False}],
        }
    )
    empty = vars(Matcher()) | {"_next": 1}
    matcher.put("rule", pattern)
    matcher.remove("rule")
    matcher.remove("never there")
    assert vars(matcher) == empty
