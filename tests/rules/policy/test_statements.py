"""Statements as they stand in a document."""

from __future__ import annotations

from fogline.aws.policy.statements import account_principal, accounts_allowed, listed, without

ADA, BO = "111111111111", "222222222222"


def test_one_thing_is_a_list_of_one_and_nothing_is_none() -> None:
    assert listed({"Sid": "a"}) == [{"Sid": "a"}]
    assert listed(["a", "b"]) == ["a", "b"]
    assert listed(None) == []


def test_statements_without_a_name_stay_when_one_is_removed_by_its_name() -> None:
    assert without([{"Sid": "a"}, {}, {"Sid": "b"}], "a") == [{}, {"Sid": "b"}]


def test_a_single_account_and_a_single_action_stand_without_a_list() -> None:
    assert accounts_allowed("mine", [ADA], ["SQS:SendMessage"], "arn") == {
        "Sid": "mine",
        "Effect": "Allow",
        "Principal": {"AWS": account_principal(ADA)},
        "Action": "SQS:SendMessage",
        "Resource": "arn",
    }


def test_several_accounts_and_actions_stand_in_lists() -> None:
    statement = accounts_allowed("ours", [ADA, BO], ["SNS:Publish", "SNS:Subscribe"], "arn")
    assert statement["Principal"] == {"AWS": [account_principal(ADA), account_principal(BO)]}
    assert statement["Action"] == ["SNS:Publish", "SNS:Subscribe"]
