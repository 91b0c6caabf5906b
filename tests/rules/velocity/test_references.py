"""References: how they are read, what they print, and what is not there."""

from __future__ import annotations

from typing import Any

import pytest

from fogline.aws.velocity import InvalidTemplate, TemplateFailed, compile_template


def render(text: str, **variables: Any) -> str:
    return compile_template(text).render(variables)


@pytest.mark.parametrize(
    "text",
    ["$a", "${a}", "$!a", "$!{a}", "$m.a", "${m.a}", "$m['a']", '$m["a"]', "$m[$k]", "$m.get('a')"],
)
def test_a_reference_prints_what_it_names(text: str) -> None:
    assert render(text, a="x", m={"a": "x"}, k="a") == "x"


@pytest.mark.parametrize(
    "text", ["$b", "${b}", "$!b", "$m.b", "$m.b.c.d()", "$m.nothing()", "$b[0]", "$m['b']"]
)
def test_what_is_not_there_prints_nothing(text: str) -> None:
    assert render(f"<{text}>", m={}) == "<>"


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("$", "$"),
        ("$5", "$5"),
        ("$$a", "$x"),
        ("$.a $!", "$.a $!"),
        ("${ a}", "${ a}"),
        ("$a.", "x."),
        ("$a. b", "x. b"),
        ("$a(1)", "x(1)"),
        ("${a}[0] ${a}b", "x[0] xb"),
        ("$a@b", "x@b"),
    ],
)
def test_what_is_no_part_of_a_reference_is_text(text: str, printed: str) -> None:
    assert render(text, a="x") == printed


def test_a_dash_belongs_to_a_name() -> None:
    assert render("$m.X-Amz-Target|$a-b", m={"X-Amz-Target": "t"}, a="x") == "t|"


@pytest.mark.parametrize(
    ("text", "printed"),
    [("\\$a", "$a"), ("\\\\$a", "\\x"), ("\\\\\\$a", "\\$a"), ("\\$5", "\\$5"), ("\\n", "\\n")],
)
def test_backslashes_count_where_they_touch_a_reference(text: str, printed: str) -> None:
    assert render(text, a="x") == printed


def test_json_prints_as_aws_prints_it() -> None:
    # The recorded answers of test_input_path_template_formatting.
    assert render("$v", v={"foo": "bar"}) == "{foo=bar}"
    assert render("$v", v=[{"foo": "bar"}]) == '[{"foo":"bar"}]'
    assert render("$v.nested", v={"nested": [{"foo": "bar"}]}) == '[{"foo":"bar"}]'
    assert render("$v[0]", v=[{"foo": "bar"}]) == "{foo=bar}"
    assert render("$v", v={"foo": [{"nested": "bar"}]}) == '{foo=[{"nested":"bar"}]}'
    assert render("$v", v={"a": "dict", "b": "test", "c": None}) == "{a=dict, b=test, c=null}"
    assert render("$v.toString()", v={"list": [{"foo": "bar"}]}) == '{list=[{"foo":"bar"}]}'


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (True, "true"),
        (7, "7"),
        (1.0, "1.0"),
        (249.99, "249.99"),
        (1e10, "1.0E10"),
        (1e23, "1.0E23"),
        (-1.5e-7, "-1.5E-7"),
        (0.001, "0.001"),
        (12345678.9, "1.23456789E7"),
    ],
)
def test_numbers_print_as_java_prints_them(value: Any, printed: str) -> None:
    assert render("$v", v=value) == printed


def test_an_index_below_zero_counts_from_the_end() -> None:
    assert render("$l[-1] $l[0]", l=[1, 2, 3]) == "3 1"


def test_an_index_outside_the_list_fails() -> None:
    with pytest.raises(TemplateFailed, match="Index: 3, Size: 3"):
        render("$l[3]", l=[1, 2, 3])


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("a\n ${b", 2, 5),
        ("$a[b]", 1, 4),
        ("$a.b(1 + 2)", 1, 8),
        ("$a.b(", 1, 6),
        ("#set($a = 1\n", 2, 1),
        ("\n#if(1)x", 2, 7),
        ("x#end", 1, 2),
        ("#else", 1, 1),
        ("#foreach($a of $b)#end", 1, 12),
        ("#if true #end", 1, 4),
        ("#* x", 1, 1),
        ("#[[ x", 1, 1),
        ("#set($a = 'x)", 1, 11),
        ("#macro($a)#end", 1, 8),
        ('ab\n#set($a = "x ${y")', 2, 17),
    ],
)
def test_what_is_no_template_is_refused_with_its_place(text: str, line: int, column: int) -> None:
    with pytest.raises(InvalidTemplate) as refused:
        compile_template(text)
    assert (refused.value.line, refused.value.column) == (line, column)
