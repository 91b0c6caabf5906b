"""One invocation of a target: its identity, and what is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from fogline.aws.dates import iso_seconds
from fogline.services.scheduler.schedule import Address, address_of


@dataclass(frozen=True, slots=True)
class Invocation:
    """What the context attributes of an input say, and where the schedule's target is."""

    address: Address
    occurrence: int
    id: str
    target: Mapping[str, Any]

    @property
    def scheduled_time(self) -> str:
        return iso_seconds(self.occurrence)

    def payload(self, attempt: int) -> str:
        """The target's input with the values of its context attributes, or AWS's notification without one."""
        text: str | None = self.target.get("Input")
        if text is None:
            return self._notification()
        if "<aws.scheduler." not in text:
            return text
        values = {
            "schedule-arn": self.address.arn,
            "scheduled-time": self.scheduled_time,
            "execution-id": self.id,
            "attempt-number": str(attempt),
        }
        for name, value in values.items():
            text = text.replace(f"<aws.scheduler.{name}>", value)
        return text

    def _notification(self) -> str:
        event = {
            "version": "0",
            "id": self.id,
            "detail-type": "Scheduled Event",
            "source": "aws.scheduler",
            "account": self.address.account,
            "time": self.scheduled_time,
            "region": self.address.region,
            "resources": [self.address.arn],
            "detail": "{}",
        }
        return orjson.dumps(event).decode()

    # ---- as the facts of a delivery

    def facts(self) -> dict[str, Any]:
        return {
            "account": self.address.account,
            "region": self.address.region,
            "key": self.address.key,
            "occurrence": self.occurrence,
            "id": self.id,
            "target": dict(self.target),
        }

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> Invocation:
        address = address_of(facts["account"], facts["region"], facts["key"])
        return cls(address, facts["occurrence"], facts["id"], facts["target"])
