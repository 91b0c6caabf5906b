from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

OPENAPI = {
    "openapi": "3.0.0",
    "info": {"title": "T", "version": "1"},
    "paths": {},
    "components": {"schemas": {"Pet": {"type": "object", "properties": {"n": {"type": "string"}}}}},
}


def test_a_schema_is_created_and_described(schemas, registry, make_schema, fogline) -> None:
    made = make_schema("one", {"type": "object"}, Description="d", Tags={"a": "b"})
    assert made["ResponseMetadata"]["HTTPStatusCode"] == 201
    now = datetime.fromtimestamp(fogline.platform.now() / 1000, UTC)
    expected = {
        "SchemaArn": f"arn:aws:schemas:us-east-1:{fogline.id}:schema/shop/one",
        "SchemaName": "one",
        "SchemaVersion": "1",
        "Type": "JSONSchemaDraft4",
        "Description": "d",
        "Tags": {"a": "b"},
        "LastModified": now,
        "VersionCreatedDate": now,
    }
    assert {name: made[name] for name in expected} == expected
    found = schemas.describe_schema(RegistryName=registry, SchemaName="one")
    assert {name: found[name] for name in expected} == expected
    assert found["Content"] == '{"type": "object"}'


def test_a_schema_is_created_once(make_schema, refusal) -> None:
    make_schema("one")
    assert refusal(make_schema, name="one")[0] == "ConflictException"


def test_a_new_version_begins_only_when_the_content_changes(schemas, registry, make_schema) -> None:
    make_schema("one", {"type": "object"})

    def update(**changes) -> str:
        return schemas.update_schema(RegistryName=registry, SchemaName="one", **changes)[
            "SchemaVersion"
        ]

    assert update(Description="new") == "1"
    assert update(Content='{"type":   "object"}', Type="JSONSchemaDraft4") == "1"
    assert update(Content='{"type":"string"}', Type="JSONSchemaDraft4") == "2"
    assert update(Content=json.dumps(OPENAPI), Type="OpenApi3") == "3"
    found = schemas.describe_schema(RegistryName=registry, SchemaName="one", SchemaVersion="1")
    assert (found["Type"], found["Content"]) == ("JSONSchemaDraft4", '{"type": "object"}')
    newest = schemas.describe_schema(RegistryName=registry, SchemaName="one")
    assert (newest["Type"], newest["Description"]) == ("OpenApi3", "new")


def test_a_schema_that_is_deleted_is_gone_with_its_versions(
    schemas, registry, make_schema, refusal
) -> None:
    make_schema("one")
    request = {"RegistryName": registry, "SchemaName": "one"}
    schemas.delete_schema(**request)
    for function in (schemas.describe_schema, schemas.delete_schema, schemas.list_schema_versions):
        code, status, text = refusal(function, **request)
        assert (code, status) == ("NotFoundException", 404)
        assert text == "Schema with name one does not exist."
    assert make_schema("one")["SchemaVersion"] == "1"


def test_a_schema_of_a_missing_registry_is_not_found(schemas, refusal) -> None:
    request = {"RegistryName": "none", "SchemaName": "one"}
    text = "Registry with name none does not exist."
    assert refusal(schemas.describe_schema, **request)[2] == text
    create = {**request, "Type": "JSONSchemaDraft4", "Content": "{}"}
    assert refusal(schemas.create_schema, **create)[2] == text
    assert refusal(schemas.list_schemas, RegistryName="none")[2] == text


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("JSONSchemaDraft4", "no json"),
        ("JSONSchemaDraft4", "[]"),
        ("JSONSchemaDraft4", '{"type": "nothing"}'),
        ("JSONSchemaDraft4", '{"$ref": "http://localhost:9/other.json"}'),
        ("JSONSchemaDraft4", '{"$ref": "#/definitions/none"}'),
        ("JSONSchemaDraft4", '{"$ref": "#"}'),
        ("JSONSchemaDraft4", '{"pattern": "(?=a)b"}'),
        ("JSONSchemaDraft4", '{"items":' * 2_000 + "{}" + "}" * 2_000),
        ("JSONSchemaDraft4", '{"enum":' + "[" * 300 + "]" * 300 + "}"),
        ("OpenApi3", "{}"),
        ("OpenApi3", '{"openapi": "2.0", "info": {"title": "", "version": ""}, "paths": {}}'),
        ("OpenApi3", '{"openapi": "3.0.0", "info": {"title": ""}, "paths": {}}'),
        ("OpenApi3", '{"openapi": "3.0.0", "info": {"title": "", "version": ""}}'),
        (
            "OpenApi3",
            '{"openapi": "3.0.0", "info": {"title": "", "version": ""}, "paths": {},'
            ' "components": {"schemas": {"A": {"type": 3}}}}',
        ),
        (
            "OpenApi3",
            '{"openapi": "3.0.0", "info": {"title": "", "version": ""}, "paths": {},'
            ' "components": {"schemas": {"A": 3}}}',
        ),
    ],
)
def test_content_that_is_no_such_document_is_refused(
    schemas, registry, refusal, kind, content
) -> None:
    code, status, _ = refusal(
        schemas.create_schema, RegistryName=registry, SchemaName="x", Type=kind, Content=content
    )
    assert (code, status) == ("BadRequestException", 400)


def test_schemas_are_listed_in_pages(schemas, registry, make_schema) -> None:
    for number in range(3):
        make_schema(f"s-{number}")
    make_schema("other")
    pages = schemas.get_paginator("list_schemas").paginate(
        RegistryName=registry, SchemaNamePrefix="s-", PaginationConfig={"PageSize": 2}
    )
    found = [[(each["SchemaName"], each["VersionCount"]) for each in p["Schemas"]] for p in pages]
    assert found == [[("s-0", 1), ("s-1", 1)], [("s-2", 1)]]


def test_a_schema_of_a_custom_registry_is_not_exported(
    schemas, registry, make_schema, refusal
) -> None:
    make_schema("one", OPENAPI, "OpenApi3")
    request = {"RegistryName": registry, "SchemaName": "one", "Type": "JSONSchemaDraft4"}
    code, status, text = refusal(schemas.export_schema, **request)
    assert (code, status) == ("ForbiddenException", 403)
    assert text == "You cannot export non discovered or non aws managed schemas."


@pytest.mark.parametrize("token", ["%%", "AAAA", "////", "bm9uc2Vuc2U="])
def test_a_token_that_nobody_gave_is_no_failure_of_ours(schemas, registry, token) -> None:
    for function in (schemas.list_schemas, schemas.list_registries):
        request = {"RegistryName": registry} if function == schemas.list_schemas else {}
        try:
            function(NextToken=token, **request)
        except schemas.exceptions.BadRequestException:
            continue
