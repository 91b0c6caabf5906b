"""A subscription: its document, and what is read from it on every publish."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import orjson

from fogline.services.sns.filter_policies import FilterPolicy, compile_filter


class Subscription:
    """A subscription. Never changed, made anew.

    `attributes` hold what was set (`RawMessageDelivery`, `FilterPolicy`, `RedrivePolicy`, `DeliveryPolicy`, ...).
    `ordinal` tells the order in which subscriptions were made. `region` is the topic's.
    """

    def __init__(self, topic_arn: str, ordinal: int, document: Mapping[str, Any]) -> None:
        self.topic_arn = topic_arn
        self.ordinal = ordinal
        self.document = document
        self.id: str = document["id"]
        self.arn = f"{topic_arn}:{self.id}"
        self.owner: str = document["owner"]
        self.protocol: str = document["protocol"]
        self.endpoint: str = document["endpoint"]
        self.attributes: Mapping[str, str] = document["attributes"]
        self.is_pending: bool = document["is_pending"]
        self.is_raw = self.attributes.get("RawMessageDelivery") == "true"
        self.unsubscribe_query = f"/?Action=Unsubscribe&SubscriptionArn={self.arn}"
        """What follows the endpoint in the address that ends it."""

    @property
    def account(self) -> str:
        """The topic's account."""
        return self.topic_arn.split(":", 5)[4]

    @property
    def region(self) -> str:
        return self.topic_arn.split(":", 5)[3]

    @cached_property
    def filter(self) -> FilterPolicy | None:
        """What it wants to hear of; None: everything."""
        text = self.attributes.get("FilterPolicy")
        scope = self.attributes.get("FilterPolicyScope", "MessageAttributes")
        return compile_filter(text, scope) if text else None

    @cached_property
    def dead_letter_arn(self) -> str | None:
        """The queue of its redrive policy."""
        text = self.attributes.get("RedrivePolicy")
        return orjson.loads(text)["deadLetterTargetArn"] if text else None

    def is_lapsed(self, now: int) -> bool:
        """True once nobody can confirm it any more."""
        return self.is_pending and now >= self.document["pending_until"]

    def is_in_replay(self, now: int) -> bool:
        """True while what is published now reaches it by its replay."""
        replay = self.document.get("replay")
        if replay is None or replay["status"] == "Completed":
            return False
        return replay["until"] is None or now < replay["until"]
