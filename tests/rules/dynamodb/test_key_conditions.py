import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogline.aws.errors import ValidationException
from fogline.services.dynamodb.expressions.bindings import Bindings
from fogline.services.dynamodb.expressions.key_conditions import after_prefix, key_range
from fogline.services.dynamodb.keys import KeySchema, ordered

SCHEMA = KeySchema("pk", "S", "sk", "N")
TEXTS = KeySchema("pk", "S", "sk", "S")


def selected(text, schema=SCHEMA, **values):
    request = {
        "KeyConditionExpression": text,
        "ExpressionAttributeValues": {f":{name}": each for name, each in values.items()},
    }
    bindings = Bindings(request, ("KeyConditionExpression",))
    return key_range(bindings.key_condition(text).tests, schema, bindings.values)


P = {"p": {"S": "a"}}


@pytest.mark.parametrize(
    ("condition", "inside"),
    [
        ("pk = :p", range(10)),
        ("pk = :p AND sk = :a", [3]),
        ("sk > :a AND pk = :p", range(4, 10)),
        ("pk = :p AND sk >= :a", range(3, 10)),
        ("(pk = :p) AND (sk < :a)", range(3)),
        ("pk = :p AND sk <= :a", range(4)),
        ("pk = :p AND :a <= sk", range(3, 10)),
        ("pk = :p AND sk BETWEEN :a AND :b", range(3, 7)),
    ],
)
def test_a_range_holds_the_sort_keys_of_its_condition(condition, inside):
    values = {"a": {"N": "3"}, "b": {"N": "6"}}
    used = {name: each for name, each in values.items() if f":{name}" in condition}
    found = selected(condition, **P, **used)
    keys = [(each, ordered({"N": str(each)})) for each in range(10)]
    assert [
        each for each, key in keys if found.low <= key and (found.high is None or key < found.high)
    ] == list(inside)


@pytest.mark.parametrize(
    ("text", "values", "message"),
    [
        ("sk = :a", {"a": {"N": "1"}}, "Query condition missed key schema element: pk"),
        ("pk > :p", P, "Query key condition not supported"),
        ("pk = :p AND x = :p", P, "Query condition missed key schema element: sk"),
        ("pk = :p OR pk = :p", P, "Invalid operator used in KeyConditionExpression: OR"),
        ("NOT pk = :p", P, "Invalid operator used in KeyConditionExpression: NOT"),
        ("pk <> :p", P, "Invalid operator used in KeyConditionExpression: <>"),
        ("pk IN (:p)", P, "Invalid operator used in KeyConditionExpression: IN"),
        (
            "pk = :p AND contains(sk, :p)",
            P,
            "Invalid operator used in KeyConditionExpression: contains",
        ),
        (
            "pk = :p AND pk = :p",
            P,
            "KeyConditionExpressions must only contain one condition per key",
        ),
        ("pk.x = :p", P, "KeyConditionExpressions cannot have conditions on nested attributes"),
        ("size(pk) = :p", P, "KeyConditionExpressions cannot contain nested operations"),
        (
            "pk = sk",
            P,
            "Invalid condition in KeyConditionExpression: "
            "Multiple attribute names used in one condition",
        ),
        (
            "pk = :p AND sk = :p",
            P,
            "One or more parameter values were invalid: "
            "Condition parameter type does not match schema type",
        ),
        (
            "pk = :p",
            {"p": {"S": ""}},
            "One or more parameter values are not valid. The AttributeValue for a key attribute "
            "cannot contain an empty string value. Key: pk",
        ),
        (
            "pk = :p AND begins_with(sk, :a)",
            {**P, "a": {"N": "1"}},
            "Invalid KeyConditionExpression: Incorrect operand type for operator or function; "
            "operator or function: begins_with, operand type: N",
        ),
    ],
)
def test_a_wrong_key_condition_is_refused_in_the_words_of_aws(text, values, message):
    with pytest.raises(ValidationException) as refusal:
        selected(text, **values)
    assert refusal.value.text == message


@given(st.text(min_size=1, max_size=4), st.text(max_size=6))
def test_a_prefix_selects_what_begins_with_it(prefix, text):
    found = selected("pk = :p AND begins_with(sk, :a)", TEXTS, **P, a={"S": prefix})
    key = ordered({"S": text})
    inside = found.low <= key and (found.high is None or key < found.high)
    assert inside == text.startswith(prefix)


def test_nothing_comes_after_the_highest_prefix():
    assert after_prefix(b"a\xff") == b"b"
    assert after_prefix(b"\xff\xff") is None
