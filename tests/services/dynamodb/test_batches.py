from __future__ import annotations

import pytest


def key(number):
    return {"id": {"S": str(number)}}


def put(number):
    return {"PutRequest": {"Item": {**key(number), "n": {"N": str(number)}}}}


def test_items_are_written_and_removed_together(dynamodb, table, answer):
    dynamodb.put_item(TableName=table, Item=key(9))
    requests = [put(1), put(2), {"DeleteRequest": {"Key": key(9)}}]
    assert answer(dynamodb.batch_write_item, RequestItems={table: requests}) == {
        "UnprocessedItems": {}
    }
    assert {item["id"]["S"] for item in dynamodb.scan(TableName=table)["Items"]} == {"1", "2"}


def test_items_of_several_tables_are_read_together(dynamodb, table, series, answer):
    dynamodb.put_item(TableName=table, Item={**key(1), "x": {"S": "x"}})
    own = {"pk": {"S": "a"}, "sk": {"N": "1"}}
    dynamodb.put_item(TableName=series, Item=own)
    result = answer(
        dynamodb.batch_get_item,
        RequestItems={
            table: {"Keys": [key(1), key(2)], "ProjectionExpression": "x"},
            series: {"Keys": [own]},
        },
        ReturnConsumedCapacity="TOTAL",
    )
    assert result == {
        "Responses": {table: [{"x": {"S": "x"}}], series: [own]},
        "UnprocessedKeys": {},
        "ConsumedCapacity": [
            {"TableName": table, "CapacityUnits": 1.0},
            {"TableName": series, "CapacityUnits": 0.5},
        ],
    }


def test_what_would_make_the_answer_too_large_is_left_for_later(dynamodb, table):
    for number in range(45):
        dynamodb.put_item(TableName=table, Item={**key(number), "x": {"S": "x" * 400_000}})
    keys = [key(number) for number in range(45)]
    result = dynamodb.batch_get_item(RequestItems={table: {"Keys": keys}})
    found = len(result["Responses"][table])
    assert 35 < found < 45
    assert result["UnprocessedKeys"] == {table: {"Keys": keys[found:]}}


def test_one_item_may_stand_in_a_batch_once(dynamodb, table, invalid):
    duplicates = "Provided list of item keys contains duplicates"
    assert (
        invalid(dynamodb.batch_get_item, RequestItems={table: {"Keys": [key(1), key(1)]}})
        == duplicates
    )
    assert (
        invalid(
            dynamodb.batch_write_item,
            RequestItems={table: [put(1), {"DeleteRequest": {"Key": key(1)}}]},
        )
        == duplicates
    )
    assert dynamodb.scan(TableName=table)["Items"] == []


def test_batches_are_bounded(dynamodb, table, series, invalid):
    requests = [put(number) for number in range(24)]
    more = [
        {"PutRequest": {"Item": {"pk": {"S": "a"}, "sk": {"N": str(number)}}}}
        for number in range(2)
    ]
    assert (
        invalid(dynamodb.batch_write_item, RequestItems={table: requests, series: more})
        == "Too many items requested for the BatchWriteItem call"
    )
    dynamodb.batch_write_item(RequestItems={table: requests, series: more[:1]})


def test_a_wrong_item_stops_the_whole_batch(dynamodb, table, invalid):
    wrong = {"PutRequest": {"Item": {"other": {"S": "1"}}}}
    assert (
        invalid(dynamodb.batch_write_item, RequestItems={table: [put(1), wrong]})
        == "The provided key element does not match the schema"
    )
    assert dynamodb.scan(TableName=table)["Items"] == []


def test_a_batch_to_a_table_that_is_not_there(dynamodb, refusal):
    code, _ = refusal(dynamodb.batch_write_item, RequestItems={"none": [put(1)]})
    assert code == "ResourceNotFoundException"


@pytest.mark.parametrize("size", [1, 60])
def test_the_batch_writer_of_boto3(fogline, table, size):
    import boto3

    resource = boto3.resource(
        "dynamodb",
        endpoint_url=fogline.platform.endpoint,
        region_name="us-east-1",
        aws_access_key_id=fogline.id,
        aws_secret_access_key="test",
    )
    with resource.Table(table).batch_writer() as batch:
        for number in range(size):
            batch.put_item(Item={"id": str(number), "n": number})
    assert resource.Table(table).scan(Select="COUNT")["Count"] == size
