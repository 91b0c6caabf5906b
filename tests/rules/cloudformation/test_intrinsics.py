"""Intrinsic functions: what they give, and how they refuse."""

from typing import Any

import pytest

from fogline.services.cloudformation.dynamic_references import resolve_dynamic
from fogline.services.cloudformation.errors import ValidationError
from fogline.services.cloudformation.intrinsics import KNOWN_AFTER_APPLY, evaluate
from fogline.services.cloudformation.parameter_scope import ParameterScope
from fogline.services.cloudformation.references import references

SCOPE = ParameterScope(
    "111122223333",
    "eu-west-1",
    {"Name": "orders", "List": ["a", "b"], "Stage": "prod"},
    {"Sizes": {"prod": {"memory": 512, "zones": ["x", "y"]}}},
    {
        "IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]},
        "IsNot": {"Fn::Not": [{"Condition": "IsProd"}]},
        "Both": {"Fn::And": [{"Condition": "IsProd"}, {"Condition": "IsNot"}]},
        "Either": {"Fn::Or": [{"Condition": "IsProd"}, {"Condition": "IsNot"}]},
    },
    stack_id="arn:stack",
    stack_name="shop",
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"Ref": "Name"}, "orders"),
        ({"Ref": "AWS::Region"}, "eu-west-1"),
        ({"a": {"Ref": "AWS::NoValue"}, "b": 1}, {"b": 1}),
        ([1, {"Ref": "AWS::NoValue"}], [1]),
        ({"Ref": "Unheard"}, KNOWN_AFTER_APPLY),
        ({"Fn::Sub": "${Name}-${!Name}-${AWS::AccountId}"}, "orders-${Name}-111122223333"),
        ({"Fn::Sub": ["${A}${Name}", {"A": {"Ref": "Stage"}}]}, "prodorders"),
        ({"Fn::Sub": "${Queue.Arn}"}, KNOWN_AFTER_APPLY),
        ({"Fn::Join": ["-", {"Ref": "List"}]}, "a-b"),
        ({"Fn::Join": ["", ["a", True, 1]]}, "atrue1"),
        ({"Fn::Join": ["", ["a", {"Ref": "Queue"}]]}, KNOWN_AFTER_APPLY),
        ({"Fn::Split": ["|", "a|b|"]}, ["a", "b", ""]),
        ({"Fn::Select": ["1", {"Ref": "List"}]}, "b"),
        ({"Fn::Select": [0, {"Fn::GetAZs": ""}]}, "eu-west-1a"),
        ({"Fn::If": ["IsProd", 1, {"Fn::Select": [9, []]}]}, 1),
        ({"Fn::If": ["Both", 1, 2]}, 2),
        ({"Fn::If": ["Either", 1, 2]}, 1),
        ({"Fn::FindInMap": ["Sizes", {"Ref": "Stage"}, "memory"]}, 512),
        ({"Fn::FindInMap": ["Sizes", "test", "memory", {"DefaultValue": 128}]}, 128),
        ({"Fn::Base64": {"Ref": "Name"}}, "b3JkZXJz"),
        ({"Fn::Cidr": ["10.0.0.0/16", 2, 8]}, ["10.0.0.0/24", "10.0.1.0/24"]),
        ({"Fn::Length": {"Ref": "List"}}, 2),
        ({"Fn::ToJsonString": {"a": {"Ref": "List"}}}, '{"a":["a","b"]}'),
        ({"Condition": {"Ref": "Name"}}, {"Condition": "orders"}),
        ({"Fn::ImportValue": "x"}, KNOWN_AFTER_APPLY),
    ],
)
def test_a_function_gives(value: Any, expected: Any) -> None:
    assert evaluate(value, SCOPE) == expected


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (
            {"Fn::GetAtt": ["A", ""]},
            "Template error: every Fn::GetAtt object requires two non-empty",
        ),
        (
            {"Fn::Join": ["-", "text"]},
            "Template error: every Fn::Join object requires two parameters",
        ),
        ({"Fn::Select": [2, ["a", "b"]]}, "cannot select nonexistent value at index 2"),
        ({"Fn::Select": ["x", ["a"]]}, "Template error: Fn::Select requires a list argument"),
        (
            {"Fn::Split": ["", "a"]},
            "Template error: every Fn::Split object requires two parameters",
        ),
        ({"Fn::Sub": "${a b}"}, "Template error: variable names in Fn::Sub syntax"),
        ({"Fn::Sub": {"a": 1}}, "Template error: One or more Fn::Sub intrinsic functions"),
        (
            {"Fn::Sub": "${List}"},
            "variable List in Fn::Sub expression does not resolve to a string",
        ),
        ({"Fn::If": ["Nope", 1, 2]}, "unresolved condition dependency Nope in Fn::If"),
        ({"Fn::If": ["IsProd", 1]}, "Template error: Fn::If requires a list argument with three"),
        ({"Fn::FindInMap": ["Sizes", "prod", "x"]}, "Unable to get mapping for Sizes::prod::x"),
        ({"Fn::FindInMap": ["Nope", "prod", "x"]}, "Mapping named 'Nope' is not present"),
        ({"Fn::Cidr": ["10.0.0.0/24", 5, 7]}, "Fn::Cidr failed"),
        ({"Fn::Nothing": 1}, "unsupported intrinsic function Fn::Nothing"),
        ({"Ref": ["a"]}, "every Ref object must have a single String value"),
    ],
)
def test_a_function_refuses(value: Any, message: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        evaluate(value, SCOPE)
    assert message in refusal.value.text


class Values:
    def parameter(self, name: str, *, decrypt: bool = False) -> str | None:
        return {"stage": "prod", "stage:2": "test", "key": "hidden" if decrypt else "cipher"}.get(
            name
        )

    def secret(self, secret_id: str, stage: str, version_id: str) -> str | None:
        if secret_id in ("db", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-AbCdEf"):
            return '{"user": "ann", "port": 5432}' if not stage else "old"
        return None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x-{{resolve:ssm:stage}}-y", "x-prod-y"),
        ("{{resolve:ssm:stage:2}}", "test"),
        ("{{resolve:ssm-secure:key}}", "hidden"),
        ("{{resolve:secretsmanager:db}}", '{"user": "ann", "port": 5432}'),
        ("{{resolve:secretsmanager:db:SecretString:user}}", "ann"),
        ("{{resolve:secretsmanager:db:SecretString:port}}", "5432"),
        ("{{resolve:secretsmanager:db:SecretString::AWSPREVIOUS}}", "old"),
        (
            "{{resolve:secretsmanager:arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-AbCdEf:SecretString:user}}",
            "ann",
        ),
    ],
)
def test_a_dynamic_reference_is_replaced(text: str, expected: str) -> None:
    assert resolve_dynamic({"a": [text]}, Values()) == {"a": [expected]}


@pytest.mark.parametrize(
    "text",
    [
        "{{resolve:ssm:absent}}",
        "{{resolve:secretsmanager:absent}}",
        "{{resolve:secretsmanager:db:SecretString:absent}}",
        "{{resolve:nothing:absent}}",
    ],
)
def test_a_dynamic_reference_to_nothing_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        resolve_dynamic(text, Values())


def test_references_are_found_without_evaluating() -> None:
    found = references(
        {
            "a": {"Fn::Sub": ["${Q.Arn}-${B}-${C}", {"C": {"Ref": "D"}}]},
            "b": {"Fn::If": ["X", {"Ref": "E"}, {"Fn::GetAtt": "F.G.H"}]},
        }
    )
    assert found.resources() == {"Q", "B", "D", "E", "F"}
    assert found.conditions == {"X"}


def test_references_leave_out_the_branch_that_is_not_taken() -> None:
    value = {"Fn::If": ["X", {"Ref": "E"}, {"Ref": "F"}]}
    assert references(value, lambda name: True).resources() == {"E"}
