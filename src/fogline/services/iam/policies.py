"""Managed policies, the account's own and AWS's: found by ARN, counted where they are attached."""

from __future__ import annotations

from collections import Counter
from typing import Any

from fogline.aws.arn import find_arn
from fogline.services.iam.errors import NoSuchEntity
from fogline.services.iam.managed import find_managed
from fogline.services.iam.service import Iam
from fogline.store.documents import Document
from fogline.store.store import Tx


def find_own(iam: Iam, tx: Tx, account: str, arn: str) -> Document | None:
    """The account's own policy of that ARN."""
    parts = find_arn(arn)
    if parts is None or parts.service != "iam" or parts.account != account:
        return None
    found = iam.tables.policies.find(tx, account, parts.resource.rpartition("/")[2])
    return found if found is not None and found["arn"] == arn else None


def find_policy(iam: Iam, tx: Tx, account: str, arn: str) -> Document | None:
    """The policy of that ARN, whoever manages it."""
    return find_own(iam, tx, account, arn) or find_managed(arn)


def require_policy_name(iam: Iam, tx: Tx, account: str, arn: str) -> str:
    """The name of a policy that can be attached."""
    found = find_policy(iam, tx, account, arn)
    if found is None:
        raise NoSuchEntity(f"Policy {arn} does not exist or is not attachable.")
    return str(found["name"])


def attachments(iam: Iam, tx: Tx, account: str) -> Counter[str]:
    """To how many roles, users and groups each policy is attached, by ARN."""
    tables = iam.tables
    return Counter(
        arn
        for entities in (tables.roles, tables.users, tables.groups)
        for entity in entities.every(tx, account)
        for arn in entity["attached"]
    )


def boundaries(iam: Iam, tx: Tx, account: str) -> Counter[str]:
    """Of how many roles and users each policy is the permissions boundary, by ARN."""
    return Counter(
        entity["boundary"]
        for entities in (iam.tables.roles, iam.tables.users)
        for entity in entities.every(tx, account)
        if entity["boundary"]
    )


def boundary_shown(arn: str | None) -> dict[str, Any] | None:
    if arn is None:
        return None
    return {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn}
