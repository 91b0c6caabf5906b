from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogline.aws.states.choices import OPERATORS, compile_choice_rule
from fogline.aws.states.failures import InvalidExpression, StateFailed
from fogline.aws.states.scope import Scope
from fogline.aws.states.text_patterns import TextPattern

MakeScope = Callable[..., Scope]

NOON = "2024-05-01T12:00:00Z"


def holds(name: str, variable: Any, operand: Any, make_scope: MakeScope) -> bool:
    """Asked with a literal and, where the operator has one, by its path: both must say the same."""
    scope = make_scope({"v": variable, "o": operand})
    answer = compile_choice_rule({"Variable": "$.v", name: operand, "Next": "X"}).holds(scope)
    if f"{name}Path" in OPERATORS:
        by_path = {"Variable": "$.v", f"{name}Path": "$.o", "Next": "X"}
        assert compile_choice_rule(by_path).holds(scope) is answer
    return answer


@pytest.mark.parametrize(
    ("name", "variable", "operand", "expected"),
    [
        ("StringEquals", "a", "a", True),
        ("StringEquals", " ", "  ", False),
        ("StringEquals", 1, "1", False),
        ("StringLessThan", "A", "AB", True),
        ("StringLessThan", "", "", False),
        ("StringLessThan", "\ue000", "\U0001f600", False),
        ("StringLessThanEquals", "AB", "A", False),
        ("StringGreaterThan", "A", "A ", False),
        ("StringGreaterThanEquals", "AB", "A", True),
        ("NumericEquals", 0.0, 0, True),
        ("NumericEquals", True, 1, False),
        ("NumericEquals", "1", 1, False),
        ("NumericLessThan", 0, 0, False),
        ("NumericLessThan", 0, 0.5, True),
        ("NumericLessThanEquals", 1, 0, False),
        ("NumericGreaterThan", 1, 0, True),
        ("NumericGreaterThanEquals", 0.0, 0, True),
        ("BooleanEquals", True, True, True),
        ("BooleanEquals", False, False, True),
        ("BooleanEquals", 1, True, False),
        ("BooleanEquals", None, False, False),
        ("BooleanEquals", {}, False, False),
        ("TimestampEquals", "2024-05-01T14:00:00+02:00", NOON, True),
        ("TimestampEquals", "2024-05-01T12:00:00.000Z", NOON, True),
        ("TimestampEquals", "2024-05-01 12:00:00", NOON, False),
        ("TimestampEquals", 1, NOON, False),
        ("TimestampLessThan", "2024-05-01T11:59:59.999999999Z", NOON, True),
        ("TimestampLessThanEquals", NOON, NOON, True),
        ("TimestampGreaterThan", NOON, NOON, False),
        ("TimestampGreaterThanEquals", "2024-05-01T12:00:00.000000001Z", NOON, True),
        ("StringMatches", "log-1.txt", "log-*.txt", True),
        ("StringMatches", "log-1.txt", "log", False),
        ("StringMatches", 1, "*", False),
        ("IsNull", None, True, True),
        ("IsNull", 0, False, True),
        ("IsNumeric", 1.5, True, True),
        ("IsNumeric", True, True, False),
        ("IsString", "", True, True),
        ("IsString", [], False, True),
        ("IsBoolean", False, True, True),
        ("IsBoolean", "true", True, False),
        ("IsTimestamp", NOON, True, True),
        ("IsTimestamp", "2012-10-09T19:00:55", True, False),
        ("IsTimestamp", "2023-02-24", True, False),
        ("IsTimestamp", "2023-02-30T00:00:00Z", True, False),
        ("IsPresent", None, True, True),
        ("IsPresent", {}, False, False),
    ],
)
def test_an_operator_says(
    name: str, variable: Any, operand: Any, expected: bool, make_scope: MakeScope
) -> None:
    assert holds(name, variable, operand, make_scope) is expected


@pytest.mark.parametrize("expected", [True, False])
def test_presence_can_be_asked_of_what_is_not_there(expected: bool, make_scope: MakeScope) -> None:
    for path in ("$.absent", "$.a.b.c", "$.l[3]", "$absent", "$$.Nothing"):
        rule = compile_choice_rule({"Variable": path, "IsPresent": expected})
        assert rule.holds(make_scope({"l": [1]})) is not expected


