"""What EventBridge keeps: buses and rules as documents, and what changed on each bus, version by version.

The versions let every node keep the rules of a bus compiled, and read no more than what has changed since.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from fogline.services.events.archive_tables import ArchiveTables
from fogline.services.events.call_tables import CallTables
from fogline.services.events.schedule_tables import ScheduleTables
from fogline.store.documents import Document, Documents
from fogline.store.store import Store, Tx
from fogline.world.ids import Ids

CHANGES_KEPT = 1_000
"""Changes of one bus; a node that lags behind by more reads all its rules again."""

DEFAULT = "default"

DEFAULT_BUS: Document = {
    "name": DEFAULT,
    "created_at": 1_562_803_200_000,
    "modified_at": 1_562_803_200_000,
}
"""The bus that every account has, until somebody changes it. Its times are the day on which EventBridge began."""

_BETWEEN = "|"  # neither a bus nor a rule may have it in its name


class BusKey(NamedTuple):
    """Where a bus is."""

    account: str
    region: str
    name: str

    @property
    def arn(self) -> str:
        return f"arn:aws:events:{self.region}:{self.account}:event-bus/{self.name}"

    def rule_arn(self, rule: str) -> str:
        bus = "" if self.name == DEFAULT else f"{self.name}/"
        return f"arn:aws:events:{self.region}:{self.account}:rule/{bus}{rule}"


class Tables:
    """Reads and writes of buses and rules.

    A bus: `name`, and what is set of `description`, `kms_key`, `dead_letters`, `log`, `policy` (parsed), `tags`,
    `created_at`, `modified_at`, `managed_by`, `source`. The default bus has a document only once it is changed.

    A rule: `name`, `bus`, `state`, `targets` (as PutTargets gives them, in its order), `tags`, `created_at`, and what
    is set of `pattern` (text), `schedule`, `description`, `role`, `managed_by`, `created_by`.
    """

    def __init__(self, store: Store, ids: Ids) -> None:
        self._buses = Documents(store, "events.bus")
        self._rules = Documents(store, "events.rule")
        self._ids = ids
        self.archives = ArchiveTables(store)
        self.calls = CallTables(store)
        self.schedules = ScheduleTables()
        self.endpoints = Documents(store, "events.endpoint")
        self.event_sources = Documents(store, "events.event-source")
        self.partner_offers = Documents(store, "events.partner-offer")

    # ---- buses

    def find_bus(self, tx: Tx, bus: BusKey) -> Document | None:
        """The bus, or None. The default bus is always there."""
        found = self._buses.find(tx, *bus)
        if found is None and bus.name == DEFAULT:
            return DEFAULT_BUS
        return found

    def save_bus(self, tx: Tx, bus: BusKey, document: Mapping[str, Any], now: int) -> None:
        self._buses.save(tx, *bus, document)
        self._changed(tx, bus, "", now)

    def remove_bus(self, tx: Tx, bus: BusKey) -> None:
        """Remove a bus that has no rules."""
        self._buses.remove(tx, *bus)
        tx.run(
            "DELETE FROM events_changes WHERE account = ? AND region = ? AND bus = ?",
            *bus,
        )

    def list_buses(
        self, tx: Tx, account: str, region: str, prefix: str = "", after: str = "", limit: int = 100
    ) -> list[tuple[str, Document]]:
        """Names and buses, without a default bus that nobody changed."""
        return self._buses.page(tx, account, region, prefix=prefix, after=after, limit=limit)

    # ---- rules

    def find_rule(self, tx: Tx, bus: BusKey, name: str) -> Document | None:
        return self._rules.find(tx, bus.account, bus.region, f"{bus.name}{_BETWEEN}{name}")

    def save_rule(self, tx: Tx, bus: BusKey, document: Mapping[str, Any], now: int) -> None:
        name = f"{bus.name}{_BETWEEN}{document['name']}"
        self._rules.save(tx, bus.account, bus.region, name, document)
        self._changed(tx, bus, document["name"], now)

    def remove_rule(self, tx: Tx, bus: BusKey, name: str, now: int) -> None:
        self._rules.remove(tx, bus.account, bus.region, f"{bus.name}{_BETWEEN}{name}")
        self._changed(tx, bus, name, now)

    def list_rules(
        self, tx: Tx, bus: BusKey, prefix: str = "", after: str = "", limit: int = 1_000_000
    ) -> list[Document]:
        """Rules of a bus in the order of their names."""
        front = bus.name + _BETWEEN
        return [
            document
            for _, document in self._rules.page(
                tx,
                bus.account,
                bus.region,
                prefix=front + prefix,
                after=front + after if after else "",
                limit=limit,
            )
        ]

    def count_rules(self, tx: Tx, bus: BusKey) -> int:
        """How many rules all buses have at that place."""
        return self._rules.count(tx, bus.account, bus.region)

    def every_rule(self, tx: Tx) -> list[tuple[BusKey, Document]]:
        """All rules there are, for loops that start."""
        return [
            (BusKey(account, region, document["bus"]), document)
            for account, region, _, document in self._rules.every(tx)
        ]

    # ---- versions

    def version(self, tx: Tx, bus: BusKey) -> int:
        """The version of a bus and its rules; 0 when nothing was ever changed there."""
        row = tx.row(
            "SELECT max(version) FROM events_changes WHERE account = ? AND region = ? AND bus = ?",
            *bus,
        )
        return row[0] or 0 if row else 0

    def rules_changed_since(self, tx: Tx, bus: BusKey, version: int) -> set[str] | None:
        """The names of rules changed after that version, "" for the bus; None when that is not known any more."""
        rows = tx.rows(
            "SELECT version, rule FROM events_changes"
            " WHERE account = ? AND region = ? AND bus = ? AND version >= ? ORDER BY version",
            *bus,
            version,
        )
        if not rows or rows[0][0] != version:
            return None
        return {rule for _, rule in rows[1:]}

    def lock(self, tx: Tx, bus: BusKey) -> None:
        """Let nobody else change that bus or its rules until commit. Every change begins with it."""
        tx.lock(f"events:{bus.account}:{bus.region}:{bus.name}")

    def _changed(self, tx: Tx, bus: BusKey, rule: str, now: int) -> None:
        # Numbers never come again, so that what was rolled back is not mistaken for what came after.
        version = max(self._ids.ordered(now), self.version(tx, bus) + 1)
        tx.run(
            "INSERT INTO events_changes (account, region, bus, version, rule) VALUES (?, ?, ?, ?, ?)",
            *bus,
            version,
            rule,
        )
        if version % 100 == 0:
            self._forget_old_changes(tx, bus)

    def _forget_old_changes(self, tx: Tx, bus: BusKey) -> None:
        oldest = tx.row(
            "SELECT version FROM events_changes WHERE account = ? AND region = ? AND bus = ?"
            " ORDER BY version DESC LIMIT 1 OFFSET ?",
            *bus,
            CHANGES_KEPT,
        )
        if oldest is not None:
            tx.run(
                "DELETE FROM events_changes"
                " WHERE account = ? AND region = ? AND bus = ? AND version <= ?",
                *bus,
                oldest[0],
            )
