from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fogline.aws.states.expressions import compile_expression
from fogline.aws.states.failures import InvalidExpression, StateFailed
from fogline.aws.states.scope import Scope
from fogline.world.ids import Ids

MakeScope = Callable[..., Scope]

INPUT: dict[str, Any] = {
    "name": "Ann",
    "none": None,
    "object": {"b": 1, "a": []},
    "list": [3, 1, 3, "1", True, 1, 1.0, [1], [1]],
    "template": "<{}> {}",
    "json": '{"x": [1, 2.5, null]}',
    "long": "x" * 10_001,
    "big": "x" * 250_000,
}


def evaluated(text: str, scope: Scope) -> Any:
    return compile_expression(text).evaluate(scope, "field.$")


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("States.Format('Hi {}, {}!', $.name, 3)", "Hi Ann, 3!"),
        ("States.Format($.template, 'a', true)", "<a> true"),
        ("States.Format('{}|{}|{}', $.none, 1.1, $.json)", 'null|1.1|{"x": [1, 2.5, null]}'),
        ("States.Format('{}', $.object)", "{b=1, a=[]}"),
        ("States.Format('{}', States.Array(1, 'a', null))", "[1, a, null]"),
        (r"States.Format('It\'s \{\} \\ {}', 1)", r"It's {} \ 1"),
        ("States.Format('no holes')", "no holes"),
        ("States.Format('{}', 12345678.9)", "1.23456789E7"),
        ("States.Format('{} {}', 0.0001, 1.0)", "1.0E-4 1.0"),
        ("States.StringToJson($.json)", {"x": [1, 2.5, None]}),
        ("States.StringToJson('[1]')", [1]),
        ("States.JsonToString($.object)", '{"b":1,"a":[]}'),
        ("States.JsonToString('é')", '"é"'),
        ("States.Array()", []),
        ("States.Array(1, $.name, States.Array('x'))", [1, "Ann", ["x"]]),
        ("States.ArrayPartition(States.ArrayRange(0, 4, 1), 2)", [[0, 1], [2, 3], [4]]),
        ("States.ArrayPartition(States.Array(), 3)", []),
        ("States.ArrayPartition(States.Array(1, 2, 3), 1.6)", [[1, 2], [3]]),
        ("States.ArrayContains($.list, 3)", True),
        ("States.ArrayContains($.list, '3')", False),
        ("States.ArrayContains($.list, States.Array(1))", True),
        ("States.ArrayRange(0, 9, 3)", [0, 3, 6, 9]),
        ("States.ArrayRange(0, 10, 3)", [0, 3, 6, 9]),
        ("States.ArrayRange(1, 9, 9)", [1]),
        ("States.ArrayRange(5, 1, -2)", [5, 3, 1]),
        ("States.ArrayGetItem($.list, 1)", 1),
        ("States.ArrayLength($.list)", 9),
        ("States.ArrayUnique(States.Array(3, 1, 3, '1', true, 1))", [3, 1, "1", True]),
        ("States.Base64Encode('Hi é')", "SGkgw6k="),
        ("States.Base64Decode('SGkgw6k=')", "Hi é"),
        ("States.Hash('Hi', 'MD5')", "c1a5298f939e87e8f962a5edfc206918"),
        (
            "States.Hash('Hi', 'SHA-256')",
            "3639efcd08abb273b1619e82e78c29a7df02c1051b1820e99fc395dcaa3326b8",
        ),
        ("States.JsonMerge($.object, States.StringToJson('{\"b\":2}'), false)", {"b": 2, "a": []}),
        ("States.StringSplit('a,b;;c,', ',;')", ["a", "b", "c"]),
        ("States.StringSplit('a.b', '.')", ["a", "b"]),
        ("States.ArrayGetItem(States.StringSplit('x/y', '/'), 1)", "y"),
        (" States.ArrayLength( $.list[?(@ == 3 && (@ > 1))] ) ", 2),
        ("States.Format('{}', $['name'])", "Ann"),
        ("States.Format('{}', $$.State.Name)", "Here"),
        ("States.Format('{}', $who.first)", "Bob"),
    ],
)
def test_a_function_gives(call: str, expected: object, make_scope: MakeScope) -> None:
    assert evaluated(call, make_scope(INPUT, who={"first": "Bob"})) == expected


# A half is rounded up, below zero too: each operand, before they are added.
@pytest.mark.parametrize(
    ("one", "other", "total"),
    [
        (-9, 3, -6),
        (1.49, 1.5, 3),
        (1.5, 1.51, 4),
        (-1.49, -1.5, -2),
        (-1.5, -1.51, -3),
        (0.5, 0, 1),
        (2.5, 0, 3),
        (-0.5, 0.5, 1),
        (-0.5, 0, 0),
        (-2.5, 0, -2),
        (-3.5, 0, -3),
    ],
)
def test_numbers_are_rounded_before_they_are_added(
    one: float, other: float, total: int, make_scope: MakeScope
) -> None:
    scope = make_scope({"one": one, "other": other})
    assert evaluated("States.MathAdd($.one, $.other)", scope) == total


def test_a_random_number_stays_within_its_bounds(make_scope: MakeScope) -> None:
    scope = make_scope()
    numbers = {evaluated("States.MathRandom(3, 6)", scope) for _ in range(200)}
    assert numbers == {3, 4, 5}


def test_a_random_number_with_a_seed_is_always_the_same(make_scope: MakeScope) -> None:
    call = "States.MathRandom(0, 1000000, 7)"
    assert evaluated(call, make_scope()) == evaluated(call, make_scope())


