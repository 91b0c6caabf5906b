"""Templates: text with holes, filled from an event."""

from __future__ import annotations

import pytest

from fogline.aws.input_templates import (
    PIPE_VARIABLES,
    RENDERED_CHARACTERS_MAX,
    RULE_VARIABLES,
    BrokenTemplate,
    TemplateFailed,
    UnknownPlaceholder,
    compile_template,
)

EVENT = {
    "time": "2015-11-11T21:29:54Z",
    "detail": {
        "instance-id": "i-0123",
        "state": "RUNNING",
        "count": 3,
        "on": True,
        "none": None,
        "tags": ["a", "b"],
        "owner": {"name": "Ada", "id": 7},
        "says": 'a "word"',
    },
}
PATHS = {
    "instance": "$.detail.instance-id",
    "state": "$.detail.state",
    "count": "$.detail.count",
    "on": "$.detail.on",
    "none": "$.detail.none",
    "tags": "$.detail.tags",
    "owner": "$.detail.owner",
    "says": "$.detail.says",
    "missing": "$.detail.missing",
}


def render(template: str) -> str:
    return compile_template(PATHS, template).render(EVENT, {"aws.events.rule-name": "example"})


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ('"instance <instance> is in <state>"', '"instance i-0123 is in RUNNING"'),
        ('"instance \\"<instance>\\""', '"instance \\"i-0123\\""'),
        ('{ "a" : <instance>,\n "b": <state> }', '{"a":"i-0123","b":"RUNNING"}'),
        ('{"a": "<instance>: <count> <on> <none>"}', '{"a":"i-0123: 3 true null"}'),
        ('{"a": "say \\"<state>\\""}', '{"a":"say \\"RUNNING\\""}'),
        ('{"a": [9, <state>, true, <none>]}', '{"a":[9,"RUNNING",true,null]}'),
        (
            '{"a": {"b": {"c": <owner>}}, "t": <tags>}',
            '{"a":{"b":{"c":{"name":"Ada","id":7}}},"t":["a","b"]}',
        ),
        ('{"a": <says>}', '{"a":"a \\"word\\""}'),
        ("[<count>, <tags>]", '[3,["a","b"]]'),
        ("<owner>", '{"name":"Ada","id":7}'),
        ("<instance> is on", '"i-0123" is on'),
        ('"<state>"\n"<count>"', '"RUNNING"\n"3"'),
        ('"<aws.events.rule-name> triggered"', '"example triggered"'),
        ("{}", "{}"),
        ('{"smaller": "a < b > c"}', '{"smaller":"a < b > c"}'),
    ],
)
def test_holes_take_json_outside_of_quotes_and_text_inside(template: str, text: str) -> None:
    assert render(template) == text


def test_what_the_event_lacks_is_an_empty_text() -> None:
    assert render('{"a": <missing>, "b": "x<missing>"}') == '{"a":"","b":"x"}'
    assert render('"detail <missing>"') == '"detail "'


def test_objects_lose_their_quotes_within_a_text() -> None:
    assert render('"owner <owner>"') == '"owner {name:Ada,id:7}"'


@pytest.mark.parametrize("template", ['{"a": "<owner>"}', '{"a": "<tags>"}', '{"a": "<says>"}'])
def test_a_value_that_breaks_the_quotes_around_it_fails(template: str) -> None:
    with pytest.raises(TemplateFailed, match="not valid JSON"):
        render(template)


def test_a_short_template_gives_no_endless_text() -> None:
    template = compile_template({"x": "$.x"}, '"' + "<x>" * 100 + '"')
    with pytest.raises(TemplateFailed, match="too large"):
        template.render({"x": "y" * (RENDERED_CHARACTERS_MAX // 50)}, {})


def test_a_hole_that_nothing_fills_is_refused_by_name() -> None:
    with pytest.raises(UnknownPlaceholder) as refused:
        compile_template(PATHS, '"<state> <nobody>"')
    assert refused.value.name == "nobody"


def test_reserved_names_are_those_of_the_caller() -> None:
    with pytest.raises(UnknownPlaceholder):
        compile_template({}, "<aws.pipes.pipe-name>", RULE_VARIABLES)
    assert compile_template({}, "<aws.events.rule-arn>", RULE_VARIABLES).reserved == {
        "aws.events.rule-arn"
    }


@pytest.mark.parametrize(
    "template", ['{"a": <state>', "{<state>: 1}", '{"a": plain}', "[" * 99_999]
)
def test_a_template_that_begins_like_json_must_be_json(template: str) -> None:
    with pytest.raises(BrokenTemplate):
        compile_template(PATHS, template)


def test_the_refusal_of_a_broken_template_shows_what_was_read() -> None:
    with pytest.raises(BrokenTemplate) as refused:
        compile_template(PATHS, '{"a": <state>, b}')
    assert str(refused.value) == '[Source: (String)"{"a": null, b}"; line: 1, column: 13]'


# ---- paths in their holes, as pipes write them

RECORD = {"messageId": "m-1", "body": {"n": 1, "items": [{"id": "x"}]}}


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ('{"id": <$.messageId>, "n": <$.body.n>}', '{"id":"m-1","n":1}'),
        ('{"first": "id <$.body.items[0].id>"}', '{"first":"id x"}'),
        ("<$.body>", '{"n":1,"items":[{"id":"x"}]}'),
        ("Hello, sender", "Hello, sender"),
        ("Order <$.messageId> has <$.body.items>", 'Order m-1 has [{"id":"x"}]'),
        ("<$.messageId>", "m-1"),
        ('"<b>bold</b> <aws.pipes.pipe-name>"', '"<b>bold</b> p"'),
    ],
)
def test_a_template_without_names_has_paths_in_its_holes(template: str, text: str) -> None:
    compiled = compile_template(None, template, PIPE_VARIABLES)
    assert compiled.render(RECORD, {"aws.pipes.pipe-name": "p"}) == text


def test_an_unknown_variable_of_pipes_is_refused() -> None:
    with pytest.raises(UnknownPlaceholder):
        compile_template(None, "<aws.pipes.nothing>", PIPE_VARIABLES)
