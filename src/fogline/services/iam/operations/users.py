"""Users: created, looked up, changed, given policies and tags, and deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fogline.aws.access_keys import make_unique_id
from fogline.aws.call import Call
from fogline.services.iam.entities import (
    USER,
    Request,
    Result,
    checked_path,
    checked_tags,
    page,
    tag_list,
    under_path,
)
from fogline.services.iam.errors import (
    DeleteConflict,
    EntityAlreadyExists,
    ValidationError,
)
from fogline.services.iam.policies import boundary_shown, require_policy_name
from fogline.services.iam.service import Iam
from fogline.store.documents import Document

if TYPE_CHECKING:
    from types_boto3_iam import type_defs as types


def create_user(iam: Iam, call: Call, request: types.CreateUserRequestTypeDef) -> Result:
    name, path = request["UserName"], checked_path(request.get("Path"))
    tags = checked_tags(iam, call, request.get("Tags"))
    with iam.store.write() as tx:
        tx.lock(f"iam:{call.account}")
        if iam.tables.users.find(tx, call.account, name) is not None:
            raise EntityAlreadyExists(kind="User", name=name)
        boundary = request.get("PermissionsBoundary")
        if boundary is not None:
            require_policy_name(iam, tx, call.account, boundary)
        user = {
            "name": name,
            "id": make_unique_id("AIDA", iam.ids.bytes(11)),
            "path": path,
            "arn": f"arn:aws:iam::{call.account}:user{path}{name}",
            "created_at": call.now,
            "boundary": boundary,
            "tags": tags,
            "inline": {},
            "attached": {},
            "groups": [],
        }
        iam.tables.users.save(tx, call.account, user)
    return {"User": user_shown(user)}


def user_shown(user: Document) -> dict[str, Any]:
    """A user with boundary and tags."""
    return {
        "Path": user["path"],
        "UserName": user["name"],
        "UserId": user["id"],
        "Arn": user["arn"],
        "CreateDate": user["created_at"],
        "PermissionsBoundary": boundary_shown(user["boundary"]),
        "Tags": tag_list(user["tags"]) or None,
    }


def user_listed(user: Document) -> dict[str, Any]:
    """A user as lists answer it."""
    return {**user_shown(user), "PermissionsBoundary": None, "Tags": None}


def get_user(iam: Iam, call: Call, request: types.GetUserRequestTypeDef) -> Result:
    if "UserName" not in request:
        return {"User": _caller(iam, call)}
    with iam.store.read() as tx:
        return {"User": user_shown(USER.require(iam, tx, call, request))}


def _caller(iam: Iam, call: Call) -> dict[str, Any]:
    """Whoever asks: a user by their key, or the account itself."""
    arn = call.principal.arn
    if ":user/" in arn:
        with iam.store.read() as tx:
            user = iam.tables.users.find(tx, call.account, arn.rpartition("/")[2])
        if user is not None:
            return user_shown(user)
    if not arn.endswith(":root"):
        raise ValidationError("Must specify userName when calling with non-User credentials")
    return {
        "Path": "/",
        "UserName": "root",
        "UserId": call.account,
        "Arn": arn,
        "CreateDate": 0,
    }


def list_users(iam: Iam, call: Call, request: types.ListUsersRequestTypeDef) -> Result:
    with iam.store.read() as tx:
        users = under_path(iam.tables.users.every(tx, call.account), request)
    result = page(iam, request, "Users", users, lambda user: user["name"])
    return {**result, "Users": [user_listed(user) for user in result["Users"]]}


def update_user(iam: Iam, call: Call, request: types.UpdateUserRequestTypeDef) -> Result:
    with iam.store.write() as tx:
        tx.lock(f"iam:{call.account}")
        user = USER.require(iam, tx, call, request)
        name = request.get("NewUserName") or user["name"]
        path = checked_path(request.get("NewPath") or user["path"])
        if name != user["name"] and iam.tables.users.find(tx, call.account, name) is not None:
            raise EntityAlreadyExists(kind="User", name=name)
        iam.tables.users.remove(tx, call.account, user["name"])
        arn = f"arn:aws:iam::{call.account}:user{path}{name}"
        iam.tables.users.save(tx, call.account, {**user, "name": name, "path": path, "arn": arn})
        for key in iam.tables.keys_of(tx, call.account, user["name"]):
            iam.tables.save_key(tx, key._replace(user_name=name))
            tx.forget(iam.keys.cache, key.access_key)
    return {}


def delete_user(iam: Iam, call: Call, request: types.DeleteUserRequestTypeDef) -> Result:
    with iam.store.write() as tx:
        tx.lock(f"iam:{call.account}")
        user = USER.require(iam, tx, call, request)
        if iam.tables.keys_of(tx, call.account, user["name"]):
            raise DeleteConflict(remedy="delete access keys")
        if user["attached"]:
            raise DeleteConflict(remedy="detach all policies")
        if user["inline"]:
            raise DeleteConflict(remedy="delete policies")
        if user["groups"]:
            raise DeleteConflict(remedy="remove users from group")
        iam.tables.users.remove(tx, call.account, user["name"])
    return {}


def put_user_policy(iam: Iam, call: Call, request: Request) -> Result:
    return USER.put_policy(iam, call, request)


def get_user_policy(iam: Iam, call: Call, request: Request) -> Result:
    return USER.get_policy(iam, call, request)


def delete_user_policy(iam: Iam, call: Call, request: Request) -> Result:
    return USER.delete_policy(iam, call, request)


def list_user_policies(iam: Iam, call: Call, request: Request) -> Result:
    return USER.list_policies(iam, call, request)


def attach_user_policy(iam: Iam, call: Call, request: Request) -> Result:
    return USER.attach_policy(
        iam, call, request, lambda tx, arn: require_policy_name(iam, tx, call.account, arn)
    )


def detach_user_policy(iam: Iam, call: Call, request: Request) -> Result:
    return USER.detach_policy(iam, call, request)


def list_attached_user_policies(iam: Iam, call: Call, request: Request) -> Result:
    return USER.list_attached(iam, call, request)


def tag_user(iam: Iam, call: Call, request: Request) -> Result:
    return USER.tag(iam, call, request)


def untag_user(iam: Iam, call: Call, request: Request) -> Result:
    return USER.untag(iam, call, request)


def list_user_tags(iam: Iam, call: Call, request: Request) -> Result:
    return USER.list_tags(iam, call, request)


def put_user_permissions_boundary(iam: Iam, call: Call, request: Request) -> Result:
    return USER.put_boundary(
        iam, call, request, lambda tx, arn: require_policy_name(iam, tx, call.account, arn)
    )


def delete_user_permissions_boundary(iam: Iam, call: Call, request: Request) -> Result:
    return USER.delete_boundary(iam, call, request)
