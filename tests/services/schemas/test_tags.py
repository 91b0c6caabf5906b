from __future__ import annotations

import pytest


def test_registries_and_schemas_are_tagged(schemas, registry, make_schema) -> None:
    registry_arn = schemas.describe_registry(RegistryName=registry)["RegistryArn"]
    for arn in (registry_arn, make_schema("one")["SchemaArn"]):
        schemas.tag_resource(ResourceArn=arn, Tags={"a": "1", "b": "2"})
        schemas.untag_resource(ResourceArn=arn, TagKeys=["a", "none"])
        assert schemas.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"b": "2"}


def test_a_resource_that_is_missing_is_not_found(schemas, fogline, refusal) -> None:
    arn = f"arn:aws:schemas:us-east-1:{fogline.id}:registry/none"
    assert refusal(schemas.list_tags_for_resource, ResourceArn=arn)[0] == "NotFoundException"
    other = "arn:aws:schemas:us-east-1:999999999999:registry/none"
    assert refusal(schemas.list_tags_for_resource, ResourceArn=other)[0] == "NotFoundException"


@pytest.mark.parametrize("arn", ["x", "arn:aws:sqs:us-east-1:1:q", "arn:aws:schemas:r:1:thing/x"])
def test_what_is_no_arn_of_ours_is_refused(schemas, refusal, arn) -> None:
    assert refusal(schemas.tag_resource, ResourceArn=arn, Tags={})[0] == "BadRequestException"


def test_tags_that_aws_refuses_are_refused(schemas, refusal) -> None:
    for tags in ({"aws:x": "y"}, {"": "y"}, {"k" * 129: ""}, {"k": "v" * 257}):
        refused = refusal(schemas.create_registry, RegistryName="x", Tags=tags)
        assert refused[0] == "BadRequestException"
    many = {str(number): "" for number in range(51)}
    assert refusal(schemas.create_registry, RegistryName="x", Tags=many)[0] == "BadRequestException"
    del many["0"]
    schemas.create_registry(RegistryName="x", Tags=many)
