"""IAM's front page: what it stands on, and every operation by its file."""

from __future__ import annotations

from dataclasses import dataclass

from fogline.ports.service import Service
from fogline.services.iam.limits import Limits
from fogline.services.iam.principals import UserKeys
from fogline.services.iam.tables import Tables
from fogline.store.store import Store
from fogline.world.ids import Ids


@dataclass(frozen=True, slots=True)
class Iam:
    """What every operation of IAM is handed."""

    store: Store
    tables: Tables
    ids: Ids
    keys: UserKeys
    limits: Limits


def make_iam(store: Store, ids: Ids) -> Iam:
    """IAM with the bounds of AWS."""
    tables = Tables(store)
    return Iam(store, tables, ids, UserKeys(store, tables), Limits())


OPERATIONS = {
    "access_keys": (
        "create_access_key",
        "delete_access_key",
        "list_access_keys",
        "update_access_key",
    ),
    "groups": (
        "add_user_to_group",
        "attach_group_policy",
        "create_group",
        "delete_group",
        "delete_group_policy",
        "detach_group_policy",
        "get_group",
        "get_group_policy",
        "list_attached_group_policies",
        "list_group_policies",
        "list_groups",
        "list_groups_for_user",
        "put_group_policy",
        "remove_user_from_group",
    ),
    "instance_profiles": (
        "add_role_to_instance_profile",
        "create_instance_profile",
        "delete_instance_profile",
        "get_instance_profile",
        "list_instance_profiles",
        "list_instance_profiles_for_role",
        "remove_role_from_instance_profile",
    ),
    "policies": (
        "create_policy",
        "create_policy_version",
        "delete_policy",
        "delete_policy_version",
        "get_policy",
        "get_policy_version",
        "list_entities_for_policy",
        "list_policies",
        "list_policy_tags",
        "list_policy_versions",
        "set_default_policy_version",
        "tag_policy",
        "untag_policy",
    ),
    "role_policies": (
        "attach_role_policy",
        "delete_role_permissions_boundary",
        "delete_role_policy",
        "detach_role_policy",
        "get_role_policy",
        "list_attached_role_policies",
        "list_role_policies",
        "put_role_permissions_boundary",
        "put_role_policy",
    ),
    "roles": (
        "create_role",
        "create_service_linked_role",
        "delete_role",
        "get_role",
        "list_role_tags",
        "list_roles",
        "tag_role",
        "untag_role",
        "update_assume_role_policy",
        "update_role",
        "update_role_description",
    ),
    "users": (
        "attach_user_policy",
        "create_user",
        "delete_user",
        "delete_user_permissions_boundary",
        "delete_user_policy",
        "detach_user_policy",
        "get_user",
        "get_user_policy",
        "list_attached_user_policies",
        "list_user_policies",
        "list_user_tags",
        "list_users",
        "put_user_permissions_boundary",
        "put_user_policy",
        "tag_user",
        "untag_user",
        "update_user",
    ),
}


def make_service(iam: Iam) -> Service:
    """IAM as the platform takes it in."""
    return Service(name="iam", package="fogline.services.iam", stands_on=iam, operations=OPERATIONS)
