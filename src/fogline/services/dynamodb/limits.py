"""Every number AWS publishes about DynamoDB that is not part of the expression language.

Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    item_bytes_max: int = 400 * 1024
    page_bytes_max: int = 1024 * 1024
    batch_get_keys_max: int = 100
    batch_get_bytes_max: int = 16 * 1024 * 1024
    batch_write_requests_max: int = 25
    transaction_actions_max: int = 100
    transaction_bytes_max: int = 4 * 1024 * 1024
    client_token_milliseconds: int = 600_000
    global_indexes_max: int = 20
    local_indexes_max: int = 5
    projected_attributes_max: int = 100
    tags_max: int = 50
    list_tables_max: int = 100
    account_capacity_units_max: int = 80_000
    table_capacity_units_max: int = 40_000
    expirations_each_step_max: int = 100
    stream_retention_milliseconds: int = 86_400_000
    stream_records_max: int = 1_000
    stream_page_bytes_max: int = 1024 * 1024
    stream_iterator_milliseconds: int = 900_000
