"""Requests to APIs that are signed as real clients sign them, with keys that were issued here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from fogline.testing.plugin import Account

_TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "*"}}],
    }
)


class Keys(NamedTuple):
    id: str
    secret: str
    token: str | None = None


class Holder(NamedTuple):
    """Somebody with keys."""

    keys: Keys
    arn: str
    user_id: str


def make_user(fogline: Account, name: str = "ann") -> Holder:
    iam = fogline.client("iam")
    user = iam.create_user(UserName=name)["User"]
    made = iam.create_access_key(UserName=name)["AccessKey"]
    keys = Keys(made["AccessKeyId"], made["SecretAccessKey"])
    return Holder(keys, user["Arn"], user["UserId"])


def make_session(fogline: Account, name: str = "caller", **options: Any) -> Holder:
    """Somebody who has assumed a role."""
    iam = fogline.client("iam")
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=_TRUST)["Role"]
    made = fogline.client("sts").assume_role(
        RoleArn=role["Arn"], RoleSessionName="session", **options
    )
    given, who = made["Credentials"], made["AssumedRoleUser"]
    keys = Keys(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
    return Holder(keys, who["Arn"], who["AssumedRoleId"])


def sign(
    keys: Keys,
    method: str,
    host: str,
    target: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    service: str = "execute-api",
    region: str = "us-east-1",
) -> dict[str, str]:
    """The headers of a request, with those that sign it."""
    request = AWSRequest(method, f"http://{host}{target}", dict(headers or {}), body)
    SigV4Auth(Credentials(*keys), service, region).add_auth(request)
    return dict(request.headers.items())


def presign(
    keys: Keys, host: str, target: str, *, seconds: int = 60, service: str = "execute-api"
) -> str:
    """The target of a GET, with the parameters that sign it."""
    request = AWSRequest("GET", f"http://{host}{target}")
    SigV4QueryAuth(Credentials(*keys), service, "us-east-1", seconds).add_auth(request)
    return str(request.url).removeprefix(f"http://{host}")
