from __future__ import annotations

import pytest


@pytest.fixture
def streams(fogline):
    return fogline.client("dynamodbstreams")


@pytest.fixture
def make_streamed(dynamodb, make_table):
    def make_streamed(view="NEW_AND_OLD_IMAGES", name="streamed"):
        make_table(name, "id", StreamSpecification={"StreamEnabled": True, "StreamViewType": view})
        return dynamodb.describe_table(TableName=name)["Table"]["LatestStreamArn"]

    return make_streamed


@pytest.fixture
def iterator(streams):
    def iterator(arn, kind="TRIM_HORIZON", **more):
        [shard] = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
        return streams.get_shard_iterator(
            StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType=kind, **more
        )["ShardIterator"]

    return iterator


@pytest.fixture
def read(streams, iterator):
    """What `GetRecords` gives from the beginning."""

    def read(arn):
        return streams.get_records(ShardIterator=iterator(arn))["Records"]

    return read


def change(dynamodb):
    key = {"id": {"S": "my-item-id"}}
    first = {**key, "attr1": {"S": "value1"}, "attr2": {"S": "value2"}}
    second = {**key, "attr1": {"S": "value2"}, "attr2": {"B": b"\x90"}}
    dynamodb.put_item(TableName="streamed", Item=first)
    dynamodb.put_item(TableName="streamed", Item=first)
    dynamodb.put_item(TableName="streamed", Item=second)
    dynamodb.delete_item(TableName="streamed", Key=key)
    dynamodb.delete_item(TableName="streamed", Key=key)
    return key, first, second


def test_each_change_leaves_a_record_in_its_order(dynamodb, make_streamed, read):
    arn = make_streamed()
    key, first, second = change(dynamodb)
    records = read(arn)
    assert [each["eventName"] for each in records] == ["INSERT", "MODIFY", "REMOVE"]
    images = [
        (each["dynamodb"].get("OldImage"), each["dynamodb"].get("NewImage")) for each in records
    ]
    assert images == [(None, first), (first, second), (second, None)]
    assert all(each["dynamodb"]["Keys"] == key for each in records)
    assert records[0]["dynamodb"]["SizeBytes"] == 46
    assert records[0]["eventSource"] == "aws:dynamodb"
    assert records[0]["eventVersion"] == "1.1"
    numbers = [int(each["dynamodb"]["SequenceNumber"]) for each in records]
    assert numbers == sorted(set(numbers))


@pytest.mark.parametrize(
    ("view", "members"),
    [
        ("KEYS_ONLY", set()),
        ("NEW_IMAGE", {"NewImage"}),
        ("OLD_IMAGE", {"OldImage"}),
        ("NEW_AND_OLD_IMAGES", {"NewImage", "OldImage"}),
    ],
)
def test_a_record_shows_what_the_stream_is_for(dynamodb, make_streamed, read, view, members):
    arn = make_streamed(view)
    change(dynamodb)
    record = read(arn)[1]["dynamodb"]
    assert {name for name in record if name.endswith("Image")} == members
    assert record["StreamViewType"] == view


def test_reading_goes_on_where_it_ended(dynamodb, make_streamed, streams, iterator):
    arn = make_streamed()
    change(dynamodb)
    first = streams.get_records(ShardIterator=iterator(arn), Limit=2)
    second = streams.get_records(ShardIterator=first["NextShardIterator"])
    third = streams.get_records(ShardIterator=second["NextShardIterator"])
    assert [len(each["Records"]) for each in (first, second, third)] == [2, 1, 0]
    middle = first["Records"][1]["dynamodb"]["SequenceNumber"]
    for kind, count in (("AT_SEQUENCE_NUMBER", 2), ("AFTER_SEQUENCE_NUMBER", 1)):
        found = streams.get_records(ShardIterator=iterator(arn, kind, SequenceNumber=middle))
        assert len(found["Records"]) == count
    latest = iterator(arn, "LATEST")
    dynamodb.put_item(TableName="streamed", Item={"id": {"S": "new"}})
    found = streams.get_records(ShardIterator=latest)["Records"]
    assert [each["dynamodb"]["Keys"]["id"]["S"] for each in found] == ["new"]


