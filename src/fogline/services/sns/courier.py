"""Couriers: what carries notifications out of AWS, and what publishes without a topic, as the rest of SNS sees them."""

from __future__ import annotations

from typing import Protocol

from fogline.aws.call import Call
from fogline.services.sns.message import Notification
from fogline.services.sns.subscription import Subscription
from fogline.store.store import Tx


class Courier(Protocol):
    """How notifications travel over one protocol that leaves AWS. Registered in `Sns.couriers`."""

    def deliver(
        self, tx: Tx, subscription: Subscription, notification: Notification, now: int
    ) -> None:
        """Take it, in the publisher's transaction. Raises TargetUnavailable, then nothing was changed.

        What fails later ends in `bury`.
        """

    def invite(self, tx: Tx, subscription: Subscription, token: str, now: int) -> None:
        """Ask the endpoint to confirm the subscription with that token."""


class Direct(Protocol):
    """Publishes without a topic; both refuse with SNS's errors."""

    def to_endpoint(self, tx: Tx, call: Call, arn: str, notification: Notification) -> None:
        """Publish to a platform endpoint."""

    def to_phone(self, tx: Tx, call: Call, number: str, notification: Notification) -> None:
        """Send an SMS."""
