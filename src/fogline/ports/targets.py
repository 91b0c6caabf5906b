"""Anything an ARN can name as a place to send to: queues, functions, topics, buses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from fogline.aws.arn import Arn, find_arn
from fogline.aws.call import Trace
from fogline.store.store import Tx

_REMEMBERED_MAX = 4_096
_REMEMBERED_CHARACTERS_MAX = 512


@dataclass(frozen=True, slots=True)
class Sending:
    """What is sent: a payload (JSON or text) to an ARN.

    `attributes` are message attributes, as SQS writes them (`{"DataType": ..., "StringValue": ...}`), where the
    target knows such. `facts` are what the sender's configuration says for this kind of target
    (`MessageGroupId`, `PartitionKey`, ...), in AWS's spelling. `seal` names who finishes the payload when it is read
    (`ports/seals.py`), "" when it is complete. `sender` is the user id that a queue's messages show (`SenderId`).
    """

    arn: str
    payload: str
    trace: Trace
    now: int
    attributes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    seal: str = ""
    sender: str = ""


class TargetUnavailable(Exception):
    """The target does not exist or cannot take this; the text says why. To try again would not help.

    `code` is one of those that EventBridge puts beside a dead letter (`ERROR_CODE`):
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
    """

    def __init__(self, reason: str, *, code: str = "NO_RESOURCE") -> None:
        super().__init__(reason)
        self.code = code


class Target(Protocol):
    """How one service takes what others send."""

    def send(self, tx: Tx, arn: Arn, sending: Sending) -> None:
        """Take it, in the sender's transaction: once that commits it is not lost. Raises TargetUnavailable."""

    def exists(self, tx: Tx, arn: Arn) -> bool:
        """True when something that can be sent to has that ARN."""


class Targets:
    """The registry: which service answers for which ARNs."""

    def __init__(self) -> None:
        self._targets: dict[str, Target] = {}
        # ARNs taken apart: the same ones are sent to again and again.
        self._found: dict[str, tuple[Arn, Target]] = {}

    def register(self, service: str, target: Target) -> None:
        """Let `target` answer for the ARNs of `service` (the ARN's third part)."""
        self._targets[service] = target
        self._found.clear()

    def knows(self, arn_text: str) -> bool:
        """True when somebody answers for ARNs of that service, whatever they name."""
        arn = find_arn(arn_text)
        return arn is not None and arn.service in self._targets

    def send(self, tx: Tx, sending: Sending) -> None:
        """Send, in the caller's transaction. Raises TargetUnavailable, then nothing was changed."""
        arn, target = self._find(sending.arn)
        target.send(tx, arn, sending)

    def has(self, service: str) -> bool:
        """True when somebody answers for the ARNs of that service."""
        return service in self._targets

    def exists(self, tx: Tx, arn_text: str) -> bool:
        """True when that ARN names something that can be sent to."""
        try:
            arn, target = self._find(arn_text)
        except TargetUnavailable:
            return False
        return target.exists(tx, arn)

    def _find(self, arn_text: str) -> tuple[Arn, Target]:
        found = self._found.get(arn_text)
        if found is not None:
            return found
        arn = find_arn(arn_text)
        target = self._targets.get(arn.service) if arn else None
        if arn is None or target is None:
            raise TargetUnavailable(f"Fogline cannot send to {arn_text}")
        if len(arn_text) <= _REMEMBERED_CHARACTERS_MAX:
            if len(self._found) >= _REMEMBERED_MAX:
                self._found.clear()
            self._found[arn_text] = arn, target
        return arn, target
