import pytest

from fogline.aws.errors import ValidationException
from fogline.services.dynamodb import legacy
from fogline.services.dynamodb.expressions.key_conditions import KeyTest

ITEM = {"a": {"N": "5"}, "s": {"S": "hello"}, "ss": {"SS": ["x"]}}


def holds(expected, **more):
    condition, values = legacy.condition_of({"Expected": expected, **more}, "Expected")
    return condition.test(ITEM, values)


@pytest.mark.parametrize(
    ("name", "operator", "values", "result"),
    [
        ("a", "EQ", [{"N": "5.0"}], True),
        ("a", "NE", [{"N": "5"}], False),
        ("a", "LT", [{"N": "6"}], True),
        ("a", "GE", [{"N": "6"}], False),
        ("a", "BETWEEN", [{"N": "1"}, {"N": "9"}], True),
        ("a", "IN", [{"N": "1"}, {"N": "5"}], True),
        ("s", "BEGINS_WITH", [{"S": "he"}], True),
        ("s", "CONTAINS", [{"S": "ll"}], True),
        ("ss", "NOT_CONTAINS", [{"S": "x"}], False),
        ("z", "NULL", [], True),
        ("z", "NOT_NULL", [], False),
    ],
)
def test_each_operator_of_the_older_conditions(name, operator, values, result):
    assert holds({name: {"ComparisonOperator": operator, "AttributeValueList": values}}) is result


def test_expected_values_and_absence():
    assert holds({"a": {"Value": {"N": "5"}}, "z": {"Exists": False}})
    assert not holds({"a": {"Value": {"N": "5"}}, "s": {"Exists": False}})
    assert holds({"a": {"Value": {"N": "5"}}, "s": {"Exists": False}}, ConditionalOperator="OR")


@pytest.mark.parametrize(
    ("expected", "message"),
    [
        ({"a": {"Exists": True}}, "Value must be provided when Exists is true for Attribute: a"),
        ({"a": {}}, "Value must be provided when Exists is null for Attribute: a"),
        (
            {"a": {"Exists": False, "Value": {"S": "x"}}},
            "Value cannot be used when Exists is false for Attribute: a",
        ),
        (
            {"a": {"ComparisonOperator": "EQ"}},
            "Value or AttributeValueList must be used with ComparisonOperator: EQ for Attribute: a",
        ),
        (
            {"a": {"ComparisonOperator": "BETWEEN", "AttributeValueList": [{"N": "1"}]}},
            "Invalid number of argument(s) for the BETWEEN ComparisonOperator",
        ),
        (
            {"a": {"ComparisonOperator": "LT", "AttributeValueList": [{"SS": ["1"]}]}},
            "ComparisonOperator LT is not valid for SS AttributeValue type",
        ),
    ],
)
def test_a_wrong_expectation_is_refused_in_the_words_of_aws(expected, message):
    with pytest.raises(ValidationException) as refusal:
        holds(expected)
    assert refusal.value.text == f"One or more parameter values were invalid: {message}"


def test_attribute_updates_are_an_update():
    update, values = legacy.update_of(
        {
            "a": {"Action": "ADD", "Value": {"N": "2"}},
            "s": {"Action": "DELETE"},
            "ss": {"Action": "DELETE", "Value": {"SS": ["x"]}},
            "#odd.name": {"Value": {"S": "new"}},
        }
    )
    assert update.apply(ITEM, values) == {"a": {"N": "7"}, "#odd.name": {"S": "new"}}


def test_key_conditions_are_key_tests():
    tests, values = legacy.key_tests_of(
        {
            "pk": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "a"}]},
            "sk": {"ComparisonOperator": "BEGINS_WITH", "AttributeValueList": [{"S": "b"}]},
        }
    )
    assert tests == (KeyTest("pk", "=", (":0",)), KeyTest("sk", "begins_with", (":1",)))
    assert values == {":0": {"S": "a"}, ":1": {"S": "b"}}


def test_attributes_to_get_may_not_repeat():
    assert legacy.projection_from(["a", "z"]).project(ITEM) == {"a": {"N": "5"}}
    with pytest.raises(ValidationException, match="Duplicate value in attribute name: a"):
        legacy.projection_from(["a", "a"])
