"""Whatever a template says, it ends."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from copy import deepcopy
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fogline.aws.velocity import InvalidTemplate, TemplateFailed, compile_template
from fogline.aws.velocity.directives import Loop
from fogline.aws.velocity.gateway import Input, MappingVariables, Parameters
from fogline.aws.velocity.gateway_tools import Tools
from fogline.aws.velocity.methods import call_method
from fogline.aws.velocity.methods.collections import ENTRY, LIST, MAP
from fogline.aws.velocity.methods.scalars import BOOLEAN, NUMBER
from fogline.aws.velocity.methods.texts import TEXT
from fogline.aws.velocity.run import Run
from fogline.aws.velocity.values import Entry, text_of

_PIECES = st.sampled_from(
    [
        "$a", "${a}", "$!a", "$l", "$m", "$a.b", "$l[0]", "$m['a']", ".size()", ".add(", "$l.add($l)",
        "#set($a = ", "#set($l = [$l,$l])", "#if(", "#elseif(", "#else", "#end", "#foreach($x in ", "#macro(f $p)",
        "#f(", "#define($a)", "#break", "#stop", "#[[", "]]#", "#*", "*#", "##", "#@f(", "#parse(",
        ")", "(", "]", "[", "{", "}", "'", '"', '""', "\\", ",", " ", "\n", "..", "1", "99999", "-2", "0.5", "'a'",
        "+", "-", "*", "/", "%", "==", "!=", "<", ">", "&&", "||", "!", "true", "in", "$", "#", "x", "é", "\U0001f600",
        "$input.path('$..*')", "$input.json('$')", "$util.escapeJavaScript(", "$context.requestOverride.header.x",
        ".replaceAll('(a|b)*', '$1')", ".split('')", ".toString()", ".keySet()", "$foreach.parent",
        ".add()", ".get(", ".put(", ".substring(", ".split()", ".subList(", ".remove(", ".join(", ".parseInt(",
    ]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(_PIECES, max_size=40).map("".join))
def test_any_template_is_refused_or_ends_within_its_steps(text: str) -> None:
    variables = MappingVariables({"stage": "s"}, {"v": "w"}, Parameters({"p": "1"}, {}, {"H": "x"}))
    with suppress(InvalidTemplate, TemplateFailed):
        template = compile_template(text)
        variables.render(template, '{"a": [1, {"b": null}], "c": "text"}', steps=20_000).encode()


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_refused_or_compiles(text: str) -> None:
    with suppress(InvalidTemplate):
        compile_template(text)


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet=st.characters(exclude_characters="$#\\", exclude_categories=["Cs"])))
def test_text_without_signs_is_left_as_it_is(text: str) -> None:
    assert compile_template(text).render({}) == text


@pytest.mark.parametrize(
    "text",
    [
        "#set($a = 'x')#foreach($i in [1..100])#set($a = $a + $a)#end",
        "#set($a = 2)#foreach($i in [1..100])#set($a = $a * $a)#end",
        "#set($l = [1])#foreach($i in [1..100])$l.addAll($l)#end",
        "#set($l = [1])#foreach($i in [1..100])#set($l = [$l, $l])#end$l",
        "#set($l = [1])#set($k = [1])#foreach($i in [1..99])#set($l = [$l,$l])#set($k = [$k,$k])#end#if($l == $k)#end",
        "#set($l = [])$l.add($l)$l",
        "#set($m = {})$m.put('a', $m)$m.toString()",
        "#set($l = [1])#set($k = [1])$l.add($l)$k.add($k)#if($l == $k)#end",
        "#foreach($i in [1..1000])#foreach($j in [1..1000])#foreach($k in [1..1000])x#end#end#end",
        "#set($x = [1..999999999])",
        "#set($a = 'a'.repeat(9))$a.repeat(999999999)",
        "#set($a = $s.repeat(90000))#if($a.matches('(a*)*(a*)*b'))#end",
        "#set($a = $s.repeat(200000))$a.replaceAll('a*b|c', 'x')",
        "#macro(f)#f#f#end#f",
        "#macro(f)#foreach($i in [1..1000])#g#end#end#macro(g)#foreach($i in [1..1000])#h#end#end"
        "#macro(h)#foreach($i in [1..1000])x#end#end#f",
        "#define($d)$d$d#end$d",
        "#foreach($i in [1..1000])$input.path('$..*')#end",
    ],
)  # fmt: skip
def test_a_hostile_template_fails(text: str) -> None:
    variables = MappingVariables({}, {}, Parameters())
    template = compile_template("#set($s = 'a')" + text.replace("#set($a = 'a'.", "#set($a = $s."))
    with pytest.raises(TemplateFailed):
        variables.render(template, '{"a":' * 100 + "1" + "}" * 100)


@pytest.mark.parametrize(
    "text",
    [
        "#if(1)" * 5_000,
        "#set($a = " + "(" * 5_000,
        "#set($a = " + "[" * 5_000,
        "$a.b(" * 5_000,
        "$a[" * 5_000,
        "#macro(a)" * 5_000,
        "#@a()" * 5_000,
    ],
)
def test_what_is_nested_too_deeply_is_refused(text: str) -> None:
    with pytest.raises(InvalidTemplate, match="levels of nesting"):
        compile_template(text)


def test_what_only_looks_like_a_call_is_text_however_deeply_nested() -> None:
    assert compile_template("#a([" * 5_000).render({}) == "#a([" * 5_000


@pytest.mark.parametrize(
    ("opening", "middle", "closing"),
    [
        ("#if(true)", "x", "#end"),
        ("#foreach($i in [1])", "x", "#end"),
        ("$m.get(", "1", ")"),
        ("#set($a = " + "[" * 20, "1", "]" * 20 + ")"),
        ("$m[", "1", "]"),
    ],
)
def test_what_may_just_be_nested_is_rendered(opening: str, middle: str, closing: str) -> None:
    depth = 1 if opening.startswith("#set") else 22
    nested = opening * depth + middle + closing * depth
    text = "".join(f"#macro(m{n}){nested}#m{n + 1}#end" for n in range(3)) + "#macro(m3)!#end"
    assert compile_template(f"{text}{nested}#m0").render({"m": {}}).endswith("!")


_ARGUMENTS = (
    1,
    -1,
    10**30,
    "a",
    "(",
    "",
    [1],
    {"a": 1},
    True,
    1.5,
    float("nan"),
    None,
    Entry({"k": 1}, "k"),
    Tools(),
)


@pytest.mark.parametrize(
    ("value", "methods"),
    [
        ("a,b", TEXT), ([1, "x", None], LIST), ({"a": 1}, MAP), (5, NUMBER), (10**40, NUMBER), (-2.5, NUMBER),
        (float("nan"), NUMBER), (True, BOOLEAN), (Entry({"k": 1}, "k"), ENTRY), (Input("{}", Parameters()), {}),
        (Tools(), {}), (Loop(2, None), {}),
    ],
    ids=lambda one: type(one).__name__,
)  # fmt: skip
def test_every_method_takes_or_refuses_whatever_it_is_given(
    value: Any, methods: Mapping[str, Any]
) -> None:
    names = [*(methods or value.methods), "toString", "equals", "hashCode"]
    for name, count in product(names, range(4)):
        for given_ones in product(_ARGUMENTS if count < 3 else _ARGUMENTS[:4], repeat=count):
            run = Run({}, {}, 10_000)
            with suppress(TemplateFailed):
                text_of(call_method(deepcopy(value), name, given_ones, run), run)


def test_long_chains_are_no_nesting() -> None:
    text = (
        "#set($a = 1"
        + " + 1" * 5_000
        + ")$a#if("
        + "!" * 5_000
        + "true"
        + " && true" * 5_000
        + ")!#end"
    )
    assert compile_template(text).render({}) == "5001!"


def test_a_template_has_at_most_300_kilobytes() -> None:
    assert compile_template("x" * 307_200).render({})
    with pytest.raises(InvalidTemplate):
        compile_template("x" * 307_201)
