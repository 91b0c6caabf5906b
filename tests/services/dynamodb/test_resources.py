from __future__ import annotations

import pytest
from botocore import xform_name

from fogline.aws.call import Call, Principal, Trace
from fogline.ports.resources import Context, ResourceRefused
from fogline.services.dynamodb.resources import RESOURCES

TYPES = {each.name: each for each in RESOURCES}


class Client:
    """Asks the platform over HTTP what a stack would ask it within."""

    def __init__(self, client) -> None:
        self._client = client

    def call(self, service, operation, request, call):
        return getattr(self._client, xform_name(operation))(**request)


@pytest.fixture
def context(dynamodb, fogline) -> Context:
    call = Call(
        "dynamodb", "", fogline.id, "us-east-1", Principal("", "", ""), "r", 0, Trace("1", "1"), ""
    )
    return Context(
        call, Client(dynamodb), "arn:stack", "stack", "Logical", "AWS::DynamoDB::Table", "token"
    )


def keys(*names):
    return [
        {"AttributeName": name, "KeyType": kind}
        for name, kind in zip(names, ("HASH", "RANGE"), strict=False)
    ]


def definitions(*names):
    return [{"AttributeName": name, "AttributeType": "S"} for name in names]


def index(name, key):
    return {
        "IndexName": name,
        "KeySchema": keys(key),
        "Projection": {"ProjectionType": "ALL"},
    }


FIRST = {
    "KeySchema": keys("id"),
    "AttributeDefinitions": definitions("id", "a"),
    "BillingMode": "PAY_PER_REQUEST",
    "GlobalSecondaryIndexes": [
        index("by-a", "a") | {"ContributorInsightsSpecification": {"Enabled": "true"}}
    ],
    "StreamSpecification": {"StreamViewType": "NEW_IMAGE"},
    "TimeToLiveSpecification": {"AttributeName": "until", "Enabled": "true"},
    "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
    "SSESpecification": {"SSEEnabled": True},
    "Tags": [{"Key": "team", "Value": "blue"}],
}


def test_a_table_is_made_changed_and_removed(dynamodb, context):
    kind = TYPES["AWS::DynamoDB::Table"]
    made = kind.create(context, FIRST)
    name = made.physical_id
    assert name.startswith("stack-Logical-")
    described = dynamodb.describe_table(TableName=name)["Table"]
    assert made.attributes == {
        "Arn": described["TableArn"],
        "TableId": described["TableId"],
        "StreamArn": described["LatestStreamArn"],
    }
    insights = dynamodb.describe_contributor_insights(TableName=name, IndexName="by-a")
    assert insights["ContributorInsightsStatus"] == "ENABLED"
    assert described["SSEDescription"]["Status"] == "ENABLED"
    tags = dynamodb.list_tags_of_resource(ResourceArn=described["TableArn"])["Tags"]
    assert tags == [{"Key": "team", "Value": "blue"}]
    second = {
        "KeySchema": keys("id"),
        "AttributeDefinitions": definitions("id", "b"),
        "BillingMode": "PAY_PER_REQUEST",
        "GlobalSecondaryIndexes": [index("by-b", "b")],
        "TimeToLiveSpecification": {"AttributeName": "later"},
        "DeletionProtectionEnabled": False,
    }
    kind.update(context, name, FIRST, second)
    described = dynamodb.describe_table(TableName=name)["Table"]
    assert [each["IndexName"] for each in described["GlobalSecondaryIndexes"]] == ["by-b"]
    assert "SSEDescription" not in described
    expiry = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    assert expiry["AttributeName"] == "later"
    assert dynamodb.list_tags_of_resource(ResourceArn=described["TableArn"])["Tags"] == []
    kind.delete(context, name, second)
    assert dynamodb.list_tables()["TableNames"] == []


def test_a_global_table_is_a_table_in_its_own_region(dynamodb, context):
    kind = TYPES["AWS::DynamoDB::GlobalTable"]
    properties = {
        "TableName": "everywhere",
        "KeySchema": keys("pk", "sk"),
        "AttributeDefinitions": definitions("pk", "sk", "a"),
        "BillingMode": "PAY_PER_REQUEST",
        "GlobalSecondaryIndexes": [index("by-a", "a")],
        "Replicas": [{"Region": "us-east-1", "TableClass": "STANDARD"}],
    }
    assert kind.create(context, properties).physical_id == "everywhere"
    described = dynamodb.describe_table(TableName="everywhere")["Table"]
    assert described["TableClassSummary"] == {"TableClass": "STANDARD"}
    kind.delete(context, "everywhere", properties)
    with pytest.raises(ResourceRefused, match="other regions"):
        kind.create(context, {**properties, "Replicas": [{"Region": "eu-west-1"}]})
