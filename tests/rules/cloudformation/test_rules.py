"""Rules of templates: what parameters must be to each other."""

from typing import Any

import pytest

from fogline.services.cloudformation.errors import ValidationError
from fogline.services.cloudformation.parameter_scope import ParameterScope
from fogline.services.cloudformation.rules import check_rules, hold_to_rules

PARAMETERS = {"Stage": "prod", "Zones": ["a", "b"], "Same": ["a", "a"], "None": []}
STAGE = {"Ref": "Stage"}
YES, NO = {"Fn::Equals": ["1", 1]}, {"Fn::Equals": ["a", "b"]}


def broken(assertion: Any, condition: Any = None) -> str:
    """What is said of a rule with that assertion; "" when it holds."""
    rule = {"Assertions": [{"Assert": assertion, "AssertDescription": "Not so."}]}
    if condition is not None:
        rule["RuleCondition"] = condition
    section = {"R": rule}
    try:
        check_rules(section, PARAMETERS)
        hold_to_rules(section, ParameterScope("0" * 12, "eu-west-1", PARAMETERS, {}))
    except ValidationError as refusal:
        return refusal.text
    return ""


@pytest.mark.parametrize(
    ("assertion", "holds"),
    [
        ({"Fn::Equals": [STAGE, "prod"]}, True),
        ({"Fn::Equals": [STAGE, "test"]}, False),
        ({"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]}, True),
        ({"Fn::Not": [NO]}, True),
        ({"Fn::And": [YES, NO]}, False),
        ({"Fn::Or": [YES, NO]}, True),
        ({"Fn::Contains": [["test", "prod"], STAGE]}, True),
        ({"Fn::Contains": [{"Ref": "Zones"}, "c"]}, False),
        ({"Fn::Not": [{"Fn::Contains": [{"Ref": "None"}, ""]}]}, False),
        ({"Fn::EachMemberEquals": [{"Ref": "Same"}, "a"]}, True),
        ({"Fn::EachMemberEquals": [{"Ref": "Zones"}, "a"]}, False),
        ({"Fn::EachMemberIn": [{"Ref": "Zones"}, ["a", "b", "c"]]}, True),
        ({"Fn::EachMemberIn": [{"Ref": "Zones"}, ["a", "c"]]}, False),
    ],
)
def test_an_assertion_holds_or_says_why_not(assertion: Any, holds: bool) -> None:
    assert broken(assertion) == ("" if holds else "Not so.")


def test_a_rule_whose_condition_is_false_asks_nothing() -> None:
    assert (broken(NO, condition=NO), broken(NO, condition=YES)) == ("", "Not so.")


@pytest.mark.parametrize(
    ("assertion", "message"),
    [
        (
            {"Fn::Equals": [{"Fn::If": ["C", 1, 2]}, 1]},
            "Template format error: Following functions are not supported in the Rules block of the template: "
            "[Fn::If].",
        ),
        (
            {"Condition": "C"},
            "Template format error: Following functions are not supported in the Rules block of the template: "
            "[Condition].",
        ),
        (
            {"Fn::EachMemberIn": [{"Fn::RefAll": "AWS::EC2::VPC::Id"}, ["a"]]},
            "Fogline does not support Fn::RefAll in the Rules block: it asks for resources of EC2 or Route 53.",
        ),
        (
            {"Fn::Equals": [{"Ref": "Queue"}, "x"]},
            "Template format error: Unresolved dependencies [Queue]. Cannot reference resources in the Rules block of "
            "the template",
        ),
        (
            {"Fn::Equals": ["x"]},
            "Template error: every Fn::Equals object requires a list of 2 parameters.",
        ),
        (
            {"Fn::Contains": ["x", "x"]},
            "Template error: Fn::Contains requires a list of strings.",
        ),
        (
            "perhaps",
            "Template format error: Rule conditions and assertions must evaluate to true or false.",
        ),
    ],
)
def test_what_cannot_be_asked_is_refused(assertion: Any, message: str) -> None:
    assert broken(assertion) == message


@pytest.mark.parametrize(
    "section",
    [
        {"R": "x"},
        {"R": {}},
        {"R": {"Assertions": [{}]}},
        {"R": {"Assertions": [{"Assert": {"Ref": [1]}}]}},
        {"R": {"Assertions": [{"Assert": YES}], "Assert": YES}},
    ],
)
def test_a_malformed_section_is_refused(section: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        check_rules(section, {})
