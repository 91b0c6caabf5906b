"""Groups: created, looked up, given policies and members, and deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fogline.aws.access_keys import make_unique_id
from fogline.aws.call import Call
from fogline.services.iam.entities import (
    GROUP,
    USER,
    Request,
    Result,
    checked_path,
    page,
    under_path,
)
from fogline.services.iam.errors import DeleteConflict, EntityAlreadyExists
from fogline.services.iam.operations.users import user_listed
from fogline.services.iam.policies import require_policy_name
from fogline.services.iam.service import Iam
from fogline.store.documents import Document

if TYPE_CHECKING:
    from types_boto3_iam import type_defs as types


def create_group(iam: Iam, call: Call, request: types.CreateGroupRequestTypeDef) -> Result:
    name, path = request["GroupName"], checked_path(request.get("Path"))
    with iam.store.write() as tx:
        tx.lock(f"iam:{call.account}")
        if iam.tables.groups.find(tx, call.account, name) is not None:
            raise EntityAlreadyExists(kind="Group", name=name)
        group = {
            "name": name,
            "id": make_unique_id("AGPA", iam.ids.bytes(11)),
            "path": path,
            "arn": f"arn:aws:iam::{call.account}:group{path}{name}",
            "created_at": call.now,
            "tags": {},
            "inline": {},
            "attached": {},
        }
        iam.tables.groups.save(tx, call.account, group)
    return {"Group": _shown(group)}


def _shown(group: Document) -> dict[str, Any]:
    return {
        "Path": group["path"],
        "GroupName": group["name"],
        "GroupId": group["id"],
        "Arn": group["arn"],
        "CreateDate": group["created_at"],
    }


def get_group(iam: Iam, call: Call, request: types.GetGroupRequestTypeDef) -> Result:
    with iam.store.read() as tx:
        group = GROUP.require(iam, tx, call, request)
        every = iam.tables.users.every(tx, call.account)
    members = [user for user in every if group["name"] in user["groups"]]
    result = page(iam, request, "Users", members, lambda user: user["name"])
    shown = [user_listed(user) for user in result["Users"]]
    return {**result, "Group": _shown(group), "Users": shown}


def list_groups(iam: Iam, call: Call, request: types.ListGroupsRequestTypeDef) -> Result:
    with iam.store.read() as tx:
        groups = under_path(iam.tables.groups.every(tx, call.account), request)
    result = page(iam, request, "Groups", groups, lambda group: group["name"])
    return {**result, "Groups": [_shown(group) for group in result["Groups"]]}


def list_groups_for_user(
    iam: Iam, call: Call, request: types.ListGroupsForUserRequestTypeDef
) -> Result:
    with iam.store.read() as tx:
        user = USER.require(iam, tx, call, request)
        every = iam.tables.groups.every(tx, call.account)
    groups = [group for group in every if group["name"] in user["groups"]]
    result = page(iam, request, "Groups", groups, lambda group: group["name"])
    return {**result, "Groups": [_shown(group) for group in result["Groups"]]}


def delete_group(iam: Iam, call: Call, request: types.DeleteGroupRequestTypeDef) -> Result:
    with iam.store.write() as tx:
        tx.lock(f"iam:{call.account}")
        group = GROUP.require(iam, tx, call, request)
        name = group["name"]
        if any(name in user["groups"] for user in iam.tables.users.every(tx, call.account)):
            raise DeleteConflict(remedy="remove users from group")
        if group["attached"]:
            raise DeleteConflict(remedy="detach all policies")
        if group["inline"]:
            raise DeleteConflict(remedy="delete policies")
        iam.tables.groups.remove(tx, call.account, name)
    return {}


def add_user_to_group(iam: Iam, call: Call, request: types.AddUserToGroupRequestTypeDef) -> Result:
    return _change_groups(iam, call, request, is_member=True)


def remove_user_from_group(
    iam: Iam, call: Call, request: types.RemoveUserFromGroupRequestTypeDef
) -> Result:
    return _change_groups(iam, call, request, is_member=False)


def _change_groups(iam: Iam, call: Call, request: Request, *, is_member: bool) -> Result:
    with iam.store.write() as tx:
        tx.lock(f"iam:{call.account}")
        name = GROUP.require(iam, tx, call, request)["name"]
        user = USER.require(iam, tx, call, request)
        others = [group for group in user["groups"] if group != name]
        groups = [*others, name] if is_member else others
        iam.tables.users.save(tx, call.account, {**user, "groups": groups})
    return {}


def put_group_policy(iam: Iam, call: Call, request: Request) -> Result:
    return GROUP.put_policy(iam, call, request)


def get_group_policy(iam: Iam, call: Call, request: Request) -> Result:
    return GROUP.get_policy(iam, call, request)


def delete_group_policy(iam: Iam, call: Call, request: Request) -> Result:
    return GROUP.delete_policy(iam, call, request)


def list_group_policies(iam: Iam, call: Call, request: Request) -> Result:
    return GROUP.list_policies(iam, call, request)


def attach_group_policy(iam: Iam, call: Call, request: Request) -> Result:
    return GROUP.attach_policy(
        iam, call, request, lambda tx, arn: require_policy_name(iam, tx, call.account, arn)
    )


def detach_group_policy(iam: Iam, call: Call, request: Request) -> Result:
    return GROUP.detach_policy(iam, call, request)


def list_attached_group_policies(iam: Iam, call: Call, request: Request) -> Result:
    return GROUP.list_attached(iam, call, request)
