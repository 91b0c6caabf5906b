"""Instance profiles: each holds one role at most."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fogline.aws.access_keys import make_unique_id
from fogline.aws.call import Call
from fogline.services.iam.entities import (
    ROLE,
    Request,
    Result,
    checked_path,
    checked_tags,
    encoded,
    page,
    tag_list,
    under_path,
)
from fogline.services.iam.errors import (
    DeleteConflict,
    EntityAlreadyExists,
    LimitExceeded,
    NoSuchEntity,
)
from fogline.services.iam.service import Iam
from fogline.store.documents import Document
from fogline.store.store import Tx

if TYPE_CHECKING:
    from types_boto3_iam import type_defs as types


def create_instance_profile(
    iam: Iam, call: Call, request: types.CreateInstanceProfileRequestTypeDef
) -> Result:
    name, path = request["InstanceProfileName"], checked_path(request.get("Path"))
    tags = checked_tags(iam, call, request.get("Tags"))
    with iam.store.write() as tx:
        tx.lock(f"iam:{call.account}")
        if iam.tables.profiles.find(tx, call.account, name) is not None:
            raise EntityAlreadyExists(f"Instance Profile {name} already exists.")
        profile = {
            "name": name,
            "id": make_unique_id("AIPA", iam.ids.bytes(11)),
            "path": path,
            "arn": f"arn:aws:iam::{call.account}:instance-profile{path}{name}",
            "created_at": call.now,
            "roles": [],
            "tags": tags,
        }
        iam.tables.profiles.save(tx, call.account, profile)
        return {"InstanceProfile": _shown(iam, tx, call, profile)}


def _shown(iam: Iam, tx: Tx, call: Call, profile: Document) -> dict[str, Any]:
    roles = [iam.tables.roles.find(tx, call.account, name) for name in profile["roles"]]
    return {
        "Path": profile["path"],
        "InstanceProfileName": profile["name"],
        "InstanceProfileId": profile["id"],
        "Arn": profile["arn"],
        "CreateDate": profile["created_at"],
        "Roles": [
            {
                "Path": role["path"],
                "RoleName": role["name"],
                "RoleId": role["id"],
                "Arn": role["arn"],
                "CreateDate": role["created_at"],
                "AssumeRolePolicyDocument": encoded(role["trust"]),
            }
            for role in roles
            if role is not None
        ],
        "Tags": tag_list(profile["tags"]) or None,
    }


def _require(iam: Iam, tx: Tx, call: Call, request: Request) -> Document:
    name = request["InstanceProfileName"]
    found = iam.tables.profiles.find(tx, call.account, name)
    if found is None:
        raise NoSuchEntity(f"Instance Profile {name} cannot be found.")
    return found


def get_instance_profile(
    iam: Iam, call: Call, request: types.GetInstanceProfileRequestTypeDef
) -> Result:
    with iam.store.read() as tx:
        return {"InstanceProfile": _shown(iam, tx, call, _require(iam, tx, call, request))}


def delete_instance_profile(
    iam: Iam, call: Call, request: types.DeleteInstanceProfileRequestTypeDef
) -> Result:
    with iam.store.write() as tx:
        tx.lock(f"iam:{call.account}")
        profile = _require(iam, tx, call, request)
        if profile["roles"]:
            raise DeleteConflict(remedy="remove roles from instance profile")
        iam.tables.profiles.remove(tx, call.account, profile["name"])
    return {}


def list_instance_profiles(
    iam: Iam, call: Call, request: types.ListInstanceProfilesRequestTypeDef
) -> Result:
    with iam.store.read() as tx:
        profiles = under_path(iam.tables.profiles.every(tx, call.account), request)
        return _page(iam, tx, call, request, profiles)


def list_instance_profiles_for_role(
    iam: Iam, call: Call, request: types.ListInstanceProfilesForRoleRequestTypeDef
) -> Result:
    with iam.store.read() as tx:
        name = ROLE.require(iam, tx, call, request)["name"]
        every = iam.tables.profiles.every(tx, call.account)
        profiles = [profile for profile in every if name in profile["roles"]]
        return _page(iam, tx, call, request, profiles)


def _page(iam: Iam, tx: Tx, call: Call, request: Request, profiles: list[Document]) -> Result:
    result = page(iam, request, "InstanceProfiles", profiles, lambda profile: profile["name"])
    shown = [
        {**_shown(iam, tx, call, profile), "Tags": None} for profile in result["InstanceProfiles"]
    ]
    return {**result, "InstanceProfiles": shown}


def add_role_to_instance_profile(
    iam: Iam, call: Call, request: types.AddRoleToInstanceProfileRequestTypeDef
) -> Result:
    with iam.store.write() as tx:
        tx.lock(f"iam:{call.account}")
        profile = _require(iam, tx, call, request)
        role = ROLE.require(iam, tx, call, request)
        if profile["roles"]:
            raise LimitExceeded(quota="InstanceSessionsPerInstanceProfile", max=1)
        iam.tables.profiles.save(tx, call.account, {**profile, "roles": [role["name"]]})
    return {}


def remove_role_from_instance_profile(
    iam: Iam, call: Call, request: types.RemoveRoleFromInstanceProfileRequestTypeDef
) -> Result:
    with iam.store.write() as tx:
        tx.lock(f"iam:{call.account}")
        profile = _require(iam, tx, call, request)
        role = request["RoleName"]
        if role not in profile["roles"]:
            raise NoSuchEntity(
                f"Role {role} in Instance Profile {profile['name']} cannot be found."
            )
        iam.tables.profiles.save(tx, call.account, {**profile, "roles": []})
    return {}
