"""No expression takes long, fills the memory or raises anything but its two errors."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fogline.aws.jsonata import (
    MISSING,
    EvaluationFailed,
    InvalidExpression,
    Purse,
    UnsupportedResult,
    compile_expression,
)
from fogline.aws.jsonata.functions import FUNCTIONS
from fogline.aws.jsonata.limits import CHAIN_MAX, NESTING_MAX, SOURCE_MAX, STEPS_MAX

DOUBLING = "($d := function($s, $n){$n = 0 ? $s : $d(%s, $n - 1)}; $d(%s, 60))"
EXPENSIVE = [
    "($f := function(){$f()}; $f())",
    "$count([1..10000000])",
    "$pad('a', 2000000000)",
    "$pad('a', -2000000000)",
    DOUBLING % ("$s & $s", "'aaaaaaaa'"),
    DOUBLING % ("[$s, $s]", "1"),
    DOUBLING % ("{'a': $s, 'b': $s}", "1"),
    "$string(" + DOUBLING % ("[[$s, $s]]", "1") + ")",
    DOUBLING % ("$append($s, $s)", "[1]"),
    DOUBLING % ("$replace($s, 'a', 'aaaaaaaaaa')", "'a'"),
    DOUBLING % ("$replace($s, /a/, '$0$0$0$0')", "'a'"),
    DOUBLING % ("$join([$s, $s])", "'aaaaaaaa'"),
    DOUBLING % ("$encodeUrlComponent($s & $s)", "'é'"),
    DOUBLING % ("$base64encode($s & $s)", "'a'"),
    "([1..400]; $sum([1..5000].[1..5000].$))",
    "$distinct([1..3000].{'a': $})",
    "$join([1..50000].$string(), $pad('', 50000))",
    "$range(0, 1, 0.0000000001)",
    "$sort([1..200000], function($a, $b){$a < $b})",
    "[1..100000][$ in [1..100000]]",
    "$reduce([1..1000], function($a, $b){$append($a, [1..1000])})",
    "$replace($pad('', 200000, 'a'), /(a|aa)+$/, 'b') & $match($pad('', 99999, 'a'), /(a*)*b/)",
    "$split($pad('', 7000000, 'a'), '')",
]


@pytest.mark.parametrize("text", EXPENSIVE)
def test_expensive_expression_ends_within_its_steps(
    evaluate: Callable[..., Any], text: str
) -> None:
    began = time.thread_time()
    with pytest.raises(EvaluationFailed, match="D1012"):
        evaluate(text)
    assert time.thread_time() - began < 5


@pytest.mark.parametrize(
    "text",
    [
        "($f := function($x){1 + $f($x + 1)}; $f(1))",
        "($d := function($s, $n){$n = 0 ? $s : $d([[$s]], $n - 1)}; $d(1, 5000))",
        "($d := function($s, $n){$n = 0 ? $s : $d({'a': $s}, $n - 1)}; $string($d(1, 5000)))",
        "($d := function($s, $n){$n = 0 ? $s : $d({'a': $s}, $n - 1)}; $d(1, 5000) = $d(1, 5000))",
        "($d := function($f, $n){$n = 0 ? $f : $d($f ~> $string, $n - 1)}; $d($sum, 5000)(1))",
    ],
)
def test_depth_is_bounded(evaluate: Callable[..., Any], text: str) -> None:
    with pytest.raises(EvaluationFailed, match="D1011"):
        evaluate(text)


def test_recursion_of_a_hundred_calls_is_fine(evaluate: Callable[..., Any]) -> None:
    text = "($f := function($n){$n = 0 ? 0 : 1 + $f($n - 1)}; $f(100))"
    assert evaluate(text) == 100


@pytest.mark.parametrize("opening", ["(", "[", "-", "$a := ", "1 ? ", "{'a': ", "$f(", "|a|"])
def test_nesting_is_bounded(opening: str) -> None:
    with pytest.raises(InvalidExpression, match="S0601"):
        compile_expression(opening * 2_000 + "1")


@pytest.mark.parametrize("link", ["+1", "&1", ".a", "[0]", "(1)", "^(a)", "~>$f", "#$i", "@$i"])
def test_chains_are_bounded(link: str) -> None:
    with pytest.raises(InvalidExpression, match=r"S0601|S0215|S0216"):
        compile_expression("$a" + link * (CHAIN_MAX + 1))


def test_longest_chain_and_deepest_nesting_are_evaluated(evaluate: Callable[..., Any]) -> None:
    assert evaluate("1" + "+1" * CHAIN_MAX) == CHAIN_MAX + 1
    assert evaluate("(" * (NESTING_MAX - 1) + "1" + ")" * (NESTING_MAX - 1)) == 1


def test_length_is_bounded() -> None:
    assert compile_expression("1" + " " * (SOURCE_MAX - 1)).evaluate({}) == 1
    with pytest.raises(InvalidExpression, match="S0600"):
        compile_expression("1" + " " * SOURCE_MAX)


@pytest.mark.parametrize("pattern", ["a{1000}{1000}", "((a{50}){50}){50}", "(" * 40 + ")" * 40])
def test_regular_expressions_are_bounded(pattern: str) -> None:
    with pytest.raises(InvalidExpression, match="S0303"):
        compile_expression(f"/{pattern}/")


@pytest.mark.parametrize(
    "pattern", ["(a+)+$", "(a|aa)+$", "(a|a?)+x", "([a-zA-Z]+)*1", "(.*a){12}$"]
)
def test_regular_expressions_that_explode_elsewhere_end(
    evaluate: Callable[..., Any], pattern: str
) -> None:
    assert evaluate(f"$contains($pad('', 200, 'a') & '!', /{pattern}/)") is False


def test_steps_can_be_fewer() -> None:
    expression = compile_expression("[1..1000].($ * 2)")
    assert len(expression.evaluate({})) == 1000
    with pytest.raises(EvaluationFailed, match=f"more than {STEPS_MAX} steps"):
        expression.evaluate({}, steps=100)


# ---- whatever is written

WORDS = st.sampled_from(
    [
        *(f"${name}(" for name in FUNCTIONS),
        *"()[]{},;:.?+-*/%^&=<>|@#$",
        *(
            "!=",
            "<=",
            ">=",
            "..",
            ":=",
            "~>",
            "**",
            " and ",
            " or ",
            " in ",
            "$$",
            "$x",
            "$y",
            "$i",
        ),
        *("a", "b", "'a'", "''", "0", "1", "-1", "2.5", "1e300", "1e9", "true", "null"),
        *("[0]", "[]", "[1..3]", "(a)", "{'a':1}", "/a+/", "/(a|b)*c/i", "^(>a)", "@$i", "#$i"),
        *("function($x){", "λ($x,$y)<nn:n>{", "'aaaaaa'", "'[Y]-[M]'", "'#,##0.00'"),
    ]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
    ),
    max_leaves=10,
)
ARGUMENTS = st.sampled_from(
    [
        *(
            "$x",
            "$x.a",
            "$x[0]",
            "[$x]",
            "1",
            "-1",
            "0",
            "1e300",
            "2.5",
            "true",
            "null",
            "$nothing",
        ),
        *("'a'", "''", "'[Y]'", "'#0'", "'w'", "'SHA-1'", "/a+/", "[]", "[1,2]", "[1..5]", "{}"),
        *("$sum", "function($a,$b){$a}", "function($a){$x}", "{'a':$x}"),
    ]
)


def run(text: str, value: Any) -> None:
    try:
        expression = compile_expression(text)
        result = expression.evaluate(
            {"x": value}, context=value, steps=3_000, next_chance=lambda: 0.5, new_id=str
        )
        assert result is MISSING or isinstance(result, (dict, list, str, int, float, type(None)))
    except (InvalidExpression, EvaluationFailed, UnsupportedResult):
        pass


@settings(max_examples=600, deadline=2_000)
@given(st.lists(WORDS, max_size=14).map("".join), VALUES)
def test_any_row_of_words_ends_with_a_result_or_an_error(text: str, value: Any) -> None:
    run(text, value)


@settings(max_examples=1_000, deadline=2_000)
@given(st.sampled_from(sorted(FUNCTIONS)), st.lists(ARGUMENTS, max_size=4), VALUES)
def test_any_call_ends_with_a_result_or_an_error(name: str, args: list[str], value: Any) -> None:
    run(f"${name}({','.join(args)})", value)


@settings(max_examples=300, deadline=2_000)
@given(st.text(alphabet="ab()[]{}|*+?.^$\\d1,-", max_size=15), st.text(alphabet="ab1", max_size=20))
def test_any_regular_expression_ends(pattern: str, text: str) -> None:
    run(f"$match($x, /{pattern}/)", text)


@settings(max_examples=200, deadline=2_000)
@given(st.text(alphabet="[]YMDdFWwXxHhmsfZzPn01#,-*ot;. ", max_size=20), st.integers())
def test_any_picture_ends(picture: str, millis: int) -> None:
    run(f"$fromMillis($x, '{picture}')", millis)
    run(f"$toMillis($fromMillis(1e12, '{picture}'), '{picture}')", millis)
    run(f"$formatNumber($x, '{picture}')", millis)
    run(f"$parseInteger($formatInteger($x, '{picture}'), '{picture}')", millis)


def test_expressions_that_share_a_purse_cost_no_more_than_it_holds_together() -> None:
    expression = compile_expression("$count([1..1000])")
    purse = Purse(5_000)
    with pytest.raises(EvaluationFailed, match="D1012"):
        for _ in range(100):
            assert expression.evaluate({}, purse=purse) == 1_000
    assert purse.steps == 0
