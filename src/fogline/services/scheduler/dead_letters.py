"""Dead letters: what could not be delivered, with the attributes that AWS adds.

Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html
"""

from __future__ import annotations

import logging

from fogline.aws.call import Trace
from fogline.ports.targets import Sending, Targets, TargetUnavailable
from fogline.services.scheduler.invocation import Invocation
from fogline.services.scheduler.limits import Limits
from fogline.store.store import Tx

log = logging.getLogger("fogline.scheduler")

_ERROR_CHARACTERS_MAX = 1_024


def send(
    targets: Targets,
    limits: Limits,
    tx: Tx,
    invocation: Invocation,
    trace: Trace,
    now: int,
    *,
    code: str,
    message: str,
    attempts: int,
    exhausted: str = "",
) -> None:
    """Send it to the target's dead-letter queue, where there is one.

    `attempts` are all that were made; `exhausted` names the limit that ended them, "" when none did.
    """
    queue = invocation.target.get("DeadLetterConfig", {}).get("Arn")
    arn = invocation.address.arn
    if not queue:
        log.info("%s was dropped: %s: %s", arn, code, message)
        return
    payload, is_cut = _cut(invocation.payload(attempts), limits.input_bytes_max)
    attributes = {
        "ERROR_CODE": code,
        "ERROR_MESSAGE": message[:_ERROR_CHARACTERS_MAX] or code,
        "EXECUTION_ID": invocation.id,
        "IS_PAYLOAD_TRUNCATED": "true" if is_cut else "false",
        "RETRY_ATTEMPTS": str(attempts - 1),
        "SCHEDULED_TIME": invocation.scheduled_time,
        "SCHEDULE_ARN": arn,
        "TARGET_ARN": invocation.target["Arn"],
    }
    if exhausted:
        attributes["EXHAUSTED_RETRY_CONDITION"] = exhausted
    sending = Sending(
        arn=queue,
        payload=payload,
        trace=trace,
        now=now,
        attributes={
            name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
        },
    )
    try:
        targets.send(tx, sending)
    except TargetUnavailable as gone:
        log.warning("%s was dropped, its dead-letter queue too: %s", arn, gone)


def _cut(payload: str, bytes_max: int) -> tuple[str, bool]:
    raw = payload.encode()
    if len(raw) <= bytes_max:
        return payload, False
    return raw[:bytes_max].decode(errors="ignore"), True
