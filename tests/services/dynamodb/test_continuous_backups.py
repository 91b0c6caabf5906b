from __future__ import annotations


def test_point_in_time_recovery_is_a_setting(dynamodb, table):
    describe = dynamodb.describe_continuous_backups
    described = describe(TableName=table)["ContinuousBackupsDescription"]
    assert described == {
        "ContinuousBackupsStatus": "ENABLED",
        "PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": "DISABLED"},
    }
    wanted = {"PointInTimeRecoveryEnabled": True}
    updated = dynamodb.update_continuous_backups(
        TableName=table, PointInTimeRecoverySpecification=wanted
    )["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
    assert updated["PointInTimeRecoveryStatus"] == "ENABLED"
    assert updated["RecoveryPeriodInDays"] == 35
    assert updated["LatestRestorableDateTime"] >= updated["EarliestRestorableDateTime"]


def test_backups_of_what_is_not_there(dynamodb, refusal):
    assert refusal(dynamodb.describe_continuous_backups, TableName="none") == (
        "TableNotFoundException",
        "Table not found: none",
    )
