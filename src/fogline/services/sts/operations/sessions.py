"""Sessions: temporary credentials of roles, of oneself, and of federated users."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import orjson

from fogline.aws.arn import find_arn
from fogline.aws.call import Call, Principal
from fogline.aws.role_sessions import session_of
from fogline.ports.credentials import Credentials
from fogline.services.sts.errors import (
    AccessDenied,
    MalformedPolicyDocument,
    PackedPolicyTooLarge,
    ValidationError,
)
from fogline.services.sts.service import Sts

if TYPE_CHECKING:
    from types_boto3_sts import type_defs as types

Result = Mapping[str, Any]


def assume_role(sts: Sts, call: Call, request: types.AssumeRoleRequestTypeDef) -> Result:
    arn = request["RoleArn"]
    _check_role_arn(arn)
    packed = _packed_size(sts, request)
    is_chained = ":assumed-role/" in call.principal.arn
    with sts.store.write() as tx:
        role = sts.roles.find(tx, arn)
        if role is None:
            # AWS does not tell a role that is not there from one that may not be assumed.
            raise AccessDenied(caller=call.principal.arn, action="sts:AssumeRole", resource=arn)
        longest = sts.limits.chained_session_seconds_max if is_chained else role.session_seconds_max
        seconds = request.get("DurationSeconds") or sts.limits.role_session_seconds_default
        if seconds > longest:
            raise ValidationError(
                "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining"
                if is_chained
                else "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
            )
        principal = session_of(role.arn, role.id, request["RoleSessionName"])
        made = sts.credentials.issue_to(tx, principal, call.now, seconds)
    result: dict[str, Any] = {
        "Credentials": _shown(made),
        "AssumedRoleUser": {"AssumedRoleId": principal.user_id, "Arn": principal.arn},
    }
    if packed:
        result["PackedPolicySize"] = packed
    source = request.get("SourceIdentity")
    if source is not None:
        result["SourceIdentity"] = source
    return result


def get_session_token(sts: Sts, call: Call, request: types.GetSessionTokenRequestTypeDef) -> Result:
    if ":assumed-role/" in call.principal.arn or ":federated-user/" in call.principal.arn:
        raise AccessDenied("Cannot call GetSessionToken with session credentials")
    seconds = _token_seconds(sts, call, request.get("DurationSeconds"))
    with sts.store.write() as tx:
        made = sts.credentials.issue_to(tx, call.principal, call.now, seconds)
    return {"Credentials": _shown(made)}


def get_federation_token(
    sts: Sts, call: Call, request: types.GetFederationTokenRequestTypeDef
) -> Result:
    if ":assumed-role/" in call.principal.arn or ":federated-user/" in call.principal.arn:
        raise AccessDenied("Cannot call GetFederationToken with session credentials")
    packed = _packed_size(sts, request)
    seconds = _token_seconds(sts, call, request.get("DurationSeconds"))
    name = request["Name"]
    principal = Principal(
        call.account,
        f"arn:aws:sts::{call.account}:federated-user/{name}",
        f"{call.account}:{name}",
    )
    with sts.store.write() as tx:
        made = sts.credentials.issue_to(tx, principal, call.now, seconds)
    return {
        "Credentials": _shown(made),
        "FederatedUser": {"FederatedUserId": principal.user_id, "Arn": principal.arn},
        "PackedPolicySize": packed,
    }


def _shown(made: Credentials) -> dict[str, Any]:
    return {
        "AccessKeyId": made.access_key,
        "SecretAccessKey": made.secret_key,
        "SessionToken": made.session_token,
        "Expiration": made.expires_at,
    }


def _check_role_arn(text: str) -> None:
    arn = find_arn(text)
    if (
        arn is None
        or arn.service != "iam"
        or not (len(arn.account) == 12 and arn.account.isdigit())
        or not arn.resource.startswith("role/")
        or arn.resource.endswith("/")
    ):
        raise ValidationError(f"{text} is invalid")


def _token_seconds(sts: Sts, call: Call, asked: int | None) -> int:
    """How long: an account's own principal gets an hour at most, whatever it asks for."""
    if call.principal.arn.endswith(":root"):
        return min(asked or sts.limits.root_token_seconds_max, sts.limits.root_token_seconds_max)
    return asked or sts.limits.token_seconds_default


def _packed_size(sts: Sts, request: Mapping[str, Any]) -> int:
    """How full, in percent, policies and tags of a session make its token. 0 without any."""
    tags: Sequence[Mapping[str, str]] = request.get("Tags") or ()
    _check_tags(sts, tags)
    policy = request.get("Policy")
    if policy is not None:
        _check_policy(sts, policy)
    size = len((policy or "").encode())
    size += sum(len(each["arn"]) for each in request.get("PolicyArns") or () if "arn" in each)
    size += sum(len(tag["Key"]) + len(tag["Value"]) for tag in tags)
    if not size:
        return 0
    percent = max(1, size * 100 // (sts.limits.packed_policy_bytes_max * 4))
    if percent > 100:
        raise PackedPolicyTooLarge(percent=percent)
    return percent


def _check_policy(sts: Sts, policy: str) -> None:
    longest = sts.limits.packed_policy_bytes_max
    if len(policy) > longest:
        raise ValidationError(
            "1 validation error detected: Value at 'policy' failed to satisfy constraint: "
            f"Member must have length less than or equal to {longest}"
        )
    try:
        document = orjson.loads(policy)
    except orjson.JSONDecodeError:
        raise MalformedPolicyDocument("The policy is not in the valid JSON format.") from None
    if not isinstance(document, dict) or "Statement" not in document:
        raise MalformedPolicyDocument("Syntax errors in policy.")


def _check_tags(sts: Sts, tags: Sequence[Mapping[str, str]]) -> None:
    keys = [tag["Key"].lower() for tag in tags]
    if len(set(keys)) < len(keys):
        raise InvalidTags(
            "Duplicate tag keys found. Please note that Tag keys are case insensitive."
        )
    if any(key.startswith("aws:") for key in keys):
        raise InvalidTags("Tag keys cannot start with the prefix 'aws:'.")


class InvalidTags(ValidationError):
    code = "InvalidParameterValue"
