"""Conditions of policies: each operator, and what becomes of keys that are not there."""

from __future__ import annotations

from typing import Any

import pytest

from fogline.aws.policy.conditions import UnknownOperator, holds, read_conditions

KEYS = {
    "aws:sourceip": "203.0.113.7",
    "aws:currenttime": "2026-06-15T12:00:00Z",
    "aws:epochtime": "1781524800",
    "aws:username": "ada",
    "aws:securetransport": "false",
    "aws:sourcearn": "arn:aws:states:us-east-1:000000000000:stateMachine:orders",
    "aws:tagkeys": ["team", "cost"],
}


def is_met(operator: str, key: str, value: Any) -> bool:
    return all(holds(each, KEYS) for each in read_conditions({operator: {key: value}}))


@pytest.mark.parametrize(
    ("operator", "key", "value", "expected"),
    [
        ("StringEquals", "aws:username", ["bob", "ada"], True),
        ("StringEquals", "AWS:UserName", "ada", True),
        ("StringEquals", "aws:username", "Ada", False),
        ("StringNotEquals", "aws:username", ["bob", "ada"], False),
        ("StringEqualsIgnoreCase", "aws:username", "ADA", True),
        ("StringNotEqualsIgnoreCase", "aws:username", "ADA", False),
        ("StringLike", "aws:username", "a*", True),
        ("StringNotLike", "aws:username", "a?b", True),
        ("IpAddress", "aws:SourceIp", ["203.0.113.0/24"], True),
        ("IpAddress", "aws:SourceIp", "203.0.113.7", True),
        ("IpAddress", "aws:SourceIp", "2001:db8::/32", False),
        ("IpAddress", "aws:SourceIp", "no network", False),
        ("NotIpAddress", "aws:SourceIp", "203.0.113.0/24", False),
        ("DateGreaterThan", "aws:CurrentTime", "2026-01-01T00:00:00Z", True),
        ("DateLessThan", "aws:CurrentTime", "2026-01-01T00:00:00Z", False),
        ("DateLessThanEquals", "aws:CurrentTime", "2026-06-15T12:00:00Z", True),
        ("NumericGreaterThanEquals", "aws:EpochTime", 1781524800, True),
        ("NumericLessThan", "aws:EpochTime", "soon", False),
        ("NumericNotEquals", "aws:EpochTime", "1", True),
        ("Bool", "aws:SecureTransport", False, True),
        ("Bool", "aws:SecureTransport", "true", False),
        ("ArnLike", "aws:SourceArn", "arn:aws:states:*:*:stateMachine:*", True),
        ("ArnLike", "aws:SourceArn", "arn:aws:*:orders", False),
        ("ArnNotEquals", "aws:SourceArn", "arn:aws:sns:*:*:*", True),
        ("Null", "aws:Nothing", "true", True),
        ("Null", "aws:username", True, False),
        ("ForAnyValue:StringEquals", "aws:TagKeys", ["cost"], True),
        ("ForAnyValue:StringNotEquals", "aws:TagKeys", ["cost"], True),
        ("ForAllValues:StringEquals", "aws:TagKeys", ["cost"], False),
        ("ForAllValues:StringLike", "aws:TagKeys", ["c*", "t*"], True),
    ],
)
def test_an_operator_compares(operator: str, key: str, value: Any, expected: bool) -> None:
    assert is_met(operator, key, value) is expected


@pytest.mark.parametrize(
    ("operator", "expected"),
    [
        ("StringEquals", False),
        ("StringNotEquals", True),
        ("StringEqualsIfExists", True),
        ("IpAddress", False),
        ("NotIpAddress", True),
        ("ForAllValues:StringEquals", True),
        ("ForAnyValue:StringEquals", False),
    ],
)
def test_a_key_that_is_not_there_decides_by_the_operator(operator: str, expected: bool) -> None:
    assert is_met(operator, "aws:SourceVpce", "vpce-1") is expected


def test_variables_stand_for_what_is_known_of_the_request() -> None:
    assert is_met("StringEquals", "aws:username", "${aws:username}")
    assert is_met("StringEquals", "aws:username", "${aws:nobody, 'ada'}")
    assert not is_met("StringEquals", "aws:username", "${aws:nobody}")


@pytest.mark.parametrize(
    "operator", ["StringResembles", "NotBool", "NumericNotLessThan", "ForSomeValues:StringEquals"]
)
def test_an_operator_that_does_not_exist_is_refused(operator: str) -> None:
    with pytest.raises(UnknownOperator):
        read_conditions({operator: {"aws:username": "ada"}})
