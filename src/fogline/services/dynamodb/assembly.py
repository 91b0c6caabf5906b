"""How DynamoDB and its streams is put together."""

from __future__ import annotations

from fogline.ports.service import Service
from fogline.services.dynamodb.limits import Limits
from fogline.services.dynamodb.loops import Expiry, Trim
from fogline.services.dynamodb.service import OPERATIONS, STREAM_OPERATIONS, DynamoDb
from fogline.services.dynamodb.tables import Tables
from fogline.store.store import Store
from fogline.world.ids import Ids


def make_dynamodb(store: Store, ids: Ids, limits: Limits | None = None) -> DynamoDb:
    """DynamoDB on a store."""
    return DynamoDb(store, Tables(store), ids, limits or Limits())


def make_service(dynamodb: DynamoDb) -> Service:
    """DynamoDB as the platform takes it in."""
    return Service(
        name="dynamodb",
        package="fogline.services.dynamodb",
        stands_on=dynamodb,
        operations=OPERATIONS,
        loops=(Expiry(dynamodb), Trim(dynamodb)),
    )


def make_streams_service(dynamodb: DynamoDb) -> Service:
    """DynamoDB Streams as the platform takes it in."""
    return Service(
        name="dynamodbstreams",
        package="fogline.services.dynamodb",
        stands_on=dynamodb,
        operations=STREAM_OPERATIONS,
    )
