"""Dead letters: where an event goes that its target cannot take, and what is written beside it.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
"""

from __future__ import annotations

import logging

from fogline.aws.call import Trace
from fogline.ports.targets import Sending, Targets, TargetUnavailable
from fogline.store.store import Tx

log = logging.getLogger("fogline.events")

_MESSAGE_CHARACTERS_MAX = 1_000


def bury(
    targets: Targets,
    tx: Tx,
    queue_arn: str,
    *,
    body: str,
    rule_arn: str,
    target_arn: str,
    code: str,
    message: str,
    trace: Trace,
    now: int,
    exhausted: str = "",
    attempts: int | None = None,
) -> bool:
    """Send what could not be delivered to a dead-letter queue; False when there is none, or it is gone, too.

    `exhausted` is `MaximumRetryAttempts` or `MaximumEventAgeInSeconds` where retries ended, "" where none was made;
    `attempts` is how many there were.
    """
    if not queue_arn:
        return False
    texts = {
        "RULE_ARN": rule_arn,
        "TARGET_ARN": target_arn,
        "ERROR_CODE": code,
        "ERROR_MESSAGE": message[:_MESSAGE_CHARACTERS_MAX] or code,
    }
    if exhausted:
        texts["EXHAUSTED_RETRY_CONDITION"] = exhausted
    attributes = {name: {"DataType": "String", "StringValue": text} for name, text in texts.items()}
    if attempts is not None:
        attributes["RETRY_ATTEMPTS"] = {"DataType": "Number", "StringValue": str(attempts)}
    try:
        targets.send(tx, Sending(queue_arn, body, trace, now, attributes=attributes))
    except TargetUnavailable as gone:
        log.warning(
            "An event for %s is lost: its dead-letter queue fails, too: %s", target_arn, gone
        )
        return False
    return True
