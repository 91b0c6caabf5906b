"""The policies of roles: inline, attached, and as a boundary."""

from __future__ import annotations

from fogline.aws.call import Call
from fogline.services.iam.entities import ROLE, Request, Result
from fogline.services.iam.policies import require_policy_name
from fogline.services.iam.service import Iam


def put_role_policy(iam: Iam, call: Call, request: Request) -> Result:
    return ROLE.put_policy(iam, call, request)


def get_role_policy(iam: Iam, call: Call, request: Request) -> Result:
    return ROLE.get_policy(iam, call, request)


def delete_role_policy(iam: Iam, call: Call, request: Request) -> Result:
    return ROLE.delete_policy(iam, call, request)


def list_role_policies(iam: Iam, call: Call, request: Request) -> Result:
    return ROLE.list_policies(iam, call, request)


def attach_role_policy(iam: Iam, call: Call, request: Request) -> Result:
    return ROLE.attach_policy(
        iam, call, request, lambda tx, arn: require_policy_name(iam, tx, call.account, arn)
    )


def detach_role_policy(iam: Iam, call: Call, request: Request) -> Result:
    return ROLE.detach_policy(iam, call, request)


def list_attached_role_policies(iam: Iam, call: Call, request: Request) -> Result:
    return ROLE.list_attached(iam, call, request)


def put_role_permissions_boundary(iam: Iam, call: Call, request: Request) -> Result:
    return ROLE.put_boundary(
        iam, call, request, lambda tx, arn: require_policy_name(iam, tx, call.account, arn)
    )


def delete_role_permissions_boundary(iam: Iam, call: Call, request: Request) -> Result:
    return ROLE.delete_boundary(iam, call, request)
