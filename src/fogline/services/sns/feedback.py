"""Feedback: what SNS logs of its deliveries, for topics that name a role for it.

Form and names: https://docs.aws.amazon.com/sns/latest/dg/sns-topic-attributes.html
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from fogline.ports.logs import LogLines
from fogline.services.sns.message import Notification
from fogline.services.sns.subscription import Subscription
from fogline.services.sns.topic import Topic
from fogline.store.store import Tx
from fogline.world.ids import Ids

_NAMES = {
    "http": "HTTP",
    "https": "HTTP",
    "lambda": "Lambda",
    "sqs": "SQS",
    "firehose": "Firehose",
    "application": "Application",
}
_ACCEPTED = {"lambda": 202}
"""Functions are invoked later; all else has it now."""
_REQUEST_IDS = {"lambda": "lambdaRequestId", "sqs": "sqsRequestId"}
_STREAM = "deliveries"


class Feedback:
    """Logs deliveries to `sns/REGION/ACCOUNT/TOPIC`, and failures to `.../Failure` below it."""

    def __init__(self, lines: LogLines, ids: Ids) -> None:
        self._lines = lines
        self._ids = ids

    def succeeded(
        self, tx: Tx, topic: Topic, subscription: Subscription, notification: Notification, now: int
    ) -> None:
        """Log a delivery that was taken, if the topic wants that, and this one among its samples."""
        name = _NAMES.get(subscription.protocol)
        attributes = topic.attributes
        if name is None or not attributes.get(f"{name}SuccessFeedbackRoleArn"):
            return
        rate = int(attributes.get(f"{name}SuccessFeedbackSampleRate") or 100)
        if rate < 100 and self._ids.fraction() * 100 >= rate:
            return
        status = _ACCEPTED.get(subscription.protocol, 200)
        response = {_REQUEST_IDS.get(subscription.protocol, "requestId"): self._ids.uuid()}
        self._put(tx, topic, subscription, notification, now, "SUCCESS", status, response)

    def failed(
        self,
        tx: Tx,
        topic: Topic,
        subscription: Subscription,
        notification: Notification,
        now: int,
        reason: str,
    ) -> None:
        """Log a delivery that failed for good, if the topic wants that."""
        name = _NAMES.get(subscription.protocol)
        if name is None or not topic.attributes.get(f"{name}FailureFeedbackRoleArn"):
            return
        response = {"ErrorCode": "DeliveryFailed", "ErrorMessage": reason}
        self._put(tx, topic, subscription, notification, now, "FAILURE", 400, response)

    def _put(
        self,
        tx: Tx,
        topic: Topic,
        subscription: Subscription,
        notification: Notification,
        now: int,
        status: str,
        code: int,
        response: Mapping[str, Any],
    ) -> None:
        text = notification.text_for(subscription.protocol)
        digest = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
        line = {
            "notification": {
                "messageMD5Sum": digest,
                "messageId": notification.id,
                "topicArn": topic.arn,
                "timestamp": _moment(notification.published_at),
            },
            "delivery": {
                "deliveryId": self._ids.uuid(),
                "destination": subscription.endpoint,
                "providerResponse": orjson.dumps(response).decode(),
                "dwellTimeMs": max(0, now - notification.published_at),
                "statusCode": code,
            },
            "status": status,
        }
        group = f"sns/{topic.region}/{topic.account}/{topic.name}"
        if status == "FAILURE":
            group += "/Failure"
        self._lines.put_lines(
            tx, topic.account, topic.region, group, _STREAM, [(now, orjson.dumps(line).decode())]
        )


def _moment(instant: int) -> str:
    moment = datetime.fromtimestamp(instant / 1000, UTC)
    return f"{moment:%Y-%m-%d %H:%M:%S}.{instant % 1000:03d}"
