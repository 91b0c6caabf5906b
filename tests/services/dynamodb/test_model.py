"""A table and a dict, driven side by side: whatever is asked, both hold and give the same."""

from __future__ import annotations

import copy

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from fogline.aws.call import Call, Principal, Trace
from fogline.services.dynamodb import schema
from fogline.services.dynamodb.assembly import make_dynamodb
from fogline.services.dynamodb.errors import ConditionalCheckFailedException
from fogline.services.dynamodb.limits import Limits
from fogline.services.dynamodb.operations import items, queries
from fogline.services.dynamodb.operations.tables import create_table
from fogline.store import documents
from fogline.store.schema import migrate
from fogline.store.sqlite import SqliteStore
from fogline.world.ids import Ids

CALL = Call(
    "dynamodb", "", "1", "us-east-1", Principal("1", "", ""), "r", 1, Trace("1", "1"), "http://x"
)
TABLE = {
    "TableName": "model",
    "KeySchema": [
        {"AttributeName": "pk", "KeyType": "HASH"},
        {"AttributeName": "sk", "KeyType": "RANGE"},
    ],
    "AttributeDefinitions": [
        {"AttributeName": "pk", "AttributeType": "S"},
        {"AttributeName": "sk", "AttributeType": "N"},
        {"AttributeName": "kind", "AttributeType": "S"},
        {"AttributeName": "n", "AttributeType": "N"},
    ],
    "BillingMode": "PAY_PER_REQUEST",
    "GlobalSecondaryIndexes": [
        {
            "IndexName": "by-kind",
            "KeySchema": [
                {"AttributeName": "kind", "KeyType": "HASH"},
                {"AttributeName": "n", "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "ALL"},
        }
    ],
}

PARTITIONS = st.sampled_from(["a", "b", "c"])
SORTS = st.sampled_from([-20, -3, -1, 0, 1, 2, 10, 300])
KINDS = st.sampled_from(["x", "y"])
NUMBERS = st.integers(-3, 3)
PAGE = st.integers(1, 4) | st.none()


class Machine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.store = SqliteStore(None)
        migrate(self.store, (documents.SCHEMA, schema.SCHEMA))
        # Pages end early, so that the rare case of a large page is the common one here.
        self.dynamodb = make_dynamodb(self.store, Ids(1), Limits(page_bytes_max=60))
        create_table(self.dynamodb, CALL, copy.deepcopy(TABLE))
        self.model: dict[tuple[str, int], dict[str, object]] = {}

    def teardown(self) -> None:
        self.store.close()

    def ask(self, operation, **request):
        return operation(self.dynamodb, CALL, {"TableName": "model", **request})

    @staticmethod
    def key(partition, sort):
        return {"pk": {"S": partition}, "sk": {"N": str(sort)}}

    def item(self, place):
        kept = self.model[place]
        item = self.key(*place)
        if "kind" in kept:
            item["kind"] = {"S": kept["kind"]}
        if "n" in kept:
            item["n"] = {"N": str(kept["n"])}
        return item

    @rule(partition=PARTITIONS, sort=SORTS, kind=KINDS | st.none(), n=NUMBERS | st.none())
    def put(self, partition, sort, kind, n):
        place = (partition, sort)
        old = self.item(place) if place in self.model else None
        self.model[place] = {
            name: value for name, value in (("kind", kind), ("n", n)) if value is not None
        }
        result = self.ask(items.put_item, Item=self.item(place), ReturnValues="ALL_OLD")
        assert result.get("Attributes") == old

    @rule(partition=PARTITIONS, sort=SORTS, by=NUMBERS)
    def add(self, partition, sort, by):
        place = (partition, sort)
        kept = self.model.setdefault(place, {})
        kept["n"] = kept.get("n", 0) + by
        result = self.ask(
            items.update_item,
            Key=self.key(*place),
            UpdateExpression="ADD n :by",
            ExpressionAttributeValues={":by": {"N": str(by)}},
            ReturnValues="UPDATED_NEW",
        )
        assert result["Attributes"] == {"n": {"N": str(kept["n"])}}

    @rule(partition=PARTITIONS, sort=SORTS, kind=KINDS, expected=NUMBERS)
    def change_where(self, partition, sort, kind, expected):
        place = (partition, sort)
        request = {
            "Key": self.key(*place),
            "UpdateExpression": "SET kind = :k REMOVE n",
            "ConditionExpression": "n = :n",
            "ExpressionAttributeValues": {":k": {"S": kind}, ":n": {"N": str(expected)}},
        }
        if self.model.get(place, {}).get("n") == expected:
            self.ask(items.update_item, **request)
            self.model[place] = {"kind": kind}
        else:
            with pytest.raises(ConditionalCheckFailedException):
                self.ask(items.update_item, **request)

    @rule(partition=PARTITIONS, sort=SORTS)
    def delete(self, partition, sort):
        self.ask(items.delete_item, Key=self.key(partition, sort))
        self.model.pop((partition, sort), None)

    @rule(partition=PARTITIONS, low=SORTS, high=SORTS, forward=st.booleans(), page=PAGE)
    def query(self, partition, low, high, forward, page):
        low, high = min(low, high), max(low, high)
        found = self.pages(
            queries.query,
            page,
            KeyConditionExpression="pk = :p AND sk BETWEEN :l AND :h",
            ExpressionAttributeValues={
                ":p": {"S": partition},
                ":l": {"N": str(low)},
                ":h": {"N": str(high)},
            },
            ScanIndexForward=forward,
        )
        places = sorted(
            (place for place in self.model if place[0] == partition and low <= place[1] <= high),
            reverse=not forward,
        )
        assert found == [self.item(place) for place in places]

    @rule(kind=KINDS, forward=st.booleans(), page=PAGE)
    def query_index(self, kind, forward, page):
        found = self.pages(
            queries.query,
            page,
            IndexName="by-kind",
            KeyConditionExpression="kind = :k",
            ExpressionAttributeValues={":k": {"S": kind}},
            ScanIndexForward=forward,
        )
        inside = [
            place for place, kept in self.model.items() if kept.get("kind") == kind and "n" in kept
        ]
        assert sorted(found, key=str) == sorted(map(self.item, inside), key=str)
        order = [int(item["n"]["N"]) for item in found]
        assert order == sorted(order, reverse=not forward)

    @rule(page=PAGE, total=st.integers(1, 3))
    def scan(self, page, total):
        found = []
        for segment in range(total):
            found += self.pages(queries.scan, page, Segment=segment, TotalSegments=total)
        assert sorted(found, key=str) == sorted(map(self.item, self.model), key=str)

    def pages(self, operation, limit, **request):
        if limit is not None:
            request["Limit"] = limit
        found = []
        while True:
            page = self.ask(operation, **copy.deepcopy(request))
            found += page["Items"]
            assert limit is None or len(page["Items"]) <= limit
            if "LastEvaluatedKey" not in page:
                return found
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    @invariant()
    def every_item_can_be_read(self):
        for place in self.model:
            assert self.ask(items.get_item, Key=self.key(*place)) == {"Item": self.item(place)}


Machine.TestCase.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)
TestTableAndModel = Machine.TestCase
