"""Templates: given back, summed up and validated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

Make = Callable[..., dict[str, Any]]

TEMPLATE = """
AWSTemplateFormatVersion: 2010-09-09
Description: Orders
Parameters: {Name: {Type: String, Default: orders, AllowedValues: [orders, sales], Description: Whose}}
Resources: {Q: {Type: 'AWS::SQS::Queue', Properties: {QueueName: !Ref Name}}}
"""


def test_a_template_is_given_back_as_it_came(make_stack: Make, cloudformation: Any) -> None:
    make_stack(TEMPLATE)
    found = cloudformation.get_template(StackName="shop")
    assert found["TemplateBody"] == TEMPLATE
    assert found["StagesAvailable"] == ["Original", "Processed"]


def test_a_stack_in_review_has_no_template_yet(cloudformation: Any) -> None:
    cloudformation.create_change_set(
        StackName="shop", ChangeSetName="c", ChangeSetType="CREATE", TemplateBody=TEMPLATE
    )
    assert "TemplateBody" not in cloudformation.get_template(StackName="shop")
    found = cloudformation.get_template(StackName="shop", ChangeSetName="c")
    assert found["TemplateBody"] == TEMPLATE


def test_a_transformed_template_is_given_in_both_stages(
    make_stack: Make, cloudformation: Any
) -> None:
    template = """
        Transform: AWS::LanguageExtensions
        Resources:
          Fn::ForEach::All: [Name, [A, B], {'Queue${Name}': {Type: 'AWS::SQS::Queue'}}]
    """
    make_stack(template, Capabilities=["CAPABILITY_AUTO_EXPAND"])
    found = cloudformation.get_template(StackName="shop", TemplateStage="Processed")
    assert found["TemplateBody"] == {
        "Resources": {"QueueA": {"Type": "AWS::SQS::Queue"}, "QueueB": {"Type": "AWS::SQS::Queue"}}
    }


def test_transforms_need_a_word_without_a_change_set(cloudformation: Any) -> None:
    template = "Transform: AWS::LanguageExtensions\nResources: {Q: {Type: 'AWS::SQS::Queue'}}"
    with pytest.raises(ClientError) as refused:
        cloudformation.create_stack(StackName="shop", TemplateBody=template)
    assert refused.value.response["Error"]["Message"] == (
        "Requires capabilities : [CAPABILITY_AUTO_EXPAND]"
    )


def test_a_template_is_summed_up(cloudformation: Any) -> None:
    found = cloudformation.get_template_summary(TemplateBody=TEMPLATE)
    assert found["Parameters"] == [
        {
            "ParameterKey": "Name",
            "DefaultValue": "orders",
            "ParameterType": "String",
            "NoEcho": False,
            "Description": "Whose",
            "ParameterConstraints": {"AllowedValues": ["orders", "sales"]},
        }
    ]
    assert found["ResourceTypes"] == ["AWS::SQS::Queue"]
    assert (found["Version"], found["Description"]) == ("2010-09-09", "Orders")


def test_a_template_is_validated(cloudformation: Any) -> None:
    found = cloudformation.validate_template(TemplateBody=TEMPLATE)
    assert found["Parameters"][0]["ParameterKey"] == "Name"


def test_a_template_with_iam_says_what_it_needs(cloudformation: Any) -> None:
    found = cloudformation.validate_template(
        TemplateBody="Resources: {R: {Type: 'AWS::IAM::Role', Properties: {RoleName: r}}}"
    )
    assert found["Capabilities"] == ["CAPABILITY_NAMED_IAM"]
    assert found["CapabilitiesReason"] == (
        "The following resource(s) require capabilities: [AWS::IAM::Role]"
    )


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("Resources: [", "Template format error: YAML not well-formed. (line 2, column 1)"),
        ("just text", "Template format error: unsupported structure."),
        ("{}", "Template format error: At least one Resources member must be defined."),
        ('{"Resources": ""}', "Template format error: Any Resources member must be an object."),
        (
            "Resources: {Q: {Type: 'AWS::SQS::Queue', Properties: }}",
            "[/Resources/Q/Properties] 'null' values are not allowed in templates",
        ),
    ],
)
def test_a_template_is_refused(cloudformation: Any, body: str, message: str) -> None:
    with pytest.raises(ClientError) as refused:
        cloudformation.validate_template(TemplateBody=body)
    assert refused.value.response["Error"]["Message"] == message


def test_one_of_stack_and_change_set_is_needed(cloudformation: Any) -> None:
    with pytest.raises(ClientError) as refused:
        cloudformation.get_template()
    assert refused.value.response["Error"]["Message"] == (
        "StackName is required if ChangeSetName is not specified."
    )


RULED = """
Parameters: {Stage: {Type: String}, Size: {Type: String, Default: small}}
Rules:
  SmallTests:
    RuleCondition: !Equals [!Ref Stage, test]
    Assertions: [{Assert: !Contains [[small, tiny], !Ref Size], AssertDescription: Tests are small.}]
Resources: {Q: {Type: 'AWS::SQS::Queue'}}
"""


def stage(name: str, size: str = "small") -> list[dict[str, str]]:
    return [
        {"ParameterKey": "Stage", "ParameterValue": name},
        {"ParameterKey": "Size", "ParameterValue": size},
    ]


def test_rules_hold_for_whatever_would_change_a_stack(
    make_stack: Make, cloudformation: Any
) -> None:
    broken = {"StackName": "shop", "TemplateBody": RULED, "Parameters": stage("test", "large")}
    with pytest.raises(ClientError, match="Tests are small"):
        cloudformation.create_stack(**broken)
    assert make_stack(RULED, Parameters=stage("prod", "large"))["StackStatus"] == "CREATE_COMPLETE"
    with pytest.raises(ClientError, match="Tests are small"):
        cloudformation.update_stack(**broken)
    with pytest.raises(ClientError, match="Tests are small"):
        cloudformation.create_change_set(ChangeSetName="c", **broken)
