"""Managed policies and their versions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fogline.aws.access_keys import make_unique_id
from fogline.aws.call import Call
from fogline.services.iam.entities import (
    Request,
    Result,
    checked_path,
    checked_tags,
    encoded,
    merged_tags,
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
from fogline.services.iam.managed import find_managed, managed_arns, managed_document
from fogline.services.iam.policies import attachments, boundaries, find_own, find_policy
from fogline.services.iam.policy_documents import check_policy
from fogline.services.iam.service import Iam
from fogline.store.documents import Document
from fogline.store.store import Tx

if TYPE_CHECKING:
    from types_boto3_iam import type_defs as types


def create_policy(iam: Iam, call: Call, request: types.CreatePolicyRequestTypeDef) -> Result:
    name, text = request["PolicyName"], request["PolicyDocument"]
    path = checked_path(request.get("Path"))
    tags = checked_tags(iam, call, request.get("Tags"), are_keys_folded=False)
    _check_document(iam, text)
    with iam.store.write() as tx:
        tx.lock(f"iam:{call.account}")
        if iam.tables.policies.find(tx, call.account, name) is not None:
            raise EntityAlreadyExists(
                f"A policy called {name} already exists. Duplicate names are not allowed."
            )
        policy = {
            "name": name,
            "id": make_unique_id("ANPA", iam.ids.bytes(11)),
            "path": path,
            "arn": f"arn:aws:iam::{call.account}:policy{path}{name}",
            "created_at": call.now,
            "updated_at": call.now,
            "description": request.get("Description"),
            "tags": tags,
            "default_version": "v1",
            "last_version": 1,
            "versions": {"v1": {"document": text, "created_at": call.now}},
        }
        iam.tables.policies.save(tx, call.account, policy)
    shown = _shown(policy, 0, 0)
    return {"Policy": {**shown, "Tags": tag_list(tags) or None}}


def _check_document(iam: Iam, text: str) -> None:
    check_policy(text)
    size = len("".join(text.split()))
    if size > iam.limits.policy_characters_max:
        raise LimitExceeded(
            f"Cannot exceed quota for PolicySize: {iam.limits.policy_characters_max}"
        )


def _shown(policy: Document, attached: int, bounding: int) -> dict[str, Any]:
    """A policy as the lists answer it."""
    return {
        "PolicyName": policy["name"],
        "PolicyId": policy["id"],
        "Arn": policy["arn"],
        "Path": policy["path"],
        "DefaultVersionId": policy["default_version"],
        "AttachmentCount": attached,
        "PermissionsBoundaryUsageCount": bounding,
        "IsAttachable": True,
        "CreateDate": policy["created_at"],
        "UpdateDate": policy["updated_at"],
    }


def get_policy(iam: Iam, call: Call, request: types.GetPolicyRequestTypeDef) -> Result:
    arn = request["PolicyArn"]
    with iam.store.read() as tx:
        policy = find_policy(iam, tx, call.account, arn)
        if policy is None:
            raise NoSuchEntity(f"Policy {arn} was not found.")
        attached = attachments(iam, tx, call.account)[arn]
        bounding = boundaries(iam, tx, call.account)[arn]
    shown = _shown(policy, attached, bounding)
    return {
        "Policy": {
            **shown,
            "Description": policy["description"],
            "Tags": tag_list(policy["tags"]),
        }
    }


def list_policies(iam: Iam, call: Call, request: types.ListPoliciesRequestTypeDef) -> Result:
    scope = request.get("Scope") or "All"
    is_boundary = request.get("PolicyUsageFilter") == "PermissionsBoundary"
    with iam.store.read() as tx:
        attached = attachments(iam, tx, call.account)
        bounding = boundaries(iam, tx, call.account)
        found = list(iam.tables.policies.every(tx, call.account)) if scope != "AWS" else []
    if scope != "Local":
        arns = dict.fromkeys((*managed_arns(), *sorted(attached)))
        found += [policy for policy in map(find_managed, arns) if policy is not None]
    if request.get("OnlyAttached") or is_boundary:
        used = bounding if is_boundary else attached
        found = [policy for policy in found if used[policy["arn"]]]
    result = page(
        iam, request, "Policies", under_path(found, request), lambda policy: policy["arn"]
    )
    return {
        **result,
        "Policies": [
            _shown(policy, attached[policy["arn"]], bounding[policy["arn"]])
            for policy in result["Policies"]
        ],
    }


def list_entities_for_policy(
    iam: Iam, call: Call, request: types.ListEntitiesForPolicyRequestTypeDef
) -> Result:
    arn, tables = request["PolicyArn"], iam.tables
    prefix = request.get("PathPrefix") or "/"
    wanted = request.get("EntityFilter")
    result: dict[str, Any] = {"IsTruncated": False}
    with iam.store.read() as tx:
        if find_policy(iam, tx, call.account, arn) is None:
            raise NoSuchEntity(f"Policy {arn} was not found.")
        for word, entities in (
            ("Group", tables.groups),
            ("User", tables.users),
            ("Role", tables.roles),
        ):
            result[f"Policy{word}s"] = [
                {f"{word}Name": entity["name"], f"{word}Id": entity["id"]}
                for entity in entities.every(tx, call.account)
                if arn in entity["attached"]
                and entity["path"].startswith(prefix)
                and wanted in (None, word)
            ]
    return result


def delete_policy(iam: Iam, call: Call, request: types.DeletePolicyRequestTypeDef) -> Result:
    with iam.store.write() as tx:
        tx.lock(f"iam:{call.account}")
        policy = _require_own(iam, tx, call, request)
        if attachments(iam, tx, call.account)[policy["arn"]]:
            raise DeleteConflict("Cannot delete a policy attached to entities.")
        if len(policy["versions"]) > 1:
            raise DeleteConflict(
                "This policy has more than one version. Before you delete a policy, you must delete the"
                " policy's versions. The default version is deleted with the policy."
            )
        iam.tables.policies.remove(tx, call.account, policy["name"])
    return {}


def _require_own(iam: Iam, tx: Tx, call: Call, request: Request) -> Document:
    arn = request["PolicyArn"]
    found = find_own(iam, tx, call.account, arn)
    if found is None:
        raise NoSuchEntity(f"Policy {arn} was not found.")
    return found


# ---- versions


def create_policy_version(
    iam: Iam, call: Call, request: types.CreatePolicyVersionRequestTypeDef
) -> Result:
    text = request["PolicyDocument"]
    _check_document(iam, text)
    is_default = bool(request.get("SetAsDefault"))
    with iam.store.write() as tx:
        tx.lock(f"iam:{call.account}")
        policy = _require_own(iam, tx, call, request)
        if len(policy["versions"]) >= iam.limits.policy_versions_max:
            raise LimitExceeded(
                "A managed policy can have up to 5 versions. Before you create a new version, you must delete an"
                " existing version."
            )
        number = policy["last_version"] + 1
        version = {"document": text, "created_at": call.now}
        changed = {
            **policy,
            "last_version": number,
            "updated_at": call.now,
            "versions": {**policy["versions"], f"v{number}": version},
            "default_version": f"v{number}" if is_default else policy["default_version"],
        }
        iam.tables.policies.save(tx, call.account, changed)
    return {"PolicyVersion": _version_shown(changed, f"v{number}")}


def _version_shown(policy: Document, version: str) -> dict[str, Any]:
    return {
        "VersionId": version,
        "IsDefaultVersion": version == policy["default_version"],
        "CreateDate": policy["versions"][version]["created_at"],
    }


def _no_version(arn: str, version: str) -> NoSuchEntity:
    return NoSuchEntity(f"Policy {arn} version {version} does not exist or is not attachable.")


def get_policy_version(
    iam: Iam, call: Call, request: types.GetPolicyVersionRequestTypeDef
) -> Result:
    arn, version = request["PolicyArn"], request["VersionId"]
    managed = find_managed(arn)
    if managed is not None:
        if version != managed["default_version"]:
            raise _no_version(arn, version)
        return {
            "PolicyVersion": {
                "Document": encoded(managed_document(arn)),
                "VersionId": version,
                "IsDefaultVersion": True,
                "CreateDate": managed["created_at"],
            }
        }
    with iam.store.read() as tx:
        policy = find_own(iam, tx, call.account, arn)
    if policy is None or version not in policy["versions"]:
        raise _no_version(arn, version)
    document = policy["versions"][version]["document"]
    return {"PolicyVersion": {"Document": encoded(document), **_version_shown(policy, version)}}


def list_policy_versions(
    iam: Iam, call: Call, request: types.ListPolicyVersionsRequestTypeDef
) -> Result:
    managed = find_managed(request["PolicyArn"])
    if managed is not None:
        version = {
            "VersionId": managed["default_version"],
            "IsDefaultVersion": True,
            "CreateDate": managed["created_at"],
        }
        return {"Versions": [version], "IsTruncated": False}
    with iam.store.read() as tx:
        policy = _require_own(iam, tx, call, request)
    names = sorted(policy["versions"], key=lambda version: -int(version[1:]))
    result = page(iam, request, "Versions", names, lambda version: version)
    return {
        **result,
        "Versions": [_version_shown(policy, version) for version in result["Versions"]],
    }


def delete_policy_version(
    iam: Iam, call: Call, request: types.DeletePolicyVersionRequestTypeDef
) -> Result:
    arn, version = request["PolicyArn"], request["VersionId"]
    with iam.store.write() as tx:
        tx.lock(f"iam:{call.account}")
        policy = find_own(iam, tx, call.account, arn)
        if policy is None or version not in policy["versions"]:
            raise _no_version(arn, version)
        if version == policy["default_version"]:
            raise DeleteConflict("Cannot delete the default version of a policy.")
        kept = {name: each for name, each in policy["versions"].items() if name != version}
        iam.tables.policies.save(tx, call.account, {**policy, "versions": kept})
    return {}


def set_default_policy_version(
    iam: Iam, call: Call, request: types.SetDefaultPolicyVersionRequestTypeDef
) -> Result:
    arn, version = request["PolicyArn"], request["VersionId"]
    with iam.store.write() as tx:
        tx.lock(f"iam:{call.account}")
        policy = find_own(iam, tx, call.account, arn)
        if policy is None or version not in policy["versions"]:
            raise _no_version(arn, version)
        changed = {**policy, "default_version": version, "updated_at": call.now}
        iam.tables.policies.save(tx, call.account, changed)
    return {}


# ---- tags: their keys differ by case, and the shortest are listed first


def tag_policy(iam: Iam, call: Call, request: types.TagPolicyRequestTypeDef) -> Result:
    given = checked_tags(iam, call, request["Tags"], are_keys_folded=False)
    with iam.store.write() as tx:
        tx.lock(f"iam:{call.account}")
        policy = _require_own(iam, tx, call, request)
        tags = merged_tags(iam, policy["tags"], given, are_keys_folded=False)
        iam.tables.policies.save(tx, call.account, {**policy, "tags": tags})
    return {}


def untag_policy(iam: Iam, call: Call, request: types.UntagPolicyRequestTypeDef) -> Result:
    with iam.store.write() as tx:
        tx.lock(f"iam:{call.account}")
        policy = _require_own(iam, tx, call, request)
        kept = {
            key: value for key, value in policy["tags"].items() if key not in request["TagKeys"]
        }
        iam.tables.policies.save(tx, call.account, {**policy, "tags": kept})
    return {}


def list_policy_tags(iam: Iam, call: Call, request: types.ListPolicyTagsRequestTypeDef) -> Result:
    with iam.store.read() as tx:
        policy = _require_own(iam, tx, call, request)
    tags = sorted(tag_list(policy["tags"]), key=lambda tag: (len(tag["Key"]), tag["Key"]))
    return page(iam, request, "Tags", tags, lambda tag: tag["Key"])
