"""The CloudFormation type that Parameter Store owns."""

from __future__ import annotations

from typing import Any

from fogline.ports.resources import Context, Done, Properties, ResourceType, text

_NAME_CHARACTERS_MAX = 1_011


def _create(context: Context, properties: Properties) -> Done:
    name = properties.get("Name") or _generated_name(context)
    tags = context.tags(properties.get("Tags"))
    tag_list = [{"Key": key, "Value": value} for key, value in tags.items()]
    context.ask("ssm", "PutParameter", {**_request(name, properties), "Tags": tag_list})
    return _done(name, properties)


def _update(context: Context, name: str, old: Properties, new: Properties) -> Done:
    context.ask("ssm", "PutParameter", {**_request(name, new), "Overwrite": True})
    before, after = context.tags(old.get("Tags")), context.tags(new.get("Tags"))
    resource = {"ResourceType": "Parameter", "ResourceId": name}
    gone = [key for key in before if key not in after]
    if gone:
        context.ask("ssm", "RemoveTagsFromResource", {**resource, "TagKeys": gone})
    changed = [
        {"Key": key, "Value": value} for key, value in after.items() if before.get(key) != value
    ]
    if changed:
        context.ask("ssm", "AddTagsToResource", {**resource, "Tags": changed})
    return _done(name, new)


def _delete(context: Context, name: str, properties: Properties) -> None:
    context.ask("ssm", "DeleteParameter", {"Name": name})


def _generated_name(context: Context) -> str:
    """Not named after the stack, unlike most: `CFN-LogicalId-RANDOM`."""
    chance = context.name(_NAME_CHARACTERS_MAX).rpartition("-")[2]
    return f"CFN-{context.logical_id}-{chance}"


def _request(name: str, properties: Properties) -> dict[str, Any]:
    return {
        "Name": name,
        "Type": properties["Type"],
        "Value": text(properties["Value"]),
        "Description": properties.get("Description"),
        "AllowedPattern": properties.get("AllowedPattern"),
        "Tier": properties.get("Tier"),
        "DataType": properties.get("DataType"),
    }


def _done(name: str, properties: Properties) -> Done:
    return Done(name, {"Type": properties["Type"], "Value": text(properties["Value"])})


def _check(properties: Properties) -> str | None:
    if properties["Type"] not in ("String", "StringList"):
        return f"AWS::SSM::Parameter cannot make parameters of type {properties['Type']}"
    return None


RESOURCES: tuple[ResourceType, ...] = (
    ResourceType(
        name="AWS::SSM::Parameter",
        properties=frozenset(
            {
                "Name",
                "Type",
                "Value",
                "Description",
                "AllowedPattern",
                "Tier",
                "DataType",
                "Tags",
            }
        ),
        required=frozenset({"Type", "Value"}),
        not_built=frozenset({"Policies"}),
        create=_create,
        update=_update,
        delete=_delete,
        create_only=frozenset({"Name"}),
        attributes=frozenset({"Type", "Value"}),
        primary_identifier="Name",
        check=_check,
    ),
)
