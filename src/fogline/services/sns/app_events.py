"""App events: a topic that an application names hears when an endpoint is created, changed or deleted.

Form: https://docs.aws.amazon.com/sns/latest/dg/application-event-notifications.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from fogline.aws.call import Call
from fogline.aws.dates import iso_milliseconds
from fogline.services.sns.devices import Device
from fogline.services.sns.publishing import Draft, publish
from fogline.store.store import Tx

if TYPE_CHECKING:
    from fogline.services.sns.service import Sns

CREATED, UPDATED, DELETED = "EndpointCreated", "EndpointUpdated", "EndpointDeleted"


def tell(sns: Sns, tx: Tx, call: Call, event: str, device: Device) -> None:
    """Publish the event, where the application names a topic for it that is there."""
    application = device.application
    arn = application.attributes.get(f"Event{event}")
    topic = sns.tables.find_topic(tx, arn) if arn else None
    if topic is None or topic.is_fifo:
        return
    said = {
        "EndpointArn": device.arn,
        "EventType": event,
        "Resource": application.arn,
        "Service": "SNS",
        "Time": iso_milliseconds(call.now),
    }
    message = orjson.dumps(said).decode()
    subject = f"{event} event for app {application.name} ({application.platform})"[
        : sns.limits.subject_characters_max
    ]
    publish(sns, tx, topic, Draft(message, len(message), subject), call.trace, call.now)
