from __future__ import annotations

import json

import pytest

TEMPLATE = {
    "Resources": {
        "Bus": {"Type": "AWS::Events::EventBus", "Properties": {"Name": "shop"}},
        "Registry": {
            "Type": "AWS::EventSchemas::Registry",
            "Properties": {"RegistryName": "shop", "Description": "d"},
        },
        "Schema": {
            "Type": "AWS::EventSchemas::Schema",
            "Properties": {
                "RegistryName": {"Fn::GetAtt": ["Registry", "RegistryName"]},
                "SchemaName": "com.shop@OrderPlaced",
                "Type": "JSONSchemaDraft4",
                "Content": '{"type": "object"}',
                "Tags": [{"Key": "a", "Value": "b"}],
            },
        },
        "Discoverer": {
            "Type": "AWS::EventSchemas::Discoverer",
            "Properties": {"SourceArn": {"Fn::GetAtt": ["Bus", "Arn"]}, "CrossAccount": "false"},
        },
        "Policy": {
            "Type": "AWS::EventSchemas::RegistryPolicy",
            "Properties": {
                "RegistryName": {"Fn::GetAtt": ["Registry", "RegistryName"]},
                "Policy": {"Version": "2012-10-17", "Statement": []},
            },
        },
    },
    "Outputs": {
        "Registry": {"Value": {"Ref": "Registry"}},
        "Schema": {"Value": {"Ref": "Schema"}},
        "Version": {"Value": {"Fn::GetAtt": ["Schema", "SchemaVersion"]}},
        "Discoverer": {"Value": {"Fn::GetAtt": ["Discoverer", "DiscovererId"]}},
    },
}


@pytest.fixture
def deploy(fogline):
    """Creates or updates the stack and gives its outputs."""
    cloudformation = fogline.client("cloudformation")
    made: list[str] = []

    def deploy(template: dict) -> dict[str, str]:
        operation = "update" if made else "create"
        getattr(cloudformation, f"{operation}_stack")(
            StackName="stack", TemplateBody=json.dumps(template)
        )
        fogline.platform.settle()
        (stack,) = cloudformation.describe_stacks(StackName="stack")["Stacks"]
        assert stack["StackStatus"] == f"{operation.upper()}_COMPLETE", stack
        made.append("stack")
        return {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}

    return deploy


def test_a_stack_has_registries_schemas_discoverers_and_policies(schemas, fogline, deploy) -> None:
    prefix = f"arn:aws:schemas:us-east-1:{fogline.id}"
    assert deploy(TEMPLATE) == {
        "Registry": f"{prefix}:registry/shop",
        "Schema": f"{prefix}:schema/shop/com.shop@OrderPlaced",
        "Version": "1",
        "Discoverer": "events-event-bus-shop",
    }
    found = schemas.describe_schema(RegistryName="shop", SchemaName="com.shop@OrderPlaced")
    assert found["Tags"]["a"] == "b"
    assert found["Tags"]["aws:cloudformation:logical-id"] == "Schema"
    discoverer = schemas.describe_discoverer(DiscovererId="events-event-bus-shop")
    assert discoverer["CrossAccount"] is False
    assert schemas.get_resource_policy(RegistryName="shop")["RevisionId"]


def test_a_stack_changes_and_removes_what_it_made(schemas, fogline, deploy) -> None:
    deploy(TEMPLATE)
    changed = json.loads(json.dumps(TEMPLATE))
    resources = changed["Resources"]
    resources["Registry"]["Properties"]["Description"] = "e"
    resources["Schema"]["Properties"] |= {"Content": '{"type": "string"}', "Tags": []}
    del resources["Discoverer"]["Properties"]["CrossAccount"]
    del resources["Policy"]
    assert deploy(changed)["Version"] == "2"
    assert schemas.describe_registry(RegistryName="shop")["Description"] == "e"
    found = schemas.describe_schema(RegistryName="shop", SchemaName="com.shop@OrderPlaced")
    assert "a" not in found["Tags"]
    discoverer = schemas.describe_discoverer(DiscovererId="events-event-bus-shop")
    assert discoverer["CrossAccount"] is True
    with pytest.raises(schemas.exceptions.NotFoundException):
        schemas.get_resource_policy(RegistryName="shop")
    fogline.client("cloudformation").delete_stack(StackName="stack")
    fogline.platform.settle()
    assert schemas.list_discoverers()["Discoverers"] == []
    found = schemas.list_registries()["Registries"]
    assert [each["RegistryName"] for each in found] == ["discovered-schemas"]


def test_schemas_without_a_name_get_one(schemas, deploy) -> None:
    template = json.loads(json.dumps(TEMPLATE))
    del template["Resources"]["Schema"]["Properties"]["SchemaName"]
    del template["Resources"]["Registry"]["Properties"]["RegistryName"]
    outputs = deploy(template)
    assert "/stack-Registry-" in outputs["Registry"]
    assert "/stack-Schema-" in outputs["Schema"]
