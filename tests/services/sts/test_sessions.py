"""Sessions and callers: who a key makes somebody."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from fogline.config import read_config
from fogline.testing.platform import LocalPlatform
from fogline.testing.plugin import Account

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "*"}}],
    }
)


@pytest.fixture
def role(fogline: Account) -> dict[str, Any]:
    iam = fogline.client("iam")
    made: dict[str, Any] = iam.create_role(
        RoleName="worker", Path="/jobs/", AssumeRolePolicyDocument=TRUST, MaxSessionDuration=7200
    )["Role"]
    return made


def client_of(fogline: Account, service: str, keys: dict[str, str]) -> Any:
    return boto3.client(  # type: ignore[call-overload]
        service,
        endpoint_url=fogline.platform.endpoint,
        region_name="us-east-1",
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys.get("SessionToken"),
    )


def test_a_twelve_digit_key_is_its_account(fogline: Account) -> None:
    identity = fogline.client("sts").get_caller_identity()
    assert identity["Account"] == fogline.id
    assert identity["Arn"] == f"arn:aws:iam::{fogline.id}:root"


def test_credentials_of_a_role_act_as_its_session(fogline: Account, role: dict[str, Any]) -> None:
    assumed = fogline.client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="session-1")
    keys = assumed["Credentials"]
    assert keys["AccessKeyId"].startswith("ASIA")
    assert len(keys["AccessKeyId"]) == 20
    identity = client_of(fogline, "sts", keys).get_caller_identity()
    assert identity["Account"] == fogline.id
    assert identity["Arn"] == f"arn:aws:sts::{fogline.id}:assumed-role/worker/session-1"
    assert identity["UserId"] == f"{role['RoleId']}:session-1"
    assert assumed["AssumedRoleUser"] == {
        "Arn": identity["Arn"],
        "AssumedRoleId": identity["UserId"],
    }


def test_credentials_end_when_they_expire(fogline: Account, role: dict[str, Any]) -> None:
    keys = fogline.client("sts").assume_role(
        RoleArn=role["Arn"], RoleSessionName="short", DurationSeconds=900
    )["Credentials"]
    principals = fogline.platform.platform.wiring
    fogline.platform.advance(seconds=899)
    assert principals.find(keys["AccessKeyId"]) is not None
    fogline.platform.advance(seconds=1)
    assert principals.find(keys["AccessKeyId"]) is None


def test_an_expired_key_leaves_the_store(fogline: Account, role: dict[str, Any]) -> None:
    keys = fogline.client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="gone")[
        "Credentials"
    ]
    fogline.platform.advance(hours=3)
    platform = fogline.platform.platform

    async def count() -> int:
        with platform.store.read() as tx:
            sql = "SELECT COUNT(*) FROM sts_credentials WHERE access_key = ?"
            row = tx.row(sql, keys["AccessKeyId"])
            assert row is not None
            return int(row[0])

    assert fogline.platform.ask(count()) == 0


def test_a_role_that_is_not_there_cannot_be_assumed(fogline: Account) -> None:
    arn = f"arn:aws:iam::{fogline.id}:role/nobody"
    with pytest.raises(ClientError) as refused:
        fogline.client("sts").assume_role(RoleArn=arn, RoleSessionName="session")
    assert refused.value.response["Error"]["Code"] == "AccessDenied"
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


@pytest.mark.parametrize("arn", ["nothing-valid-in-here", "arn:a:a::aaaaaaaaaa:role/x"])
def test_a_role_arn_must_be_one(fogline: Account, arn: str) -> None:
    with pytest.raises(ClientError) as refused:
        fogline.client("sts").assume_role(RoleArn=arn, RoleSessionName="session")
    assert refused.value.response["Error"]["Code"] == "ValidationError"
    assert refused.value.response["Error"]["Message"] == f"{arn} is invalid"


@pytest.mark.parametrize(("seconds", "is_allowed"), [(7200, True), (7201, False)])
def test_a_session_lasts_no_longer_than_its_role_allows(
    fogline: Account, role: dict[str, Any], seconds: int, is_allowed: bool
) -> None:
    sts = fogline.client("sts")
    request = {"RoleArn": role["Arn"], "RoleSessionName": "long", "DurationSeconds": seconds}
    if is_allowed:
        assert sts.assume_role(**request)["Credentials"]
        return
    with pytest.raises(ClientError, match="exceeds the MaxSessionDuration"):
        sts.assume_role(**request)


def test_a_session_policy_is_weighed(fogline: Account, role: dict[str, Any]) -> None:
    policy = json.dumps({"Version": "2012-10-17", "Statement": []})
    assumed = fogline.client("sts").assume_role(
        RoleArn=role["Arn"], RoleSessionName="narrow", Policy=policy
    )
    assert assumed["PackedPolicySize"] >= 1


def test_a_token_acts_as_whoever_asked_for_it(fogline: Account) -> None:
    keys = fogline.client("sts").get_session_token()["Credentials"]
    identity = client_of(fogline, "sts", keys).get_caller_identity()
    assert identity["Arn"] == f"arn:aws:iam::{fogline.id}:root"


def test_a_federated_user_is_known_by_name(fogline: Account) -> None:
    made = fogline.client("sts").get_federation_token(Name="Bob")
    assert made["FederatedUser"]["Arn"] == f"arn:aws:sts::{fogline.id}:federated-user/Bob"
    identity = client_of(fogline, "sts", made["Credentials"]).get_caller_identity()
    assert identity["Arn"] == made["FederatedUser"]["Arn"]


def test_a_key_tells_its_account(fogline: Account, role: dict[str, Any]) -> None:
    sts = fogline.client("sts")
    keys = sts.assume_role(RoleArn=role["Arn"], RoleSessionName="told")["Credentials"]
    assert sts.get_access_key_info(AccessKeyId=keys["AccessKeyId"])["Account"] == fogline.id


def test_the_port_gives_credentials_of_any_role(fogline: Account) -> None:
    platform = fogline.platform.platform
    arn = f"arn:aws:iam::{fogline.id}:role/made/elsewhere"

    async def issue() -> Any:
        with platform.store.write() as tx:
            return platform.wiring.credentials.issue(tx, arn, "fn", platform.clock.now(), 3600)

    first, second = fogline.platform.ask(issue()), fogline.platform.ask(issue())
    assert first.access_key != second.access_key
    one, other = (platform.wiring.find(each.access_key) for each in (first, second))
    assert one is not None
    assert one == other
    assert one.arn == f"arn:aws:sts::{fogline.id}:assumed-role/elsewhere/fn"


@pytest.mark.parametrize("access_key", ["AKIA\0", "ASIA\0X", "AKIA\ud800", "ASIA\u0130"])
def test_what_no_store_keeps_is_nobodys_key(postgres_url: str, access_key: str) -> None:
    with LocalPlatform(read_config({}, port=0, ephemeral=True, store=postgres_url)) as node:
        principals = node.platform.wiring
        assert principals.find(access_key) is None
        assert principals.find_key(access_key) is None
