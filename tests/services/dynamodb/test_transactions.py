from __future__ import annotations

import pytest


def key(number):
    return {"id": {"S": str(number)}}


def test_writes_happen_together(dynamodb, table, answer):
    dynamodb.put_item(TableName=table, Item=key(3))
    result = answer(
        dynamodb.transact_write_items,
        TransactItems=[
            {"Put": {"TableName": table, "Item": key(1)}},
            {
                "Update": {
                    "TableName": table,
                    "Key": key(2),
                    "UpdateExpression": "ADD n :one",
                    "ExpressionAttributeValues": {":one": {"N": "1"}},
                }
            },
            {"Delete": {"TableName": table, "Key": key(3)}},
            {
                "ConditionCheck": {
                    "TableName": table,
                    "Key": key(4),
                    "ConditionExpression": "attribute_not_exists(id)",
                }
            },
        ],
    )
    assert result == {}
    assert {item["id"]["S"] for item in dynamodb.scan(TableName=table)["Items"]} == {"1", "2"}


def test_one_failed_condition_undoes_all(dynamodb, table):
    dynamodb.put_item(TableName=table, Item={**key(1), "x": {"S": "old"}})
    with pytest.raises(dynamodb.exceptions.TransactionCanceledException) as refused:
        dynamodb.transact_write_items(
            TransactItems=[
                {
                    "Put": {
                        "TableName": table,
                        "Item": key(1),
                        "ConditionExpression": "attribute_not_exists(id)",
                        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
                    }
                },
                {"Put": {"TableName": table, "Item": key(2)}},
            ]
        )
    response = refused.value.response
    assert response["Error"]["Message"] == (
        "Transaction cancelled, please refer cancellation reasons for specific reasons "
        "[ConditionalCheckFailed, None]"
    )
    assert response["CancellationReasons"] == [
        {
            "Code": "ConditionalCheckFailed",
            "Message": "The conditional request failed",
            "Item": {**key(1), "x": {"S": "old"}},
        },
        {"Code": "None"},
    ]
    assert "Item" not in dynamodb.get_item(TableName=table, Key=key(2))


def test_one_item_may_stand_in_a_transaction_once(dynamodb, table, invalid):
    put = {"Put": {"TableName": table, "Item": key(1)}}
    assert (
        invalid(dynamodb.transact_write_items, TransactItems=[put, put])
        == "Transaction request cannot include multiple operations on one item"
    )


def test_a_client_token_makes_a_transaction_happen_once(dynamodb, table, fogline, refusal):
    def add(number="1"):
        return {
            "TransactItems": [
                {
                    "Update": {
                        "TableName": table,
                        "Key": key(1),
                        "UpdateExpression": "ADD n :one",
                        "ExpressionAttributeValues": {":one": {"N": number}},
                    }
                }
            ],
            "ClientRequestToken": "once",
        }

    dynamodb.transact_write_items(**add())
    dynamodb.transact_write_items(**add())
    assert dynamodb.get_item(TableName=table, Key=key(1))["Item"]["n"] == {"N": "1"}
    code, _ = refusal(dynamodb.transact_write_items, **add("2"))
    assert code == "IdempotentParameterMismatchException"
    fogline.platform.advance(seconds=601)
    dynamodb.transact_write_items(**add("2"))
    assert dynamodb.get_item(TableName=table, Key=key(1))["Item"]["n"] == {"N": "3"}


def test_reads_happen_together(dynamodb, table, answer):
    dynamodb.put_item(TableName=table, Item={**key(1), "x": {"S": "x"}})
    result = answer(
        dynamodb.transact_get_items,
        TransactItems=[
            {"Get": {"TableName": table, "Key": key(1), "ProjectionExpression": "x"}},
            {"Get": {"TableName": table, "Key": key(2)}},
        ],
    )
    assert result == {"Responses": [{"Item": {"x": {"S": "x"}}}, {}]}


def test_an_unfit_key_cancels_a_transaction(dynamodb, table):
    with pytest.raises(dynamodb.exceptions.TransactionCanceledException) as refused:
        dynamodb.transact_write_items(
            TransactItems=[
                {"Put": {"TableName": table, "Item": key(1)}},
                {"Put": {"TableName": table, "Item": {"other": {"S": "1"}}}},
            ]
        )
    reasons = refused.value.response["CancellationReasons"]
    assert [reason["Code"] for reason in reasons] == ["None", "ValidationError"]
    assert "Missing the key id in the item" in reasons[1]["Message"]