def test_a_uuid_is_new_each_time(make_scope: MakeScope) -> None:
    scope = make_scope()
    first, second = (evaluated("States.UUID()", scope) for _ in range(2))
    assert first != second
    assert len(first) == 36
    assert first[14] == "4"


@pytest.mark.parametrize(
    "call",
    [
        "States.Format('{} {}', 1)",
        "States.Format('{}', 1, 2)",
        "States.Format(1)",
        "States.StringToJson('{')",
        "States.StringToJson($.none)",
        "States.StringToJson('NaN')",
        "States.ArrayPartition($.list, 0)",
        "States.ArrayPartition($.name, 1)",
        "States.ArrayRange(0, 1000, 1)",
        "States.ArrayRange(0, 1, 0)",
        "States.ArrayGetItem($.list, 9)",
        "States.ArrayGetItem($.list, -1)",
        "States.ArrayLength($.name)",
        "States.Base64Encode($.long)",
        "States.Base64Decode('?')",
        "States.Hash('x', 'CRC')",
        "States.Hash($.long, 'MD5')",
        "States.JsonMerge($.object, $.object, true)",
        "States.JsonMerge($.object, $.list, false)",
        "States.MathAdd(2147483647, 1)",
        "States.MathAdd('1', 1)",
        "States.MathAdd(1e300, 1)",
        "States.MathRandom(2, 2)",
        "States.StringSplit(1, ',')",
    ],
)
def test_what_a_function_cannot_work_with_fails_the_state(call: str, make_scope: MakeScope) -> None:
    with pytest.raises(StateFailed) as failure:
        evaluated(call, make_scope(INPUT))
    assert failure.value.error == "States.IntrinsicFailure"
    assert failure.value.cause.startswith(f"The function '{call}' had the following error: ")


def test_a_range_may_have_a_thousand_elements(make_scope: MakeScope) -> None:
    assert len(evaluated("States.ArrayRange(1, 1000, 1)", make_scope())) == 1_000


def test_an_argument_that_is_not_there_is_told_with_the_input(make_scope: MakeScope) -> None:
    with pytest.raises(StateFailed) as failure:
        evaluated("States.Array($.absent)", make_scope({"here": 1}))
    assert failure.value.error == "States.Runtime"
    assert failure.value.cause == (
        "The function 'States.Array($.absent)' had the following error: The JsonPath argument for "
        "the field '$.absent' could not be found in the input '{\"here\":1}'"
    )


@pytest.mark.parametrize(
    "text",
    [
        "States.Nothing()",
        "States.Format",
        "States.Format(",
        "States.Format('a' 'b')",
        "States.Format('a",
        "States.Format(a)",
        "States.UUID(1)",
        "States.ArrayLength()",
        "States.Array(1,)",
        "States.Array($.a[)",
        "States.Array(1) x",
        "States.Array(1e999)",
        "States.Array(" * 11 + ")" * 11,
        "States.Format('" + "a" * 10_000 + "')",
        "name",
    ],
)
def test_what_is_no_expression_is_refused(text: str) -> None:
    with pytest.raises(InvalidExpression):
        compile_expression(text)


def test_an_expression_knows_its_variables() -> None:
    call = "States.Format('{}{}{}{}', $b.x, States.Array($a, $.c), $$.d, $b[0])"
    assert compile_expression(call).variables == {"a", "b"}
    assert compile_expression("$order.id").variables == {"order"}
    assert compile_expression("$.order").variables == set()


def test_half_a_character_is_no_json(make_scope: MakeScope) -> None:
    with pytest.raises(StateFailed, match="not valid JSON"):
        evaluated("States.StringToJson($.text)", make_scope({"text": '"\\ud800"'}))


def test_ten_functions_may_be_nested(make_scope: MakeScope) -> None:
    value = evaluated("States.Array(" * 10 + ")" * 10, make_scope())
    for _ in range(9):
        (value,) = value
    assert value == []


@pytest.mark.parametrize(
    "call",
    [
        "States.JsonToString(" * 10 + "$.quotes" + ")" * 10,
        "States.Format('" + "{}" * 500 + "'" + ", $.big" * 500 + ")",
        "States.JsonToString(States.Array(" + ",".join(["$.wide"] * 400) + "))",
        "States.ArrayUnique(States.Array(" + ",".join(["$..*"] * 200) + "))",
    ],
)
def test_what_would_grow_without_end_fails_soon(call: str, make_scope: MakeScope) -> None:
    document = {"quotes": '"\\' * 60_000, "big": "x" * 250_000, "wide": [0] * 100_000}
    began = time.thread_time()
    with pytest.raises(StateFailed) as failure:
        evaluated(call, make_scope(document))
    assert failure.value.error == "States.DataLimitExceeded"
    assert time.thread_time() - began < 5


_PIECES = st.sampled_from(
    [
        *["States.", "Format", "Array", "UUID()", "JsonToString(", "MathAdd(", "$.a", "$$", "'{}'"],
        *"(),'{}\\ $.1-ea[",
    ]
)


@settings(
    max_examples=300,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(pieces=st.lists(_PIECES, max_size=12))
def test_no_call_does_anything_but_answer_or_refuse(pieces: list[str]) -> None:
    scope = Scope({"a": [1, {"b": "x"}]}, {}, Ids(seed=1))
    try:
        evaluated("States." + "".join(pieces), scope)
    except (InvalidExpression, StateFailed):
        return
