"""The outbox: work promised inside a transaction and done after it, at least once, within bounds.

A delivery is a row written together with its cause. A loop hands due deliveries to the performer of their kind;
what fails is tried again when the performer says so, and ends where the performer puts it.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import orjson

from fogline.aws.call import Trace
from fogline.background.lineage import Lineage
from fogline.background.supervisor import Run
from fogline.store.schema import Schema
from fogline.store.store import Store, Tx
from fogline.world.clock import MINUTE, SECOND, Clock
from fogline.world.ids import Ids

log = logging.getLogger("fogline.outbox")

SCHEMA = Schema(
    "outbox",
    (
        (
            """CREATE TABLE deliveries (
                id TEXT PRIMARY KEY, kind TEXT NOT NULL, target TEXT NOT NULL, account TEXT NOT NULL,
                region TEXT NOT NULL, payload BLOB NOT NULL, facts BLOB NOT NULL, trace_id TEXT NOT NULL,
                parent_id TEXT NOT NULL, created_at INTEGER NOT NULL, due_at INTEGER NOT NULL,
                attempts INTEGER NOT NULL, last_failure TEXT NOT NULL)""",
            "CREATE INDEX deliveries_by_due ON deliveries (due_at)",
        ),
    ),
)

TOPIC = "deliveries"

_IN_FLIGHT_MAX = 128
_IN_FLIGHT_PER_TARGET_MAX = 32
_TAKEN_PER_STEP_MAX = 64
_LEASE_MILLISECONDS = 30 * SECOND
"""On a shared store: how long others wait for a node that says nothing any more."""
_RENEW_MILLISECONDS = 10 * SECOND
_FAILURE_CHARACTERS_MAX = 1_000
_PAUSE_AFTER_BUG_MILLISECONDS = 5 * MINUTE


@dataclass(frozen=True, slots=True)
class Delivery:
    """One thing promised: `payload` for `target`, by the performer of `kind`.

    `facts` are JSON values that only the performer understands. `attempts` counts those made before this one.
    """

    id: str
    kind: str
    target: str
    account: str
    region: str
    payload: bytes
    trace: Trace
    created_at: int
    facts: Mapping[str, Any] = field(default_factory=dict)
    attempts: int = 0
    last_failure: str = ""


class DeliveryFailed(Exception):
    """A delivery did not succeed. `facts` tell the performer's own `retry_at` and `give_up` why."""

    def __init__(self, reason: str, **facts: Any) -> None:
        super().__init__(reason)
        self.facts = facts


class Performer(Protocol):
    """Performs deliveries of one kind."""

    async def perform(self, delivery: Delivery) -> Any:
        """Do it. Raises DeliveryFailed; what it returns goes to `succeed`."""

    def succeed(self, tx: Tx, delivery: Delivery, result: Any, now: int) -> None:
        """Whatever follows from success, in the transaction that removes the delivery."""

    def retry_at(self, delivery: Delivery, failure: DeliveryFailed, now: int) -> int | None:
        """When to try again, after `delivery.attempts` attempts in all (this one included); None: give up."""

    def give_up(self, tx: Tx, delivery: Delivery, failure: DeliveryFailed, now: int) -> None:
        """The dead-letter end, in the transaction that removes the delivery."""


