"""Paths, operators and makers, with the results that JSONata's documentation gives them."""

from collections.abc import Callable
from typing import Any

import pytest

from fogline.aws.jsonata import MISSING, EvaluationFailed, InvalidExpression, compile_expression

ORDERS = {
    "customer": {
        "name": "Ada",
        "phones": [{"kind": "home", "no": "1"}, {"kind": "work", "no": "2"}],
    },
    "orders": [
        {
            "id": "a",
            "lines": [{"sku": "pen", "qty": 2, "price": 1.5}, {"sku": "ink", "qty": 1, "price": 7}],
        },
        {"id": "b", "lines": [{"sku": "pen", "qty": 4, "price": 1.5}]},
    ],
    "nested": [[1, 2], [3]],
    "empty": [],
    "nothing": None,
}

PATHS = [
    ("$in.customer.name", "Ada"),
    ("$in.customer.phones.no", ["1", "2"]),
    ("$in.customer.phones[kind='work'].no", "2"),
    ("$in.customer.phones[0].kind", "home"),
    ("$in.customer.phones[-1].kind", "work"),
    ("$in.customer.phones[[0..1]].no", ["1", "2"]),
    ("$in.customer.phones[kind='work'][].no", ["2"]),
    ("$in.customer.phones[kind='work'].no[]", ["2"]),
    ("$in.customer.absent", MISSING),
    ("$in.nothing", None),
    ("$in.nothing.deeper", MISSING),
    ("$in.empty", []),
    ("$in.nested", [[1, 2], [3]]),
    ("$in.nested[0]", [1, 2]),
    ("$in.orders.lines.sku", ["pen", "ink", "pen"]),
    ("$in.orders[1].lines.sku", "pen"),
    ("$in.orders.lines[0].sku", ["pen", "pen"]),
    ("($in.orders.lines)[0].sku", "pen"),
    ("$in.customer.*.kind", ["home", "work"]),
    ("$in.**.sku", ["pen", "ink", "pen"]),
    ("$in.'customer'.`name`", "Ada"),
    ("$in.orders.lines.(qty * price)", [3, 7, 6]),
    ("$in.orders.lines^(>price, sku).sku", ["ink", "pen", "pen"]),
    ("$in.orders.lines^(qty).qty", [1, 2, 4]),
    ("$in.orders.lines{sku: $sum(qty)}", {"pen": 6, "ink": 1}),
    ("$in.orders.lines.{'n': sku}", [{"n": "pen"}, {"n": "ink"}, {"n": "pen"}]),
    ("$in.orders@$o.{'o': $o.id, 'c': customer.name}[1]", {"o": "b", "c": "Ada"}),
    ("$in.orders#$i.{'i': $i, 'id': id}", [{"i": 0, "id": "a"}, {"i": 1, "id": "b"}]),
    ("$in.orders.lines.{'s': sku, 'o': %.id}[2]", {"s": "pen", "o": "b"}),
    ("$in.customer.[name]", ["Ada"]),
    ("$in.customer ~> |$|{'name': 'Bo'}, 'phones'|", {"name": "Bo"}),
    ("[1, [2, 3], $in.nested]", [1, [2, 3], [1, 2], [3]]),
    ("[1..3, 7]", [1, 2, 3, 7]),
    ("[3..1]", []),
    ("{'a': $in.absent, 'b': 1}", {"b": 1}),
]

OPERATORS = [
    ("1 + 2 * 3 - 4 / 2", 5),
    ("(1 + 2) * 3", 9),
    ("7 % 3", 1),
    ("-7 % 3", -1),
    ("0.1 + 0.2", 0.1 + 0.2),
    ("6 / 2", 3),
    ("-(1)", -1),
    ("1 + $in.absent", MISSING),
    ("1 = 1.0", True),
    ("1 = true", False),
    ("'1' = 1", False),
    ("{'a': [1]} = {'a': [1]}", True),
    ("1 != 2", True),
    ("$in.absent = 1", False),
    ("$in.absent != 1", False),
    ("null = null", True),
    ("1 < 2 and 'a' <= 'b'", True),
    ("2 > 3 or 3 >= 3", True),
    ("$in.absent > 1", MISSING),
    ("'a' & 1 & true & null & $in.absent & [1,{'b':2}]", 'a1truenull[1,{"b":2}]'),
    ("1 in [1, 2]", True),
    ("'x' in 'x'", True),
    ("3 in [1, 2]", False),
    ("true ? 'yes' : 'no'", "yes"),
    ("false ? 'yes'", MISSING),
    ("[] ? 1 : 2", 2),
    ("[0, 0] ? 1 : 2", 2),
    ("[{}, 0, 'x'] ? 1 : 2", 1),
    ("($a := 1; $b := $a + 1; $a + $b)", 3),
    ("($a := 1; ($a := 2); $a)", 1),
    ("'a' /* a comment */ & 'b'", "ab"),
    ('"\\u00e9\\n" & \'"\'', 'é\n"'),
    ("function($x, $y){$x + $y}(1, 2)", 3),
    ("λ($x){$x * 2}(4)", 8),
    ("($add := function($a, $b){$a + $b}; $inc := $add(1, ?); $inc(4))", 5),
    ("($f := $uppercase ~> $trim; $f(' a '))", "A"),
    ("' a b ' ~> $trim ~> $split(' ')", ["a", "b"]),
    ("($f := function($n){$n <= 1 ? 1 : $n * $f($n - 1)}; $f(10))", 3628800),
    ("($f := function($n, $s){$n = 0 ? $s : $f($n - 1, $s + $n)}; $f(5000, 0))", 12502500),
    ("(function($x)<n:n>{$x})(1)", 1),
    ("($and := 1; $and)", 1),
    ("1e3", 1000),
    ("5000000000000000000000 & ''", "5e+21"),
    ("0.0000001 & ''", "1e-7"),
    ("0.000001 & ''", "0.000001"),
    ("100000000000000000000 & ''", "100000000000000000000"),
    ("1/3 & ''", "0.333333333333333"),
]


