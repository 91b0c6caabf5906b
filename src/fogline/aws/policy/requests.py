"""Requests as policies see them: who asks, for what, and under which circumstances."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Keys = Mapping[str, str | Sequence[str]]
"""Condition keys by their names in lower case: `aws:sourceip`."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. One without `arn` and `service` is anonymous."""

    account: str = ""
    arn: str = ""
    service: str = ""

    @property
    def name(self) -> str:
        """How refusals call them."""
        return self.arn or self.service or "anonymous"


ANONYMOUS = Caller()


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for. `action` is as AWS writes it (`execute-api:Invoke`)."""

    action: str
    resource: str
    caller: Caller = ANONYMOUS
    keys: Keys = field(default_factory=dict)
