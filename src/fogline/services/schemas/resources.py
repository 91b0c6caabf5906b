"""The CloudFormation types that EventBridge Schemas owns.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_EventSchemas.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from fogline.ports.resources import Context, Done, Properties, ResourceType, boolean
from fogline.services.schemas.discovered import REGISTRY as DISCOVERED

_NAME_CHARACTERS_MAX = 64


def _ask(context: Context, operation: str, request: Mapping[str, Any]) -> Mapping[str, Any]:
    return context.ask("schemas", operation, request)


def _retag(context: Context, arn: str, old: Properties, new: Properties) -> None:
    before, after = context.tags(old.get("Tags")), context.tags(new.get("Tags"))
    gone = [key for key in before if key not in after]
    if gone:
        _ask(context, "UntagResource", {"ResourceArn": arn, "TagKeys": gone})
    if after != before:
        _ask(context, "TagResource", {"ResourceArn": arn, "Tags": after})


def _name_of(arn: str) -> str:
    return arn.rsplit("/", 1)[1]


# ---- AWS::EventSchemas::Registry


def _create_registry(context: Context, properties: Properties) -> Done:
    made = _ask(
        context,
        "CreateRegistry",
        {
            "RegistryName": properties.get("RegistryName") or context.name(_NAME_CHARACTERS_MAX),
            "Description": properties.get("Description"),
            "Tags": context.tags(properties.get("Tags")),
        },
    )
    return _registry(made)


def _registry(made: Mapping[str, Any]) -> Done:
    arn, name = made["RegistryArn"], made["RegistryName"]
    return Done(arn, {"RegistryArn": arn, "RegistryName": name})


def _update_registry(context: Context, arn: str, old: Properties, new: Properties) -> Done:
    request = {"RegistryName": _name_of(arn), "Description": new.get("Description", "")}
    made = _ask(context, "UpdateRegistry", request)
    _retag(context, arn, old, new)
    return _registry(made)


def _delete_registry(context: Context, arn: str, properties: Properties) -> None:
    _ask(context, "DeleteRegistry", {"RegistryName": _name_of(arn)})


# ---- AWS::EventSchemas::Schema


def _content(properties: Properties) -> str:
    content = properties["Content"]
    return content if isinstance(content, str) else orjson.dumps(content).decode()


def _registry_named(properties: Properties) -> str:
    """The registry's name; templates may say its ARN, because that is what Ref gives."""
    named = str(properties["RegistryName"])
    return _name_of(named) if named.startswith("arn:") else named


def _create_schema(context: Context, properties: Properties) -> Done:
    registry = _registry_named(properties)
    made = _ask(
        context,
        "CreateSchema",
        {
            "RegistryName": registry,
            "SchemaName": properties.get("SchemaName") or context.name(_NAME_CHARACTERS_MAX),
            "Type": properties["Type"],
            "Content": _content(properties),
            "Description": properties.get("Description"),
            "Tags": context.tags(properties.get("Tags")),
        },
    )
    return _schema(context, made["SchemaArn"], registry)


def _schema(context: Context, arn: str, registry: str) -> Done:
    name = _name_of(arn)
    found = _ask(context, "DescribeSchema", {"RegistryName": registry, "SchemaName": name})
    return Done(
        arn,
        {
            "SchemaArn": arn,
            "SchemaName": name,
            "SchemaVersion": found["SchemaVersion"],
            "LastModified": str(found["LastModified"]),
            "VersionCreatedDate": str(found["VersionCreatedDate"]),
        },
    )


def _update_schema(context: Context, arn: str, old: Properties, new: Properties) -> Done:
    registry = _registry_named(new)
    _ask(
        context,
        "UpdateSchema",
        {
            "RegistryName": registry,
            "SchemaName": _name_of(arn),
            "Type": new["Type"],
            "Content": _content(new),
            "Description": new.get("Description", ""),
        },
    )
    _retag(context, arn, old, new)
    return _schema(context, arn, registry)


def _delete_schema(context: Context, arn: str, properties: Properties) -> None:
    _, registry, name = arn.rsplit("/", 2)
    _ask(context, "DeleteSchema", {"RegistryName": registry, "SchemaName": name})


