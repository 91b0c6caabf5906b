"""The CloudFormation types that IAM owns.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_IAM.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from fogline.ports.resources import Context, Done, Properties, ResourceType

_ROLE_CHARACTERS_MAX = 64
_NAME_CHARACTERS_MAX = 128
_VERSIONS_MAX = 5


def _json(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _listed(value: Any) -> list[Any]:
    """A list, which templates may leave out, or write as a single value."""
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


@dataclass(frozen=True, slots=True)
class _Holder:
    """Roles, users and groups, as far as policies are concerned."""

    word: str

    def named(self, name: str) -> dict[str, str]:
        return {f"{self.word}Name": name}

    def put(self, context: Context, name: str, policy: str, document: Any) -> None:
        context.ask(
            "iam",
            f"Put{self.word}Policy",
            {**self.named(name), "PolicyName": policy, "PolicyDocument": _json(document)},
        )

    def remove(self, context: Context, name: str, policy: str) -> None:
        context.ask("iam", f"Delete{self.word}Policy", {**self.named(name), "PolicyName": policy})

    def attach(self, context: Context, name: str, arn: str) -> None:
        context.ask("iam", f"Attach{self.word}Policy", {**self.named(name), "PolicyArn": arn})

    def detach(self, context: Context, name: str, arn: str) -> None:
        context.ask("iam", f"Detach{self.word}Policy", {**self.named(name), "PolicyArn": arn})

    def update_policies(
        self, context: Context, name: str, old: Properties, new: Properties
    ) -> None:
        """Give the entity the template's policies, and take those that it had of the one before."""
        before = {each["PolicyName"]: each for each in _listed(old.get("Policies"))}
        after = {each["PolicyName"]: each for each in _listed(new.get("Policies"))}
        for policy in before.keys() - after.keys():
            self.remove(context, name, policy)
        for policy, each in after.items():
            if before.get(policy) != each:
                self.put(context, name, policy, each["PolicyDocument"])
        had = _listed(old.get("ManagedPolicyArns"))
        wanted = _listed(new.get("ManagedPolicyArns"))
        for arn in had:
            if arn not in wanted:
                self.detach(context, name, arn)
        for arn in dict.fromkeys(wanted):
            if arn not in had:
                self.attach(context, name, arn)

    def empty(self, context: Context, name: str) -> None:
        """Remove all policies, also those that others gave the entity, as CloudFormation does."""
        named = self.named(name)
        inline = context.ask("iam", f"List{self.word}Policies", named)
        for policy in inline["PolicyNames"]:
            self.remove(context, name, policy)
        attached = context.ask("iam", f"ListAttached{self.word}Policies", named)
        for policy in attached["AttachedPolicies"]:
            self.detach(context, name, policy["PolicyArn"])


_ROLE, _USER, _GROUP = _Holder("Role"), _Holder("User"), _Holder("Group")
_HOLDERS = (("Roles", _ROLE), ("Users", _USER), ("Groups", _GROUP))
_NOTHING: Properties = {}


# ---- AWS::IAM::Role


def _create_role(context: Context, properties: Properties) -> Done:
    name = properties.get("RoleName") or context.name(_ROLE_CHARACTERS_MAX)
    made = context.ask(
        "iam",
        "CreateRole",
        {
            "RoleName": name,
            "Path": properties.get("Path"),
            "AssumeRolePolicyDocument": _json(properties["AssumeRolePolicyDocument"]),
            "Description": properties.get("Description"),
            "MaxSessionDuration": properties.get("MaxSessionDuration"),
            "PermissionsBoundary": properties.get("PermissionsBoundary"),
            "Tags": context.tag_list(properties.get("Tags")),
        },
    )
    _ROLE.update_policies(context, name, _NOTHING, properties)
    return Done(name, {"Arn": made["Role"]["Arn"], "RoleId": made["Role"]["RoleId"]})


def _update_role(context: Context, name: str, old: Properties, new: Properties) -> Done:
    named = {"RoleName": name}
    if old["AssumeRolePolicyDocument"] != new["AssumeRolePolicyDocument"]:
        document = _json(new["AssumeRolePolicyDocument"])
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
    _ROLE.update_policies(context, name, old, new)
    _update_tags(context, _ROLE, name, old, new)
    role = context.ask("iam", "GetRole", named)["Role"]
    return Done(name, {"Arn": role["Arn"], "RoleId": role["RoleId"]})


