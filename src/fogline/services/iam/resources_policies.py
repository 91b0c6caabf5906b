"""The CloudFormation types of policies: inline, in one entity or several, and managed."""

from __future__ import annotations

from fogline.ports.resources import Context, Done, Properties, ResourceType
from fogline.services.iam.resource_holders import (
    GROUP,
    HOLDERS,
    ROLE,
    USER,
    Holder,
    document_text,
    listed,
    unless_gone,
)

_NAME_CHARACTERS_MAX = 128
_VERSIONS_MAX = 5


# ---- AWS::IAM::Policy: one inline policy in several entities


def _create_policy(context: Context, properties: Properties) -> Done:
    for member, holder in HOLDERS:
        for name in listed(properties.get(member)):
            holder.put(context, name, properties["PolicyName"], properties["PolicyDocument"])
    name = context.name()
    return Done(name, {"Id": name})


def _update_policy(context: Context, physical_id: str, old: Properties, new: Properties) -> Done:
    for member, holder in HOLDERS:
        wanted = listed(new.get(member))
        for name in listed(old.get(member)):
            if name not in wanted or old["PolicyName"] != new["PolicyName"]:
                holder.remove(context, name, old["PolicyName"])
        for name in wanted:
            holder.put(context, name, new["PolicyName"], new["PolicyDocument"])
    return Done(physical_id, {"Id": physical_id})


def _delete_policy(context: Context, physical_id: str, properties: Properties) -> None:
    for member, holder in HOLDERS:
        for name in listed(properties.get(member)):
            unless_gone(holder.remove, context, name, properties["PolicyName"])


def _inline_policy(holder: Holder) -> ResourceType:
    """AWS::IAM::RolePolicy and its like: one inline policy in one entity."""
    member = f"{holder.word}Name"

    def put(context: Context, properties: Properties) -> Done:
        document = properties.get("PolicyDocument") or {}
        holder.put(context, properties[member], properties["PolicyName"], document)
        return Done(f"{properties['PolicyName']}|{properties[member]}")

    def delete(context: Context, physical_id: str, properties: Properties) -> None:
        unless_gone(holder.remove, context, properties[member], properties["PolicyName"])

    return ResourceType(
        name=f"AWS::IAM::{holder.word}Policy",
        properties=frozenset((member, "PolicyDocument", "PolicyName")),
        required=frozenset((member, "PolicyName")),
        create_only=frozenset((member, "PolicyName")),
        create=put,
        update=lambda context, physical_id, old, new: put(context, new),
        delete=delete,
    )


# ---- AWS::IAM::ManagedPolicy


def _create_managed_policy(context: Context, properties: Properties) -> Done:
    name = properties.get("ManagedPolicyName") or context.name(_NAME_CHARACTERS_MAX)
    made = context.ask(
        "iam",
        "CreatePolicy",
        {
            "PolicyName": name,
            "Path": properties.get("Path"),
            "PolicyDocument": document_text(properties["PolicyDocument"]),
            "Description": properties.get("Description"),
        },
    )
    arn = made["Policy"]["Arn"]
    for member, holder in HOLDERS:
        for entity in listed(properties.get(member)):
            holder.attach(context, entity, arn)
    return _managed_policy(context, arn)


def _managed_policy(context: Context, arn: str) -> Done:
    policy = context.ask("iam", "GetPolicy", {"PolicyArn": arn})["Policy"]
    names = (
        "AttachmentCount",
        "DefaultVersionId",
        "IsAttachable",
        "PermissionsBoundaryUsageCount",
        "PolicyId",
    )
    return Done(arn, {"PolicyArn": arn, **{name: policy[name] for name in names}})


def _update_managed_policy(context: Context, arn: str, old: Properties, new: Properties) -> Done:
    named = {"PolicyArn": arn}
    if old["PolicyDocument"] != new["PolicyDocument"]:
        versions = context.ask("iam", "ListPolicyVersions", named)["Versions"]
        spare = [each["VersionId"] for each in versions if not each["IsDefaultVersion"]]
        if len(versions) >= _VERSIONS_MAX:
            context.ask("iam", "DeletePolicyVersion", {**named, "VersionId": spare[-1]})
        document = document_text(new["PolicyDocument"])
        context.ask(
            "iam",
            "CreatePolicyVersion",
            {**named, "PolicyDocument": document, "SetAsDefault": True},
        )
    for member, holder in HOLDERS:
        had, wanted = listed(old.get(member)), listed(new.get(member))
        for entity in had:
            if entity not in wanted:
                unless_gone(holder.detach, context, entity, arn)
        for entity in wanted:
            if entity not in had:
                holder.attach(context, entity, arn)
    return _managed_policy(context, arn)


def _delete_managed_policy(context: Context, arn: str, properties: Properties) -> None:
    named = {"PolicyArn": arn}
    attached = context.ask("iam", "ListEntitiesForPolicy", named)
    for member, holder in HOLDERS:
        for entity in attached[f"Policy{member}"]:
            holder.detach(context, entity[f"{holder.word}Name"], arn)
    for version in context.ask("iam", "ListPolicyVersions", named)["Versions"]:
        if not version["IsDefaultVersion"]:
            context.ask("iam", "DeletePolicyVersion", {**named, "VersionId": version["VersionId"]})
    context.ask("iam", "DeletePolicy", named)


POLICIES: tuple[ResourceType, ...] = (
    ResourceType(
        name="AWS::IAM::Policy",
        properties=frozenset(("Groups", "PolicyDocument", "PolicyName", "Roles", "Users")),
        required=frozenset(("PolicyDocument", "PolicyName")),
        create=_create_policy,
        update=_update_policy,
        delete=_delete_policy,
        attributes=frozenset(("Id",)),
    ),
    _inline_policy(ROLE),
    _inline_policy(USER),
    _inline_policy(GROUP),
    ResourceType(
        name="AWS::IAM::ManagedPolicy",
        properties=frozenset(
            (
                "Description",
                "Groups",
                "ManagedPolicyName",
                "Path",
                "PolicyDocument",
                "Roles",
                "Users",
            )
        ),
        required=frozenset(("PolicyDocument",)),
        create_only=frozenset(("Description", "ManagedPolicyName", "Path")),
        create=_create_managed_policy,
        update=_update_managed_policy,
        delete=_delete_managed_policy,
        attributes=frozenset(
            (
                "AttachmentCount",
                "DefaultVersionId",
                "IsAttachable",
                "PermissionsBoundaryUsageCount",
                "PolicyArn",
                "PolicyId",
            )
        ),
        primary_identifier="ManagedPolicyName",
    ),
)
