from __future__ import annotations

import pytest

ITEM = {
    "id": {"S": "1"},
    "text": {"S": "é"},
    "number": {"N": "12.5"},
    "binary": {"B": b"\x00\xff"},
    "yes": {"BOOL": True},
    "nothing": {"NULL": True},
    "list": {"L": [{"S": "a"}, {"L": []}, {"B": b"x"}]},
    "map": {"M": {"inner": {"M": {"deep": {"BS": [b"a", b"b"]}}}}},
    "texts": {"SS": ["a", "b"]},
    "numbers": {"NS": ["1", "2"]},
}
KEY = {"id": {"S": "1"}}
NOT_FOUND = ("ResourceNotFoundException", "Requested resource not found")
FAILED = ("ConditionalCheckFailedException", "The conditional request failed")
TOO_LARGE = "Item size has exceeded the maximum allowed size"


def test_an_item_comes_back_as_it_was_put(dynamodb, table):
    dynamodb.put_item(TableName=table, Item=ITEM)
    assert dynamodb.get_item(TableName=table, Key=KEY)["Item"] == ITEM


def test_numbers_come_back_in_their_normal_form(dynamodb, table):
    dynamodb.put_item(TableName=table, Item={**KEY, "n": {"N": "1.50E2"}, "ns": {"NS": ["01"]}})
    found = dynamodb.get_item(TableName=table, Key=KEY)["Item"]
    assert (found["n"], found["ns"]) == ({"N": "150"}, {"NS": ["1"]})


def test_nothing_is_found_where_nothing_was_put(table, answer, dynamodb):
    assert answer(dynamodb.get_item, TableName=table, Key=KEY) == {}


def test_a_table_is_found_by_its_arn(dynamodb, table, fogline):
    arn = f"arn:aws:dynamodb:us-east-1:{fogline.id}:table/{table}"
    dynamodb.put_item(TableName=arn, Item=KEY)
    assert dynamodb.get_item(TableName=table, Key=KEY)["Item"] == KEY


def test_accounts_and_regions_are_kept_apart(dynamodb, table, fogline, refusal):
    elsewhere = fogline.client("dynamodb", "eu-west-1")
    assert refusal(elsewhere.get_item, TableName=table, Key=KEY) == NOT_FOUND


@pytest.mark.parametrize(
    ("operation", "more"),
    [("get_item", {"Key": KEY}), ("put_item", {"Item": KEY}), ("delete_item", {"Key": KEY})],
)
def test_a_table_that_is_not_there_is_not_found(dynamodb, refusal, operation, more):
    assert refusal(getattr(dynamodb, operation), TableName="none", **more) == NOT_FOUND


def test_a_name_that_no_table_can_have_is_invalid(dynamodb, invalid):
    assert invalid(dynamodb.get_item, TableName="/bad", Key=KEY) == (
        "1 validation error detected: Value '/bad' at 'tableName' failed to satisfy constraint: "
        "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"
    )


def test_a_projection_takes_part_of_an_item(dynamodb, table):
    dynamodb.put_item(TableName=table, Item=ITEM)
    found = dynamodb.get_item(
        TableName=table,
        Key=KEY,
        ProjectionExpression="#l[0], #n",
        ExpressionAttributeNames={"#l": "list", "#n": "number"},
    )
    assert found["Item"] == {"list": {"L": [{"S": "a"}]}, "number": {"N": "12.5"}}
    found = dynamodb.get_item(TableName=table, Key=KEY, AttributesToGet=["id", "yes"])
    assert found["Item"] == {"id": {"S": "1"}, "yes": {"BOOL": True}}


def test_names_without_an_expression_are_refused(dynamodb, table, invalid):
    names = {"#a": "a"}
    assert invalid(dynamodb.get_item, TableName=table, Key=KEY, ExpressionAttributeNames=names) == (
        "ExpressionAttributeNames can only be specified when using expressions"
    )
    assert invalid(
        dynamodb.put_item, TableName=table, Item=KEY, ExpressionAttributeValues={":a": {"S": "a"}}
    ) == (
        "ExpressionAttributeValues can only be specified when using expressions: "
        "ConditionExpression is null"
    )