def _update_tags(
    context: Context, holder: _Holder, name: str, old: Properties, new: Properties
) -> None:
    before, after = context.tags(old.get("Tags")), context.tags(new.get("Tags"))
    gone = [key for key in before if key not in after]
    if gone:
        context.ask("iam", f"Untag{holder.word}", {**holder.named(name), "TagKeys": gone})
    tags = [{"Key": key, "Value": value} for key, value in after.items()]
    context.ask("iam", f"Tag{holder.word}", {**holder.named(name), "Tags": tags})


def _delete_role(context: Context, name: str, properties: Properties) -> None:
    _ROLE.empty(context, name)
    context.ask("iam", "DeleteRole", {"RoleName": name})


# ---- AWS::IAM::Policy: one inline policy in several entities


def _create_policy(context: Context, properties: Properties) -> Done:
    for member, holder in _HOLDERS:
        for name in _listed(properties.get(member)):
            holder.put(context, name, properties["PolicyName"], properties["PolicyDocument"])
    name = context.name()
    return Done(name, {"Id": name})


def _update_policy(context: Context, physical_id: str, old: Properties, new: Properties) -> Done:
    for member, holder in _HOLDERS:
        wanted = _listed(new.get(member))
        for name in _listed(old.get(member)):
            if name not in wanted or old["PolicyName"] != new["PolicyName"]:
                holder.remove(context, name, old["PolicyName"])
        for name in wanted:
            holder.put(context, name, new["PolicyName"], new["PolicyDocument"])
    return Done(physical_id, {"Id": physical_id})


def _delete_policy(context: Context, physical_id: str, properties: Properties) -> None:
    for member, holder in _HOLDERS:
        for name in _listed(properties.get(member)):
            _unless_gone(holder.remove, context, name, properties["PolicyName"])


def _unless_gone(function: Callable[..., object], *arguments: Any) -> None:
    """Undo something that may have been undone already, with or without what it belonged to."""
    from fogline.services.iam.errors import NoSuchEntity

    try:
        function(*arguments)
    except NoSuchEntity:
        return


def _inline_policy(holder: _Holder) -> ResourceType:
    """AWS::IAM::RolePolicy and its like: one inline policy in one entity."""
    member = f"{holder.word}Name"

    def put(context: Context, properties: Properties) -> Done:
        document = properties.get("PolicyDocument") or {}
        holder.put(context, properties[member], properties["PolicyName"], document)
        return Done(f"{properties['PolicyName']}|{properties[member]}")

    def delete(context: Context, physical_id: str, properties: Properties) -> None:
        _unless_gone(holder.remove, context, properties[member], properties["PolicyName"])

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
            "PolicyDocument": _json(properties["PolicyDocument"]),
            "Description": properties.get("Description"),
        },
    )
    arn = made["Policy"]["Arn"]
    for member, holder in _HOLDERS:
        for entity in _listed(properties.get(member)):
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
        document = _json(new["PolicyDocument"])
        context.ask(
            "iam",
            "CreatePolicyVersion",
            {**named, "PolicyDocument": document, "SetAsDefault": True},
        )
    for member, holder in _HOLDERS:
        had, wanted = _listed(old.get(member)), _listed(new.get(member))
        for entity in had:
            if entity not in wanted:
                _unless_gone(holder.detach, context, entity, arn)
        for entity in wanted:
            if entity not in had:
                holder.attach(context, entity, arn)
    return _managed_policy(context, arn)


def _delete_managed_policy(context: Context, arn: str, properties: Properties) -> None:
    named = {"PolicyArn": arn}
    attached = context.ask("iam", "ListEntitiesForPolicy", named)
    for member, holder in _HOLDERS:
        for entity in attached[f"Policy{member}"]:
            holder.detach(context, entity[f"{holder.word}Name"], arn)
    for version in context.ask("iam", "ListPolicyVersions", named)["Versions"]:
        if not version["IsDefaultVersion"]:
            context.ask("iam", "DeletePolicyVersion", {**named, "VersionId": version["VersionId"]})
    context.ask("iam", "DeletePolicy", named)


# ---- AWS::IAM::InstanceProfile


def _create_instance_profile(context: Context, properties: Properties) -> Done:
    name = properties.get("InstanceProfileName") or context.name(_NAME_CHARACTERS_MAX)
    made = context.ask(
        "iam",
        "CreateInstanceProfile",
        {"InstanceProfileName": name, "Path": properties.get("Path")},
    )
    _set_role(context, name, (), _listed(properties.get("Roles")))
    return Done(name, {"Arn": made["InstanceProfile"]["Arn"]})


def _set_role(context: Context, name: str, old: Sequence[str], new: Sequence[str]) -> None:
    for role in old:
        if role not in new:
            request = {"InstanceProfileName": name, "RoleName": role}
            _unless_gone(context.ask, "iam", "RemoveRoleFromInstanceProfile", request)
    for role in new:
        if role not in old:
            context.ask(
                "iam",
                "AddRoleToInstanceProfile",
                {"InstanceProfileName": name, "RoleName": role},
            )


