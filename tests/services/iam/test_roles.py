"""Roles and their policies."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from fogline.testing.plugin import Account

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"Service": "lambda.amazonaws.com"},
        }
    ],
}
POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}],
}
BASIC = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"


@pytest.fixture
def iam(fogline: Account) -> Any:
    return fogline.client("iam")


def make_role(iam: Any, name: str = "worker", **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = iam.create_role(
        RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST), **more
    )["Role"]
    return made


def refusal(error: pytest.ExceptionInfo[ClientError]) -> tuple[str, str, int]:
    response = error.value.response
    return (
        response["Error"]["Code"],
        response["Error"]["Message"],
        response["ResponseMetadata"]["HTTPStatusCode"],
    )


def test_a_role_is_found_as_it_was_made(fogline: Account, iam: Any) -> None:
    made = make_role(
        iam, Path="/a/b/", Description="does things", Tags=[{"Key": "k", "Value": "v"}]
    )
    assert made["Arn"] == f"arn:aws:iam::{fogline.id}:role/a/b/worker"
    assert made["RoleId"].startswith("AROA")
    assert len(made["RoleId"]) == 21
    found = iam.get_role(RoleName="worker")["Role"]
    assert found["AssumeRolePolicyDocument"] == TRUST
    assert found["Description"] == "does things"
    assert found["MaxSessionDuration"] == 3600
    assert found["RoleLastUsed"] == {}
    assert found["Tags"] == [{"Key": "k", "Value": "v"}]


def test_a_role_cannot_be_made_twice(iam: Any) -> None:
    make_role(iam)
    with pytest.raises(ClientError) as refused:
        make_role(iam)
    assert refusal(refused) == (
        "EntityAlreadyExists",
        "Role with name worker already exists.",
        409,
    )


def test_a_role_that_is_not_there_is_not_found(iam: Any) -> None:
    with pytest.raises(ClientError) as refused:
        iam.get_role(RoleName="nobody")
    assert refusal(refused) == (
        "NoSuchEntity",
        "The role with name nobody cannot be found.",
        404,
    )


def test_a_trust_policy_must_be_json(iam: Any) -> None:
    with pytest.raises(ClientError) as refused:
        iam.create_role(RoleName="broken", AssumeRolePolicyDocument="{,}")
    assert refusal(refused)[:2] == (
        "MalformedPolicyDocument",
        "This policy contains invalid Json",
    )


@pytest.mark.parametrize("path", ["a/", "/a", "//"])
def test_a_path_begins_and_ends_with_a_slash(iam: Any, path: str) -> None:
    with pytest.raises(ClientError) as refused:
        make_role(iam, Path=path)
    assert refusal(refused)[0] == "ValidationError"


def test_inline_policies_are_put_listed_read_and_deleted(iam: Any) -> None:
    make_role(iam)
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::a%20b/*"}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    iam.put_role_policy(RoleName="worker", PolicyName="reads", PolicyDocument=json.dumps(document))
    assert iam.list_role_policies(RoleName="worker")["PolicyNames"] == ["reads"]
    found = iam.get_role_policy(RoleName="worker", PolicyName="reads")
    assert found["PolicyDocument"] == document
    iam.delete_role_policy(RoleName="worker", PolicyName="reads")
    with pytest.raises(ClientError) as refused:
        iam.get_role_policy(RoleName="worker", PolicyName="reads")
    assert refusal(refused)[1] == "The role policy with name reads cannot be found."


def test_managed_policies_are_attached_counted_and_detached(iam: Any) -> None:
    make_role(iam)
    own = iam.create_policy(PolicyName="own", PolicyDocument=json.dumps(POLICY))["Policy"]["Arn"]
    for arn in (own, BASIC):
        iam.attach_role_policy(RoleName="worker", PolicyArn=arn)
    attached = iam.list_attached_role_policies(RoleName="worker")["AttachedPolicies"]
    assert {each["PolicyArn"] for each in attached} == {own, BASIC}
    assert iam.get_policy(PolicyArn=own)["Policy"]["AttachmentCount"] == 1
    with pytest.raises(ClientError) as refused:
        iam.delete_policy(PolicyArn=own)
    assert refusal(refused)[0] == "DeleteConflict"
    iam.detach_role_policy(RoleName="worker", PolicyArn=own)
    with pytest.raises(ClientError) as refused:
        iam.detach_role_policy(RoleName="worker", PolicyArn=own)
    assert refusal(refused) == ("NoSuchEntity", f"Policy {own} was not found.", 404)


def test_a_role_with_policies_is_not_deleted(iam: Any) -> None:
    make_role(iam)
    iam.attach_role_policy(RoleName="worker", PolicyArn=BASIC)
    with pytest.raises(ClientError) as refused:
        iam.delete_role(RoleName="worker")
    assert refusal(refused)[0] == "DeleteConflict"
    iam.detach_role_policy(RoleName="worker", PolicyArn=BASIC)
    iam.delete_role(RoleName="worker")
    assert iam.list_roles()["Roles"] == []


def test_roles_are_listed_in_pages(iam: Any) -> None:
    for number in range(5):
        make_role(iam, f"role-{number}", Path="/some/")
    first = iam.list_roles(PathPrefix="/some/", MaxItems=2)
    assert first["IsTruncated"] is True
    rest = iam.list_roles(PathPrefix="/some/", Marker=first["Marker"])
    names = [role["RoleName"] for role in first["Roles"] + rest["Roles"]]
    assert names == [f"role-{number}" for number in range(5)]
    assert rest["IsTruncated"] is False


def test_tag_keys_of_roles_are_compared_without_case(iam: Any) -> None:
    make_role(iam, Tags=[{"Key": "Team", "Value": "a"}])
    iam.tag_role(RoleName="worker", Tags=[{"Key": "team", "Value": "b"}])
    assert iam.list_role_tags(RoleName="worker")["Tags"] == [{"Key": "team", "Value": "b"}]
    with pytest.raises(ClientError, match="Tag keys are case insensitive"):
        iam.tag_role(RoleName="worker", Tags=[{"Key": "x", "Value": ""}, {"Key": "X", "Value": ""}])


def test_too_many_tags_are_refused_in_iams_words(iam: Any) -> None:
    with pytest.raises(ClientError) as refused:
        make_role(iam, Tags=[{"Key": str(key), "Value": ""} for key in range(51)])
    assert refusal(refused)[1] == (
        "1 validation error detected: Value at 'tags' failed to satisfy constraint: "
        "Member must have length less than or equal to 50"
    )


def test_a_role_in_an_instance_profile_is_not_deleted(iam: Any) -> None:
    make_role(iam)
    iam.create_instance_profile(InstanceProfileName="profile")
    iam.add_role_to_instance_profile(InstanceProfileName="profile", RoleName="worker")
    found = iam.list_instance_profiles_for_role(RoleName="worker")["InstanceProfiles"]
    assert [profile["InstanceProfileName"] for profile in found] == ["profile"]
    with pytest.raises(ClientError) as refused:
        iam.delete_role(RoleName="worker")
    assert refusal(refused)[1] == (
        "Cannot delete entity, must remove roles from instance profile first."
    )
    iam.remove_role_from_instance_profile(InstanceProfileName="profile", RoleName="worker")
    iam.delete_role(RoleName="worker")


def test_a_service_linked_role_has_the_name_of_its_service(fogline: Account, iam: Any) -> None:
    made = iam.create_service_linked_role(AWSServiceName="ecs.amazonaws.com")["Role"]
    assert made["RoleName"] == "AWSServiceRoleForECS"
    assert made["Path"] == "/aws-service-role/ecs.amazonaws.com/"
    with pytest.raises(ClientError, match="Custom suffix is not allowed"):
        iam.create_service_linked_role(AWSServiceName="ecs.amazonaws.com", CustomSuffix="x")


def test_a_role_is_changed(iam: Any) -> None:
    make_role(iam, Tags=[{"Key": "k", "Value": "v"}])
    boundary = "arn:aws:iam::aws:policy/PowerUserAccess"
    iam.update_role(RoleName="worker", Description="new", MaxSessionDuration=7200)
    iam.put_role_permissions_boundary(RoleName="worker", PermissionsBoundary=boundary)
    trust = {**TRUST, "Statement": [{**TRUST["Statement"][0], "Sid": "changed"}]}  # type: ignore[dict-item]
    iam.update_assume_role_policy(RoleName="worker", PolicyDocument=json.dumps(trust))
    iam.untag_role(RoleName="worker", TagKeys=["K"])
    found = iam.get_role(RoleName="worker")["Role"]
    assert (found["Description"], found["MaxSessionDuration"]) == ("new", 7200)
    assert found["AssumeRolePolicyDocument"] == trust
    assert found["PermissionsBoundary"]["PermissionsBoundaryArn"] == boundary
    assert "Tags" not in found
    iam.delete_role_permissions_boundary(RoleName="worker")
    assert "PermissionsBoundary" not in iam.get_role(RoleName="worker")["Role"]
    changed = iam.update_role_description(RoleName="worker", Description="newer")["Role"]
    assert changed["Description"] == "newer"


def test_an_instance_profile_is_found_and_deleted(iam: Any) -> None:
    iam.create_instance_profile(InstanceProfileName="profile")
    found = iam.get_instance_profile(InstanceProfileName="profile")["InstanceProfile"]
    assert found["Roles"] == []
    iam.delete_instance_profile(InstanceProfileName="profile")
    with pytest.raises(ClientError, match="Instance Profile profile cannot be found"):
        iam.get_instance_profile(InstanceProfileName="profile")