def test_an_item_holds_400_kib_and_no_more(dynamodb, table, invalid):
    size = 400 * 1024 - len("id") - len("1") - len("x")
    dynamodb.put_item(TableName=table, Item={**KEY, "x": {"S": "x" * size}})
    message = invalid(
        dynamodb.put_item, TableName=table, Item={**KEY, "x": {"S": "x" * (size + 1)}}
    )
    assert message == TOO_LARGE
    assert (
        invalid(
            dynamodb.update_item,
            TableName=table,
            Key=KEY,
            UpdateExpression="SET y = :y",
            ExpressionAttributeValues={":y": {"S": ""}},
        )
        == "Item size to update has exceeded the maximum allowed size"
    )


def test_putting_gives_back_what_was_there(dynamodb, table, answer):
    request = {"TableName": table, "ReturnValues": "ALL_OLD"}
    first, second = {**KEY, "data": {"S": "a"}}, {**KEY, "data": {"S": "b"}}
    assert answer(dynamodb.put_item, Item=first, **request) == {}
    assert answer(dynamodb.put_item, Item=second, **request) == {"Attributes": first}
    assert answer(dynamodb.put_item, TableName=table, Item=first) == {}


def test_deleting_gives_back_what_was_there(dynamodb, table, answer):
    dynamodb.put_item(TableName=table, Item=ITEM)
    request = {"TableName": table, "Key": KEY, "ReturnValues": "ALL_OLD"}
    assert answer(dynamodb.delete_item, **request) == {"Attributes": ITEM}
    assert answer(dynamodb.delete_item, **request) == {}


@pytest.mark.parametrize("wanted", ["UPDATED_NEW", "ALL_NEW", "UPDATED_OLD"])
def test_putting_and_deleting_give_back_nothing_else(dynamodb, table, invalid, wanted):
    for operation, more in (("put_item", {"Item": KEY}), ("delete_item", {"Key": KEY})):
        assert (
            invalid(getattr(dynamodb, operation), TableName=table, ReturnValues=wanted, **more)
            == "ReturnValues can only be ALL_OLD or NONE"
        )


@pytest.mark.parametrize(
    ("wanted", "attributes"),
    [
        ("NONE", None),
        ("ALL_OLD", {"id": {"S": "1"}, "a": {"N": "1"}, "b": {"S": "b"}}),
        ("ALL_NEW", {"id": {"S": "1"}, "a": {"N": "3"}, "b": {"S": "b"}, "c": {"S": "c"}}),
        ("UPDATED_OLD", {"a": {"N": "1"}}),
        ("UPDATED_NEW", {"a": {"N": "3"}, "c": {"S": "c"}}),
    ],
)
def test_updating_gives_back_what_is_wanted(dynamodb, table, answer, wanted, attributes):
    dynamodb.put_item(TableName=table, Item={**KEY, "a": {"N": "1"}, "b": {"S": "b"}})
    result = answer(
        dynamodb.update_item,
        TableName=table,
        Key=KEY,
        UpdateExpression="SET a = a + :two, c = :c",
        ExpressionAttributeValues={":two": {"N": "2"}, ":c": {"S": "c"}},
        ReturnValues=wanted,
    )
    assert result == ({"Attributes": attributes} if attributes else {})


def test_updating_what_is_not_there_makes_it(dynamodb, table):
    dynamodb.update_item(TableName=table, Key=KEY)
    assert dynamodb.get_item(TableName=table, Key=KEY)["Item"] == KEY
    other = {"id": {"S": "2"}}
    dynamodb.update_item(
        TableName=table,
        Key=other,
        UpdateExpression="ADD visits :one",
        ExpressionAttributeValues={":one": {"N": "1"}},
    )
    found = dynamodb.get_item(TableName=table, Key=other)["Item"]
    assert found == {**other, "visits": {"N": "1"}}


def test_the_key_cannot_be_updated(dynamodb, table, invalid):
    assert invalid(
        dynamodb.update_item,
        TableName=table,
        Key=KEY,
        UpdateExpression="SET id = :v",
        ExpressionAttributeValues={":v": {"S": "2"}},
    ) == (
        "One or more parameter values were invalid: "
        "Cannot update attribute id. This attribute is part of the key"
    )


def test_a_condition_guards_each_kind_of_write(dynamodb, table, refusal):
    condition = {"TableName": table, "ConditionExpression": "attribute_exists(id)"}
    assert refusal(dynamodb.put_item, Item=KEY, **condition) == FAILED
    assert refusal(dynamodb.delete_item, Key=KEY, **condition) == FAILED
    assert refusal(dynamodb.update_item, Key=KEY, **condition) == FAILED
    dynamodb.put_item(TableName=table, Item=KEY)
    dynamodb.put_item(Item=KEY, **condition)
    dynamodb.update_item(Key=KEY, **condition)
    dynamodb.delete_item(Key=KEY, **condition)


