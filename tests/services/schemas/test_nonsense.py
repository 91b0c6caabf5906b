"""What no one should send is refused, and never a failure of ours."""

from __future__ import annotations

import base64

import pytest
from botocore.exceptions import ClientError

NUL = "a\0b"
TOKEN = base64.urlsafe_b64encode(NUL.encode()).decode()
ARN = f"arn:aws:schemas:us-east-1:{{id}}:registry/{NUL}"
IN_REGISTRY = {"RegistryName": "shop"}


@pytest.mark.parametrize(
    ("operation", "request_"),
    [
        ("describe_registry", {"RegistryName": NUL}),
        ("describe_schema", {"RegistryName": NUL, "SchemaName": "x"}),
        ("describe_schema", {**IN_REGISTRY, "SchemaName": NUL}),
        ("list_registries", {"RegistryNamePrefix": NUL}),
        ("list_registries", {"NextToken": TOKEN}),
        ("list_schemas", {**IN_REGISTRY, "SchemaNamePrefix": NUL}),
        ("list_schemas", {**IN_REGISTRY, "NextToken": TOKEN}),
        ("search_schemas", {**IN_REGISTRY, "Keywords": "x", "NextToken": TOKEN}),
        ("list_discoverers", {"DiscovererIdPrefix": NUL}),
        ("list_discoverers", {"SourceArnPrefix": NUL, "NextToken": TOKEN}),
        ("describe_discoverer", {"DiscovererId": NUL}),
        ("update_discoverer", {"DiscovererId": NUL}),
        ("create_discoverer", {"SourceArn": f"arn:aws:events:us-east-1:{{id}}:event-bus/{NUL}"}),
        ("get_resource_policy", {"RegistryName": NUL}),
        ("list_tags_for_resource", {"ResourceArn": ARN}),
        ("tag_resource", {"ResourceArn": ARN, "Tags": {NUL: NUL}}),
        ("list_schema_versions", {**IN_REGISTRY, "SchemaName": "x", "NextToken": TOKEN}),
        ("put_code_binding", {**IN_REGISTRY, "SchemaName": "x", "Language": NUL}),
    ],
)
def test_names_with_a_nul_are_refused(schemas, registry, fogline, operation, request_) -> None:
    request = {
        name: value.replace("{id}", fogline.id) if isinstance(value, str) else value
        for name, value in request_.items()
    }
    with pytest.raises(ClientError) as caught:
        getattr(schemas, operation)(**request)
    assert caught.value.response["Error"]["Code"] in ("BadRequestException", "NotFoundException")


def test_content_may_hold_any_character(schemas, registry, make_schema) -> None:
    content = {"title": "\0\u2028\U0001f600", "description": "ä"}
    make_schema("odd", content, Description=NUL, Tags={NUL: NUL})
    found = schemas.describe_schema(RegistryName=registry, SchemaName="odd")
    assert (found["Description"], found["Tags"]) == (NUL, {NUL: NUL})
    hits = schemas.search_schemas(RegistryName=registry, Keywords=NUL)["Schemas"]
    assert [hit["SchemaName"] for hit in hits] == ["odd"]
