from __future__ import annotations

import pytest


@pytest.fixture
def filled(dynamodb, series) -> str:
    for number in range(10):
        dynamodb.put_item(
            TableName=series,
            Item={
                "pk": {"S": "a"},
                "sk": {"N": str(number)},
                "parity": {"S": "odd" if number % 2 else "even"},
            },
        )
    dynamodb.put_item(TableName=series, Item={"pk": {"S": "b"}, "sk": {"N": "-1.5"}})
    return series


def numbers(result):
    return [float(item["sk"]["N"]) for item in result["Items"]]


def of(partition="a", **more):
    values = {":p": {"S": partition}, **more.pop("ExpressionAttributeValues", {})}
    return {
        "KeyConditionExpression": more.pop("KeyConditionExpression", "pk = :p"),
        "ExpressionAttributeValues": values,
        **more,
    }


def test_a_query_gives_a_partition_in_the_order_of_its_sort_keys(dynamodb, filled):
    assert numbers(dynamodb.query(TableName=filled, **of())) == list(range(10))
    backwards = dynamodb.query(TableName=filled, **of(), ScanIndexForward=False)
    assert numbers(backwards) == list(range(9, -1, -1))


def test_a_range_of_sort_keys(dynamodb, filled):
    found = dynamodb.query(
        TableName=filled,
        **of(
            KeyConditionExpression="pk = :p AND sk BETWEEN :low AND :high",
            ExpressionAttributeValues={":low": {"N": "2"}, ":high": {"N": "4"}},
        ),
    )
    assert numbers(found) == [2, 3, 4]


def test_the_older_key_conditions_and_filter(dynamodb, filled):
    found = dynamodb.query(
        TableName=filled,
        KeyConditions={
            "pk": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "a"}]},
            "sk": {"ComparisonOperator": "GT", "AttributeValueList": [{"N": "5"}]},
        },
        QueryFilter={"parity": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "odd"}]}},
        AttributesToGet=["sk"],
    )
    assert found["Items"] == [{"sk": {"N": "7"}}, {"sk": {"N": "9"}}]
    assert (found["Count"], found["ScannedCount"]) == (2, 4)


def test_a_filter_drops_items_after_they_were_counted(dynamodb, filled):
    found = dynamodb.query(
        TableName=filled,
        **of(FilterExpression="parity = :o", ExpressionAttributeValues={":o": {"S": "odd"}}),
        Limit=4,
    )
    assert numbers(found) == [1, 3]
    assert (found["Count"], found["ScannedCount"]) == (2, 4)
    assert found["LastEvaluatedKey"] == {"pk": {"S": "a"}, "sk": {"N": "3"}}


def test_only_the_count(dynamodb, filled, answer):
    result = answer(dynamodb.query, TableName=filled, **of(), Select="COUNT")
    assert result == {"Count": 10, "ScannedCount": 10}


@pytest.mark.parametrize("limit", [1, 3, 10, 11])
@pytest.mark.parametrize("forward", [True, False])
def test_pages_follow_each_other_without_gap_or_overlap(dynamodb, filled, limit, forward):
    pages = dynamodb.get_paginator("query").paginate(
        TableName=filled, **of(), ScanIndexForward=forward, PaginationConfig={"PageSize": limit}
    )
    found = [number for page in pages for number in numbers(page)]
    assert found == sorted(range(10), reverse=not forward)


def test_a_page_that_is_full_names_its_last_key_even_at_the_end(dynamodb, filled):
    assert "LastEvaluatedKey" in dynamodb.query(TableName=filled, **of(), Limit=10)
    assert "LastEvaluatedKey" not in dynamodb.query(TableName=filled, **of(), Limit=11)


def test_a_page_ends_at_a_mebibyte(dynamodb, series):
    for number in range(5):
        dynamodb.put_item(
            TableName=series,
            Item={"pk": {"S": "a"}, "sk": {"N": str(number)}, "x": {"S": "x" * 350_000}},
        )
    first = dynamodb.query(TableName=series, **of(), Select="COUNT")
    assert first["Count"] == 3
    second = dynamodb.query(
        TableName=series, **of(), Select="COUNT", ExclusiveStartKey=first["LastEvaluatedKey"]
    )
    assert second["Count"] == 2
    assert "LastEvaluatedKey" not in second


