"""A call: who asks, when, from where, and what caused it.

Named tuples, because each request makes some: they cost a quarter of what frozen dataclasses do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Trace(NamedTuple):
    """The place of one piece of work in the chain of what caused what.

    `trace_id` has X-Ray's form (`1-5759e988-bd862e3fe1be46a994272793`) and is shared by the whole chain;
    `id` (16 hexadecimal digits) is this piece of work; `parent_id` is the one that caused it, "" for a root.
    """

    trace_id: str
    id: str
    parent_id: str = ""

    def header(self) -> str:
        """The `X-Amzn-Trace-Id` header for work caused by this."""
        return f"Root={self.trace_id};Parent={self.id};Sampled=1"


def root_trace(chain: str, own: str, now: int) -> Trace:
    """The beginning of a chain: `chain` are 24 hexadecimal digits that do not repeat, `own` are 16."""
    return Trace(f"1-{now // 1000:08x}-{chain}", own)


@dataclass(frozen=True, slots=True)
class Principal:
    """Who calls, as `GetCallerIdentity` would say it."""

    account: str
    arn: str
    user_id: str


def root_principal(account: str) -> Principal:
    """The account's own principal, as which callers without issued keys act."""
    return Principal(account, f"arn:aws:iam::{account}:root", account)


class Call(NamedTuple):
    """One call of one operation, complete from its creation.

    `now` is read once, in milliseconds since the epoch. `endpoint` is the address that the client used
    (`http://localhost:4566`), for answers that hold URLs. `host` is the request's Host header, "" for calls
    that came through `ports/api.py`.
    """

    service: str
    operation: str
    account: str
    region: str
    principal: Principal
    request_id: str
    now: int
    trace: Trace
    endpoint: str
    host: str = ""
    protocol: str = ""
    access_key: str = ""
    asked_at: int = 0
    """When it was first asked: earlier than `now` when an operation that waits is asked again."""


def call_of_account(
    account: str, region: str, request_id: str, now: int, trace: Trace, endpoint: str = ""
) -> Call:
    """A call that no client made, on behalf of the account itself: the cause handed to `ports/api.py`."""
    root = root_principal(account)
    return Call("", "", account, region, root, request_id, now, trace, endpoint, asked_at=now)


@dataclass(frozen=True, slots=True)
class Wait:
    """Answered by an operation that may wait: ask again when `topic` stirs, or at `until` (ms) at the latest."""

    topic: str
    until: int
