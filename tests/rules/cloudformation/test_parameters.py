"""Parameters: values, constraints and the texts of refusals."""

from typing import Any

import pytest

from fogline.services.cloudformation.errors import ValidationError
from fogline.services.cloudformation.parameters import resolve_parameters


class Store:
    def parameter(self, name: str, *, decrypt: bool = False) -> str | None:
        return {"/ami": "ami-1", "/subnets": "a,b"}.get(name)

    def secret(self, secret_id: str, stage: str, version_id: str) -> str | None:
        return None


def resolve(
    declared: dict[str, Any], given: dict[str, str] | None = None, previous: Any = None
) -> Any:
    items = [{"ParameterKey": key, "ParameterValue": value} for key, value in (given or {}).items()]
    return resolve_parameters({"P": declared}, items, previous, Store())["P"]


@pytest.mark.parametrize(
    ("declared", "given", "value"),
    [
        ({"Type": "String"}, "a", "a"),
        ({"Type": "Number"}, "1.5", "1.5"),
        ({"Type": "CommaDelimitedList"}, "a, b ,c", ["a", "b", "c"]),
        ({"Type": "List<Number>"}, "1,2", ["1", "2"]),
        ({"Type": "AWS::SSM::Parameter::Value<String>"}, "/ami", "ami-1"),
        ({"Type": "AWS::SSM::Parameter::Value<List<String>>"}, "/subnets", ["a", "b"]),
        ({"Type": "AWS::SSM::Parameter::Name"}, "/ami", "/ami"),
        ({"Type": "Number", "MinValue": 1, "MaxValue": "3"}, "3", "3"),
        ({"Type": "String", "MinLength": 1, "MaxLength": "3"}, "abc", "abc"),
        ({"Type": "String", "AllowedValues": [True, 1]}, "true", "true"),
    ],
)
def test_a_value_is_accepted(declared: dict[str, Any], given: str, value: Any) -> None:
    assert resolve(declared, {"P": given}).value == value


@pytest.mark.parametrize(
    ("declared", "given", "message"),
    [
        ({"Type": "Number"}, "x", "Parameter 'P' must be a number"),
        (
            {"Type": "Number", "MaxValue": 3},
            "4",
            "Parameter 'P' must be a number not greater than 3",
        ),
        ({"Type": "Number", "MinValue": 3}, "2", "Parameter 'P' must be a number not less than 3"),
        (
            {"Type": "String", "MaxLength": 3},
            "abcd",
            "Parameter 'P' must contain at most 3 characters",
        ),
        (
            {"Type": "String", "MinLength": 3},
            "ab",
            "Parameter 'P' must contain at least 3 characters",
        ),
        (
            {"Type": "String", "AllowedValues": ["a"]},
            "b",
            "Parameter 'P' must be one of AllowedValues",
        ),
        (
            {"Type": "String", "AllowedPattern": "[a-z]+"},
            "B",
            "Parameter 'P' must match pattern [a-z]+",
        ),
        (
            {
                "Type": "String",
                "AllowedPattern": "[a-z]+",
                "ConstraintDescription": "small letters",
            },
            "B",
            "Parameter 'P' failed to satisfy constraint: small letters",
        ),
        ({"Type": "Nothing"}, "B", "Template format error: Unrecognized parameter type: Nothing"),
        (
            {"Type": "AWS::SSM::Parameter::Value<String>"},
            "/no",
            "Unable to fetch parameters [/no] from parameter store for this account.",
        ),
    ],
)
def test_a_value_is_refused(declared: dict[str, Any], given: str, message: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        resolve(declared, {"P": given})
    assert refusal.value.text == message


def test_a_default_that_is_a_number_becomes_text() -> None:
    assert resolve({"Type": "Number", "Default": 5}).value == "5"


def test_a_parameter_without_value_is_named() -> None:
    with pytest.raises(ValidationError, match=r"Parameters: \[P\] must have values"):
        resolve({"Type": "String"})


def test_a_parameter_that_is_not_declared_is_named() -> None:
    with pytest.raises(ValidationError, match=r"Parameters: \[Q\] do not exist in the template"):
        resolve({"Type": "String", "Default": ""}, {"Q": "1"})


def test_the_previous_value_is_used_when_asked_for() -> None:
    given = [{"ParameterKey": "P", "UsePreviousValue": True}]
    found = resolve_parameters({"P": {"Type": "String"}}, given, {"P": "before"}, Store())
    assert found["P"].value == "before"


def test_a_hidden_value_is_masked_when_described() -> None:
    found = resolve({"Type": "String", "NoEcho": "true"}, {"P": "secret"})
    assert (found.value, found.described()["ParameterValue"]) == ("secret", "****")


def test_a_parameter_without_its_key_is_no_parameter_of_the_template() -> None:
    items = [{"ParameterValue": "x"}]
    with pytest.raises(ValidationError, match=r"Parameters: \[null\] do not exist"):
        resolve_parameters({"P": {"Type": "String"}}, items, None, Store())
