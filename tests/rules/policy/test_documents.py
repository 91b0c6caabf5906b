"""Policy documents: what statements say together, and whom they mean."""

from __future__ import annotations

from typing import Any

import pytest

from fogline.aws.policy.documents import Decision, InvalidPolicy, read_policy
from fogline.aws.policy.requests import ANONYMOUS, Caller, Request

ARN = "arn:aws:execute-api:us-east-1:000000000000:abc/dev/GET/pets"
ADA = Caller("111111111111", "arn:aws:iam::111111111111:user/team/ada")
SESSION = Caller("111111111111", "arn:aws:sts::111111111111:assumed-role/worker/run-7")
STATES = Caller(service="states.amazonaws.com")


def statement(principal: Any = "*", effect: str = "Allow", **more: Any) -> dict[str, Any]:
    return {
        "Effect": effect,
        "Principal": principal,
        "Action": "execute-api:Invoke",
        "Resource": "*",
        **more,
    }


def decide(*statements: dict[str, Any], caller: Caller = ANONYMOUS) -> Decision:
    policy = read_policy({"Statement": list(statements)}, is_of_resource=True)
    return policy.decide(Request("execute-api:Invoke", ARN, caller))


def test_what_no_statement_allows_is_not_allowed() -> None:
    assert decide() is Decision.NOT_ALLOWED
    assert decide(statement(Resource="arn:aws:execute-api:*:*:abc/prod/*")) is Decision.NOT_ALLOWED


def test_a_denial_outweighs_whatever_allows() -> None:
    assert decide(statement(), statement(effect="Deny")) is Decision.DENIED
    assert decide(statement(effect="Deny"), statement()) is Decision.DENIED


def test_all_but_what_is_named_may_be_meant() -> None:
    everything_else = {"Effect": "Allow", "Principal": "*", "NotAction": "s3:*", "NotResource": "x"}
    assert decide(everything_else) is Decision.ALLOWED
    assert decide(statement() | {"NotResource": ARN, "Resource": "x"}) is Decision.NOT_ALLOWED


@pytest.mark.parametrize(
    ("principal", "caller", "expected"),
    [
        ("*", ANONYMOUS, True),
        ({"AWS": "*"}, ANONYMOUS, True),
        ({"AWS": "111111111111"}, ANONYMOUS, False),
        ({"AWS": "111111111111"}, ADA, True),
        ({"AWS": ["222222222222", "arn:aws:iam::111111111111:root"]}, SESSION, True),
        ({"AWS": "arn:aws:iam::111111111111:user/team/ada"}, ADA, True),
        ({"AWS": "arn:aws:iam::111111111111:user/bob"}, ADA, False),
        ({"AWS": "arn:aws:iam::111111111111:role/service/worker"}, SESSION, True),
        ({"AWS": "arn:aws:iam::222222222222:role/worker"}, SESSION, False),
        ({"AWS": SESSION.arn}, SESSION, True),
        ({"Service": "states.amazonaws.com"}, STATES, True),
        ({"Service": "states.us-east-1.amazonaws.com"}, STATES, True),
        ({"Service": "events.amazonaws.com"}, STATES, False),
        ({"AWS": "111111111111"}, STATES, False),
    ],
)
def test_a_principal_means_callers(principal: Any, caller: Caller, expected: bool) -> None:
    assert (decide(statement(principal), caller=caller) is Decision.ALLOWED) is expected


def test_a_denial_of_all_but_some_spares_those() -> None:
    denial = {
        "Effect": "Deny",
        "NotPrincipal": {"AWS": ADA.arn},
        "Action": "*",
        "Resource": "*",
    }
    assert decide(statement(), denial, caller=ADA) is Decision.ALLOWED
    assert decide(statement(), denial, caller=SESSION) is Decision.DENIED


@pytest.mark.parametrize(
    "broken",
    [
        statement(principal={"Person": "ada"}),
        statement(principal=[]),
        statement(principal={"AWS": []}),
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        statement(effect="Maybe"),
        statement(Condition=[]),
        statement(Condition={"StringEquals": "x"}),
        statement(Condition={"StringEquals": {"aws:username": {}}}),
        statement(Action=[7]),
        "text",
    ],
)
def test_what_is_no_policy_of_a_resource_is_refused(broken: Any) -> None:
    with pytest.raises(InvalidPolicy):
        decide(broken)


def test_a_policy_that_no_object_holds_is_refused() -> None:
    with pytest.raises(InvalidPolicy):
        read_policy("text")
