"""SQS's front page: what it stands on, and every operation by its file."""

from __future__ import annotations

from dataclasses import dataclass, field

from fogline.ports.seals import Seals
from fogline.services.sqs.fairness import Fairness
from fogline.services.sqs.in_flight import InFlight
from fogline.services.sqs.limits import Limits
from fogline.services.sqs.tables import Tables
from fogline.store.store import Store
from fogline.world.ids import Ids


@dataclass(frozen=True, slots=True)
class Sqs:
    """What every operation of SQS is handed."""

    store: Store
    tables: Tables
    ids: Ids
    limits: Limits
    seals: Seals
    in_flight: InFlight = field(init=False)
    fairness: Fairness = field(init=False)

    def __post_init__(self) -> None:
        in_flight = InFlight(self.tables, self.limits, self.store.is_shared)
        object.__setattr__(self, "in_flight", in_flight)
        object.__setattr__(self, "fairness", Fairness(self.tables))


OPERATIONS = {
    "queues": (
        "create_queue",
        "delete_queue",
        "get_queue_attributes",
        "get_queue_url",
        "list_dead_letter_source_queues",
        "list_queues",
        "purge_queue",
        "set_queue_attributes",
    ),
    "messages": (
        "change_message_visibility",
        "change_message_visibility_batch",
        "delete_message",
        "delete_message_batch",
        "receive_message",
        "send_message",
        "send_message_batch",
    ),
    "move_tasks": (
        "cancel_message_move_task",
        "list_message_move_tasks",
        "start_message_move_task",
    ),
    "permissions": ("add_permission", "remove_permission"),
    "tags": ("list_queue_tags", "tag_queue", "untag_queue"),
}
