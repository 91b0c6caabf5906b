"""Letters: e-mails and text messages that SNS would send to people, put into the inbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fogline.aws.call import Call, root_trace
from fogline.background.inbox import EMAIL, EMAIL_JSON, SMS
from fogline.services.sns.confirmation import SUBSCRIBED, confirmation, subscribe_url
from fogline.services.sns.envelope import written
from fogline.services.sns.errors import (
    EndpointDisabledException,
    InvalidParameterException,
    PlatformApplicationDisabledException,
)
from fogline.services.sns.message import Notification
from fogline.services.sns.phones import is_phone_number, plain_number
from fogline.services.sns.push import push
from fogline.services.sns.subscription import Subscription
from fogline.services.sns.webhooks import posted
from fogline.store.store import Tx

if TYPE_CHECKING:
    from fogline.services.sns.service import Sns

_SUBJECT = "AWS Notification Message"
_CONFIRM_SUBJECT = "AWS Notification - Subscription Confirmation"
_SENDER_NAME = "AWS Notifications"
_SENDER = "no-reply@sns.amazonaws.com"
_FOOTER = "\n\n--\nTo get no more notifications from this topic, visit:\n{url}\n"
_CONFIRM = (
    "You have chosen to subscribe to the topic:\n{arn}\n\nTo confirm this subscription, visit:\n{url}\n\n"
    "If this was a mistake, there is nothing to do.\n"
)


class Mail:
    """The courier of `email` and `email-json`."""

    def __init__(self, sns: Sns) -> None:
        self._sns = sns

    def deliver(
        self, tx: Tx, subscription: Subscription, notification: Notification, now: int
    ) -> None:
        url = f"{self._sns.endpoint()}{subscription.unsubscribe_query}"
        if subscription.protocol == EMAIL_JSON:
            topic = self._sns.tables.find_topic(tx, subscription.topic_arn)
            assert topic is not None, "a notification has a topic"
            body = posted(self._sns, topic, subscription, notification)
        else:
            body = notification.text_for(EMAIL) + _FOOTER.format(url=url)
        self._put(
            tx,
            subscription,
            notification.subject or _SUBJECT,
            body,
            {
                "TopicArn": subscription.topic_arn,
                "MessageId": notification.id,
                "UnsubscribeURL": url,
            },
            now,
            notification,
        )

    def invite(self, tx: Tx, subscription: Subscription, token: str, now: int) -> None:
        sns, arn = self._sns, subscription.topic_arn
        url = subscribe_url(sns.endpoint(), arn, token)
        if subscription.protocol == EMAIL_JSON:
            message = confirmation(
                sns, SUBSCRIBED, subscription.arn, token, sns.ids.uuid(), now, "1"
            )
            body = written(message)
        else:
            body = _CONFIRM.format(arn=arn, url=url)
        facts = {"TopicArn": arn, "SubscribeURL": url, "Token": token}
        self._put(tx, subscription, _CONFIRM_SUBJECT, body, facts, now)

    def _put(
        self,
        tx: Tx,
        subscription: Subscription,
        subject: str,
        body: str,
        facts: dict[str, str],
        now: int,
        notification: Notification | None = None,
    ) -> None:
        ids = self._sns.ids
        trace = notification.trace if notification else root_trace(ids.hex(24), ids.hex(16), now)
        self._sns.inbox.put(
            tx,
            account=subscription.account,
            region=subscription.region,
            channel=subscription.protocol,
            recipient=subscription.endpoint,
            subject=subject,
            body=body,
            facts={"From": self._sender(tx, subscription), **facts},
            now=now,
            trace=trace,
        )

    def _sender(self, tx: Tx, subscription: Subscription) -> str:
        topic = self._sns.tables.find_topic(tx, subscription.topic_arn)
        name = topic.attributes.get("DisplayName") if topic else None
        return f"{name or _SENDER_NAME} <{_SENDER}>"


class TextMessages:
    """The courier of `sms`."""

    def __init__(self, sns: Sns) -> None:
        self._sns = sns

    def deliver(
        self, tx: Tx, subscription: Subscription, notification: Notification, now: int
    ) -> None:
        send_text(
            self._sns,
            tx,
            (subscription.account, subscription.region),
            subscription.endpoint,
            notification,
            now,
        )

    def invite(self, tx: Tx, subscription: Subscription, token: str, now: int) -> None:
        """Telephones are not asked."""


class Posts:
    """Publishes without a topic: straight to a phone or to a platform endpoint."""

    def __init__(self, sns: Sns) -> None:
        self._sns = sns

    def to_phone(self, tx: Tx, call: Call, number: str, notification: Notification) -> None:
        """Send a text message. Raises InvalidParameterException."""
        if not is_phone_number(number):
            raise InvalidParameterException(
                reason=f"PhoneNumber Reason: {number} is not valid to publish to"
            )
        text = notification.text_for(SMS)
        if len(text.encode()) > self._sns.limits.sms_bytes_max:
            raise InvalidParameterException(reason="Message too long")
        send_text(self._sns, tx, (call.account, call.region), number, notification, call.now)

    def to_endpoint(self, tx: Tx, call: Call, arn: str, notification: Notification) -> None:
        """Push to a device. Raises InvalidParameterException, and what says that the device or its app is disabled."""
        device = self._sns.devices.find_device(tx, arn)
        if device is None:
            raise InvalidParameterException(
                reason="TargetArn Reason: No endpoint found for the target arn specified"
            )
        if not device.application.is_enabled:
            raise PlatformApplicationDisabledException()
        if not device.is_enabled:
            raise EndpointDisabledException()
        push(self._sns, tx, device, notification, call.now)


def send_text(
    sns: Sns, tx: Tx, owner: tuple[str, str], number: str, notification: Notification, now: int
) -> None:
    """Put a text message for that number into the inbox; `owner` is the account and region it came from."""
    given = {
        name.removeprefix("AWS.SNS.SMS."): value["StringValue"]
        for name, value in notification.attributes.items()
        if name.startswith("AWS.") and "StringValue" in value
    }
    account, region = owner
    defaults = sns.phones.settings(tx, account, region)
    facts = {
        "MessageId": notification.id,
        "SMSType": given.pop("SMSType", defaults.get("DefaultSMSType", "Promotional")),
        "SenderID": given.pop("SenderID", defaults.get("DefaultSenderID", "")),
        **given,
    }
    if notification.topic_arn:
        facts["TopicArn"] = notification.topic_arn
    sns.inbox.put(
        tx,
        account=account,
        region=region,
        channel=SMS,
        recipient=plain_number(number),
        subject=notification.subject or "",
        body=notification.text_for(SMS),
        facts={name: value for name, value in facts.items() if value},
        now=now,
        trace=notification.trace,
    )
