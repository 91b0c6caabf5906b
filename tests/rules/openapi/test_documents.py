"""Texts, JSON or YAML, as documents."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fogline.aws.openapi import InvalidDocument, read_api
from fogline.aws.openapi.document import read_document

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 999) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
_NAMES = st.sampled_from(
    [
        "paths", "/a", "/a/{b}", "get", "post", "x-amazon-apigateway-any-method", "parameters", "responses", "200",
        "default", "schema", "$ref", "content", "application/json", "requestBody", "headers", "security",
        "securitySchemes", "components", "definitions", "schemas", "securityDefinitions", "servers", "url", "variables",
        "basePath", "x-amazon-apigateway-integration", "x-amazon-apigateway-authorizer", "type", "uri", "name", "in",
        "x-amazon-apigateway-documentation", "documentationParts", "x-amazon-apigateway-policy", "tags", "info",
        "x-amazon-apigateway-request-validators", "x-amazon-apigateway-gateway-responses", "requestTemplates",
        "x-amazon-apigateway-cors", "x-amazon-apigateway-binary-media-types", "timeoutInMillis",
    ]
)  # fmt: skip
_VALUES = st.sampled_from(
    [
        "#/definitions/A",
        "#/a/b",
        "#/",
        "mock",
        "header",
        "path",
        "body",
        "query",
        "x",
        "",
        1,
        True,
        None,
        [],
        {},
    ]
)
_LIKELY = st.recursive(
    _VALUES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=5),
    max_leaves=30,
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(_NAMES, _LIKELY, max_size=8), st.sampled_from(["swagger", "openapi"]))
def test_any_document_is_read_or_refused(members: dict[str, Any], kind: str) -> None:
    document = {kind: "2.0" if kind == "swagger" else "3.0.1", **members}
    with suppress(InvalidDocument):
        read_api(orjson.dumps(document).decode())


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=80) | st.text(alphabet="{}[]:,-&*!|>#'\"\n ab1?%@`~", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(InvalidDocument):
        read_api(text)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.text(max_size=6), _JSON, max_size=4))
def test_json_is_read_as_it_is(document: dict[str, Any]) -> None:
    assert read_document(orjson.dumps(document).decode(), {}) == document


def test_yaml_is_read_as_json_would_be() -> None:
    text = """
openapi: 3.0.1
a: [1, 2.5, true, no, ~, 'true', 2017-01-01, 0x1F, 1.2.3]
responses:
  200: &ok {description: "ok"}
  404: *ok
  500:
    <<: *ok
    extra: |
      line
"""
    assert read_document(text, {}) == {
        "openapi": "3.0.1",
        "a": [1, 2.5, True, False, None, "true", "2017-01-01", "0x1F", "1.2.3"],
        "responses": {
            "200": {"description": "ok"},
            "404": {"description": "ok"},
            "500": {"description": "ok", "extra": "line\n"},
        },
    }


def test_pseudo_parameters_become_their_values() -> None:
    text = '{"a": "arn:${AWS::Partition}:x:${AWS::Region}:${stageVariables.v}"}'
    assert read_document(text, {"AWS::Partition": "aws", "AWS::Region": "eu-west-1"}) == {
        "a": "arn:aws:x:eu-west-1:${stageVariables.v}"
    }


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "x",
        "{",
        "a: [",
        "a: *b",
        "? {a: 1}\n: 2",
        '{"openapi": "3.1.0"}',
        '{"swagger": "1.2"}',
        '{"openapi": "3.0.1", "paths": []}',
        '{"openapi": "3.0.1", "paths": {"a": {}}}',
        "[" * 5_000,
        "{a: " * 5_000,
        '{"a":' * 500 + "1" + "}" * 500,
        "a: &a [x, x, x, x, x, x, x, x, x]\n"
        + "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}' if n else '*a'] * 9)}]" for n in range(9)),
        "openapi: 3.0.1\na: " + "x" * (6 * 1024 * 1024),
    ],
    ids=range(16),
)  # fmt: skip
def test_what_describes_no_api_is_refused(text: str) -> None:
    with pytest.raises(InvalidDocument):
        read_api(text)


def test_a_large_part_that_many_methods_refer_to_is_read_once() -> None:
    document = {
        "openapi": "3.0.1",
        "paths": {
            f"/p{n}": {
                "get": {
                    "responses": {"200": {"$ref": "#/components/responses/big"}},
                    "x-amazon-apigateway-integration": {"$ref": "#/components/x-i/big"},
                }
            }
            for n in range(2_000)
        },
        "components": {
            "responses": {
                "big": {
                    "headers": {f"h{n}": {} for n in range(2_000)},
                    "content": {f"a/{n}": {"schema": {"enum": [n]}} for n in range(500)},
                }
            },
            "x-i": {
                "big": {"type": "mock", "requestTemplates": {f"a/{n}": "{}" for n in range(2_000)}}
            },
        },
    }
    api = read_api(orjson.dumps(document).decode())
    assert api.methods[0].responses[0].parameters is api.methods[-1].responses[0].parameters
    assert api.methods[0].integration is api.methods[-1].integration
