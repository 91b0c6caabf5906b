"""The CloudFormation types of roles, and of instance profiles that hold them."""

from __future__ import annotations

from collections.abc import Sequence

from fogline.ports.resources import Context, Done, Properties, ResourceType
from fogline.services.iam.resource_holders import (
    NOTHING,
    ROLE,
    document_text,
    listed,
    unless_gone,
    update_tags,
)

_ROLE_CHARACTERS_MAX = 64
_NAME_CHARACTERS_MAX = 128


# ---- AWS::IAM::Role


def _create_role(context: Context, properties: Properties) -> Done:
    name = properties.get("RoleName") or context.name(_ROLE_CHARACTERS_MAX)
    made = context.ask(
        "iam",
        "CreateRole",
        {
            "RoleName": name,
            "Path": properties.get("Path"),
            "AssumeRolePolicyDocument": document_text(properties["AssumeRolePolicyDocument"]),
            "Description": properties.get("Description"),
            "MaxSessionDuration": properties.get("MaxSessionDuration"),
            "PermissionsBoundary": properties.get("PermissionsBoundary"),
            "Tags": context.tag_list(properties.get("Tags")),
        },
    )
    ROLE.update_policies(context, name, NOTHING, properties)
    return Done(name, {"Arn": made["Role"]["Arn"], "RoleId": made["Role"]["RoleId"]})


def _update_role(context: Context, name: str, old: Properties, new: Properties) -> Done:
    named = {"RoleName": name}
    if old["AssumeRolePolicyDocument"] != new["AssumeRolePolicyDocument"]:
        document = document_text(new["AssumeRolePolicyDocument"])
        context.ask("iam", "UpdateAssumeRolePolicy", {**named, "PolicyDocument": document})
    if any(old.get(each) != new.get(each) for each in ("Description", "MaxSessionDuration")):
        context.ask(
            "iam",
            "UpdateRole",
            {
                **named,
                "Description": new.get("Description") or "",
                "MaxSessionDuration": new.get("MaxSessionDuration") or 3600,
            },
        )
    if old.get("PermissionsBoundary") != new.get("PermissionsBoundary"):
        boundary = new.get("PermissionsBoundary")
        if boundary:
            context.ask(
                "iam", "PutRolePermissionsBoundary", {**named, "PermissionsBoundary": boundary}
            )
        else:
            context.ask("iam", "DeleteRolePermissionsBoundary", named)
    ROLE.update_policies(context, name, old, new)
    update_tags(context, ROLE, name, old, new)
    role = context.ask("iam", "GetRole", named)["Role"]
    return Done(name, {"Arn": role["Arn"], "RoleId": role["RoleId"]})


def _delete_role(context: Context, name: str, properties: Properties) -> None:
    ROLE.empty(context, name)
    context.ask("iam", "DeleteRole", {"RoleName": name})


# ---- AWS::IAM::InstanceProfile


def _create_instance_profile(context: Context, properties: Properties) -> Done:
    name = properties.get("InstanceProfileName") or context.name(_NAME_CHARACTERS_MAX)
    made = context.ask(
        "iam",
        "CreateInstanceProfile",
        {"InstanceProfileName": name, "Path": properties.get("Path")},
    )
    _set_role(context, name, (), listed(properties.get("Roles")))
    return Done(name, {"Arn": made["InstanceProfile"]["Arn"]})


def _set_role(context: Context, name: str, old: Sequence[str], new: Sequence[str]) -> None:
    for role in old:
        if role not in new:
            request = {"InstanceProfileName": name, "RoleName": role}
            unless_gone(context.ask, "iam", "RemoveRoleFromInstanceProfile", request)
    for role in new:
        if role not in old:
            context.ask(
                "iam",
                "AddRoleToInstanceProfile",
                {"InstanceProfileName": name, "RoleName": role},
            )


def _update_instance_profile(context: Context, name: str, old: Properties, new: Properties) -> Done:
    _set_role(context, name, listed(old.get("Roles")), listed(new.get("Roles")))
    found = context.ask("iam", "GetInstanceProfile", {"InstanceProfileName": name})
    return Done(name, {"Arn": found["InstanceProfile"]["Arn"]})


def _delete_instance_profile(context: Context, name: str, properties: Properties) -> None:
    found = context.ask("iam", "GetInstanceProfile", {"InstanceProfileName": name})
    _set_role(context, name, [role["RoleName"] for role in found["InstanceProfile"]["Roles"]], ())
    context.ask("iam", "DeleteInstanceProfile", {"InstanceProfileName": name})


ROLES: tuple[ResourceType, ...] = (
    ResourceType(
        name="AWS::IAM::Role",
        properties=frozenset(
            (
                "AssumeRolePolicyDocument",
                "Description",
                "ManagedPolicyArns",
                "MaxSessionDuration",
                "Path",
                "PermissionsBoundary",
                "Policies",
                "RoleName",
                "Tags",
            )
        ),
        required=frozenset(("AssumeRolePolicyDocument",)),
        create_only=frozenset(("Path", "RoleName")),
        create=_create_role,
        update=_update_role,
        delete=_delete_role,
        attributes=frozenset(("Arn", "RoleId")),
        primary_identifier="RoleName",
    ),
    ResourceType(
        name="AWS::IAM::InstanceProfile",
        properties=frozenset(("InstanceProfileName", "Path", "Roles")),
        required=frozenset(("Roles",)),
        create_only=frozenset(("InstanceProfileName", "Path")),
        create=_create_instance_profile,
        update=_update_instance_profile,
        delete=_delete_instance_profile,
        attributes=frozenset(("Arn",)),
        primary_identifier="InstanceProfileName",
    ),
)
