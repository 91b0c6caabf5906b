"""Sessions of roles: who it is that acts with a role, as `GetCallerIdentity` would say it."""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache

from fogline.aws.arn import find_arn
from fogline.aws.call import Principal

_ROLES_MAX = 1_024


def session_of(role_arn: str, role_id: str, session_name: str) -> Principal:
    """The principal of a role's session. Its ARN leaves out the role's path."""
    arn = find_arn(role_arn)
    assert arn is not None
    name = arn.resource.rpartition("/")[2]
    return Principal(
        arn.account,
        f"arn:{arn.partition}:sts::{arn.account}:assumed-role/{name}/{session_name}",
        f"{role_id}:{session_name}",
    )


@lru_cache(_ROLES_MAX)
def id_of_role(role_arn: str) -> str:
    """The id of a role that IAM does not have, or is not asked for: always the same for the same ARN."""
    return "AROA" + base64.b32encode(hashlib.sha256(role_arn.encode()).digest()).decode()[:17]
