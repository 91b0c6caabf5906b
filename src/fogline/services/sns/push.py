"""Push notifications: what a device would get of a notification, put into the inbox.

Forms: https://docs.aws.amazon.com/sns/latest/dg/sns-send-custom-platform-specific-payloads-mobile-devices.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from fogline.background.inbox import PUSH
from fogline.ports.targets import TargetUnavailable
from fogline.services.sns.devices import Device
from fogline.services.sns.message import Notification
from fogline.services.sns.subscription import Subscription
from fogline.store.store import Tx

if TYPE_CHECKING:
    from fogline.services.sns.service import Sns

PLATFORMS = frozenset((
    "ADM", "APNS", "APNS_SANDBOX", "APNS_VOIP", "APNS_VOIP_SANDBOX", "BAIDU", "GCM", "MACOS", "MACOS_SANDBOX",
    "MPNS", "WNS",
))  # fmt: skip

_OF_APPLE = ("APNS", "MACOS")
_OF_WINDOWS = ("MPNS", "WNS")
_ATTRIBUTES = "AWS.SNS.MOBILE."


def payload_for(platform: str, notification: Notification) -> str:
    """What the platform is handed: what was said for it, else the message in the platform's own form."""
    given = notification.messages.get(platform)
    if given is not None:
        return given
    text = notification.message
    if platform.startswith(_OF_APPLE):
        return _json({"aps": {"alert": text}})
    if platform == "BAIDU":
        return _json({"description": text})
    if platform in _OF_WINDOWS:
        return text
    return _json({"data": {"default": text}})


class Push:
    """The courier of the protocol `application`."""

    def __init__(self, sns: Sns) -> None:
        self._sns = sns

    def deliver(
        self, tx: Tx, subscription: Subscription, notification: Notification, now: int
    ) -> None:
        device = self._sns.devices.find_device(tx, subscription.endpoint)
        if device is None:
            raise TargetUnavailable("No endpoint found for the target arn specified")
        if not device.is_enabled or not device.application.is_enabled:
            raise TargetUnavailable("Endpoint is disabled")
        push(self._sns, tx, device, notification, now)

    def invite(self, tx: Tx, subscription: Subscription, token: str, now: int) -> None:
        """Devices are not asked: who subscribes them owns them."""


def push(sns: Sns, tx: Tx, device: Device, notification: Notification, now: int) -> None:
    """Put what the device would get into the inbox."""
    application = device.application
    sns.inbox.put(
        tx,
        account=application.account,
        region=application.region,
        channel=PUSH,
        recipient=device.token,
        subject=notification.subject or "",
        body=payload_for(application.platform, notification),
        facts={
            "EndpointArn": device.arn,
            "Platform": application.platform,
            "MessageId": notification.id,
            **({"TopicArn": notification.topic_arn} if notification.topic_arn else {}),
            **{
                name: value["StringValue"]
                for name, value in notification.attributes.items()
                if name.startswith(_ATTRIBUTES) and "StringValue" in value
            },
        },
        now=now,
        trace=notification.trace,
    )


def _json(value: object) -> str:
    return orjson.dumps(value).decode()
