"""What an endpoint is sent when somebody subscribes it, or ends its subscription: a link, a token, a signature.

Forms: https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from fogline.aws.dates import iso_milliseconds
from fogline.services.sns.signing import text_to_sign

if TYPE_CHECKING:
    from fogline.services.sns.service import Sns

SUBSCRIBED, UNSUBSCRIBED = "SubscriptionConfirmation", "UnsubscribeConfirmation"

_WORDS = {
    SUBSCRIBED: (
        "You have chosen to subscribe to the topic {topic_arn}.\n"
        "To confirm the subscription, visit the SubscribeURL included in this message."
    ),
    UNSUBSCRIBED: (
        "You have chosen to deactivate subscription {arn}.\n"
        "To cancel this operation and restore the subscription, visit the SubscribeURL included in this message."
    ),
}


def subscribe_url(endpoint: str, topic_arn: str, token: str) -> str:
    """The link that confirms a subscription."""
    return (
        f"{endpoint}/?Action=ConfirmSubscription&TopicArn={quote(topic_arn, safe=':')}"
        f"&Token={quote(token)}"
    )


def confirmation(
    sns: Sns, kind: str, arn: str, token: str, id: str, at: int, version: str
) -> dict[str, Any]:
    """The whole message for the subscription of that ARN, signed; `kind` is SUBSCRIBED or UNSUBSCRIBED."""
    topic_arn = arn.rpartition(":")[0]
    message: dict[str, Any] = {
        "Type": kind,
        "MessageId": id,
        "Token": token,
        "TopicArn": topic_arn,
        "Message": _WORDS[kind].format(topic_arn=topic_arn, arn=arn),
        "SubscribeURL": subscribe_url(sns.endpoint(), topic_arn, token),
        "Timestamp": iso_milliseconds(at),
        "SignatureVersion": version,
    }
    message["Signature"] = sns.signer.sign(text_to_sign(message), version)
    message["SigningCertURL"] = sns.signer.certificate_url()
    return message
