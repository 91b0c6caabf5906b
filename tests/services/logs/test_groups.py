from __future__ import annotations

import pytest


def test_a_new_group_is_described(logs, fogline, now) -> None:
    logs.create_log_group(logGroupName="a", logGroupClass="INFREQUENT_ACCESS", kmsKeyId="key")
    arn = f"arn:aws:logs:us-east-1:{fogline.id}:log-group:a"
    assert logs.describe_log_groups()["logGroups"] == [
        {
            "logGroupName": "a",
            "creationTime": now,
            "metricFilterCount": 0,
            "arn": f"{arn}:*",
            "storedBytes": 0,
            "logGroupClass": "INFREQUENT_ACCESS",
            "logGroupArn": arn,
            "kmsKeyId": "key",
        }
    ]


def test_a_name_can_be_taken_once(logs, group, refusal) -> None:
    assert refusal(logs.create_log_group, logGroupName=group) == (
        "ResourceAlreadyExistsException",
        "The specified log group already exists",
    )


def test_names_of_aws_are_refused(logs, refusal) -> None:
    code, _ = refusal(logs.create_log_group, logGroupName="aws/mine")
    assert code == "InvalidParameterException"


def test_a_deleted_group_is_gone_with_its_streams(logs, group, stream, put, now, refusal) -> None:
    put((now, "x"))
    logs.delete_log_group(logGroupName=group)
    assert logs.describe_log_groups()["logGroups"] == []
    missing = ("ResourceNotFoundException", "The specified log group does not exist.")
    assert refusal(logs.delete_log_group, logGroupName=group) == missing
    assert refusal(logs.describe_log_streams, logGroupName=group) == missing
    logs.create_log_group(logGroupName=group)
    assert logs.describe_log_streams(logGroupName=group)["logStreams"] == []


def test_a_protected_group_is_not_deleted(logs, group, refusal) -> None:
    logs.put_log_group_deletion_protection(logGroupIdentifier=group, deletionProtectionEnabled=True)
    code, _ = refusal(logs.delete_log_group, logGroupName=group)
    assert code == "ValidationException"
    logs.put_log_group_deletion_protection(
        logGroupIdentifier=group, deletionProtectionEnabled=False
    )
    logs.delete_log_group(logGroupName=group)


def test_groups_are_found_by_prefix_pattern_and_identifier(logs, refusal) -> None:
    for name in ("/app/a", "/app/b", "/other/APP"):
        logs.create_log_group(logGroupName=name)

    def names(**request) -> list[str]:
        return [each["logGroupName"] for each in logs.describe_log_groups(**request)["logGroups"]]

    assert names(logGroupNamePrefix="/app/") == ["/app/a", "/app/b"]
    assert names(logGroupNamePattern="app") == ["/app/a", "/app/b"]
    assert names(logGroupIdentifiers=["/app/b"]) == ["/app/b"]
    assert names(logGroupNamePrefix="/none") == []
    code, _ = refusal(logs.describe_log_groups, logGroupNamePrefix="a", logGroupNamePattern="b")
    assert code == "InvalidParameterException"
    listed = logs.list_log_groups(logGroupNamePattern="^/app")["logGroups"]
    assert [each["logGroupName"] for each in listed] == ["/app/a", "/app/b"]


def test_groups_come_in_pages(logs) -> None:
    for number in range(7):
        logs.create_log_group(logGroupName=f"g{number}")
    pages = logs.get_paginator("describe_log_groups").paginate(PaginationConfig={"PageSize": 3})
    found = [[each["logGroupName"] for each in page["logGroups"]] for page in pages]
    assert found == [["g0", "g1", "g2"], ["g3", "g4", "g5"], ["g6"]]


def test_a_search_for_groups_ends(logs) -> None:
    logs.create_log_group(logGroupName="one")
    pages = logs.get_paginator("describe_log_groups").paginate(logGroupNamePattern="on")
    assert [len(page["logGroups"]) for page in pages] == [1, 0]


def test_retention_is_set_and_unset(logs, group) -> None:
    logs.put_retention_policy(logGroupName=group, retentionInDays=7)
    assert logs.describe_log_groups()["logGroups"][0]["retentionInDays"] == 7
    logs.delete_retention_policy(logGroupName=group)
    assert "retentionInDays" not in logs.describe_log_groups()["logGroups"][0]


@pytest.mark.parametrize("days", [0, 2, 366])
def test_retention_is_one_of_the_published_numbers(logs, group, refusal, days) -> None:
    code, message = refusal(logs.put_retention_policy, logGroupName=group, retentionInDays=days)
    assert code == "InvalidParameterException"
    assert f"Value '{days}' at 'retentionInDays'" in message


def test_events_past_retention_are_hidden_and_then_removed(
    logs, group, stream, put, now, fogline
) -> None:
    put((now, "old"))
    logs.put_retention_policy(logGroupName=group, retentionInDays=1)
    assert logs.describe_log_groups()["logGroups"][0]["storedBytes"] == 29
    fogline.platform.advance(days=1, seconds=1)
    assert logs.filter_log_events(logGroupName=group)["events"] == []
    assert logs.get_log_events(logGroupName=group, logStreamName=stream)["events"] == []
    fogline.platform.advance(hours=1)
    assert logs.describe_log_groups()["logGroups"][0]["storedBytes"] == 0


def test_a_key_is_associated_and_disassociated(logs, group, fogline) -> None:
    logs.associate_kms_key(logGroupName=group, kmsKeyId="key")
    assert logs.describe_log_groups()["logGroups"][0]["kmsKeyId"] == "key"
    arn = f"arn:aws:logs:us-east-1:{fogline.id}:log-group:{group}"
    logs.disassociate_kms_key(resourceIdentifier=arn)
    assert "kmsKeyId" not in logs.describe_log_groups()["logGroups"][0]


def test_accounts_and_regions_are_apart(logs, group, fogline) -> None:
    assert fogline.client("logs", region="eu-west-1").describe_log_groups()["logGroups"] == []
