from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from fogline.aws.states.failures import InvalidExpression, StateFailed
from fogline.aws.states.payload_templates import compile_template
from fogline.aws.states.scope import Scope
from fogline.world.ids import Ids

MakeScope = Callable[..., Scope]


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ({"a": 1, "b": "$.x"}, {"a": 1, "b": "$.x"}),
        ({"a.$": "$.x"}, {"a": {"y": 2}}),
        ({"a.$": "$"}, {"a": {"x": {"y": 2}, "l": [1, 2]}}),
        ({"a": {"b.$": "$.x.y", "c": [1]}}, {"a": {"b": 2, "c": [1]}}),
        ({"a": [1, {"b.$": "$.l[1]"}, "$.x"]}, {"a": [1, {"b": 2}, "$.x"]}),
        ({"a.$": "$$.State.Name"}, {"a": "Here"}),
        ({"a.$": "$order.id", "b.$": "$order"}, {"a": 7, "b": {"id": 7}}),
        ({"a.$": "States.Format('{}!', $.x.y)"}, {"a": "2!"}),
        ({"a.$": "$.l[*]", "b.$": "$.none[*]"}, {"a": [1, 2], "b": []}),
        ({"z.$": "$.x.y", "a": 1}, {"z": 2, "a": 1}),
        ("text", "text"),
        ([], []),
    ],
)
def test_a_template_is_filled(template: Any, expected: Any, make_scope: MakeScope) -> None:
    scope = make_scope({"x": {"y": 2}, "l": [1, 2]}, order={"id": 7})
    filled = compile_template(template).apply(scope)
    assert filled == expected
    if isinstance(expected, dict):
        assert list(filled) == list(expected)


def test_members_of_literal_parts_are_not_expressions_by_their_values(
    make_scope: MakeScope,
) -> None:
    template = compile_template({"a": {"b": "States.UUID()"}})
    assert template.expressions == ()
    assert template.apply(make_scope()) == {"a": {"b": "States.UUID()"}}


# Recorded: test_invalid_jsonpath, for the input and for the context object.
@pytest.mark.parametrize("path", ["$.absent", "$$.Execution.Input.absent", "$absent.x"])
def test_a_path_to_nothing_fails_with_the_field_and_the_input(
    path: str, make_scope: MakeScope
) -> None:
    with pytest.raises(StateFailed) as failure:
        compile_template({"a": {"value.$": path}}).apply(make_scope({"int": 0}))
    assert failure.value.error == "States.Runtime"
    assert failure.value.cause == (
        f"The JSONPath '{path}' specified for the field 'value.$' could not be found in the "
        "input '{\"int\":0}'"
    )


def test_there_is_no_path_into_a_null_input() -> None:
    scope = Scope(None, {}, Ids(seed=1))
    with pytest.raises(StateFailed, match="null or empty input"):
        compile_template({"a.$": "$"}).apply(scope)
    assert compile_template({"a": 1}).apply(scope) == {"a": 1}


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ({"a.$": 1}, "/a.$: an expression is a string"),
        ({"a": [{"b.$": "x"}]}, "/a/0/b.$: a path starts with '$'"),
        ({"a.$": "States.Nothing()"}, "/a.$: there is no function States.Nothing"),
    ],
)
def test_an_invalid_template_is_refused_with_the_field(template: Any, reason: str) -> None:
    with pytest.raises(InvalidExpression) as refusal:
        compile_template(template)
    assert str(refusal.value) == reason


def test_a_template_nested_too_deeply_is_refused() -> None:
    template: Any = {}
    for _ in range(2_000):
        template = {"a": template}
    with pytest.raises(InvalidExpression):
        compile_template(template)


@pytest.mark.parametrize("path", ["$", "$..*", "$.wide[*]", "States.JsonToString($)"])
def test_a_template_that_copies_its_input_again_and_again_fails_soon(
    path: str, make_scope: MakeScope
) -> None:
    template = compile_template({f"{n}.$": path for n in range(20_000)})
    began = time.thread_time()
    with pytest.raises(StateFailed):
        template.apply(make_scope({"wide": [0] * 100_000, "long": "x" * 100_000}))
    assert time.thread_time() - began < 5
