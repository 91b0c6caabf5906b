from __future__ import annotations

import pytest


def test_a_registry_is_created_described_updated_and_deleted(schemas, fogline, refusal) -> None:
    made = schemas.create_registry(RegistryName="r-1", Description="mine", Tags={"a": "b"})
    arn = f"arn:aws:schemas:us-east-1:{fogline.id}:registry/r-1"
    assert made["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert (made["RegistryArn"], made["RegistryName"]) == (arn, "r-1")
    schemas.update_registry(RegistryName="r-1", Description="yours")
    found = schemas.describe_registry(RegistryName="r-1")
    assert (found["Description"], found["Tags"]) == ("yours", {"a": "b"})
    assert schemas.delete_registry(RegistryName="r-1")["ResponseMetadata"]["HTTPStatusCode"] == 204
    code, status, text = refusal(schemas.describe_registry, RegistryName="r-1")
    assert (code, status) == ("NotFoundException", 404)
    assert text == "Registry with name r-1 does not exist."


def test_a_registry_is_created_once(schemas, registry, refusal) -> None:
    assert refusal(schemas.create_registry, RegistryName=registry)[:2] == ("ConflictException", 409)


def test_a_registry_with_schemas_is_not_deleted(schemas, registry, make_schema, refusal) -> None:
    make_schema("one")
    assert refusal(schemas.delete_registry, RegistryName=registry)[0] == "BadRequestException"
    schemas.delete_schema(RegistryName=registry, SchemaName="one")
    schemas.delete_registry(RegistryName=registry)


@pytest.mark.parametrize("name", ["a b", "a/b", "x" * 65, "ä"])
def test_what_is_no_name_is_refused(schemas, refusal, name) -> None:
    assert refusal(schemas.create_registry, RegistryName=name)[0] == "BadRequestException"


def test_the_longest_name_is_accepted(schemas) -> None:
    schemas.create_registry(RegistryName="x" * 64)


def test_names_that_aws_keeps_for_itself_are_refused(schemas, refusal) -> None:
    for name in ("aws.mine", "discovered-schemas"):
        assert refusal(schemas.create_registry, RegistryName=name)[:2] == (
            "ForbiddenException",
            403,
        )


def test_the_registry_of_aws_services_is_refused_as_not_built(schemas, refusal) -> None:
    for function, request in (
        (schemas.describe_registry, {"RegistryName": "aws.events"}),
        (schemas.list_schemas, {"RegistryName": "aws.events"}),
        (schemas.list_registries, {"Scope": "AWS"}),
    ):
        assert refusal(function, **request)[:2] == ("NotImplemented", 501)


def test_registries_are_listed_in_pages(schemas, refusal) -> None:
    names = [f"r-{number}" for number in range(5)]
    for name in (*names, "other"):
        schemas.create_registry(RegistryName=name)
    pages = list(
        schemas.get_paginator("list_registries").paginate(
            RegistryNamePrefix="r-", PaginationConfig={"PageSize": 2}
        )
    )
    assert [[each["RegistryName"] for each in page["Registries"]] for page in pages] == [
        ["r-0", "r-1"],
        ["r-2", "r-3"],
        ["r-4"],
    ]
    assert len(schemas.list_registries(Scope="Local")["Registries"]) == 6
    assert refusal(schemas.list_registries, Limit=0)[0] == "BadRequestException"
    assert refusal(schemas.list_registries, Limit=101)[0] == "BadRequestException"
    assert refusal(schemas.list_registries, NextToken="%%")[0] == "BadRequestException"
    assert refusal(schemas.list_registries, Scope="Mars")[0] == "BadRequestException"
