from __future__ import annotations

import json

import pytest


@pytest.fixture
def versions(schemas, registry, make_schema) -> list[str]:
    """The schema `one` with three versions."""
    make_schema("one", {"title": "1"})
    for title in ("2", "3"):
        content = json.dumps({"title": title})
        schemas.update_schema(RegistryName=registry, SchemaName="one", Content=content)
    return ["1", "2", "3"]


def test_versions_are_listed_in_pages(schemas, registry, versions) -> None:
    pages = schemas.get_paginator("list_schema_versions").paginate(
        RegistryName=registry, SchemaName="one", PaginationConfig={"PageSize": 2}
    )
    found = [[each["SchemaVersion"] for each in page["SchemaVersions"]] for page in pages]
    assert found == [["1", "2"], ["3"]]


def test_a_deleted_version_is_gone_and_its_number_is_not_used_again(
    schemas, registry, versions, refusal
) -> None:
    request = {"RegistryName": registry, "SchemaName": "one"}
    schemas.delete_schema_version(SchemaVersion="3", **request)
    newest = schemas.describe_schema(**request)
    assert (newest["SchemaVersion"], newest["Content"]) == ("2", '{"title": "2"}')
    assert refusal(schemas.describe_schema, SchemaVersion="3", **request)[1] == 404
    assert refusal(schemas.delete_schema_version, SchemaVersion="3", **request)[1] == 404
    assert schemas.update_schema(Content="{}", **request)["SchemaVersion"] == "4"


def test_the_only_version_goes_with_its_schema(schemas, registry, make_schema, refusal) -> None:
    make_schema("one")
    request = {"RegistryName": registry, "SchemaName": "one", "SchemaVersion": "1"}
    assert refusal(schemas.delete_schema_version, **request)[0] == "BadRequestException"


@pytest.mark.parametrize("version", ["0", "x", "-1", "1.5", "9" * 30])
def test_what_is_no_version_is_refused(schemas, registry, versions, refusal, version) -> None:
    code = refusal(
        schemas.describe_schema, RegistryName=registry, SchemaName="one", SchemaVersion=version
    )[0]
    assert code == "BadRequestException"