class Outbox:
    """Promises deliveries, and as a Loop performs them."""

    name = "outbox.delivering"
    topics: tuple[str, ...] = (TOPIC,)

    def __init__(self, store: Store, clock: Clock, ids: Ids, lineage: Lineage, run: Run) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._lineage = lineage
        self._run = run
        self._performers: dict[str, Performer] = {}
        self._in_flight: dict[str, Delivery] = {}
        self._per_target: Counter[str] = Counter()
        self._renew_at: int | None = None

    def register(self, kind: str, performer: Performer) -> None:
        """Let `performer` do all deliveries of `kind`."""
        self._performers[kind] = performer

    def promise(
        self,
        tx: Tx,
        *,
        kind: str,
        target: str,
        account: str,
        region: str,
        payload: bytes,
        trace: Trace,
        now: int,
        due_at: int | None = None,
        facts: Mapping[str, Any] | None = None,
        id: str | None = None,
    ) -> str:
        """Write a delivery that will be performed once `tx` has committed, at `due_at` at the earliest."""
        delivery_id = id or self._ids.uuid()
        tx.run(
            "INSERT INTO deliveries (id, kind, target, account, region, payload, facts, trace_id,"
            " parent_id, created_at, due_at, attempts, last_failure)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, '')",
            delivery_id,
            kind,
            target,
            account,
            region,
            payload,
            orjson.dumps(facts or {}),
            trace.trace_id,
            trace.id,
            now,
            now if due_at is None else due_at,
        )
        tx.stir(TOPIC)
        return delivery_id

    def promise_again(
        self, tx: Tx, delivery: Delivery, facts: Mapping[str, Any], now: int, due_at: int
    ) -> None:
        """Write a delivery that has just been performed once more: what comes of it has the same cause."""
        self.promise(
            tx,
            kind=delivery.kind,
            target=delivery.target,
            account=delivery.account,
            region=delivery.region,
            payload=delivery.payload,
            trace=Trace(delivery.trace.trace_id, delivery.trace.parent_id),
            now=now,
            due_at=due_at,
            facts={**delivery.facts, **facts},
            id=delivery.id,
        )

    def in_flight_count(self) -> int:
        return len(self._in_flight)

    def step(self, now: int) -> int | None:
        """Start due deliveries, as many as the bounds allow."""
        renew_at = self._renew(now)
        room = min(_IN_FLIGHT_MAX - len(self._in_flight), _TAKEN_PER_STEP_MAX)
        if room <= 0:
            return renew_at  # one that ends stirs the topic
        busy = [
            target
            for target, count in list(self._per_target.items())
            if count >= _IN_FLIGHT_PER_TARGET_MAX
        ]
        passed_over = f" AND target NOT IN ({', '.join('?' * len(busy))})" if busy else ""
        with self._store.write() as tx:
            rows = tx.take(
                "SELECT id, kind, target, account, region, payload, facts, trace_id, parent_id,"
                " created_at, attempts, last_failure FROM deliveries WHERE due_at <= ?"
                f"{passed_over} ORDER BY due_at, id LIMIT ?",
                now,
                *busy,
                room + len(self._in_flight),
            )
            taken = [row for row in rows if row[0] not in self._in_flight][:room]
            if self._store.is_shared:
                # Other nodes pass over it until the lease ends; if this one dies, it is done again then.
                for row in taken:
                    tx.run(
                        "UPDATE deliveries SET due_at = ? WHERE id = ?",
                        now + _LEASE_MILLISECONDS,
                        row[0],
                    )
            later = tx.row("SELECT min(due_at) FROM deliveries WHERE due_at > ?", now)
        for row in taken:
            self._start(row)
        if taken and self._store.is_shared and renew_at is None:
            renew_at = self._renew_at = now + _RENEW_MILLISECONDS
        if len(taken) == room or later is None or later[0] is None:
            return renew_at
        due_at: int = later[0]
        return due_at if renew_at is None else min(due_at, renew_at)

    def _renew(self, now: int) -> int | None:
        """Hold on to what is in flight here, so that no other node begins it, too; when to do so again."""
        if self._renew_at is None or now < self._renew_at:
            return self._renew_at
        held = list(self._in_flight.values())
        if not held:
            self._renew_at = None
            return None
        with self._store.write() as tx:
            for delivery in held:
                # One that has failed in this moment counts an attempt more, and waits for its next one.
                tx.run(
                    "UPDATE deliveries SET due_at = ? WHERE id = ? AND attempts = ?",
                    now + _LEASE_MILLISECONDS,
                    delivery.id,
                    delivery.attempts - 1,
                )
        self._renew_at = now + _RENEW_MILLISECONDS
        return self._renew_at

    def _start(self, row: tuple[Any, ...]) -> None:
        delivery = Delivery(
            id=row[0],
            kind=row[1],
            target=row[2],
            account=row[3],
            region=row[4],
            payload=bytes(row[5]),
            facts=orjson.loads(row[6]),
            trace=Trace(row[7], self._ids.hex(16), row[8]),
            created_at=row[9],
            attempts=row[10] + 1,
            last_failure=row[11],
        )
        self._run(self._deliver(delivery), f"delivery {delivery.id}")

    async def _deliver(self, delivery: Delivery) -> None:
        # Counted here, on the event loop: on a shared store steps run in threads of their own.
        self._in_flight[delivery.id] = delivery
        self._per_target[delivery.target] += 1
        performer = self._performers.get(delivery.kind)
        started_at = self._clock.now()
        outcome = ""
        try:
            if performer is None:
                raise LookupError(f"nobody performs deliveries of kind {delivery.kind}")
            try:
                result = await performer.perform(delivery)
            except DeliveryFailed as failure:
                outcome = str(failure)[:_FAILURE_CHARACTERS_MAX] or "failed"
                await self._store.transact(
                    lambda tx, failure=failure: self._fail(tx, performer, delivery, failure)  # type: ignore[misc]
                )
            else:
                await self._store.transact(
                    lambda tx: self._succeed(tx, performer, delivery, result)
                )
        except Exception as bug:
            # Ours, not the target's: it counts as no attempt, and must not be repeated without a pause.
            log.exception("Delivery %s to %s broke", delivery.id, delivery.target)
            outcome = type(bug).__name__
            await self._store.transact(lambda tx: self._postpone(tx, delivery))
        finally:
            del self._in_flight[delivery.id]
            self._per_target[delivery.target] -= 1
            if not self._per_target[delivery.target]:
                del self._per_target[delivery.target]
            self._lineage.work(
                delivery.trace,
                "delivery",
                f"{delivery.kind}:{delivery.target}",
                delivery.account,
                delivery.region,
                started_at,
                self._clock.now(),
                outcome,
            )

    def _postpone(self, tx: Tx, delivery: Delivery) -> None:
        due_at = self._clock.now() + _PAUSE_AFTER_BUG_MILLISECONDS
        tx.run("UPDATE deliveries SET due_at = ? WHERE id = ?", due_at, delivery.id)
        tx.stir(TOPIC)

    def _succeed(self, tx: Tx, performer: Performer, delivery: Delivery, result: Any) -> None:
        tx.run("DELETE FROM deliveries WHERE id = ?", delivery.id)
        performer.succeed(tx, delivery, result, self._clock.now())
        tx.stir(TOPIC)

    def _fail(
        self, tx: Tx, performer: Performer, delivery: Delivery, failure: DeliveryFailed
    ) -> None:
        now = self._clock.now()
        reason = str(failure)[:_FAILURE_CHARACTERS_MAX]
        retry_at = performer.retry_at(delivery, failure, now)
        if retry_at is None:
            tx.run("DELETE FROM deliveries WHERE id = ?", delivery.id)
            performer.give_up(tx, replace(delivery, last_failure=reason), failure, now)
        else:
            tx.run(
                "UPDATE deliveries SET attempts = ?, due_at = ?, last_failure = ? WHERE id = ?",
                delivery.attempts,
                retry_at,
                reason,
                delivery.id,
            )
        tx.stir(TOPIC)
