from __future__ import annotations

from itertools import pairwise

import pytest

from fogline.aws.json_schema import InvalidSchema, compile_schema
from fogline.aws.schema_bounds import LEVELS_MAX


def nested(levels: int) -> dict:
    schema: dict = {}
    for _ in range(levels):
        schema = {"items": schema}
    return schema


def test_errors_say_where_and_why() -> None:
    validator = compile_schema(
        {
            "required": ["id"],
            "properties": {"lines": {"items": {"properties": {"n": {"type": "integer"}}}}},
        }
    )
    assert validator.errors({"id": 1}) == []
    assert validator.errors({"lines": [{}, {"n": "x"}]}) == [
        '$: "id" is a required property',
        'lines[1].n: "x" is not of type "integer"',
    ]


def test_errors_are_few_and_short() -> None:
    validator = compile_schema({"items": {"type": "string"}})
    assert len(validator.errors(list(range(1_000)))) == 20
    assert len(validator.errors([["x" * 100_000]])[0]) < 400
    too_large = list(range(100_000))
    assert validator.errors(too_large) == ["$: it does not fit; it is too large to say why"]
    assert validator.errors(["x"] * 100_000) == []


def test_errors_of_deep_values_are_not_gathered_for_ever() -> None:
    both = [{"properties": {"x": {"$ref": f"#/definitions/{name}"}}} for name in "ab"]
    either = {"type": "object", "anyOf": both}
    validator = compile_schema(
        {"definitions": {"a": either, "b": {**either, "title": "b"}}, "$ref": "#/definitions/a"}
    )
    value: object = 1
    for _ in range(200):
        value = {"x": value}
    assert not validator.fits(value)
    assert len(validator.errors(value)) == 1
    assert "anyOf" in validator.errors({"x": {"x": 1}})[0]


def test_draft_4_is_what_is_meant() -> None:
    exclusive = compile_schema({"minimum": 3, "exclusiveMinimum": True})
    assert exclusive.fits(4)
    assert not exclusive.fits(3)
    assert not compile_schema({"type": "integer"}).fits(1.0)
    assert compile_schema({"$schema": "http://json-schema.org/draft-07/schema#", "const": 1}).fits(
        2
    )


def test_patterns_are_matched_in_linear_time() -> None:
    validator = compile_schema({"pattern": "(a+)+$"})
    assert not validator.fits("a" * 100_000 + "b")


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "nothing"},
        {"properties": 3},
        {"pattern": "("},
        {"pattern": "(?=a)b"},
        {"pattern": "(?:a{1000}){1000}"},
        {"$ref": "http://localhost:9/x.json"},
        {"$ref": "file:///etc/passwd"},
        {"properties": {"a": {"$ref": "other.json#/a"}}},
        {"properties": {"a": {"id": "http://localhost/", "$ref": "#/b"}}},
        {"$ref": "#/definitions/none"},
        {"$ref": "#"},
        {"definitions": {"a": {"anyOf": [{"not": {"$ref": "#/definitions/a"}}]}}},
        nested(LEVELS_MAX + 1),
        {"enum": ["\ud800"]},
        {"$ref": "#/allOf/" + "9" * 5_000, "allOf": [{}]},
        {"items": {"$ref": "#/x"}, "x": {"items": {"$ref": "#/x/items"}}},
    ],
)
def test_what_is_no_schema_or_has_no_bound_is_refused(schema: dict) -> None:
    with pytest.raises(InvalidSchema):
        compile_schema(schema)


def test_a_schema_may_be_deep_and_refer_to_itself_further_in() -> None:
    assert compile_schema(nested(LEVELS_MAX)).fits([])
    tree = compile_schema({"type": "array", "items": {"$ref": "#"}})
    assert tree.fits([[], [[]]])
    assert not tree.fits([[], [1]])


def test_a_schema_that_unfolds_into_too_many_is_refused() -> None:
    def doubled(times: int) -> dict:
        names = [f"a{number}" for number in range(times)]
        definitions = {"a0": {}} | {
            name: {"allOf": [{"$ref": f"#/definitions/{before}"}] * 2}
            for before, name in pairwise(names)
        }
        return {"definitions": definitions, "$ref": f"#/definitions/{names[-1]}"}

    assert compile_schema(doubled(12)).fits(1)
    with pytest.raises(InvalidSchema, match="too many"):
        compile_schema(doubled(30))


def test_a_schema_that_unfolds_along_the_value_is_refused() -> None:
    def doubled(times: int) -> dict:
        definitions: dict = {"a0": {}}
        for number in range(times):
            inner = {"properties": {"x": {"$ref": f"#/definitions/a{number}"}}}
            definitions[f"a{number + 1}"] = {"allOf": [inner, {**inner, "title": "same"}]}
        return {"definitions": definitions, "$ref": f"#/definitions/a{times}"}

    assert compile_schema(doubled(10)).fits({})
    with pytest.raises(InvalidSchema, match="too many"):
        compile_schema(doubled(30))


def test_a_long_way_through_many_schemas_is_no_matter() -> None:
    definitions = {
        f"a{number}": {"properties": {"x": {"$ref": f"#/definitions/a{(number + 1) % 900}"}}}
        for number in range(900)
    }
    assert compile_schema({"definitions": definitions, "$ref": "#/definitions/a0"}).fits({})


def test_values_that_are_no_text_do_not_fit() -> None:
    validator = compile_schema({"type": "string"})
    assert not validator.fits("\ud800")
    assert len(validator.errors("\ud800")) == 1


def test_names_in_references_may_be_escaped() -> None:
    schema = {"definitions": {"a/b c": {"type": "string"}}, "$ref": "#/definitions/a~1b%20c"}
    assert not compile_schema(schema).fits(1)
