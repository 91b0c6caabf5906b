"""What templates of pipes see: bodies and data as JSON where they are JSON, and reserved variables."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from fogline.services.pipes.errors import ValidationException
from fogline.services.pipes.templates import array_of, compiled, parsed, rendered, resolved


def render(template: str, event: Any, kind: str = "sqs") -> str:
    return rendered(compiled(template), event, kind, {"aws.pipes.pipe-name": "p"}, 1_000)


@pytest.mark.parametrize(
    ("body", "seen"),
    [
        ('{"a": 1}', {"a": 1}),
        ("[1, 2]", [1, 2]),
        ("text", "text"),
        ("7", "7"),
        ('{"broken', '{"broken'),
    ],
)
def test_a_body_is_read_where_it_is_an_object_or_an_array(body: str, seen: Any) -> None:
    assert parsed({"body": body}, "sqs") == {"body": seen}


def test_data_of_kinesis_is_decoded_first() -> None:
    data = base64.b64encode(b'{"a": 1}').decode()
    assert parsed({"data": data}, "kinesis") == {"data": {"a": 1}}
    assert parsed({"data": "no base64!"}, "kinesis") == {"data": "no base64!"}
    assert parsed({"data": data}, "dynamodb") == {"data": data}


def test_without_a_template_an_event_stays_what_it_is() -> None:
    assert json.loads(rendered(None, {"body": '{"a": 1}'}, "sqs", {}, 0)) == {"body": '{"a": 1}'}


def test_a_template_reads_paths_and_variables() -> None:
    event = {"body": '{"a": {"b": [1, 2]}}'}
    assert render("<$.body.a.b[1]>", event) == "2"
    assert render('{"all": <$.body.a>, "name": <aws.pipes.pipe-name>}', event) == (
        '{"all":{"b":[1,2]},"name":"p"}'
    )
    assert render('{"at": <aws.pipes.event.ingestion-time>}', event) == (
        '{"at":"1970-01-01T00:00:01.000Z"}'
    )


def test_the_event_itself_may_be_a_variable() -> None:
    event = {"body": '{"a": 1}'}
    assert json.loads(render('{"event": <aws.pipes.event.json>}', event)) == {
        "event": {"body": {"a": 1}}
    }


def test_a_template_that_can_never_be_json_is_refused() -> None:
    with pytest.raises(ValidationException):
        compiled('{"a": }')


def test_a_batch_is_an_array_of_json_and_of_texts() -> None:
    assert array_of(['{"a":1}', "plain", '"quoted"']) == '[{"a":1},"plain","quoted"]'
    assert array_of([]) == "[]"


def test_parameters_are_resolved_at_every_depth() -> None:
    parameters = {"a": "$.x", "b": ["$.y.z", "plain"], "c": {"d": "$.nothing"}, "n": 1}
    assert resolved(parameters, {"x": 1, "y": {"z": [2]}}) == {
        "a": 1, "b": [[2], "plain"], "c": {"d": None}, "n": 1,
    }  # fmt: skip