def test_a_failed_condition_shows_the_item_when_asked(dynamodb, table):
    dynamodb.put_item(TableName=table, Item=ITEM)
    with pytest.raises(dynamodb.exceptions.ConditionalCheckFailedException) as refused:
        dynamodb.put_item(
            TableName=table,
            Item=KEY,
            ConditionExpression="attribute_not_exists(id)",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    assert refused.value.response["Item"] == ITEM


def test_a_lock_is_taken_once(dynamodb, table, refusal):
    take = {
        "TableName": table,
        "Item": {**KEY, "until": {"N": "100"}},
        "ConditionExpression": "attribute_not_exists(id) OR #until < :now",
        "ExpressionAttributeNames": {"#until": "until"},
    }
    dynamodb.put_item(**take, ExpressionAttributeValues={":now": {"N": "50"}})
    late = refusal(dynamodb.put_item, **take, ExpressionAttributeValues={":now": {"N": "99"}})
    assert late == FAILED
    dynamodb.put_item(**take, ExpressionAttributeValues={":now": {"N": "101"}})


def test_the_older_parameters_still_work(dynamodb, table, refusal):
    dynamodb.put_item(TableName=table, Item={**KEY, "n": {"N": "1"}, "s": {"SS": ["a", "b"]}})
    dynamodb.update_item(
        TableName=table,
        Key=KEY,
        AttributeUpdates={
            "n": {"Action": "ADD", "Value": {"N": "4"}},
            "s": {"Action": "DELETE", "Value": {"SS": ["a"]}},
        },
        Expected={"n": {"Value": {"N": "1"}}},
    )
    found = dynamodb.get_item(TableName=table, Key=KEY)["Item"]
    assert found == {**KEY, "n": {"N": "5"}, "s": {"SS": ["b"]}}
    late = refusal(
        dynamodb.delete_item, TableName=table, Key=KEY, Expected={"n": {"Value": {"N": "1"}}}
    )
    assert late == FAILED


def test_older_and_newer_parameters_do_not_mix(dynamodb, table, invalid):
    assert invalid(
        dynamodb.update_item,
        TableName=table,
        Key=KEY,
        UpdateExpression="REMOVE a",
        Expected={"a": {"Exists": False}},
        AttributeUpdates={"a": {"Action": "DELETE"}},
    ) == (
        "Can not use both expression and non-expression parameters in the same request: "
        "Non-expression parameters: {AttributeUpdates, Expected} "
        "Expression parameters: {UpdateExpression}"
    )


def test_what_is_read_and_written_is_counted(dynamodb, table, answer):
    item = {**KEY, "x": {"S": "x" * 5000}}
    put = answer(dynamodb.put_item, TableName=table, Item=item, ReturnConsumedCapacity="TOTAL")
    assert put == {"ConsumedCapacity": {"TableName": table, "CapacityUnits": 5.0}}
    put = answer(dynamodb.put_item, TableName=table, Item=KEY, ReturnConsumedCapacity="INDEXES")
    assert put["ConsumedCapacity"] == {
        "TableName": table,
        "CapacityUnits": 5.0,
        "Table": {"CapacityUnits": 5.0},
    }
    read = {"TableName": table, "Key": KEY, "ReturnConsumedCapacity": "TOTAL"}
    eventual = dynamodb.get_item(**read)["ConsumedCapacity"]["CapacityUnits"]
    strong = dynamodb.get_item(**read, ConsistentRead=True)["ConsumedCapacity"]["CapacityUnits"]
    assert (eventual, strong) == (0.5, 1.0)


def test_a_malformed_request_is_refused_before_the_table_is_looked_for(dynamodb, invalid):
    assert invalid(dynamodb.update_item, TableName="none", Key=KEY, UpdateExpression="SET") == (
        'Invalid UpdateExpression: Syntax error; token: "<EOF>", near: "SET"'
    )


def test_a_key_of_another_shape_is_refused(dynamodb, table, invalid):
    assert invalid(dynamodb.get_item, TableName=table, Key={"other": {"S": "1"}}) == (
        "The provided key element does not match the schema"
    )
    assert invalid(dynamodb.put_item, TableName=table, Item={"other": {"S": "1"}}) == (
        "One or more parameter values were invalid: Missing the key id in the item"
    )
