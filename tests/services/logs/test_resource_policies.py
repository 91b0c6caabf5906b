from __future__ import annotations

DOCUMENT = '{"Version": "2012-10-17", "Statement": []}'


def test_a_policy_is_kept_described_and_deleted(logs, now, refusal) -> None:
    kept = {
        "policyName": "a",
        "policyDocument": DOCUMENT,
        "lastUpdatedTime": now,
        "policyScope": "ACCOUNT",
    }
    answer = logs.put_resource_policy(policyName="a", policyDocument=DOCUMENT)
    assert answer["resourcePolicy"] == kept
    assert logs.describe_resource_policies()["resourcePolicies"] == [kept]
    logs.delete_resource_policy(policyName="a")
    assert logs.describe_resource_policies()["resourcePolicies"] == []
    code, _ = refusal(logs.delete_resource_policy, policyName="a")
    assert code == "ResourceNotFoundException"


def test_ten_policies_are_allowed(logs, refusal) -> None:
    for number in range(10):
        logs.put_resource_policy(policyName=f"p{number}", policyDocument=DOCUMENT)
    code, _ = refusal(logs.put_resource_policy, policyName="more", policyDocument=DOCUMENT)
    assert code == "LimitExceededException"
    logs.put_resource_policy(policyName="p0", policyDocument=DOCUMENT)


def test_a_document_is_json_and_policies_of_groups_are_not_built(logs, refusal) -> None:
    code, _ = refusal(logs.put_resource_policy, policyName="a", policyDocument="no json")
    assert code == "InvalidParameterException"
    code, _ = refusal(logs.describe_resource_policies, resourceArn="arn:aws:logs:::x")
    assert code == "NotImplemented"
