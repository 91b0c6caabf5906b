from __future__ import annotations


def test_contributor_insights_are_disabled(dynamodb, table, answer, refusal):
    assert answer(dynamodb.describe_contributor_insights, TableName=table) == {
        "TableName": table,
        "ContributorInsightsStatus": "DISABLED",
    }
    code, _ = refusal(dynamodb.describe_contributor_insights, TableName=table, IndexName="none")
    assert code == "ResourceNotFoundException"
    code, _ = refusal(
        dynamodb.update_contributor_insights,
        TableName=table,
        ContributorInsightsAction="ENABLE",
    )
    assert code == "NotImplemented"
