from __future__ import annotations


def ttl(table, *, enabled=True, name="expires"):
    return {
        "TableName": table,
        "TimeToLiveSpecification": {"Enabled": enabled, "AttributeName": name},
    }


def item(number, at):
    return {"id": {"S": str(number)}, "expires": {"N": str(at)}}


def ids(dynamodb, table):
    return {each["id"]["S"] for each in dynamodb.scan(TableName=table)["Items"]}


def test_an_item_is_removed_when_its_time_has_passed(dynamodb, table, fogline):
    now = fogline.platform.now() // 1000
    dynamodb.put_item(TableName=table, Item=item(1, now + 100))
    dynamodb.update_time_to_live(**ttl(table))
    dynamodb.put_item(TableName=table, Item=item(2, now + 50))
    dynamodb.put_item(TableName=table, Item=item(3, now + 500))
    dynamodb.put_item(TableName=table, Item={"id": {"S": "4"}, "expires": {"S": "soon"}})
    fogline.platform.advance(seconds=60)
    assert ids(dynamodb, table) == {"1", "3", "4"}
    fogline.platform.advance(seconds=60)
    assert ids(dynamodb, table) == {"3", "4"}


def test_an_item_whose_time_is_put_off_stays(dynamodb, table, fogline):
    now = fogline.platform.now() // 1000
    dynamodb.update_time_to_live(**ttl(table))
    dynamodb.put_item(TableName=table, Item=item(1, now + 50))
    dynamodb.put_item(TableName=table, Item=item(1, now + 500))
    fogline.platform.advance(seconds=60)
    assert ids(dynamodb, table) == {"1"}


def test_time_to_live_is_described_and_ends(dynamodb, table, fogline, invalid):
    describe = dynamodb.describe_time_to_live
    assert describe(TableName=table)["TimeToLiveDescription"] == {"TimeToLiveStatus": "DISABLED"}
    dynamodb.update_time_to_live(**ttl(table))
    assert describe(TableName=table)["TimeToLiveDescription"] == {
        "TimeToLiveStatus": "ENABLED",
        "AttributeName": "expires",
    }
    assert invalid(dynamodb.update_time_to_live, **ttl(table)) == "TimeToLive is already enabled"
    now = fogline.platform.now() // 1000
    dynamodb.put_item(TableName=table, Item=item(1, now + 50))
    dynamodb.update_time_to_live(**ttl(table, enabled=False))
    fogline.platform.advance(seconds=60)
    assert ids(dynamodb, table) == {"1"}
