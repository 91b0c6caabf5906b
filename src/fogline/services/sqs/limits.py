"""Every number AWS publishes about SQS.

Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-quotas.html
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    batch_entries_max: int = 10
    batch_bytes_max: int = 1_048_576
    message_bytes_max: int = 1_048_576
    message_bytes_min: int = 1_024
    message_attributes_max: int = 10
    attribute_name_characters_max: int = 256
    delay_seconds_max: int = 900
    visibility_seconds_max: int = 43_200
    wait_seconds_max: int = 20
    retention_seconds_min: int = 60
    retention_seconds_max: int = 1_209_600
    received_messages_max: int = 10
    receive_count_max: int = 1_000
    queue_name_characters_max: int = 80
    tags_max: int = 50
    in_flight_max: int = 120_000
    fifo_in_flight_max: int = 20_000
    move_tasks_per_second_max: int = 500
    move_tasks_listed_max: int = 10
    purge_interval_seconds: int = 60
    page_results_max: int = 1_000
    permission_actions_max: int = 7
    policy_statements_max: int = 20
