"""The inbox: what would have gone to people and devices (e-mail, text messages, pushes), kept to be read here.

Any service may put letters in, in the transaction of their cause. The newest are kept, up to a bound.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from fogline.aws.call import Trace
from fogline.store.schema import Schema
from fogline.store.store import Row, Tx
from fogline.world.ids import Ids

SCHEMA = Schema(
    "inbox",
    (
        (
            """CREATE TABLE inbox (
                number INTEGER PRIMARY KEY, arrived_at INTEGER NOT NULL, account TEXT NOT NULL,
                region TEXT NOT NULL, channel TEXT NOT NULL, recipient TEXT NOT NULL, subject TEXT NOT NULL,
                body TEXT NOT NULL, facts BLOB NOT NULL, trace_id TEXT NOT NULL)""",
        ),
    ),
)

TOPIC = "inbox"
EMAIL, EMAIL_JSON, SMS, PUSH = "email", "email-json", "sms", "push"

ROWS_MAX = 10_000
PAGE_ROWS_MAX = 1_000
_TRIM_EVERY = 64
_COLUMNS = "number, arrived_at, account, region, channel, recipient, subject, body, facts, trace_id"


@dataclass(frozen=True, slots=True)
class Letter:
    """One thing that somebody, or some device, would have got.

    `channel` is the road: `email`, `email-json`, `sms`, `push`. `recipient` is an address, a number or a device
    token. `facts` are JSON values that the sender adds: what it was about, a link to follow, a token.
    """

    number: int
    arrived_at: int
    account: str
    region: str
    channel: str
    recipient: str
    subject: str
    body: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    trace_id: str = ""


class Inbox:
    """Puts letters in and gives them out, in the transactions of others."""

    def __init__(self, ids: Ids, rows_max: int = ROWS_MAX) -> None:
        self._ids = ids
        self._rows_max = rows_max
        self._puts = 0

    def put(
        self,
        tx: Tx,
        *,
        account: str,
        region: str,
        channel: str,
        recipient: str,
        body: str,
        now: int,
        trace: Trace,
        subject: str = "",
        facts: Mapping[str, Any] | None = None,
    ) -> int:
        """Put a letter in; its number. Later letters have larger numbers."""
        number = self._ids.ordered(now)
        tx.run(
            f"INSERT INTO inbox ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            number,
            now,
            account,
            region,
            channel,
            recipient,
            subject,
            body,
            orjson.dumps(facts or {}),
            trace.trace_id,
        )
        # Counting costs more than putting, so a few more than the bound may be there for a while.
        if self._puts % min(_TRIM_EVERY, self._rows_max) == 0:
            self._trim(tx)
        self._puts += 1
        tx.stir(TOPIC)
        return number

    def _trim(self, tx: Tx) -> None:
        last = tx.row(
            "SELECT number FROM inbox ORDER BY number DESC LIMIT 1 OFFSET ?", self._rows_max
        )
        if last is not None:
            tx.run("DELETE FROM inbox WHERE number <= ?", last[0])

    def page(
        self,
        tx: Tx,
        *,
        account: str = "",
        region: str = "",
        channel: str = "",
        recipient: str = "",
        after: int = 0,
        limit: int = 100,
    ) -> list[Letter]:
        """The letters past number `after`, the oldest first; "" means any."""
        where, values = _conditions(account, region, channel, recipient)
        rows = tx.rows(
            f"SELECT {_COLUMNS} FROM inbox WHERE number > ?{where} ORDER BY number LIMIT ?",
            after,
            *values,
            min(limit, PAGE_ROWS_MAX),
        )
        return [_letter(row) for row in rows]

    def newest(
        self,
        tx: Tx,
        *,
        account: str = "",
        region: str = "",
        channel: str = "",
        recipient: str = "",
        limit: int = 100,
    ) -> list[Letter]:
        """The last letters that came, the oldest of them first."""
        where, values = _conditions(account, region, channel, recipient)
        rows = tx.rows(
            f"SELECT {_COLUMNS} FROM inbox WHERE number > 0{where} ORDER BY number DESC LIMIT ?",
            *values,
            min(limit, PAGE_ROWS_MAX),
        )
        return [_letter(row) for row in reversed(rows)]

    def find(self, tx: Tx, number: int) -> Letter | None:
        """The letter of that number."""
        row = tx.row(f"SELECT {_COLUMNS} FROM inbox WHERE number = ?", number)
        return _letter(row) if row else None

    def remove(
        self,
        tx: Tx,
        *,
        account: str = "",
        region: str = "",
        channel: str = "",
        recipient: str = "",
    ) -> int:
        """Throw away all letters of that kind; how many there were."""
        where, values = _conditions(account, region, channel, recipient)
        return tx.run(f"DELETE FROM inbox WHERE number > 0{where}", *values)


def _conditions(
    account: str, region: str, channel: str, recipient: str
) -> tuple[str, tuple[str, ...]]:
    given = {"account": account, "region": region, "channel": channel, "recipient": recipient}
    wanted = {column: value for column, value in given.items() if value}
    return "".join(f" AND {column} = ?" for column in wanted), tuple(wanted.values())


def _letter(row: Row) -> Letter:
    return Letter(*(*row[:8], orjson.loads(row[8]), row[9]))