# ---- AWS::EventSchemas::Discoverer


def _is_cross_account(properties: Properties) -> bool:
    return boolean(properties.get("CrossAccount", True))


def _create_discoverer(context: Context, properties: Properties) -> Done:
    made = _ask(
        context,
        "CreateDiscoverer",
        {
            "SourceArn": properties["SourceArn"],
            "Description": properties.get("Description"),
            "CrossAccount": _is_cross_account(properties),
            "Tags": context.tags(properties.get("Tags")),
        },
    )
    return _discoverer(made)


def _discoverer(made: Mapping[str, Any]) -> Done:
    attributes = {name: made[name] for name in ("DiscovererArn", "DiscovererId", "State")}
    return Done(
        made["DiscovererArn"], {**attributes, "CrossAccount": str(made["CrossAccount"]).lower()}
    )


def _update_discoverer(context: Context, arn: str, old: Properties, new: Properties) -> Done:
    made = _ask(
        context,
        "UpdateDiscoverer",
        {
            "DiscovererId": _name_of(arn),
            "Description": new.get("Description", ""),
            "CrossAccount": _is_cross_account(new),
        },
    )
    _retag(context, arn, old, new)
    return _discoverer(made)


def _delete_discoverer(context: Context, arn: str, properties: Properties) -> None:
    _ask(context, "DeleteDiscoverer", {"DiscovererId": _name_of(arn)})


# ---- AWS::EventSchemas::RegistryPolicy


def _put_policy(context: Context, properties: Properties) -> Done:
    policy = properties["Policy"]
    registry = _registry_named(properties)
    _ask(
        context,
        "PutResourcePolicy",
        {
            "RegistryName": registry,
            "Policy": policy if isinstance(policy, str) else orjson.dumps(policy).decode(),
            "RevisionId": properties.get("RevisionId"),
        },
    )
    return Done(registry, {"Id": registry})


def _update_policy(context: Context, name: str, old: Properties, new: Properties) -> Done:
    return _put_policy(context, new)


def _delete_policy(context: Context, name: str, properties: Properties) -> None:
    _ask(context, "DeleteResourcePolicy", {"RegistryName": name})


RESOURCES: tuple[ResourceType, ...] = (
    ResourceType(
        name="AWS::EventSchemas::Registry",
        properties=frozenset(("Description", "RegistryName", "Tags")),
        create_only=frozenset(("RegistryName",)),
        attributes=frozenset(("RegistryArn", "RegistryName")),
        primary_identifier="RegistryName",
        create=_create_registry,
        update=_update_registry,
        delete=_delete_registry,
    ),
    ResourceType(
        name="AWS::EventSchemas::Schema",
        properties=frozenset(
            ("Content", "Description", "RegistryName", "SchemaName", "Tags", "Type")
        ),
        required=frozenset(("Content", "RegistryName", "Type")),
        create_only=frozenset(("RegistryName", "SchemaName")),
        attributes=frozenset(
            ("LastModified", "SchemaArn", "SchemaName", "SchemaVersion", "VersionCreatedDate")
        ),
        primary_identifier="SchemaName",
        create=_create_schema,
        update=_update_schema,
        delete=_delete_schema,
        check=lambda properties: (
            f"Schemas cannot be written into {DISCOVERED}."
            if properties.get("RegistryName") == DISCOVERED
            else None
        ),
    ),
    ResourceType(
        name="AWS::EventSchemas::Discoverer",
        properties=frozenset(("CrossAccount", "Description", "SourceArn", "Tags")),
        required=frozenset(("SourceArn",)),
        create_only=frozenset(("SourceArn",)),
        attributes=frozenset(("CrossAccount", "DiscovererArn", "DiscovererId", "State")),
        create=_create_discoverer,
        update=_update_discoverer,
        delete=_delete_discoverer,
    ),
    ResourceType(
        name="AWS::EventSchemas::RegistryPolicy",
        properties=frozenset(("Policy", "RegistryName", "RevisionId")),
        required=frozenset(("Policy", "RegistryName")),
        create_only=frozenset(("RegistryName",)),
        attributes=frozenset(("Id",)),
        create=_put_policy,
        update=_update_policy,
        delete=_delete_policy,
    ),
)
