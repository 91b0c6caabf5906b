"""SNS's front page: what it stands on, and every operation by its file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from fogline.background.inbox import Inbox
from fogline.background.outbox import Outbox
from fogline.background.outgoing import Outgoing
from fogline.ports.seals import Seals
from fogline.ports.targets import Targets
from fogline.services.sns.courier import Courier, Direct
from fogline.services.sns.departed import Departed
from fogline.services.sns.devices import Devices
from fogline.services.sns.feedback import Feedback
from fogline.services.sns.limits import Limits
from fogline.services.sns.phones import Phones
from fogline.services.sns.signing import PlatformSigner
from fogline.services.sns.tables import Tables
from fogline.store.store import Store
from fogline.world.clock import Clock
from fogline.world.ids import Ids


@dataclass(slots=True)
class Sns:
    """What every operation of SNS is handed.

    `couriers` carry notifications over protocols that leave AWS (`http`, `https`, `email`, `email-json`, `sms`,
    `application`); queues, functions and whatever else an ARN names are reached through `targets`.
    """

    store: Store
    tables: Tables
    ids: Ids
    clock: Clock
    limits: Limits
    targets: Targets
    outbox: Outbox
    outgoing: Outgoing
    seals: Seals
    endpoint: Callable[[], str]
    signer: PlatformSigner
    inbox: Inbox
    devices: Devices
    phones: Phones
    departed: Departed
    feedback: Feedback
    couriers: dict[str, Courier] = field(default_factory=dict)
    direct: Direct | None = None
    """Publishes to a phone number or to a platform endpoint, without a topic."""


OPERATIONS = {
    "topics": (
        "create_topic",
        "delete_topic",
        "get_topic_attributes",
        "list_topics",
        "set_topic_attributes",
    ),
    "subscriptions": (
        "confirm_subscription",
        "get_subscription_attributes",
        "list_subscriptions",
        "list_subscriptions_by_topic",
        "set_subscription_attributes",
        "subscribe",
        "unsubscribe",
    ),
    "publishing": ("publish", "publish_batch"),
    "tags": ("list_tags_for_resource", "tag_resource", "untag_resource"),
    "permissions": ("add_permission", "remove_permission"),
    "data_protection": ("get_data_protection_policy", "put_data_protection_policy"),
    "platform_applications": (
        "create_platform_application",
        "delete_platform_application",
        "get_platform_application_attributes",
        "list_platform_applications",
        "set_platform_application_attributes",
    ),
    "platform_endpoints": (
        "create_platform_endpoint",
        "delete_endpoint",
        "get_endpoint_attributes",
        "list_endpoints_by_platform_application",
        "set_endpoint_attributes",
    ),
    "sms": (
        "check_if_phone_number_is_opted_out",
        "create_sms_sandbox_phone_number",
        "delete_sms_sandbox_phone_number",
        "get_sms_attributes",
        "get_sms_sandbox_account_status",
        "list_origination_numbers",
        "list_phone_numbers_opted_out",
        "list_sms_sandbox_phone_numbers",
        "opt_in_phone_number",
        "set_sms_attributes",
        "verify_sms_sandbox_phone_number",
    ),
}
