from __future__ import annotations

import pytest


def index(name, *key, projection="ALL", attributes=None):
    made = {
        "IndexName": name,
        "KeySchema": [
            {"AttributeName": attribute, "KeyType": kind}
            for attribute, kind in zip(key, ("HASH", "RANGE"), strict=False)
        ],
        "Projection": {"ProjectionType": projection},
    }
    if attributes:
        made["Projection"]["NonKeyAttributes"] = attributes
    return made


@pytest.fixture
def orders(make_table) -> str:
    """Orders by id, with global indexes by customer and date, and by state (keys only)."""
    return make_table(
        "orders",
        "id",
        definitions=("customer", "day", "state"),
        GlobalSecondaryIndexes=[
            index("by-customer", "customer", "day"),
            index("by-state", "state", projection="KEYS_ONLY"),
        ],
    )


@pytest.fixture
def notes(make_table) -> str:
    """Notes by owner and id, with a local index by date that also holds the title."""
    return make_table(
        "notes",
        "owner",
        "id",
        definitions=("day",),
        LocalSecondaryIndexes=[
            index("by-day", "owner", "day", projection="INCLUDE", attributes=["title"])
        ],
    )


def order(number, customer="ann", day="d1", **more):
    return {
        "id": {"S": str(number)},
        "customer": {"S": customer},
        "day": {"S": day},
        **{name: {"S": value} for name, value in more.items()},
    }


@pytest.fixture
def find(dynamodb, orders):
    def find(name="by-customer", attribute="customer", value="ann", **more):
        return dynamodb.query(
            TableName=orders,
            IndexName=name,
            KeyConditionExpression="#k = :v",
            ExpressionAttributeNames={"#k": attribute},
            ExpressionAttributeValues={":v": {"S": value}},
            **more,
        )

    return find


def ids(result):
    return [item["id"]["S"] for item in result["Items"]]


def test_an_index_is_ordered_by_its_own_key(dynamodb, orders, find):
    for number, day in ((1, "d3"), (2, "d1"), (3, "d2")):
        dynamodb.put_item(TableName=orders, Item=order(number, day=day))
    dynamodb.put_item(TableName=orders, Item=order(4, customer="bob"))
    assert ids(find()) == ["2", "3", "1"]
    assert ids(find(ScanIndexForward=False)) == ["1", "3", "2"]


def test_an_item_moves_with_its_attributes(dynamodb, orders, find):
    dynamodb.put_item(TableName=orders, Item=order(1))
    dynamodb.update_item(
        TableName=orders,
        Key={"id": {"S": "1"}},
        UpdateExpression="SET customer = :c",
        ExpressionAttributeValues={":c": {"S": "bob"}},
    )
    assert ids(find()) == []
    assert ids(find(value="bob")) == ["1"]
    dynamodb.update_item(
        TableName=orders, Key={"id": {"S": "1"}}, UpdateExpression="REMOVE customer"
    )
    assert ids(find(value="bob")) == []
    dynamodb.put_item(TableName=orders, Item=order(1))
    dynamodb.delete_item(TableName=orders, Key={"id": {"S": "1"}})
    assert ids(find()) == []


def test_an_item_without_the_key_stands_outside_the_index(dynamodb, orders):
    dynamodb.put_item(TableName=orders, Item={"id": {"S": "1"}, "customer": {"S": "ann"}})
    assert dynamodb.scan(TableName=orders, IndexName="by-customer")["Items"] == []


def test_an_index_of_keys_holds_keys_only(dynamodb, orders, find, invalid):
    dynamodb.put_item(TableName=orders, Item=order(1, state="open", note="x"))
    found = find("by-state", "state", "open")
    assert found["Items"] == [{"id": {"S": "1"}, "state": {"S": "open"}}]
    assert "does not project [note]" in invalid(
        find, name="by-state", attribute="state", value="open", ProjectionExpression="note"
    )


def test_pages_of_an_index_follow_each_other_where_its_keys_are_the_same(dynamodb, orders, find):
    for number in range(7):
        dynamodb.put_item(TableName=orders, Item=order(number))
    for forward in (True, False):
        found, more = [], {}
        while True:
            page = find(Limit=2, ScanIndexForward=forward, **more)
            found += ids(page)
            if "LastEvaluatedKey" not in page:
                break
            assert set(page["LastEvaluatedKey"]) == {"id", "customer", "day"}
            more = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
        assert sorted(found) == [str(number) for number in range(7)]


def test_a_key_of_the_wrong_type_is_refused(dynamodb, orders, invalid):
    assert invalid(
        dynamodb.put_item, TableName=orders, Item={"id": {"S": "1"}, "state": {"N": "1"}}
    ) == (
        "One or more parameter values were invalid: "
        "Type mismatch for Index Key state Expected: S Actual: N IndexName: by-state"
    )
    assert (
        invalid(
            dynamodb.update_item,
            TableName=orders,
            Key={"id": {"S": "1"}},
            UpdateExpression="SET #s = :n",
            ExpressionAttributeNames={"#s": "state"},
            ExpressionAttributeValues={":n": {"N": "1"}},
        )
        == "The update expression attempted to update the secondary index key to unsupported type"
    )
    assert "Item" not in dynamodb.get_item(TableName=orders, Key={"id": {"S": "1"}})


