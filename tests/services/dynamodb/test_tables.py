from __future__ import annotations

import pytest

DEFINITIONS = [{"AttributeName": "id", "AttributeType": "S"}]
SCHEMA = [{"AttributeName": "id", "KeyType": "HASH"}]
FIVE = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}
PLAIN = {
    "TableName": "plain",
    "KeySchema": SCHEMA,
    "AttributeDefinitions": DEFINITIONS,
    "ProvisionedThroughput": FIVE,
}


def test_a_table_lives_from_creating_to_deleting(dynamodb, fogline, refusal):
    created = dynamodb.create_table(**PLAIN)["TableDescription"]
    at, number = created.pop("CreationDateTime"), created.pop("TableId")
    assert at.timestamp() * 1000 == fogline.platform.now()
    common = {
        "TableName": "plain",
        "ProvisionedThroughput": {**FIVE, "NumberOfDecreasesToday": 0},
        "TableSizeBytes": 0,
        "ItemCount": 0,
        "TableArn": f"arn:aws:dynamodb:us-east-1:{fogline.id}:table/plain",
        "DeletionProtectionEnabled": False,
    }
    keys = {"KeySchema": SCHEMA, "AttributeDefinitions": DEFINITIONS}
    assert created == {**common, **keys, "TableStatus": "CREATING"}
    described = dynamodb.describe_table(TableName="plain")["Table"]
    assert described == {
        **common,
        **keys,
        "TableId": number,
        "CreationDateTime": at,
        "TableStatus": "ACTIVE",
        "WarmThroughput": {
            "ReadUnitsPerSecond": 5,
            "WriteUnitsPerSecond": 5,
            "Status": "ACTIVE",
        },
    }
    deleted = dynamodb.delete_table(TableName="plain")["TableDescription"]
    assert deleted == {**common, "TableId": number, "TableStatus": "DELETING"}
    for operation in (dynamodb.describe_table, dynamodb.delete_table):
        assert refusal(operation, TableName="plain") == (
            "ResourceNotFoundException",
            "Requested resource not found: Table: plain not found",
        )


def test_a_table_made_again_is_empty(dynamodb, table):
    dynamodb.put_item(TableName=table, Item={"id": {"S": "1"}})
    dynamodb.delete_table(TableName=table)
    dynamodb.create_table(**{**PLAIN, "TableName": table})
    assert dynamodb.scan(TableName=table)["Items"] == []


def test_a_name_can_be_taken_once(dynamodb, refusal):
    dynamodb.create_table(**PLAIN)
    assert refusal(dynamodb.create_table, **PLAIN) == (
        "ResourceInUseException",
        "Table already exists: plain",
    )


def test_the_waiter_of_clients_sees_a_table(dynamodb):
    dynamodb.create_table(**PLAIN)
    dynamodb.get_waiter("table_exists").wait(TableName="plain", WaiterConfig={"Delay": 1})


def test_a_table_knows_how_much_it_holds(dynamodb, table):
    dynamodb.put_item(TableName=table, Item={"id": {"S": "1234"}})
    described = dynamodb.describe_table(TableName=table)["Table"]
    assert (described["ItemCount"], described["TableSizeBytes"]) == (1, 6)


def test_an_on_demand_table_says_so(dynamodb, make_table):
    make_table("on-demand", "id")
    described = dynamodb.describe_table(TableName="on-demand")["Table"]
    assert described["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert described["ProvisionedThroughput"]["ReadCapacityUnits"] == 0
    assert described["WarmThroughput"]["ReadUnitsPerSecond"] == 12_000


def test_settings_change(dynamodb):
    dynamodb.create_table(**PLAIN)
    changed = dynamodb.update_table(
        TableName="plain", BillingMode="PAY_PER_REQUEST", DeletionProtectionEnabled=True
    )["TableDescription"]
    assert changed["TableStatus"] == "UPDATING"
    described = dynamodb.describe_table(TableName="plain")["Table"]
    assert described["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert described["DeletionProtectionEnabled"] is True


def test_a_protected_table_stays(dynamodb, invalid):
    dynamodb.create_table(**PLAIN, DeletionProtectionEnabled=True)
    assert invalid(dynamodb.delete_table, TableName="plain") == (
        "Resource cannot be deleted as it is currently protected against deletion. "
        "Disable deletion protection first."
    )


def test_tables_are_listed_page_by_page(dynamodb, make_table, answer):
    for name in ("one", "three", "two"):
        make_table(name, "id")
    first = answer(dynamodb.list_tables, Limit=2)
    assert first == {"TableNames": ["one", "three"], "LastEvaluatedTableName": "three"}
    second = answer(dynamodb.list_tables, ExclusiveStartTableName="three")
    assert second == {"TableNames": ["two"]}


def test_an_encrypted_table_names_its_key(dynamodb):
    dynamodb.create_table(**PLAIN, SSESpecification={"Enabled": True})
    described = dynamodb.describe_table(TableName="plain")["Table"]["SSEDescription"]
    assert described["SSEType"] == "KMS"
    assert described["Status"] == "ENABLED"


INVALID = "One or more parameter values were invalid: "


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"BillingMode": "PAY_PER_REQUEST"},
            INVALID + "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when "
            "BillingMode is PAY_PER_REQUEST",
        ),
        (
            {"KeySchema": [{"AttributeName": "id", "KeyType": "RANGE"}]},
            "Invalid KeySchema: The first KeySchemaElement is not a HASH key type",
        ),
        (
            {"KeySchema": [*SCHEMA, {"AttributeName": "x", "KeyType": "HASH"}]},
            "Invalid KeySchema: The second KeySchemaElement is not a RANGE key type",
        ),
        (
            {"KeySchema": [{"AttributeName": "x", "KeyType": "HASH"}]},
            INVALID + "Some index key attributes are not defined in AttributeDefinitions. "
            "Keys: [x], AttributeDefinitions: [id]",
        ),
        (
            {
                "AttributeDefinitions": [
                    *DEFINITIONS,
                    {"AttributeName": "x", "AttributeType": "S"},
                ]
            },
            INVALID + "Number of attributes in KeySchema does not exactly match number of "
            "attributes defined in AttributeDefinitions",
        ),
        (
            {"TableName": "a!"},
            "TableName must be at least 3 characters long and at most 255 characters long",
        ),
        (
            {
                "LocalSecondaryIndexes": [
                    {
                        "IndexName": "local",
                        "KeySchema": SCHEMA,
                        "Projection": {"ProjectionType": "ALL"},
                    }
                ]
            },
            INVALID + "Table KeySchema does not have a range key, which is required when "
            "specifying a LocalSecondaryIndex",
        ),
    ],
)
def test_a_wrong_definition_is_refused(dynamodb, invalid, changes, message):
    assert invalid(dynamodb.create_table, **{**PLAIN, **changes}) == message


def test_an_update_must_change_something(dynamodb, invalid):
    dynamodb.create_table(**PLAIN)
    assert invalid(dynamodb.update_table, TableName="plain") == (
        "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, "
        "GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates is required"
    )
    assert invalid(dynamodb.update_table, TableName="plain", ProvisionedThroughput=FIVE).startswith(
        "The provisioned throughput for the table will not change."
    )


def test_encryption_is_switched_off(dynamodb):
    dynamodb.create_table(**PLAIN, SSESpecification={"Enabled": True})
    changed = dynamodb.update_table(TableName="plain", SSESpecification={"Enabled": False})
    assert changed["TableDescription"]["SSEDescription"]["Status"] == "UPDATING"
    assert "SSEDescription" not in dynamodb.describe_table(TableName="plain")["Table"]
