"""Policies that authorizers return."""

from __future__ import annotations

from typing import Any

import pytest

from fogline.apis.access_policies import (
    Decision,
    InvalidPolicy,
    decide,
)
from fogline.aws.policy.likeness import is_like

ARN = "arn:aws:execute-api:us-east-1:000000000000:abc/dev/GET/pets/7"


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def statement(effect: str, resource: Any, action: Any = "execute-api:Invoke") -> dict[str, Any]:
    return {"Effect": effect, "Action": action, "Resource": resource}


@pytest.mark.parametrize(
    ("statements", "decision"),
    [
        ([statement("Allow", ARN)], Decision.ALLOWED),
        ([statement("Allow", "*", "*")], Decision.ALLOWED),
        ([statement("Allow", ["x", "arn:aws:execute-api:*:*:abc/*/GET/*"])], Decision.ALLOWED),
        ([statement("Allow", "*", ["execute-api:*"])], Decision.ALLOWED),
        ([statement("Allow", "*", "s3:*")], Decision.NOT_ALLOWED),
        ([statement("Allow", ARN.replace("GET", "POST"))], Decision.NOT_ALLOWED),
        ([statement("Allow", "*"), statement("Deny", ARN)], Decision.DENIED),
        ([{"Effect": "Allow", "NotAction": "s3:*", "NotResource": "x"}], Decision.ALLOWED),
        ([], Decision.NOT_ALLOWED),
    ],
)
def test_a_policy_decides(statements: list[dict[str, Any]], decision: Decision) -> None:
    assert decide(policy(*statements), ARN) is decision


def test_a_single_statement_need_not_be_in_a_list() -> None:
    assert decide({"Statement": statement("Allow", "*")}, ARN) is Decision.ALLOWED


@pytest.mark.parametrize(
    "broken",
    [
        "text",
        policy({"Effect": "Perhaps", "Action": "*", "Resource": "*"}),
        policy({"Effect": "Allow", "Resource": "*"}),
        policy({"Effect": "Allow", "Action": [1], "Resource": "*"}),
        policy({**statement("Allow", "*"), "Condition": {"StringResembles": {"a": "b"}}}),
    ],
)
def test_what_is_no_policy_or_not_understood_is_said(broken: Any) -> None:
    with pytest.raises(InvalidPolicy):
        decide(broken, ARN)


def test_conditions_count() -> None:
    conditioned = statement("Allow", "*") | {
        "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}
    }
    assert decide(policy(conditioned), ARN, {"aws:sourceip": "10.1.2.3"}) is Decision.ALLOWED
    assert decide(policy(conditioned), ARN, {"aws:sourceip": "11.1.2.3"}) is Decision.NOT_ALLOWED


def test_patterns_with_many_stars_take_no_long_time() -> None:
    assert not is_like("*a" * 500 + "b", "a" * 2_000)
    assert is_like("a?c*", "abcdef")
    assert is_like("*", "")
    assert not is_like("?", "")
