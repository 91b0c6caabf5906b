"""Directives: what they do, and what they leave of the white space around them."""

from __future__ import annotations

from typing import Any

import pytest

from fogline.aws.velocity import TemplateFailed, compile_template
from fogline.aws.velocity.limits import CALLS_MAX, ITERATIONS_MAX


def render(text: str, **variables: Any) -> str:
    return compile_template(text).render(variables)


def test_set_takes_the_spaces_before_it_and_the_line_end_after_it() -> None:
    assert render("#set($a = 1)\n  #set ( $b=2 ) \n{$a$b}") == "{12}"


def test_set_leaves_spaces_after_other_text() -> None:
    assert render("x\n  #set($a = 1)\n.") == "x\n  ."


def test_directives_take_the_line_end_after_them_and_leave_spaces_before_them() -> None:
    assert render("{\n  #if(true)\n  a\n  #else\n  b\n  #end\n}") == "{\n    a\n  }"
    assert render("#foreach($i in [1,2])\n$i\n#end\n.") == "1\n2\n."


def test_comments_leave_nothing() -> None:
    assert render("a ## b $c #if(\nc #* #end $x\n *# d\n") == "a c  d\n"


def test_a_text_block_is_left_as_it_is() -> None:
    assert render("#[[ $a #if( #end ## ]]#!", a=1) == " $a #if( #end ## !"


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("\\#if", "#if"),
        ("\\\\#if(true)x#end", "\\x"),
        ("\\\\\\#end", "\\#end"),
        ("\\#nothing", "\\#nothing"),
        ("# #1 #- #pk = :pk #pk (= 1) #nothing(a $a 'x')!", "# #1 #- #pk = :pk #pk (= 1) #nothing(a $a 'x')!"),
        ("#set $a = 1", "#set  = 1"),
        ("USER#$a#HABIT#", "USER##HABIT#"),
    ],
)  # fmt: skip
def test_what_is_no_directive_is_text(text: str, printed: str) -> None:
    assert render(text) == printed


@pytest.mark.parametrize(
    ("value", "branch"),
    [(1, "one"), (2, "two"), (3, "other"), (None, "other"), ("1", "one"), (1.0, "one")],
)
def test_if_takes_the_first_branch_that_is_true(value: Any, branch: str) -> None:
    text = "#if($v == 1)one#elseif($v == 2)two#{else}other#end"
    assert render(text, v=value) == branch


@pytest.mark.parametrize(
    ("value", "is_true"), [(None, False), (False, False), (True, True), (0, True), ("", True), ([], True)]
)  # fmt: skip
def test_only_null_and_false_are_false(value: Any, is_true: bool) -> None:
    assert render("#if($v)yes#end#if(!$v)no#end", v=value) == ("yes" if is_true else "no")


def test_foreach_goes_over_lists_ranges_and_the_values_of_maps() -> None:
    assert render("#foreach($x in $v)<$x>#end", v=[1, "a", None]) == "<1><a><>"
    assert render("#foreach($x in $v)<$x>#end", v={"k": 1, "l": 2}) == "<1><2>"
    assert render("#foreach($x in [3..1])$x#end#foreach($x in [0..$n])$x#end", n=2) == "321012"
    assert render("#foreach($x in $v)<$x>#end#foreach($x in 'abc')$x#end") == ""


def test_foreach_tells_where_it_stands() -> None:
    text = (
        "#foreach($x in [7,8])"
        "$foreach.index$foreach.count$velocityCount$foreach.first$foreach.last$foreach.hasNext;#end$x"
    )
    assert render(text, x="before") == "011truefalsetrue;122falsetruefalse;before"


def test_an_inner_loop_knows_the_outer_one() -> None:
    text = "#foreach($x in [1,2])#foreach($y in [1])$foreach.parent.index#end$foreach.index#end"
    assert render(text) == "0011"


def test_break_ends_the_loop_and_stop_ends_the_template() -> None:
    assert render("#foreach($x in [1..9])$x#if($x == 3)#break#end#end!") == "123!"
    assert render("a#foreach($x in [1..9])$x#if($x == 3)#stop#end#end!") == "a123"
    assert render("a#break b") == "a"


def test_a_loop_ends_after_a_thousand_turns() -> None:
    text = f"#foreach($x in [1..{ITERATIONS_MAX + 5}]).#end"
    assert render(text) == "." * ITERATIONS_MAX


def test_set_reaches_into_maps_and_lists() -> None:
    text = "#set($m.a.b = 1)#set($m['c'] = 2)#set($l[1] = 3)#set($nothing.x = 4)$m $l $nothing"
    assert render(text, m={"a": {}}, l=[0, 0]) == "{a={b=1}, c=2} [0,3] "


def test_what_is_set_can_be_read_afterwards() -> None:
    variables: dict[str, Any] = {"a": 1}
    compile_template("#set($b = $a + 1)").render(variables)
    assert variables["b"] == 2


def test_null_can_be_set() -> None:
    assert render("#foreach($o in $l)#set($v = $o.v)<$v>#end", l=[{"v": 1}, {}]) == "<1><>"


def test_a_macro_takes_arguments_and_may_be_defined_later() -> None:
    text = '#pair("a" $x)#macro(pair $k $v)"$k": "$v"#end#pair("b", [1, 2])$k'
    assert render(text, x=1) == '"a": "1""b": "[1, 2]"'


def test_a_macro_may_enclose_text() -> None:
    assert render("#macro(b $t)<$t>$bodyContent</$t>#end#@b('i')x$a#end", a=1) == "<i>x1</i>"


def test_macros_call_one_another_only_so_deep() -> None:
    with pytest.raises(TemplateFailed, match=f"more than {CALLS_MAX} deep"):
        render("#macro(a)#b#end#macro(b)#a#end#a")


def test_a_defined_block_is_made_anew_wherever_it_stands() -> None:
    assert render("#define($b)<$x>#end#set($x=1)$b#set($x=2)${b}") == "<1><2>"


def test_a_block_that_holds_itself_fails() -> None:
    with pytest.raises(TemplateFailed):
        render("#define($b)$b#end$b")


def test_nothing_can_be_read_from_outside() -> None:
    assert render("#if(false)#parse('x')#end") == ""
    for text in ("#parse('x')", "#include('x', $y)"):
        with pytest.raises(TemplateFailed):
            render(text)


def test_evaluate_is_text() -> None:
    assert render("#evaluate('$a')", a=1) == "#evaluate('$a')"
