"""Expressions: literals, operators, and the methods of values."""

from __future__ import annotations

from typing import Any

import pytest

from fogline.aws.velocity import TemplateFailed, compile_template


def value_of(expression: str, **variables: Any) -> str:
    return compile_template(f"#set($result = {expression})$result").render(variables)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * 3", "9"),
        ("10 - 3 - 2", "5"),
        ("7 / 2", "3"),
        ("-7 / 2", "-3"),
        ("-7 % 3", "-1"),
        ("7 / 2.0", "3.5"),
        ("1 / 0", ""),
        ("1.0 / 0", "Infinity"),
        ("1 + 0.5", "1.5"),
        ("$nothing + 1", ""),
        ("'a' + 1", "a1"),
        ("1 + 'a'", "1a"),
        ("'a' + $nothing", "a"),
        ("'a' - 1", ""),
        ("2147483647 + 1", "2147483648"),
        ("[1, 'a', [2], {}]", "[1, a, [2], {}]"),
        ("{'a': 1, \"b\" : [2]}", "{a=1, b=[2]}"),
        ("[1..3]", "[1, 2, 3]"),
        ("'it''s \"x\" $a'", 'it\'s "x" $a'),
        ('"say ""$a"" #if(true)yes#end"', 'say "1" yes'),
        ('"\\u00e9\\n"', "é\\n"),
        ("$a-1", ""),
    ],
)
def test_expressions_have_velocitys_values(expression: str, value: str) -> None:
    assert value_of(expression, a=1) == value


@pytest.mark.parametrize(
    "expression",
    [
        "1 == 1.0",
        "'5' == 5",
        "true == 'true'",
        "$nothing == $null",
        "$nothing == ''",
        "'' == $nothing",
        "$l == [1, 2]",
        "{'a': 1} == {'a': 1}",
        "1 != 2",
        "1 < 2 && 2 <= 2 && 3 > 2 && 3 >= 3",
        "1 lt 2 and 2 le 2 and 3 gt 2 and 3 ge 3 and 1 eq 1 and 1 ne 2",
        "false || true",
        "false or not false",
        "!false && !!true",
        "1 + 1 == 2",
        "!('a' < 'b')",
        "!($nothing > 1)",
        "$l.size() > 1",
    ],
)
def test_conditions_that_hold(expression: str) -> None:
    assert value_of(expression, l=[1, 2]) == "true"


@pytest.mark.parametrize(
    ("call", "value"),
    [
        ("length()", "7"),
        ("isEmpty()", "false"),
        ("contains('b,')", "true"),
        ("substring(2)", "b,,c,"),
        ("substring(0, 1)", "a"),
        ("indexOf(',')", "1"),
        ("indexOf(',', 2)", "3"),
        ("lastIndexOf(',')", "6"),
        ("charAt(0)", "a"),
        ("toUpperCase()", "A,B,,C,"),
        ("replace(',', ';')", "a;b;;c;"),
        ("replaceAll('[,]+', '-')", "a-b-c-"),
        ("replaceAll('([a-c])', '<$1>')", "<a>,<b>,,<c>,"),
        ("replaceFirst(',', '')", "ab,,c,"),
        ("matches('[a-c,]*')", "true"),
        ("matches('[a-c]')", "false"),
        ("split(',')", "[a, b, , c]"),
        ("split(',', 2)", "[a, b,,c,]"),
        ("split(',').size()", "4"),
        ("equals('x')", "false"),
        ("equalsIgnoreCase('A,B,,C,')", "true"),
        ("startsWith('a')", "true"),
        ("endsWith(',')", "true"),
        ("concat('!')", "a,b,,c,!"),
        ("trim()", "a,b,,c,"),
        ("hashCode()", "-1299098270"),
        ("compareTo('b')", "-1"),
        ("unknown()", ""),
        ("substring('x')", ""),
        ("length(1)", ""),
        ("indexOf()", ""),
        ("substring(0, 1, 2)", ""),
        ("getClass()", ""),
        ("getClass().forName('java.lang.Runtime')", ""),
    ],
)
def test_texts_have_javas_methods(call: str, value: str) -> None:
    text = "a,b,,c,"
    expected = value
    if call == "hashCode()":
        code = 0
        for letter in text:
            code = (31 * code + ord(letter)) & 0xFFFFFFFF
        expected = str(code - (1 << 32) if code >> 31 else code)
    assert value_of(f"$t.{call}", t=text) == expected


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("$l.add(3)$l", "true[1,2,3]"),
        ("$l.add(0, 0)$l", "[0,1,2]"),
        ("$l.remove(0)$l", "1[2]"),
        ("$l.addAll([5])$l.contains(5)$l.indexOf(5)", "truetrue2"),
        ("$l.set(0, 'x')$l.get(0)", "1x"),
        ("$l.subList(0, 1) $l.isEmpty() $l.size()", "[1] false 2"),
        ("$l.clear()$l", "[]"),
        ("$m.put('b', 2)$m", "{a=1, b=2}"),
        ("$m.put('a', 2)$m.remove('a')$m", "12{}"),
        ("$m.containsKey('a') $m.containsValue(1) $m.getOrDefault('x', 5)", "true true 5"),
        ("$m.keySet() $m.values() $m.entrySet()", "[a] [1] [a=1]"),
        ("#foreach($e in $m.entrySet())$e.key:$e.getValue()#end", "a:1"),
        ("$m.putAll({'c': 3})$m.size()", "2"),
        ("$m.isEmpty()$m.empty", "falsefalse"),
        ("$n.parseInt('12') $n.intValue() $d.intValue() $n.toString()", "12 5 2 5"),
        ("$d.parseDouble('1.5') $n.valueOf('7') $n.equals(5) $n.compareTo(6)", "1.5 7 true -1"),
        ("$b.toString() $b.equals(true) $b.parseBoolean('TRUE')", "true true true"),
    ],
)
def test_lists_maps_and_numbers_have_javas_methods(text: str, printed: str) -> None:
    variables = {"l": [1, 2], "m": {"a": 1}, "n": 5, "d": 2.5, "b": True}
    assert compile_template(text).render(variables) == printed


@pytest.mark.parametrize(
    "expression",
    [
        "$t.substring(9)",
        "$t.charAt(9)",
        "$n.parseInt('x')",
        "$l.get(9)",
        "$t.replaceAll('(', '')",
        "$t.replaceAll('(?=x)', '')",
        "$t.replaceAll('\\p{Alpha}', '')",
        "$t.replaceAll('b', '$9')",
    ],
)
def test_what_throws_in_java_fails(expression: str) -> None:
    with pytest.raises(TemplateFailed):
        value_of(expression, t="abc", n=1, l=[])