def test_a_scan_meets_every_item_once(dynamodb, filled):
    pages = dynamodb.get_paginator("scan").paginate(
        TableName=filled, PaginationConfig={"PageSize": 3}
    )
    found = sorted(number for page in pages for number in numbers(page))
    assert found == [-1.5, *range(10)]


def test_segments_of_a_scan_share_the_items(dynamodb, table):
    for number in range(40):
        dynamodb.put_item(TableName=table, Item={"id": {"S": f"item-{number}"}})
    found = []
    for segment in range(4):
        part = dynamodb.scan(TableName=table, Segment=segment, TotalSegments=4)["Items"]
        assert 0 < len(part) < 40
        found += [item["id"]["S"] for item in part]
    assert sorted(found) == sorted(f"item-{number}" for number in range(40))


def test_a_scan_with_a_filter(dynamodb, filled):
    found = dynamodb.scan(
        TableName=filled,
        FilterExpression="attribute_not_exists(parity) OR sk = :nine",
        ExpressionAttributeValues={":nine": {"N": "9"}},
    )
    assert sorted(numbers(found)) == [-1.5, 9]
    found = dynamodb.scan(TableName=filled, ScanFilter={"parity": {"ComparisonOperator": "NULL"}})
    assert numbers(found) == [-1.5]


@pytest.mark.parametrize(
    ("request_part", "message"),
    [
        (
            {"Segment": 1},
            "The TotalSegments parameter is required but was not present in the request when "
            "Segment parameter is present",
        ),
        (
            {"Segment": 4, "TotalSegments": 4},
            "The Segment parameter is zero-based and must be less than parameter TotalSegments: "
            "Segment: 4 is not less than TotalSegments: 4",
        ),
        ({"ExclusiveStartKey": {"pk": {"S": "a"}}}, "The provided starting key is invalid"),
        ({"IndexName": "none"}, "The table does not have the specified index: none"),
        (
            {"Select": "SPECIFIC_ATTRIBUTES"},
            "Must specify the AttributesToGet or ProjectionExpression when choosing to get "
            "SPECIFIC_ATTRIBUTES",
        ),
        (
            {"Select": "COUNT", "ProjectionExpression": "pk"},
            "Cannot specify the ProjectionExpression when choosing to get only the Count",
        ),
    ],
)
def test_a_wrong_scan_is_refused(dynamodb, filled, invalid, request_part, message):
    assert invalid(dynamodb.scan, TableName=filled, **request_part) == message


@pytest.mark.parametrize(
    ("request_part", "message"),
    [
        (
            {},
            "Either the KeyConditions or KeyConditionExpression parameter must be specified in the "
            "request.",
        ),
        (
            of(FilterExpression="sk = :p"),
            "Filter Expression can only contain non-primary key attributes: "
            "Primary key attribute: sk",
        ),
        (
            of(ExclusiveStartKey={"pk": {"S": "b"}, "sk": {"N": "1"}}),
            "The provided starting key is outside query boundaries based on provided conditions",
        ),
        (
            {
                "KeyConditions": {
                    "pk": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "a"}]}
                },
                "QueryFilter": {"sk": {"ComparisonOperator": "NOT_NULL"}},
            },
            "QueryFilter can only contain non-primary key attributes: Primary key attribute: sk",
        ),
        (
            of(FilterExpression=""),
            "Invalid FilterExpression: The expression can not be empty;",
        ),
        (
            {
                "KeyConditionExpression": "sk = :p",
                "ExpressionAttributeValues": {":p": {"N": "1"}},
            },
            "Query condition missed key schema element: pk",
        ),
    ],
)
def test_a_wrong_query_is_refused(dynamodb, filled, invalid, request_part, message):
    assert invalid(dynamodb.query, TableName=filled, **request_part) == message


def test_a_query_costs_what_it_reads_together(dynamodb, series):
    for number in range(3):
        dynamodb.put_item(
            TableName=series,
            Item={"pk": {"S": "a"}, "sk": {"N": str(number)}, "x": {"S": "x" * 1000}},
        )
    found = dynamodb.query(TableName=series, **of(), ReturnConsumedCapacity="TOTAL")
    assert found["ConsumedCapacity"] == {"TableName": series, "CapacityUnits": 0.5}
