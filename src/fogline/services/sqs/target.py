"""How other services send to a queue: in their own transaction, without a request."""

from __future__ import annotations

from fogline.aws.arn import Arn
from fogline.aws.errors import AwsError
from fogline.ports.targets import Sending, TargetUnavailable
from fogline.services.sqs import sending
from fogline.services.sqs.service import Sqs
from fogline.store.store import Tx


class QueueTarget:
    """Answers `ports/targets.py` for queues. A FIFO queue takes its ids from the facts, and duplicates silently."""

    def __init__(self, sqs: Sqs) -> None:
        self._sqs = sqs

    def send(self, tx: Tx, arn: Arn, sending_: Sending) -> None:
        queue = self._sqs.tables.find_queue(tx, arn.account, arn.region, arn.resource)
        if queue is None:
            raise TargetUnavailable(f"The queue {arn} does not exist")
        try:
            message = sending.draft(
                {
                    "MessageBody": sending_.payload,
                    "MessageAttributes": sending_.attributes,
                    "MessageGroupId": sending_.facts.get("MessageGroupId"),
                    "MessageDeduplicationId": sending_.facts.get("MessageDeduplicationId"),
                },
                self._sqs.limits,
            )
            sending.check_kind(queue, message)
        except AwsError as refused:
            raise TargetUnavailable(
                f"The queue {arn} refused: {refused.text}", code="INVALID_PARAMETER"
            ) from refused
        if message.size > queue.message_bytes_max:
            raise TargetUnavailable(
                f"The message is too large for the queue {arn}", code="INVALID_PARAMETER"
            )
        sending.accept(
            self._sqs,
            tx,
            queue,
            message,
            sending_.sender or arn.account,
            sending_.now,
            sending_.trace,
            sending_.seal,
        )

    def exists(self, tx: Tx, arn: Arn) -> bool:
        return self._sqs.tables.find_queue(tx, arn.account, arn.region, arn.resource) is not None
