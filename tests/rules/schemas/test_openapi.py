from __future__ import annotations

import pytest

from fogline.aws.json_schema import InvalidSchema, compile_schema
from fogline.services.schemas.openapi import draft4_of


def document(**components) -> dict:
    return {
        "openapi": "3.0.0",
        "info": {"title": "T", "version": "1"},
        "paths": {},
        "components": {"schemas": components},
    }


def test_the_event_becomes_the_root_and_the_others_its_definitions() -> None:
    """The form in which AWS exports a discovered schema."""
    made = draft4_of(
        document(
            Data={"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}},
            AWSEvent={
                "type": "object",
                "x-amazon-events-source": "users",
                "properties": {"detail": {"$ref": "#/components/schemas/Data"}},
            },
        )
    )
    assert made == {
        "$schema": "http://json-schema.org/draft-04/schema#",
        "title": "T",
        "definitions": {
            "Data": {
                "properties": {"id": {"type": "string"}},
                "required": ["id"],
                "type": "object",
            }
        },
        "properties": {"detail": {"$ref": "#/definitions/Data"}},
        "type": "object",
        "x-amazon-events-source": "users",
    }
    assert list(made)[:3] == ["$schema", "title", "definitions"]


@pytest.mark.parametrize(
    ("schema", "draft4"),
    [
        ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
        ({"type": "string", "nullable": False}, {"type": "string"}),
        (
            {"type": "string", "enum": ["a"], "nullable": True},
            {"type": ["string", "null"], "enum": ["a", None]},
        ),
        (
            {"oneOf": [{"type": "string"}], "nullable": True},
            {"anyOf": [{"oneOf": [{"type": "string"}]}, {"type": "null"}]},
        ),
        ({"type": "string", "example": "x", "deprecated": True}, {"type": "string"}),
        (
            {"type": "object", "properties": {"nullable": {"type": "string", "nullable": True}}},
            {"type": "object", "properties": {"nullable": {"type": ["string", "null"]}}},
        ),
        ({"items": {"$ref": "#/components/schemas/B"}}, {"items": {"$ref": "#/definitions/B"}}),
        (
            {"additionalProperties": {"type": "integer", "nullable": True}},
            {"additionalProperties": {"type": ["integer", "null"]}},
        ),
        ({"additionalProperties": False}, {"additionalProperties": False}),
    ],
)
def test_words_of_openapi_become_words_of_draft_4(schema, draft4) -> None:
    made = draft4_of(document(A={"allOf": [schema]}, B={}))
    assert made["allOf"] == [draft4]


def test_a_root_that_refers_to_itself_stays_a_definition() -> None:
    tree = {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}
    validator = compile_schema(draft4_of(document(Tree=tree)))
    assert validator.fits([[], [[]]])
    assert not validator.fits([[1]])


def test_a_document_without_schemas_cannot_be_converted() -> None:
    with pytest.raises(InvalidSchema):
        draft4_of(document())
