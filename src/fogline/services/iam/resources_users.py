"""The CloudFormation types of users, groups and access keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fogline.ports.resources import Context, Done, Properties, ResourceType
from fogline.services.iam.resource_holders import (
    GROUP,
    NOTHING,
    USER,
    listed,
    unless_gone,
    update_tags,
)

_ROLE_CHARACTERS_MAX = 64
_NAME_CHARACTERS_MAX = 128


def _create_user(context: Context, properties: Properties) -> Done:
    name = properties.get("UserName") or context.name(_ROLE_CHARACTERS_MAX)
    made = context.ask(
        "iam",
        "CreateUser",
        {
            "UserName": name,
            "Path": properties.get("Path"),
            "PermissionsBoundary": properties.get("PermissionsBoundary"),
            "Tags": context.tag_list(properties.get("Tags")),
        },
    )
    USER.update_policies(context, name, NOTHING, properties)
    _set_groups(context, name, (), listed(properties.get("Groups")))
    return Done(name, {"Arn": made["User"]["Arn"]})


def _set_groups(context: Context, name: str, old: Sequence[str], new: Sequence[str]) -> None:
    for group in old:
        if group not in new:
            request = {"GroupName": group, "UserName": name}
            unless_gone(context.ask, "iam", "RemoveUserFromGroup", request)
    for group in new:
        context.ask("iam", "AddUserToGroup", {"GroupName": group, "UserName": name})


def _update_user(context: Context, name: str, old: Properties, new: Properties) -> Done:
    if old.get("PermissionsBoundary") != new.get("PermissionsBoundary"):
        boundary = new.get("PermissionsBoundary")
        verb = "PutUserPermissionsBoundary" if boundary else "DeleteUserPermissionsBoundary"
        context.ask("iam", verb, {"UserName": name, "PermissionsBoundary": boundary})
    USER.update_policies(context, name, old, new)
    update_tags(context, USER, name, old, new)
    _set_groups(context, name, listed(old.get("Groups")), listed(new.get("Groups")))
    return Done(name, {"Arn": context.ask("iam", "GetUser", {"UserName": name})["User"]["Arn"]})


def _delete_user(context: Context, name: str, properties: Properties) -> None:
    USER.empty(context, name)
    groups = context.ask("iam", "ListGroupsForUser", {"UserName": name})["Groups"]
    _set_groups(context, name, [group["GroupName"] for group in groups], ())
    context.ask("iam", "DeleteUser", {"UserName": name})


def _create_group(context: Context, properties: Properties) -> Done:
    name = properties.get("GroupName") or context.name(_NAME_CHARACTERS_MAX)
    made = context.ask("iam", "CreateGroup", {"GroupName": name, "Path": properties.get("Path")})
    GROUP.update_policies(context, name, NOTHING, properties)
    return Done(name, {"Arn": made["Group"]["Arn"]})


def _update_group(context: Context, name: str, old: Properties, new: Properties) -> Done:
    GROUP.update_policies(context, name, old, new)
    group = context.ask("iam", "GetGroup", {"GroupName": name})["Group"]
    return Done(name, {"Arn": group["Arn"]})


def _delete_group(context: Context, name: str, properties: Properties) -> None:
    GROUP.empty(context, name)
    context.ask("iam", "DeleteGroup", {"GroupName": name})


def _create_addition(context: Context, properties: Properties) -> Done:
    for user in listed(properties["Users"]):
        _set_groups(context, user, (), [properties["GroupName"]])
    return Done(context.name())


def _update_addition(context: Context, physical_id: str, old: Properties, new: Properties) -> Done:
    _delete_addition(context, physical_id, old)
    for user in listed(new["Users"]):
        _set_groups(context, user, (), [new["GroupName"]])
    return Done(physical_id)


def _delete_addition(context: Context, physical_id: str, properties: Properties) -> None:
    for user in listed(properties["Users"]):
        _set_groups(context, user, [properties["GroupName"]], ())


def _create_access_key(context: Context, properties: Properties) -> Done:
    user = properties["UserName"]
    key: Mapping[str, Any] = context.ask("iam", "CreateAccessKey", {"UserName": user})["AccessKey"]
    if properties.get("Status") == "Inactive":
        context.ask(
            "iam",
            "UpdateAccessKey",
            {"UserName": user, "AccessKeyId": key["AccessKeyId"], "Status": "Inactive"},
        )
    return Done(key["AccessKeyId"], {"SecretAccessKey": key["SecretAccessKey"]})


def _update_access_key(context: Context, key: str, old: Properties, new: Properties) -> Done:
    status = new.get("Status") or "Active"
    context.ask(
        "iam",
        "UpdateAccessKey",
        {"UserName": new["UserName"], "AccessKeyId": key, "Status": status},
    )
    return Done(key)


def _delete_access_key(context: Context, key: str, properties: Properties) -> None:
    context.ask("iam", "DeleteAccessKey", {"UserName": properties["UserName"], "AccessKeyId": key})


USERS: tuple[ResourceType, ...] = (
    ResourceType(
        name="AWS::IAM::User",
        properties=frozenset(
            (
                "Groups",
                "ManagedPolicyArns",
                "Path",
                "PermissionsBoundary",
                "Policies",
                "Tags",
                "UserName",
            )
        ),
        create_only=frozenset(("Path", "UserName")),
        not_built=frozenset(("LoginProfile",)),
        create=_create_user,
        update=_update_user,
        delete=_delete_user,
        attributes=frozenset(("Arn",)),
        primary_identifier="UserName",
    ),
    ResourceType(
        name="AWS::IAM::Group",
        properties=frozenset(("GroupName", "ManagedPolicyArns", "Path", "Policies")),
        create_only=frozenset(("GroupName", "Path")),
        create=_create_group,
        update=_update_group,
        delete=_delete_group,
        attributes=frozenset(("Arn",)),
        primary_identifier="GroupName",
    ),
    ResourceType(
        name="AWS::IAM::UserToGroupAddition",
        properties=frozenset(("GroupName", "Users")),
        required=frozenset(("GroupName", "Users")),
        create=_create_addition,
        update=_update_addition,
        delete=_delete_addition,
    ),
    ResourceType(
        name="AWS::IAM::AccessKey",
        properties=frozenset(("Serial", "Status", "UserName")),
        required=frozenset(("UserName",)),
        create_only=frozenset(("Serial", "UserName")),
        create=_create_access_key,
        update=_update_access_key,
        delete=_delete_access_key,
        attributes=frozenset(("SecretAccessKey",)),
    ),
)