@pytest.mark.parametrize(
    "rule",
    [
        {"Variable": "$.absent", "StringEquals": "a"},
        {"Variable": "$.absent", "IsNull": True},
        {"Variable": "$.a", "NumericEqualsPath": "$.absent"},
    ],
)
def test_other_operators_fail_on_what_is_not_there(
    rule: dict[str, Any], make_scope: MakeScope
) -> None:
    with pytest.raises(StateFailed) as failure:
        compile_choice_rule(rule).holds(make_scope({"a": 1}))
    assert failure.value.error == "States.Runtime"
    assert failure.value.cause == (
        "Invalid path '$.absent': The choice state's condition path references an invalid value."
    )


def _is(number: int) -> dict[str, Any]:
    return {"Variable": "$.n", "NumericEquals": number}


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"And": [_is(1), {"Not": _is(2)}]}, True),
        ({"And": [_is(1), _is(2)]}, False),
        ({"Or": [_is(2), _is(1)]}, True),
        ({"Or": [_is(2), _is(3)]}, False),
        ({"Not": {"Or": [_is(2), {"And": [_is(1), _is(3)]}]}}, True),
        (
            {"And": [{"Variable": "$.x", "IsPresent": True}, {"Variable": "$.x", "IsNull": True}]},
            False,
        ),
    ],
)
def test_rules_are_joined(rule: dict[str, Any], expected: bool, make_scope: MakeScope) -> None:
    assert compile_choice_rule({**rule, "Next": "X"}).holds(make_scope({"n": 1})) is expected


def test_variables_and_the_context_object_are_compared(make_scope: MakeScope) -> None:
    rule = {"Variable": "$guess", "StringEqualsPath": "$$.State.Name"}
    assert compile_choice_rule(rule).holds(make_scope(guess="Here"))


@pytest.mark.parametrize(
    "rule",
    [
        {},
        {"Variable": "$.a"},
        {"StringEquals": "a"},
        {"Variable": "a", "StringEquals": "a"},
        {"Variable": "$.a", "StringEquals": 1},
        {"Variable": "$.a", "NumericEquals": True},
        {"Variable": "$.a", "NumericEqualsPath": 1},
        {"Variable": "$.a", "IsNull": 1},
        {"Variable": "$.a", "StringMatches": 1},
        {"Variable": "$.a", "StringEquals": "a", "IsNull": True},
        {"Variable": "$.a", "Like": "a"},
        {"And": []},
        {"Or": _is(1)},
        {"Not": [_is(1)]},
    ],
)
def test_what_is_no_rule_is_refused(rule: dict[str, Any]) -> None:
    with pytest.raises(InvalidExpression):
        compile_choice_rule(rule)


def test_a_rule_knows_its_variables() -> None:
    rule = {
        "And": [
            {"Not": {"Variable": "$a.b", "StringEqualsPath": "$c"}},
            {"Or": [{"Variable": "$d", "IsNull": True}, {"Variable": "$$.e", "IsPresent": True}]},
        ]
    }
    assert compile_choice_rule(rule).variables == {"a", "c", "d"}


def test_rules_nested_too_deeply_are_refused() -> None:
    rule: dict[str, Any] = _is(1)
    for _ in range(2_000):
        rule = {"Not": rule}
    with pytest.raises(InvalidExpression):
        compile_choice_rule(rule)


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("*", "", True),
        ("a*a", "a", False),
        ("a*a", "aa", True),
        ("*b*", "abc", True),
        ("*ab*ab*", "ab", False),
        (r"\*", "*", True),
        (r"\*", "a", False),
        (r"\\*", r"\x", True),
        (r"a\b", r"a\b", True),
        ("a?c", "abc", False),
    ],
)
def test_a_pattern_has_wildcards_and_escapes(pattern: str, text: str, expected: bool) -> None:
    assert TextPattern(pattern).matches(text) is expected


@given(pieces=st.lists(st.text("ab", max_size=3), min_size=1), fills=st.text("ab", max_size=3))
def test_a_pattern_matches_what_it_was_made_from(pieces: list[str], fills: str) -> None:
    assert TextPattern("*".join(pieces)).matches(fills.join(pieces))
