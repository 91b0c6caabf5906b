"""Users, groups, access keys, and managed policies with their versions."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from fogline.testing.plugin import Account

POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}],
    }
)


@pytest.fixture
def iam(fogline: Account) -> Any:
    return fogline.client("iam")


def arn_of(fogline: Account, keys: dict[str, str]) -> str:
    sts = boto3.client(
        "sts",
        endpoint_url=fogline.platform.endpoint,
        region_name="us-east-1",
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
    )
    return str(sts.get_caller_identity()["Arn"])


def test_a_users_key_acts_as_the_user_until_it_is_turned_off(fogline: Account, iam: Any) -> None:
    iam.create_user(UserName="ann", Path="/staff/")
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    assert key["AccessKeyId"].startswith("AKIA")
    assert arn_of(fogline, key) == f"arn:aws:iam::{fogline.id}:user/staff/ann"
    iam.update_access_key(UserName="ann", AccessKeyId=key["AccessKeyId"], Status="Inactive")
    assert arn_of(fogline, key).endswith(":root")


def test_a_user_has_two_keys_at_most(iam: Any) -> None:
    iam.create_user(UserName="ann")
    for _ in range(2):
        iam.create_access_key(UserName="ann")
    with pytest.raises(ClientError, match="Cannot exceed quota for AccessKeysPerUser: 2"):
        iam.create_access_key(UserName="ann")
    assert len(iam.list_access_keys(UserName="ann")["AccessKeyMetadata"]) == 2


def test_a_user_with_keys_is_not_deleted(iam: Any) -> None:
    iam.create_user(UserName="ann")
    key = iam.create_access_key(UserName="ann")["AccessKey"]["AccessKeyId"]
    with pytest.raises(ClientError, match="must delete access keys first"):
        iam.delete_user(UserName="ann")
    iam.delete_access_key(UserName="ann", AccessKeyId=key)
    iam.delete_user(UserName="ann")
    with pytest.raises(ClientError, match="The user with name ann cannot be found"):
        iam.get_user(UserName="ann")


def test_groups_know_their_members(iam: Any) -> None:
    iam.create_user(UserName="ann")
    iam.create_group(GroupName="readers")
    iam.put_group_policy(GroupName="readers", PolicyName="p", PolicyDocument=POLICY)
    iam.add_user_to_group(GroupName="readers", UserName="ann")
    assert [user["UserName"] for user in iam.get_group(GroupName="readers")["Users"]] == ["ann"]
    groups = iam.list_groups_for_user(UserName="ann")["Groups"]
    assert [group["GroupName"] for group in groups] == ["readers"]
    with pytest.raises(ClientError, match="must remove users from group first"):
        iam.delete_group(GroupName="readers")


def test_versions_of_a_policy_follow_one_another(iam: Any) -> None:
    arn = iam.create_policy(PolicyName="p", PolicyDocument=POLICY)["Policy"]["Arn"]
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=POLICY, SetAsDefault=True)
    versions = iam.list_policy_versions(PolicyArn=arn)["Versions"]
    assert [(each["VersionId"], each["IsDefaultVersion"]) for each in versions] == [
        ("v2", True),
        ("v1", False),
    ]
    with pytest.raises(ClientError, match="Cannot delete the default version of a policy"):
        iam.delete_policy_version(PolicyArn=arn, VersionId="v2")
    iam.delete_policy_version(PolicyArn=arn, VersionId="v1")
    iam.delete_policy(PolicyArn=arn)


def test_a_policy_of_aws_is_found_by_its_arn(iam: Any) -> None:
    arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    policy = iam.get_policy(PolicyArn=arn)["Policy"]
    version = iam.get_policy_version(PolicyArn=arn, VersionId=policy["DefaultVersionId"])
    statement = version["PolicyVersion"]["Document"]["Statement"][0]
    assert "logs:PutLogEvents" in statement["Action"]


def test_a_document_that_is_not_held_is_said_to_be(iam: Any) -> None:
    arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    assert iam.get_policy(PolicyArn=arn)["Policy"]["PolicyName"] == "ReadOnlyAccess"
    with pytest.raises(ClientError, match="does not hold the document"):
        iam.get_policy_version(PolicyArn=arn, VersionId="v1")


def test_tag_keys_of_policies_differ_by_case(iam: Any) -> None:
    tags = [{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}]
    arn = iam.create_policy(PolicyName="p", PolicyDocument=POLICY, Tags=tags)["Policy"]["Arn"]
    found = iam.list_policy_tags(PolicyArn=arn)["Tags"]
    assert sorted(tag["Key"] for tag in found) == ["A", "a"]


def test_a_user_is_changed(fogline: Account, iam: Any) -> None:
    iam.create_user(UserName="ann")
    boundary = "arn:aws:iam::aws:policy/PowerUserAccess"
    iam.put_user_permissions_boundary(UserName="ann", PermissionsBoundary=boundary)
    assert "PermissionsBoundary" in iam.get_user(UserName="ann")["User"]
    iam.delete_user_permissions_boundary(UserName="ann")
    iam.tag_user(UserName="ann", Tags=[{"Key": "k", "Value": "v"}])
    assert iam.list_user_tags(UserName="ann")["Tags"] == [{"Key": "k", "Value": "v"}]
    iam.untag_user(UserName="ann", TagKeys=["k"])
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    iam.update_user(UserName="ann", NewUserName="bea", NewPath="/x/")
    assert arn_of(fogline, key) == f"arn:aws:iam::{fogline.id}:user/x/bea"
    found = iam.get_user(UserName="bea")["User"]
    assert "Tags" not in found
    assert "PermissionsBoundary" not in found


@pytest.mark.parametrize("word", ["user", "group"])
def test_policies_of_users_and_groups(iam: Any, word: str) -> None:
    call = {
        "user": (
            iam.put_user_policy,
            iam.list_user_policies,
            iam.get_user_policy,
            iam.delete_user_policy,
            iam.attach_user_policy,
            iam.list_attached_user_policies,
            iam.detach_user_policy,
        ),
        "group": (
            iam.put_group_policy,
            iam.list_group_policies,
            iam.get_group_policy,
            iam.delete_group_policy,
            iam.attach_group_policy,
            iam.list_attached_group_policies,
            iam.detach_group_policy,
        ),
    }[word]
    put, list_inline, get, delete, attach, list_attached, detach = call
    named = {f"{word.capitalize()}Name": "ann"}
    getattr(iam, f"create_{word}")(**named)
    put(**named, PolicyName="p", PolicyDocument=POLICY)
    assert list_inline(**named)["PolicyNames"] == ["p"]
    assert get(**named, PolicyName="p")["PolicyDocument"] == json.loads(POLICY)
    delete(**named, PolicyName="p")
    arn = iam.create_policy(PolicyName="own", PolicyDocument=POLICY)["Policy"]["Arn"]
    attach(**named, PolicyArn=arn)
    assert list_attached(**named)["AttachedPolicies"][0]["PolicyArn"] == arn
    entities = iam.list_entities_for_policy(PolicyArn=arn)
    assert [len(entities[f"Policy{kind}s"]) for kind in ("User", "Group", "Role")] == [
        int(word == "user"),
        int(word == "group"),
        0,
    ]
    detach(**named, PolicyArn=arn)
    assert list_attached(**named)["AttachedPolicies"] == []


def test_a_member_leaves_a_group(iam: Any) -> None:
    iam.create_user(UserName="ann")
    iam.create_group(GroupName="readers")
    iam.add_user_to_group(GroupName="readers", UserName="ann")
    iam.remove_user_from_group(GroupName="readers", UserName="ann")
    assert iam.get_group(GroupName="readers")["Users"] == []


def test_a_policy_is_tagged_and_its_default_version_chosen(iam: Any) -> None:
    arn = iam.create_policy(PolicyName="p", PolicyDocument=POLICY)["Policy"]["Arn"]
    iam.tag_policy(PolicyArn=arn, Tags=[{"Key": "k", "Value": "v"}])
    assert iam.list_policy_tags(PolicyArn=arn)["Tags"] == [{"Key": "k", "Value": "v"}]
    iam.untag_policy(PolicyArn=arn, TagKeys=["k"])
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=POLICY)
    iam.set_default_policy_version(PolicyArn=arn, VersionId="v2")
    policy = iam.get_policy(PolicyArn=arn)["Policy"]
    assert (policy["DefaultVersionId"], policy["Tags"]) == ("v2", [])
