from __future__ import annotations


def test_contributor_insights_are_a_setting(dynamodb, table, answer, refusal):
    describe, update = dynamodb.describe_contributor_insights, dynamodb.update_contributor_insights
    off = {"TableName": table, "ContributorInsightsStatus": "DISABLED"}
    assert answer(describe, TableName=table) == off
    enabled = answer(update, TableName=table, ContributorInsightsAction="ENABLE")
    assert enabled["ContributorInsightsStatus"] == "ENABLING"
    assert answer(describe, TableName=table)["ContributorInsightsStatus"] == "ENABLED"
    answer(update, TableName=table, ContributorInsightsAction="DISABLE")
    assert answer(describe, TableName=table) == off


def test_insights_of_an_index_that_is_not_there(dynamodb, table, refusal):
    code, _ = refusal(dynamodb.describe_contributor_insights, TableName=table, IndexName="none")
    assert code == "ResourceNotFoundException"
