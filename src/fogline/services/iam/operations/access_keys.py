"""Access keys of users: the gateway knows their holders as soon as they are made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fogline.aws.access_keys import LONG_LIVED, make_access_key
from fogline.aws.call import Call
from fogline.services.iam.entities import Request, Result, page
from fogline.services.iam.errors import LimitExceeded, NoSuchEntity, ValidationError
from fogline.services.iam.service import Iam
from fogline.services.iam.tables import AccessKey
from fogline.store.store import Tx

if TYPE_CHECKING:
    from types_boto3_iam import type_defs as types

_SECRET_CHARACTERS = 40


def _user_name(iam: Iam, tx: Tx, call: Call, request: Request) -> str:
    """The user that the request names, or the caller."""
    name = request.get("UserName")
    if name is None:
        arn = call.principal.arn
        if ":user/" not in arn:
            raise ValidationError("Must specify userName when calling with non-User credentials")
        name = arn.rpartition("/")[2]
    if iam.tables.users.find(tx, call.account, name) is None:
        raise NoSuchEntity(kind="user", name=name)
    return str(name)


def create_access_key(iam: Iam, call: Call, request: types.CreateAccessKeyRequestTypeDef) -> Result:
    with iam.store.write() as tx:
        tx.lock(f"iam:{call.account}")
        name = _user_name(iam, tx, call, request)
        if len(iam.tables.keys_of(tx, call.account, name)) >= iam.limits.access_keys_max:
            raise LimitExceeded(quota="AccessKeysPerUser", max=iam.limits.access_keys_max)
        key = AccessKey(
            make_access_key(LONG_LIVED, call.account, iam.ids.bytes(10)),
            iam.ids.secret(_SECRET_CHARACTERS),
            call.account,
            name,
            "Active",
            call.now,
        )
        iam.tables.save_key(tx, key)
    return {
        "AccessKey": {
            "UserName": name,
            "AccessKeyId": key.access_key,
            "Status": key.status,
            "SecretAccessKey": key.secret_key,
            "CreateDate": key.created_at,
        }
    }


def list_access_keys(iam: Iam, call: Call, request: types.ListAccessKeysRequestTypeDef) -> Result:
    with iam.store.read() as tx:
        name = _user_name(iam, tx, call, request)
        keys = iam.tables.keys_of(tx, call.account, name)
    shown = [
        {
            "UserName": name,
            "AccessKeyId": key.access_key,
            "Status": key.status,
            "CreateDate": key.created_at,
        }
        for key in keys
    ]
    return page(iam, request, "AccessKeyMetadata", shown, lambda key: str(key["AccessKeyId"]))


def _require_key(iam: Iam, tx: Tx, call: Call, request: Request) -> AccessKey:
    name = _user_name(iam, tx, call, request)
    key = iam.tables.find_key(tx, request["AccessKeyId"])
    if key is None or key.account != call.account or key.user_name != name:
        raise NoSuchEntity(f"The Access Key with id {request['AccessKeyId']} cannot be found.")
    return key


def update_access_key(iam: Iam, call: Call, request: types.UpdateAccessKeyRequestTypeDef) -> Result:
    with iam.store.write() as tx:
        key = _require_key(iam, tx, call, request)
        iam.tables.save_key(tx, key._replace(status=request["Status"]))
        tx.forget(iam.keys.cache, key.access_key)
    return {}


def delete_access_key(iam: Iam, call: Call, request: types.DeleteAccessKeyRequestTypeDef) -> Result:
    with iam.store.write() as tx:
        key = _require_key(iam, tx, call, request)
        iam.tables.remove_key(tx, key.access_key)
        tx.forget(iam.keys.cache, key.access_key)
    return {}