@pytest.mark.parametrize(("text", "result"), PATHS + OPERATORS)
def test_expression_gives_what_the_documentation_says(
    evaluate: Callable[..., Any], text: str, result: Any
) -> None:
    found = evaluate(text, **{"in": ORDERS})
    assert found == result
    assert type(found) is type(result)


FAILURES = [
    ("1 + 'a'", "T2002", 'The right side of the "+" operator'),
    ("'a' + 1", "T2001", ""),
    ("-'a'", "D1002", ""),
    ("1 / 0", "D1001", ""),
    ("1 < 'a'", "T2009", ""),
    ("true < 1", "T2010", ""),
    ("['a'..2]", "T2003", ""),
    ("[1..'b']", "T2004", ""),
    ("{1: 2}", "T1003", ""),
    ("{'a': 1, 'a': 2}", "D1009", ""),
    ("$nothing()", "T1006", "Attempted to invoke a non-function"),
    ("$absent(?)", "T1008", ""),
    ("sum(1)", "T1005", "Did you mean $sum?"),
    ("1 ~> 2", "T2006", ""),
    ("[1, 'a']^($)", "T2007", ""),
    ("[true, false]^($)", "T2008", ""),
    ("$eval('1')", "T1006", ""),
    ("{} ~> |$|1|", "T2011", ""),
    ("{} ~> |$|{}, 1|", "T2012", ""),
]


@pytest.mark.parametrize(("text", "code", "sentence"), FAILURES)
def test_failure_has_the_reference_code(
    evaluate: Callable[..., Any], text: str, code: str, sentence: str
) -> None:
    with pytest.raises(EvaluationFailed) as failure:
        evaluate(text)
    assert failure.value.code == code
    assert sentence.replace('"', "") in failure.value.message.replace('"', "")


INVALID = [
    ("", "S0207", 0),
    ("1 +", "S0207", 3),
    ("(1", "S0203", 2),
    ("[1!2]", "S0204", 2),
    ("1 2", "S0201", 2),
    ("'abc", "S0101", 0),
    ("'\\q'", "S0103", 1),
    ("'\\u12'", "S0104", 1),
    ("`abc", "S0105", 0),
    ("/* abc", "S0106", 0),
    ("1e999", "S0102", 0),
    ("{1}", "S0202", 2),
    ("+ 1", "S0211", 0),
    ("a ?? b", "S0211", 3),
    ("1 := 2", "S0212", 0),
    ("a.1", "S0213", 2),
    ("a@b", "S0214", 2),
    ("a#b", "S0214", 2),
    ("a[0]@$b", "S0215", 4),
    ("a^(b)@$c", "S0216", 5),
    ("%", "S0217", 0),
    ("a{b:c}[0]", "S0209", 6),
    ("a{b:c}{d:e}", "S0210", 6),
    ("function(a){1}", "S0208", 9),
    ("//", "S0301", 0),
    ("/abc", "S0302", 0),
    ("/(?=a)/", "S0303", 0),
    ("/(a)\\1/", "S0303", 0),
    ("function($x)<n<s>>{1}", "S0401", 12),
    ("function($x)<(a<n>)>{1}", "S0402", 12),
]


@pytest.mark.parametrize(("text", "code", "position"), INVALID)
def test_invalid_expression_is_refused_with_its_position(
    text: str, code: str, position: int
) -> None:
    for _ in range(2):
        with pytest.raises(InvalidExpression) as refusal:
            compile_expression(text)
        assert (refusal.value.code, refusal.value.position) == (code, position)


def test_context_can_be_given_for_expressions_outside_of_workflows() -> None:
    assert compile_expression("a.b").evaluate({}, context={"a": {"b": 1}}) == 1
    assert compile_expression("$[0]").evaluate({}, context=[7, 8]) == 7
    assert compile_expression("[{'x': 1}].($$.a)").evaluate({}, context={"a": 5}) == 5


def test_what_is_handed_in_is_never_changed(evaluate: Callable[..., Any]) -> None:
    given = {"a": [{"b": 1}]}
    evaluate("($x := $in ~> |a|{'b': 2}|; $append($in.a, 1); $sort($in.a.b))", **{"in": given})
    assert given == {"a": [{"b": 1}]}
