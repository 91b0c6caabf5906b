from __future__ import annotations

import json

import pytest


def test_the_schema_of_an_event_is_what_eventbridge_writes(schemas, order) -> None:
    answer = schemas.get_discovered_schema(Type="OpenApi3", Events=[json.dumps(order)])
    document = json.loads(answer["Content"])
    assert document["info"] == {"version": "1.0.0", "title": "OrderPlaced"}
    components = document["components"]["schemas"]
    assert components["AWSEvent"]["x-amazon-events-source"] == "com.shop"
    assert components["AWSEvent"]["properties"]["time"] == {"type": "string", "format": "date-time"}
    assert list(components) == ["AWSEvent", "OrderPlaced", "Customer", "LinesItem"]


def test_the_schema_of_plain_json_has_no_envelope(schemas) -> None:
    events = ['{"a": 1}', '{"a": null, "b": [true]}']
    answer = schemas.get_discovered_schema(Type="OpenApi3", Events=events)
    assert json.loads(answer["Content"])["components"]["schemas"] == {
        "Event": {
            "type": "object",
            "required": ["a"],
            "properties": {
                "a": {"type": "integer", "format": "int64", "nullable": True},
                "b": {"type": "array", "items": {"type": "boolean"}},
            },
        }
    }


def test_the_schema_may_be_one_of_draft_4(schemas, order) -> None:
    answer = schemas.get_discovered_schema(Type="JSONSchemaDraft4", Events=[json.dumps(order)])
    document = json.loads(answer["Content"])
    assert document["$schema"] == "http://json-schema.org/draft-04/schema#"
    assert document["properties"]["detail"] == {"$ref": "#/definitions/OrderPlaced"}


@pytest.mark.parametrize(
    "events",
    [
        ["no json"],
        ["3"],
        ["[]"],
        ['{"a": NaN}'],
        ['{"a":' * 300 + "1" + "}" * 300],
        ['{"source": "a", "detail-type": "b", "detail": {}}', "{}"],
    ],
)
def test_what_cannot_be_discovered_is_refused(schemas, refusal, events) -> None:
    refused = refusal(schemas.get_discovered_schema, Type="OpenApi3", Events=events)
    assert refused[0] == "BadRequestException"


@pytest.mark.parametrize("kind", ["OpenApi3", "JSONSchemaDraft4"])
@pytest.mark.parametrize(("opening", "closing"), [('{"a":', "}"), ('{"a":[', "]}"), ("[", "]")])
def test_deep_events_are_discovered_or_refused(schemas, kind, opening, closing) -> None:
    for levels in (60, 120, 240, 254, 1_000):
        event = '{"a":' + opening * levels + "1" + closing * levels + "}"
        try:
            schemas.get_discovered_schema(Type=kind, Events=[event])
        except schemas.exceptions.BadRequestException:
            assert levels > 100
