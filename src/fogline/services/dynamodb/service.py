"""DynamoDB's front page: what it stands on, and every operation by its file."""

from __future__ import annotations

from dataclasses import dataclass

from fogline.services.dynamodb.limits import Limits
from fogline.services.dynamodb.tables import Tables
from fogline.store.store import Store
from fogline.world.ids import Ids


@dataclass(frozen=True, slots=True)
class DynamoDb:
    """What every operation of DynamoDB is handed."""

    store: Store
    tables: Tables
    ids: Ids
    limits: Limits


OPERATIONS = {
    "tables": (
        "create_table",
        "delete_table",
        "describe_table",
        "list_tables",
        "update_table",
    ),
    "items": ("delete_item", "get_item", "put_item", "update_item"),
    "queries": ("query", "scan"),
    "batches": ("batch_get_item", "batch_write_item"),
    "transactions": ("transact_get_items", "transact_write_items"),
    "statements": ("batch_execute_statement", "execute_statement", "execute_transaction"),
    "time_to_live": ("describe_time_to_live", "update_time_to_live"),
    "continuous_backups": ("describe_continuous_backups", "update_continuous_backups"),
    "contributor_insights": ("describe_contributor_insights", "update_contributor_insights"),
    "tags": ("list_tags_of_resource", "tag_resource", "untag_resource"),
    "account": ("describe_endpoints", "describe_limits"),
}


STREAM_OPERATIONS = {
    "streams": ("describe_stream", "get_records", "get_shard_iterator", "list_streams"),
}
"""DynamoDB Streams: another client, the same rows."""