def test_a_transaction_leaves_all_its_records_or_none(dynamodb, make_streamed, read, refusal):
    arn = make_streamed()
    put = [{"Put": {"TableName": "streamed", "Item": {"id": {"S": each}}}} for each in "ab"]
    dynamodb.transact_write_items(TransactItems=put)
    check = {
        "ConditionCheck": {
            "TableName": "streamed",
            "Key": {"id": {"S": "z"}},
            "ConditionExpression": "attribute_exists(id)",
        }
    }
    again = {"Put": {"TableName": "streamed", "Item": {"id": {"S": "c"}}}}
    refusal(dynamodb.transact_write_items, TransactItems=[again, check])
    assert [each["dynamodb"]["Keys"]["id"]["S"] for each in read(arn)] == ["a", "b"]


def test_an_expired_item_is_removed_by_the_service(dynamodb, make_streamed, read, fogline):
    arn = make_streamed()
    dynamodb.update_time_to_live(
        TableName="streamed",
        TimeToLiveSpecification={"Enabled": True, "AttributeName": "until"},
    )
    until = fogline.platform.now() // 1000 + 10
    dynamodb.put_item(TableName="streamed", Item={"id": {"S": "a"}, "until": {"N": str(until)}})
    fogline.platform.advance(seconds=20)
    record = read(arn)[-1]
    assert record["eventName"] == "REMOVE"
    assert record["userIdentity"] == {
        "Type": "Service",
        "PrincipalId": "dynamodb.amazonaws.com",
    }


def test_records_are_kept_for_a_day(dynamodb, make_streamed, read, fogline, refusal, streams):
    arn = make_streamed()
    change(dynamodb)
    fogline.platform.advance(hours=23)
    assert len(read(arn)) == 3
    fogline.platform.advance(hours=2)
    assert read(arn) == []


def test_an_iterator_is_good_for_a_quarter_of_an_hour(
    make_streamed, streams, iterator, fogline, refusal
):
    held = iterator(make_streamed())
    fogline.platform.advance(seconds=900)
    streams.get_records(ShardIterator=held)
    fogline.platform.advance(seconds=1)
    code, _ = refusal(streams.get_records, ShardIterator=held)
    assert code == "ExpiredIteratorException"


def test_a_stream_ends_with_its_table_and_can_be_read_for_a_day(
    dynamodb, make_streamed, streams, iterator, fogline, refusal
):
    arn = make_streamed()
    change(dynamodb)
    dynamodb.delete_table(TableName="streamed")
    described = streams.describe_stream(StreamArn=arn)["StreamDescription"]
    assert described["StreamStatus"] == "DISABLED"
    assert "EndingSequenceNumber" in described["Shards"][0]["SequenceNumberRange"]
    result = streams.get_records(ShardIterator=iterator(arn))
    assert len(result["Records"]) == 3
    assert "NextShardIterator" not in result
    fogline.platform.advance(hours=26)
    code, _ = refusal(streams.describe_stream, StreamArn=arn)
    assert code == "ResourceNotFoundException"


def test_a_stream_is_switched_on_and_off(dynamodb, table, streams, refusal, invalid):
    on = {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
    dynamodb.update_table(TableName=table, StreamSpecification=on)
    code, _ = refusal(dynamodb.update_table, TableName=table, StreamSpecification=on)
    assert code == "ResourceInUseException"
    first = dynamodb.describe_table(TableName=table)["Table"]
    assert first["StreamSpecification"] == on
    dynamodb.update_table(TableName=table, StreamSpecification={"StreamEnabled": False})
    after = dynamodb.describe_table(TableName=table)["Table"]
    assert "StreamSpecification" not in after
    assert after["LatestStreamArn"] == first["LatestStreamArn"]
    dynamodb.update_table(TableName=table, StreamSpecification=on)
    second = dynamodb.describe_table(TableName=table)["Table"]
    assert second["LatestStreamArn"] != first["LatestStreamArn"]
    listed = streams.list_streams(TableName=table)["Streams"]
    assert {each["StreamArn"] for each in listed} == {
        first["LatestStreamArn"],
        second["LatestStreamArn"],
    }


def test_wrong_iterators_are_refused(streams, make_streamed, iterator, invalid, refusal):
    arn = make_streamed()
    for text in ("nonsense", f"{arn}|1|AAAA", f"{arn}|1|W10="):
        assert invalid(streams.get_records, ShardIterator=text) == "Invalid ShardIterator"
    assert "Invalid SequenceNumber" in invalid(
        iterator, arn=arn, kind="AT_SEQUENCE_NUMBER", SequenceNumber="x" * 30
    )
    code, _ = refusal(
        streams.get_shard_iterator,
        StreamArn=arn,
        ShardId="shardId-00000000000000000000-00000000",
        ShardIteratorType="LATEST",
    )
    assert code == "ResourceNotFoundException"
