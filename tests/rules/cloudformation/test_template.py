"""Templates: their shape, their references, and who needs whom."""

from typing import Any

import pytest

from fogline.services.cloudformation.dependencies import dependencies
from fogline.services.cloudformation.errors import ValidationError
from fogline.services.cloudformation.template import read_template

QUEUE = {"Type": "AWS::SQS::Queue"}


def queue(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::SQS::Queue", "Properties": properties}


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({}, "Template format error: At least one Resources member must be defined."),
        (
            {"Resources": {"A": "x"}},
            "Template format error: Any Resources member must be an object.",
        ),
        (
            {"Resources": {"A": {}}},
            "Template format error: [/Resources/A] Every Resources object must contain a Type member.",
        ),
        (
            {"Resources": {"A": {"Type": "X", "Invalid": 1}}},
            "Invalid template resource property 'Invalid'",
        ),
        ({"Resources": {"A": QUEUE}, "Foo": 1}, "Invalid template property or properties [Foo]"),
        (
            {"Resources": {"A::B": QUEUE}},
            "Template format error: Resource name A::B is non alphanumeric.",
        ),
        (
            {"Resources": {"A": QUEUE}, "Parameters": {"A::B": {"Type": "String"}}},
            "Template format error: Parameter name A::B is non alphanumeric.",
        ),
        (
            {"Resources": {"A": queue(QueueName={"Ref": "B"})}},
            "Template format error: Unresolved resource dependencies [B] in the Resources block of the template",
        ),
        (
            {"Resources": {"A": {**QUEUE, "DependsOn": "B"}}},
            "Template format error: Unresolved resource dependencies [B] in the Resources block of the template",
        ),
        (
            {"Resources": {"A": queue(QueueName={"Fn::GetAtt": ["B", "Arn"]})}},
            "Template error: instance of Fn::GetAtt references undefined resource B",
        ),
        (
            {"Resources": {"A": queue(QueueName={"Fn::Sub": "${B.Arn}"})}},
            "Template error: instance of Fn::Sub references invalid resource attribute B.Arn",
        ),
        (
            {"Resources": {"A": queue(QueueName={"Fn::If": ["C", 1, 2]})}},
            "Template error: unresolved condition dependency C in Fn::If",
        ),
        (
            {"Resources": {"A": QUEUE}, "Mappings": {"M": "x"}},
            "Template format error: Every Mappings member M must be a map",
        ),
        (
            {"Resources": {"A": QUEUE}, "Mappings": {"M": {"a": {"b": {"c": 1}}}}},
            "Template format error: Every Mappings attribute must be a String or a List.",
        ),
        (
            {"Resources": {"A": QUEUE}, "Conditions": {"C": {"Fn::Equals": [{"Ref": "A"}, ""]}}},
            "Template format error: Unresolved dependencies [A]. Cannot reference resources in the Conditions "
            "block of the template",
        ),
        (
            {"Resources": {f"A{number}": QUEUE for number in range(501)}},
            "Template format error: Number of resources, 501, is greater than maximum allowed, 500",
        ),
    ],
)
def test_a_template_is_refused(document: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        read_template(document)
    assert refusal.value.text == message


def test_a_template_without_fault_is_read() -> None:
    template = read_template(
        {
            "AWSTemplateFormatVersion": "2010-09-09",
            "Resources": {"A": {**queue(QueueName="a"), "DeletionPolicy": "Retain"}},
            "Outputs": {"O": {"Value": {"Fn::GetAtt": ["A", "Arn"]}, "Export": {"Name": "e"}}},
        }
    )
    assert template.resources["A"].deletion_policy == "Retain"
    assert template.outputs["O"].export == "e"


def test_dependencies_follow_references_and_depends_on() -> None:
    template = read_template(
        {
            "Resources": {
                "A": QUEUE,
                "B": queue(QueueName={"Fn::Sub": "${A.Arn}"}),
                "C": {**queue(QueueName={"Ref": "B"}), "DependsOn": ["A"]},
            }
        }
    )
    assert dependencies(template, lambda name: True) == {"A": set(), "B": {"A"}, "C": {"A", "B"}}


def test_a_deployment_waits_for_the_methods_of_its_api_that_do_not_wait_for_it() -> None:
    def method(api: str, **more: Any) -> dict[str, Any]:
        return {
            "Type": "AWS::ApiGateway::Method",
            "Properties": {"RestApiId": {"Ref": api}, "HttpMethod": "GET"},
            **more,
        }

    api = {"Type": "AWS::ApiGateway::RestApi"}
    deployment = {"Type": "AWS::ApiGateway::Deployment", "Properties": {"RestApiId": {"Ref": "A"}}}
    template = read_template(
        {
            "Resources": {
                "A": api,
                "B": api,
                "Deployed": {**deployment, "DependsOn": "First"},
                "First": method("A"),
                "Second": method("A"),
                "Late": method("A", DependsOn="Deployed"),
                "Other": method("B"),
            }
        }
    )
    needs = dependencies(template, lambda name: True)
    assert needs["Deployed"] == {"A", "First", "Second"}
    assert needs["Late"] == {"A", "Deployed"}


def test_deployments_never_wait_for_each_other_in_a_circle() -> None:
    def one(kind: str, **more: Any) -> dict[str, Any]:
        properties = {"RestApiId": {"Ref": "A"}, "HttpMethod": "GET"}
        return {"Type": f"AWS::ApiGateway::{kind}", "Properties": properties, **more}

    template = read_template(
        {
            "Resources": {
                "A": {"Type": "AWS::ApiGateway::RestApi"},
                "First": one("Deployment"),
                "Second": one("Deployment"),
                "AfterFirst": one("Method", DependsOn="First"),
                "AfterSecond": one("Method", DependsOn="Second"),
            }
        }
    )
    needs = dependencies(template, lambda name: True)
    assert needs["First"] == {"A", "AfterSecond"}
    assert needs["Second"] == {"A"}


def test_a_record_waits_for_domain_names() -> None:
    template = read_template(
        {
            "Resources": {
                "Record": {"Type": "AWS::Route53::RecordSet", "Properties": {"Name": "a.b.c"}},
                "Name": {"Type": "AWS::ApiGateway::DomainName"},
            }
        }
    )
    assert dependencies(template, lambda name: True)["Record"] == {"Name"}


def test_a_circle_names_its_members_only() -> None:
    template = read_template(
        {
            "Resources": {
                "A": queue(QueueName={"Ref": "B"}),
                "B": queue(QueueName={"Ref": "A"}),
                "C": queue(QueueName={"Ref": "A"}),
                "D": QUEUE,
            }
        }
    )
    with pytest.raises(ValidationError) as refusal:
        dependencies(template, lambda name: True)
    assert refusal.value.text == "Circular dependency between resources: [A, B]"


def test_a_reference_to_a_resource_that_is_not_made_is_refused_only_where_it_is_taken() -> None:
    template = read_template(
        {
            "Conditions": {"No": {"Fn::Equals": ["a", "b"]}},
            "Resources": {
                "A": {**QUEUE, "Condition": "No"},
                "B": {**queue(QueueName={"Fn::If": ["No", {"Ref": "A"}, "b"]}), "DependsOn": "A"},
            },
            "Outputs": {"O": {"Value": {"Ref": "A"}}},
        }
    )
    with pytest.raises(ValidationError) as refusal:
        dependencies(template, lambda name: False)
    assert (
        refusal.value.text
        == "Unresolved resource dependencies [A] in the Outputs block of the template"
    )
