"""How other services publish to a topic: in their own transaction, without a request."""

from __future__ import annotations

from fogline.aws.arn import Arn
from fogline.aws.errors import AwsError
from fogline.ports.targets import Sending, TargetUnavailable
from fogline.services.sns import publishing
from fogline.services.sns.service import Sns
from fogline.store.store import Tx


class TopicTarget:
    """Answers `ports/targets.py` for topics. Facts: `Subject`, `MessageGroupId`, `MessageDeduplicationId`."""

    def __init__(self, sns: Sns) -> None:
        self._sns = sns

    def send(self, tx: Tx, arn: Arn, sending: Sending) -> None:
        topic = self._sns.tables.find_topic(tx, str(arn))
        if topic is None:
            raise TargetUnavailable(f"The topic {arn} does not exist")
        facts = sending.facts
        try:
            said = publishing.draft(
                {
                    "Message": sending.payload,
                    "Subject": facts.get("Subject"),
                    "MessageAttributes": sending.attributes,
                    "MessageGroupId": facts.get("MessageGroupId"),
                    "MessageDeduplicationId": facts.get("MessageDeduplicationId"),
                },
                self._sns.limits,
            )
            publishing.check(topic, said)
        except AwsError as refused:
            raise TargetUnavailable(
                f"The topic {arn} refused: {refused.text}", code="INVALID_PARAMETER"
            ) from refused
        publishing.publish(self._sns, tx, topic, said, sending.trace, sending.now)

    def exists(self, tx: Tx, arn: Arn) -> bool:
        return self._sns.tables.find_topic(tx, str(arn)) is not None