def _update_instance_profile(context: Context, name: str, old: Properties, new: Properties) -> Done:
    _set_role(context, name, _listed(old.get("Roles")), _listed(new.get("Roles")))
    found = context.ask("iam", "GetInstanceProfile", {"InstanceProfileName": name})
    return Done(name, {"Arn": found["InstanceProfile"]["Arn"]})


def _delete_instance_profile(context: Context, name: str, properties: Properties) -> None:
    found = context.ask("iam", "GetInstanceProfile", {"InstanceProfileName": name})
    _set_role(context, name, [role["RoleName"] for role in found["InstanceProfile"]["Roles"]], ())
    context.ask("iam", "DeleteInstanceProfile", {"InstanceProfileName": name})


# ---- AWS::IAM::User, AWS::IAM::Group, AWS::IAM::UserToGroupAddition, AWS::IAM::AccessKey


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
    _USER.update_policies(context, name, _NOTHING, properties)
    _set_groups(context, name, (), _listed(properties.get("Groups")))
    return Done(name, {"Arn": made["User"]["Arn"]})


def _set_groups(context: Context, name: str, old: Sequence[str], new: Sequence[str]) -> None:
    for group in old:
        if group not in new:
            request = {"GroupName": group, "UserName": name}
            _unless_gone(context.ask, "iam", "RemoveUserFromGroup", request)
    for group in new:
        context.ask("iam", "AddUserToGroup", {"GroupName": group, "UserName": name})


def _update_user(context: Context, name: str, old: Properties, new: Properties) -> Done:
    if old.get("PermissionsBoundary") != new.get("PermissionsBoundary"):
        boundary = new.get("PermissionsBoundary")
        verb = "PutUserPermissionsBoundary" if boundary else "DeleteUserPermissionsBoundary"
        context.ask("iam", verb, {"UserName": name, "PermissionsBoundary": boundary})
    _USER.update_policies(context, name, old, new)
    _update_tags(context, _USER, name, old, new)
    _set_groups(context, name, _listed(old.get("Groups")), _listed(new.get("Groups")))
    return Done(name, {"Arn": context.ask("iam", "GetUser", {"UserName": name})["User"]["Arn"]})


def _delete_user(context: Context, name: str, properties: Properties) -> None:
    _USER.empty(context, name)
    groups = context.ask("iam", "ListGroupsForUser", {"UserName": name})["Groups"]
    _set_groups(context, name, [group["GroupName"] for group in groups], ())
    context.ask("iam", "DeleteUser", {"UserName": name})


def _create_group(context: Context, properties: Properties) -> Done:
    name = properties.get("GroupName") or context.name(_NAME_CHARACTERS_MAX)
    made = context.ask("iam", "CreateGroup", {"GroupName": name, "Path": properties.get("Path")})
    _GROUP.update_policies(context, name, _NOTHING, properties)
    return Done(name, {"Arn": made["Group"]["Arn"]})


def _update_group(context: Context, name: str, old: Properties, new: Properties) -> Done:
    _GROUP.update_policies(context, name, old, new)
    group = context.ask("iam", "GetGroup", {"GroupName": name})["Group"]
    return Done(name, {"Arn": group["Arn"]})


def _delete_group(context: Context, name: str, properties: Properties) -> None:
    _GROUP.empty(context, name)
    context.ask("iam", "DeleteGroup", {"GroupName": name})


def _create_addition(context: Context, properties: Properties) -> Done:
    for user in _listed(properties["Users"]):
        _set_groups(context, user, (), [properties["GroupName"]])
    return Done(context.name())


def _update_addition(context: Context, physical_id: str, old: Properties, new: Properties) -> Done:
    _delete_addition(context, physical_id, old)
    for user in _listed(new["Users"]):
        _set_groups(context, user, (), [new["GroupName"]])
    return Done(physical_id)


def _delete_addition(context: Context, physical_id: str, properties: Properties) -> None:
    for user in _listed(properties["Users"]):
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


RESOURCES = (
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
        name="AWS::IAM::Policy",
        properties=frozenset(("Groups", "PolicyDocument", "PolicyName", "Roles", "Users")),
        required=frozenset(("PolicyDocument", "PolicyName")),
        create=_create_policy,
        update=_update_policy,
        delete=_delete_policy,
        attributes=frozenset(("Id",)),
    ),
    _inline_policy(_ROLE),
    _inline_policy(_USER),
    _inline_policy(_GROUP),
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
