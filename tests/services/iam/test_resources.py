"""Roles, policies, users and groups as parts of a stack."""

from __future__ import annotations

from typing import Any

from fogline.testing.plugin import Account

TRUST = """
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Action: sts:AssumeRole, Principal: {Service: lambda.amazonaws.com}}]
"""
TEMPLATE = (
    """
Resources:
  Worker:
    Type: AWS::IAM::Role
    Properties:
      Path: /jobs/
      AssumeRolePolicyDocument:"""
    + TRUST
    + """
      ManagedPolicyArns:
        - arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole
        - !Ref Reads
      Policies:
        - PolicyName: writes
          PolicyDocument:
            Version: "2012-10-17"
            Statement: [{Effect: Allow, Action: "s3:PutObject", Resource: "*"}]
  Reads:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Action: "s3:GetObject", Resource: "*"}]
  Sends:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: sends
      Roles: [!Ref Worker]
      PolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Action: "sqs:SendMessage", Resource: "*"}]
  Profile:
    Type: AWS::IAM::InstanceProfile
    Properties: {Roles: [!Ref Worker]}
  Staff:
    Type: AWS::IAM::Group
    Properties: {GroupName: staff}
  Ann:
    Type: AWS::IAM::User
    Properties: {UserName: ann, Groups: [!Ref Staff]}
  Key:
    Type: AWS::IAM::AccessKey
    Properties: {UserName: !Ref Ann}
Outputs:
  Role: {Value: !Ref Worker}
  Arn: {Value: !GetAtt Worker.Arn}
  Reads: {Value: !Ref Reads}
  Secret: {Value: !GetAtt Key.SecretAccessKey}
"""
)


def deploy(fogline: Account, template: str, verb: str = "create") -> dict[str, Any]:
    cloudformation = fogline.client("cloudformation")
    getattr(cloudformation, f"{verb}_stack")(
        StackName="shop", TemplateBody=template, Capabilities=["CAPABILITY_NAMED_IAM"]
    )
    fogline.platform.settle()
    stack: dict[str, Any] = cloudformation.describe_stacks(StackName="shop")["Stacks"][0]
    return stack


def outputs(stack: dict[str, Any]) -> dict[str, str]:
    return {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}


def attached(iam: Any, role: str) -> list[str]:
    found = iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    return sorted(each["PolicyName"] for each in found)


def test_a_stack_makes_roles_with_all_their_policies(fogline: Account) -> None:
    iam = fogline.client("iam")
    stack = deploy(fogline, TEMPLATE)
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    found = outputs(stack)
    assert found["Arn"] == f"arn:aws:iam::{fogline.id}:role/jobs/{found['Role']}"
    assert iam.list_role_policies(RoleName=found["Role"])["PolicyNames"] == ["sends", "writes"]
    assert "AWSLambdaBasicExecutionRole" in attached(iam, found["Role"])
    assert len(attached(iam, found["Role"])) == 2
    assert [user["UserName"] for user in iam.get_group(GroupName="staff")["Users"]] == ["ann"]
    assert len(found["Secret"]) == 40


def test_an_update_gives_and_takes_policies(fogline: Account) -> None:
    iam = fogline.client("iam")
    before = outputs(deploy(fogline, TEMPLATE))
    changed = TEMPLATE.replace("        - !Ref Reads\n", "").replace("s3:GetObject", "s3:GetBucket")
    changed = changed.replace("PolicyName: writes", "PolicyName: replaces")
    stack = deploy(fogline, changed, "update")
    assert stack["StackStatus"] == "UPDATE_COMPLETE"
    after = outputs(stack)
    assert after["Role"] == before["Role"]
    assert iam.list_role_policies(RoleName=after["Role"])["PolicyNames"] == ["replaces", "sends"]
    assert attached(iam, after["Role"]) == ["AWSLambdaBasicExecutionRole"]
    assert iam.get_policy(PolicyArn=after["Reads"])["Policy"]["DefaultVersionId"] == "v2"


def test_a_deleted_stack_leaves_nothing_behind(fogline: Account) -> None:
    iam, cloudformation = fogline.client("iam"), fogline.client("cloudformation")
    role = outputs(deploy(fogline, TEMPLATE))["Role"]
    # Whatever others attached goes with the role.
    iam.attach_role_policy(RoleName=role, PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    cloudformation.delete_stack(StackName="shop")
    fogline.platform.settle()
    assert iam.list_roles()["Roles"] == []
    assert iam.list_users()["Users"] == []
    assert iam.list_groups()["Groups"] == []
    assert iam.list_policies(Scope="Local")["Policies"] == []
    assert iam.list_instance_profiles()["InstanceProfiles"] == []
