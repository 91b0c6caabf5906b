"""Filter policies: what they admit, and what SNS refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogline.aws.call import Trace
from fogline.services.sns.errors import InvalidParameterException
from fogline.services.sns.filter_policies import Content, check_filter, compile_filter
from fogline.services.sns.limits import Limits
from fogline.services.sns.message import Attributes, Notification

LIMITS = Limits()


def content(message: str = "m", attributes: Attributes | None = None) -> Content:
    trace = Trace("1-0-0", "0")
    return Content(Notification("id", "topic", message, 0, trace, attributes=attributes or {}))


def text(value: str, kind: str = "String") -> dict[str, str]:
    return {"DataType": kind, "StringValue": value}


def refusal(policy: Any, scope: str = "MessageBody") -> str:
    spelled = policy if isinstance(policy, str) else json.dumps(policy)
    with pytest.raises(InvalidParameterException) as refused:
        check_filter(spelled, scope, LIMITS, "")
    return refused.value.text.removeprefix("Invalid parameter: ")


@pytest.mark.parametrize(
    ("policy", "attribute", "is_admitted"),
    [
        (["a"], text("a"), True),
        (["a"], text("b"), False),
        ([{"prefix": "a"}], text("ab"), True),
        ([{"suffix": "b"}], text("ab"), True),
        ([{"equals-ignore-case": "AB"}], text("ab"), True),
        ([{"anything-but": ["a"]}], text("b"), True),
        ([{"anything-but": ["a"]}], text("a"), False),
        ([{"anything-but": {"prefix": "a"}}], text("ab"), False),
        ([{"anything-but": {"suffix": "b"}}], text("ac"), True),
        ([{"exists": True}], text("a"), True),
        ([{"exists": False}], text("a"), False),
        ([{"cidr": "10.0.0.0/24"}], text("10.0.0.255"), True),
        ([{"cidr": "10.0.0.0/24"}], text("10.0.1.0"), False),
        ([1], text("1", "Number"), True),
        ([1], text("1.0", "Number"), True),
        ([1], text("1"), False),
        (["1"], text("1", "Number"), False),
        ([{"numeric": [">", 0, "<=", 5]}], text("5", "Number"), True),
        ([{"numeric": [">", 0, "<=", 5]}], text("5.1", "Number"), False),
        (["b"], text('["a", "b"]', "String.Array"), True),
        ([None], text("[null]", "String.Array"), True),
        ([True], text("[true]", "String.Array"), True),
        (["c"], text('["a", "b"]', "String.Array"), False),
        ([{"anything-but": ["a"]}], text('["a", "b"]', "String.Array"), True),
        (["a"], {"DataType": "Binary", "BinaryValue": b"a"}, False),
    ],
)
def test_attributes_are_matched_as_aws_does(
    policy: list[Any], attribute: dict[str, Any], is_admitted: bool
) -> None:
    compiled = compile_filter(json.dumps({"key": policy}), "MessageAttributes")
    assert compiled.admits(content(attributes={"key": attribute}), "sqs") is is_admitted


def test_every_key_must_fit_and_one_of_a_choice() -> None:
    policy = {"a": ["1"], "$or": [{"b": ["2"]}, {"c": ["3"]}]}
    compiled = compile_filter(json.dumps(policy), "MessageAttributes")
    assert compiled.admits(content(attributes={"a": text("1"), "c": text("3")}), "sqs")
    assert not compiled.admits(content(attributes={"a": text("1")}), "sqs")
    assert not compiled.admits(content(attributes={"b": text("2"), "c": text("3")}), "sqs")


@pytest.mark.parametrize(
    ("policy", "reason"),
    [
        ("{", "FilterPolicy: failed to parse JSON."),
        ("[]", "FilterPolicy: failed to parse JSON."),
        ({"a": "b"}, 'FilterPolicy: "a" must be an object or an array'),
        ({"a": []}, "FilterPolicy: Empty arrays are not allowed"),
        ({"a": [{"wildcard": "a*"}]}, "FilterPolicy: Unrecognized match type wildcard"),
        ({"a": [{"prefix": 1}]}, "FilterPolicy: prefix match pattern must be a string"),
        (
            {"a": [{"prefix": {"equals-ignore-case": "a"}}]},
            "FilterPolicy: prefix match pattern must be a string",
        ),
        (
            {"a": [{"anything-but": {"wildcard": "a*"}}]},
            "FilterPolicy: Unsupported anything-but pattern: wildcard",
        ),
        (
            {"a": [{"exists": "yes"}]},
            "FilterPolicy: exists match pattern must be either true or false.",
        ),
        ({"a": [{"numeric": ["<", "0"]}]}, "FilterPolicy: Value of < must be numeric"),
        (
            {key: ["v"] for key in "abcdef"},
            "FilterPolicy: Filter policy can not have more than 5 keys",
        ),
    ],
)
def test_policies_that_aws_refuses_are_refused(policy: Any, reason: str) -> None:
    assert refusal(policy) == reason


def test_a_policy_has_a_hundred_and_fifty_combinations() -> None:
    """Values count as often as they are deep, and multiply over keys."""
    most = {"a": {"b": {"c": ["1", "2", "3", "4", "5"]}}, "d": [str(n) for n in range(10)]}
    check_filter(json.dumps(most), "MessageBody", LIMITS, "")
    more = {**most, "d": [str(n) for n in range(11)]}
    assert refusal(more) == "FilterPolicy: Filter policy is too complex"


def test_five_keys_are_allowed() -> None:
    check_filter(json.dumps({key: ["v"] for key in "abcde"}), "MessageAttributes", LIMITS, "")


def test_attributes_have_no_nested_policy_even_in_a_choice() -> None:
    for policy in ({"a": {"b": ["c"]}}, {"$or": [{"a": ["b"]}, {"c": {"d": ["e"]}}]}):
        told = refusal(policy, "MessageAttributes")
        assert told == "Filter policy scope MessageAttributes does not support nested filter policy"


def test_a_policy_of_any_depth_is_refused_and_nothing_worse() -> None:
    for depth in (101, 400, 5_000):
        assert "FilterPolicy: " in refusal('{"a":' * depth + '["b"]' + "}" * depth)
        assert "FilterPolicy: " in refusal('{"$or":[' * depth + '{"a":["b"]}' + "]}" * depth)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["a", "$or", "prefix", "anything-but", "numeric", "exists", "cidr"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=12,
)


@given(policy=JSON, scope=st.sampled_from(["MessageAttributes", "MessageBody"]), body=JSON)
def test_nonsense_is_refused_or_answers(policy: Any, scope: str, body: Any) -> None:
    spelled = json.dumps(policy)
    try:
        check_filter(spelled, scope, LIMITS, "")
    except InvalidParameterException:
        return
    listed = {"a": text(json.dumps(body), "String.Array")}
    admitted = compile_filter(spelled, scope).admits(content(json.dumps(body), listed), "sqs")
    assert admitted in (True, False)
