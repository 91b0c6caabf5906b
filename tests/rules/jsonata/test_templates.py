"""Templates, and what expressions take from outside."""

from typing import Any

import pytest

from fogline.aws.jsonata import (
    Expression,
    InvalidExpression,
    Template,
    compile_expression,
    expressions_in,
    is_expression,
)


def fill(value: Any) -> tuple[Any, list[str]]:
    places: list[str] = []

    def evaluate(expression: Expression, place: str) -> Any:
        places.append(place)
        return expression.evaluate({"states": {"input": {"a": [1, 2]}}})

    return Template(value).evaluate(evaluate, "Output"), places


def test_every_string_that_is_an_expression_is_evaluated_in_place() -> None:
    value = {"x": "{% $states.input.a %}", "y": [1, "{%2%}", {"z": "{% 'w' %}"}], "k": "$.a"}
    result, places = fill(value)
    assert result == {"x": [1, 2], "y": [1, 2, {"z": "w"}], "k": "$.a"}
    assert places == ["Output/x", "Output/y/1", "Output/y/2/z"]


def test_expression_can_be_the_whole_template() -> None:
    assert fill("{% $count($states.input.a) %}") == (2, ["Output"])


@pytest.mark.parametrize(
    "text", ["a {% 1 %}", " {% 1 %}", "{% 1 %} ", "{% 1", "{%}", "{{ 1 }}", ""]
)
def test_other_strings_stay(text: str) -> None:
    assert not is_expression(text)
    assert fill({"a": [text]}) == ({"a": [text]}, [])


def test_template_without_expressions_is_constant() -> None:
    assert Template({"a": [None, 1, "x"]}).is_constant
    assert not Template({"a": ["{% 1 %}"]}).is_constant


def test_template_with_an_invalid_expression_is_refused() -> None:
    with pytest.raises(InvalidExpression):
        Template(["{% 1 + %}"])
    assert list(expressions_in({"a": ["{% 1 + %}"]}, "Output")) == [("Output/a/0", "1 +")]


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        ("$states.input.a + $x", {"states", "x"}),
        ("($x := $y; $x + $z)", {"y", "z"}),
        ("$map($items, function($i, $n){$i * $n * $rate})", {"items", "rate"}),
        ("$f := function($n){$n = 0 ? 1 : $f($n - 1)}", set()),
        ("$states.input.orders@$o#$i.{'id': $o.id, 'at': $i, 'k': $k}", {"states", "k"}),
        ("$sum($a[price > $limit].price)", {"a", "limit"}),
        ("[1, 'x', /r/, $uppercase('a')]", set()),
        ("$a ~> |b|{'c': $d}|", {"a", "d"}),
        ("$orders^($weight)", {"orders", "weight"}),
    ],
)
def test_variables_from_outside_are_known_beforehand(text: str, variables: set[str]) -> None:
    assert compile_expression(text).variables == variables


@pytest.mark.parametrize(
    ("text", "does"),
    [
        ("a.b", True),
        ("$", True),
        ("$$", True),
        ("$x[a > 1].b", False),
        ("$x.$uppercase($)", False),
        ("$map($x, function($v){$v.a})", False),
        ("{'a': b}", True),
        ("{'a': $x.b}", False),
        ("$x{a: b}", False),
        ("$x^(a)", False),
        ("$x.(a & b)", False),
    ],
)
def test_use_of_the_context_is_known_beforehand(text: str, does: bool) -> None:
    assert compile_expression(text).uses_context is does


@pytest.mark.parametrize(
    ("text", "names"),
    [("phone", ("phone",)), ("a & $$.b & a", ("a", "$$")), ("$x.y[z]", ()), ("$", ())],
)
def test_names_that_need_a_context_are_known_in_their_order(
    text: str, names: tuple[str, ...]
) -> None:
    assert compile_expression(text).context_names == names
