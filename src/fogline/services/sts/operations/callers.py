"""Callers: who somebody is, and whose a key is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.access_keys import account_of_access_key
from fogline.aws.call import Call
from fogline.services.sts.errors import InvalidParameterValue
from fogline.services.sts.service import Sts

if TYPE_CHECKING:
    from types_boto3_sts import type_defs as types

Result = Mapping[str, Any]


def get_caller_identity(sts: Sts, call: Call, request: Mapping[str, Any]) -> Result:
    principal = call.principal
    return {"UserId": principal.user_id, "Account": principal.account, "Arn": principal.arn}


def get_access_key_info(
    sts: Sts, call: Call, request: types.GetAccessKeyInfoRequestTypeDef
) -> Result:
    account = account_of_access_key(request["AccessKeyId"])
    if account is None:
        raise InvalidParameterValue(f"Access key {request['AccessKeyId']} is not valid.")
    return {"Account": account}
