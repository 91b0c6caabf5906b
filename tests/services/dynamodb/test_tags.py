from __future__ import annotations

import pytest


@pytest.fixture
def arn(dynamodb, table) -> str:
    return dynamodb.describe_table(TableName=table)["Table"]["TableArn"]


def tags(dynamodb, arn):
    listed = dynamodb.list_tags_of_resource(ResourceArn=arn)["Tags"]
    return {tag["Key"]: tag["Value"] for tag in listed}


def test_tags_are_added_and_removed(dynamodb, arn):
    given = [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]
    dynamodb.tag_resource(ResourceArn=arn, Tags=given)
    dynamodb.tag_resource(ResourceArn=arn, Tags=[{"Key": "a", "Value": "3"}])
    assert tags(dynamodb, arn) == {"a": "3", "b": "2"}
    dynamodb.untag_resource(ResourceArn=arn, TagKeys=["a"])
    assert tags(dynamodb, arn) == {"b": "2"}


def test_a_table_is_made_with_tags(dynamodb, make_table):
    make_table("tagged", "id", Tags=[{"Key": "team", "Value": "blue"}])
    arn = dynamodb.describe_table(TableName="tagged")["Table"]["TableArn"]
    assert tags(dynamodb, arn) == {"team": "blue"}


def test_tags_of_what_is_not_there(dynamodb, arn, refusal):
    code, _ = refusal(dynamodb.list_tags_of_resource, ResourceArn=arn + "x")
    assert code == "ResourceNotFoundException"
