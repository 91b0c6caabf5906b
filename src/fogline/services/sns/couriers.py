"""Who carries notifications out of AWS: one courier for each protocol, and who publishes without a topic."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fogline.background.inbox import EMAIL, EMAIL_JSON, SMS
from fogline.services.sns.letters import Mail, Posts, TextMessages
from fogline.services.sns.push import Push
from fogline.services.sns.webhooks import Webhooks

if TYPE_CHECKING:
    from fogline.services.sns.service import Sns


def employ_couriers(sns: Sns) -> None:
    """Give SNS its couriers."""
    webhooks, mail = Webhooks(sns), Mail(sns)
    sns.couriers |= {
        "http": webhooks,
        "https": webhooks,
        EMAIL: mail,
        EMAIL_JSON: mail,
        SMS: TextMessages(sns),
        "application": Push(sns),
    }
    sns.direct = Posts(sns)
