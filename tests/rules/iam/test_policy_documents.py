"""Policy documents: the faults that IAM finds, and in whose words."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fogline.services.iam.errors import MalformedPolicyDocument
from fogline.services.iam.policy_documents import check_policy, check_trust_policy

GOOD = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::bucket/*"}


def document(**changes: Any) -> str:
    statement = {key: value for key, value in {**GOOD, **changes}.items() if value is not None}
    return json.dumps({"Version": "2012-10-17", "Statement": statement})


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"Action": "*"},
        {"Action": ["s3:Get*", "sqs:SendMessage"]},
        {"Resource": ["*", "arn:aws:sqs:*:123456789012:q", "arn:aws:s3:::a/${aws:username}/*"]},
        {"Condition": {"StringEquals": {"aws:SourceArn": ["a", "b"]}}},
        {"Condition": {"ForAnyValue:StringLikeIfExists": {"k": "v*"}}},
        {"Condition": {"DateLessThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}}},
        {"Resource": "arn:aws:iam::123456789012:role/worker"},
    ],
)
def test_good_policies_pass(changes: dict[str, Any]) -> None:
    check_policy(document(**changes))


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"Effect": "Maybe"}, "Syntax errors in policy."),
        ({"Effect": "allow"}, "The policy failed legacy parsing"),
        ({"Extra": 1}, "Syntax errors in policy."),
        ({"Condition": {"Equals": {"a": "b"}}}, "Syntax errors in policy."),
        ({"Condition": {"DateLessThan": {"a": "soon"}}}, "The policy failed legacy parsing"),
        ({"Action": None}, "Policy statement must contain actions."),
        ({"Resource": None}, "Policy statement must contain resources."),
        ({"Action": "get a b:c"}, "Vendor get a b is not valid"),
        ({"Action": "s3:a:b"}, "Actions/Condition can contain only one colon."),
        ({"Resource": "bucket"}, 'Resource bucket must be in ARN format or "*".'),
        (
            {"Resource": "arn:b:c:d:e:f:g:h"},
            'Partition "b" is not valid for resource "arn:b:c:d:e:f:g:h".',
        ),
        (
            {"Resource": "arn:aws:s3:us-east-1::bucket"},
            "Resource arn:aws:s3:us-east-1::bucket can not contain region information.",
        ),
    ],
)
def test_faults_are_told_in_iams_words(changes: dict[str, Any], text: str) -> None:
    with pytest.raises(MalformedPolicyDocument) as refused:
        check_policy(document(**changes))
    assert refused.value.text == text


def test_statement_ids_are_unique() -> None:
    statement = {**GOOD, "Sid": "one"}
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement, statement]})
    with pytest.raises(MalformedPolicyDocument, match="must be unique"):
        check_policy(text)


def test_a_document_nested_without_end_is_refused() -> None:
    with pytest.raises(MalformedPolicyDocument):
        check_policy("[" * 100_000)


def test_a_trust_policy_names_a_principal_and_no_resource() -> None:
    base = {"Effect": "Allow", "Action": "sts:AssumeRole"}
    good = {**base, "Principal": {"Service": "lambda.amazonaws.com"}}
    check_trust_policy(json.dumps({"Version": "2012-10-17", "Statement": good}))
    for bad in (base, {**good, "Resource": "*"}):
        with pytest.raises(MalformedPolicyDocument):
            check_trust_policy(json.dumps({"Version": "2012-10-17", "Statement": bad}))