def test_a_global_index_is_never_read_consistently(find, invalid):
    assert (
        invalid(find, ConsistentRead=True)
        == "Consistent reads are not supported on global secondary indexes"
    )


def test_writing_costs_in_each_index_it_changes(dynamodb, orders):
    put = {"TableName": orders, "ReturnConsumedCapacity": "INDEXES"}
    found = dynamodb.put_item(Item=order(1, state="open"), **put)["ConsumedCapacity"]
    assert found["CapacityUnits"] == 3.0
    assert found["GlobalSecondaryIndexes"] == {
        "by-customer": {"CapacityUnits": 1.0},
        "by-state": {"CapacityUnits": 1.0},
    }
    found = dynamodb.put_item(Item=order(1, day="d2", state="open"), **put)["ConsumedCapacity"]
    assert found["GlobalSecondaryIndexes"] == {"by-customer": {"CapacityUnits": 2.0}}


def test_a_local_index_reads_from_the_table_what_it_does_not_hold(dynamodb, notes):
    item = {
        "owner": {"S": "ann"},
        "id": {"S": "1"},
        "day": {"S": "d"},
        "title": {"S": "t"},
        "body": {"S": "b"},
    }
    dynamodb.put_item(TableName=notes, Item=item)
    query = {
        "TableName": notes,
        "IndexName": "by-day",
        "KeyConditionExpression": "#o = :o",
        "ExpressionAttributeNames": {"#o": "owner"},
        "ExpressionAttributeValues": {":o": {"S": "ann"}},
        "ConsistentRead": True,
    }
    projected = {name: value for name, value in item.items() if name != "body"}
    assert dynamodb.query(**query)["Items"] == [projected]
    assert dynamodb.query(**query, Select="ALL_ATTRIBUTES")["Items"] == [item]
    assert dynamodb.query(**query, ProjectionExpression="body")["Items"] == [{"body": {"S": "b"}}]


def test_partitions_with_local_indexes_tell_their_size(dynamodb, notes):
    item = {"owner": {"S": "ann"}, "id": {"S": "1"}, "day": {"S": "d"}}
    result = dynamodb.put_item(TableName=notes, Item=item, ReturnItemCollectionMetrics="SIZE")
    assert result["ItemCollectionMetrics"] == {
        "ItemCollectionKey": {"owner": {"S": "ann"}},
        "SizeEstimateRangeGB": [0.0, 1.0],
    }


def test_an_index_made_later_holds_what_was_there_before(dynamodb, table):
    for number in range(5):
        dynamodb.put_item(
            TableName=table,
            Item={"id": {"S": str(number)}, "kind": {"S": "even" if number % 2 == 0 else "odd"}},
        )
    dynamodb.put_item(TableName=table, Item={"id": {"S": "x"}, "kind": {"N": "1"}})
    description = dynamodb.update_table(
        TableName=table,
        AttributeDefinitions=[{"AttributeName": "kind", "AttributeType": "S"}],
        GlobalSecondaryIndexUpdates=[{"Create": index("by-kind", "kind")}],
    )["TableDescription"]
    assert description["GlobalSecondaryIndexes"][0]["IndexStatus"] == "CREATING"
    found = dynamodb.query(
        TableName=table,
        IndexName="by-kind",
        KeyConditionExpression="kind = :k",
        ExpressionAttributeValues={":k": {"S": "even"}},
    )
    assert sorted(ids(found)) == ["0", "2", "4"]
    dynamodb.update_table(
        TableName=table, GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "by-kind"}}]
    )
    described = dynamodb.describe_table(TableName=table)["Table"]
    assert "GlobalSecondaryIndexes" not in described
    assert described["AttributeDefinitions"] == [{"AttributeName": "id", "AttributeType": "S"}]


def test_a_scan_of_an_index_in_segments(dynamodb, orders):
    for number in range(30):
        dynamodb.put_item(TableName=orders, Item=order(number, customer=f"c{number}"))
    found = []
    for segment in range(3):
        found += ids(
            dynamodb.scan(
                TableName=orders, IndexName="by-customer", Segment=segment, TotalSegments=3
            )
        )
    assert sorted(found) == sorted(str(number) for number in range(30))


def test_the_longest_keys_fit(dynamodb, make_table):
    table = make_table(
        "long", "pk", "sk", definitions=("a", "b"), GlobalSecondaryIndexes=[index("by-a", "a", "b")]
    )
    longest = {"pk": 2048, "sk": 1024, "a": 2048, "b": 1024}
    # Many different characters, so that nothing is saved by packing them.
    items = [
        {
            name: {"S": (chr(97 + number) * 9 + "".join(map(chr, range(33, 127))) * 22)[:size]}
            for name, size in longest.items()
        }
        for number in range(3)
    ]
    for each in items:
        dynamodb.put_item(TableName=table, Item=each)
    found = [
        each
        for page in dynamodb.get_paginator("scan").paginate(
            TableName=table, IndexName="by-a", PaginationConfig={"PageSize": 1}
        )
        for each in page["Items"]
    ]
    assert sorted(found, key=str) == items
    key = {name: items[0][name] for name in ("pk", "sk")}
    assert dynamodb.get_item(TableName=table, Key=key)["Item"] == items[0]
