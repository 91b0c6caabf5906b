"""Routes: the rules of each bus, compiled into one matcher, and kept at hand while nothing changes.

Each use asks the store for the version of the bus, which is one look into an index. What has changed since is read and
compiled; all else stands. So it is right on every node of a shared store, after a rollback and after a snapshot.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from fogline.aws.patterns import InvalidPattern, compile_pattern
from fogline.aws.patterns.matcher import Matcher
from fogline.services.events.payloads import Payload, make_payload
from fogline.services.events.schema_checks import SchemaWish, schema_wish
from fogline.services.events.tables import BusKey, Tables
from fogline.store.documents import Document
from fogline.store.store import Tx

BUSES_KEPT_MAX = 1_000

DISABLED = "DISABLED"

_NO_FACTS: Mapping[str, Any] = {}


class Target:
    """One target of a rule, with what each delivery needs of it."""

    __slots__ = (
        "arn",
        "dead_letters",
        "document",
        "facts",
        "id",
        "is_bus",
        "is_stream",
        "needs_facts",
        "needs_json",
        "payload",
    )  # fmt: skip

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        self.id: str = document["Id"]
        self.arn: str = document["Arn"]
        self.dead_letters: str = (document.get("DeadLetterConfig") or _NO_FACTS).get("Arn") or ""
        self.payload: Payload = make_payload(document)
        self.facts = _facts_of(document)
        service, _, rest = self.arn[len("arn:aws:") :].partition(":")
        self.is_bus = service == "events" and ":event-bus/" in rest
        self.is_stream = service == "kinesis"
        # Only a template that is plain text can give them something else.
        self.needs_json = service in ("lambda", "states") and bool(document.get("InputTransformer"))
        self.needs_facts = service not in ("sqs", "sns", "lambda", "logs") or "$." in str(
            self.facts.get("MessageGroupId", "")
        )


class Rule:
    """A rule, with what each delivery needs of it."""

    __slots__ = ("arn", "bus", "document", "is_archive", "name", "targets")

    def __init__(self, bus: BusKey, document: Document) -> None:
        self.bus = bus
        self.document = document
        self.name: str = document["name"]
        self.arn = bus.rule_arn(self.name)
        self.is_archive = "archive" in document
        self.targets = tuple([Target(each) for each in document["targets"]])


@dataclass(slots=True)
class Route:
    """A bus, its rules that are enabled and have a pattern, and the matcher over them."""

    version: int
    key: BusKey
    bus: Document
    rules: dict[str, Rule]
    matcher: Matcher
    schemas: SchemaWish | None


class Routes:
    """Finds the rules that an event matches."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._routes: dict[BusKey, Route] = {}
        # On a shared store operations run in threads, and a matcher serves one at a time.
        self._guard = threading.Lock()

    def open(self, tx: Tx, bus: BusKey) -> Route | None:
        """The bus and its rules as they are now; None when there is no such bus."""
        with self._guard:
            return self._fresh(tx, bus)

    def match(
        self, route: Route, event: Mapping[str, Any], only: Collection[str] | None = None
    ) -> list[Rule]:
        """The rules that the event matches; of those named in `only`, if it is given."""
        rules = route.rules
        if not rules:
            return []
        with self._guard:
            names = route.matcher.find(event)
            if only is not None:
                names = [name for name in names if name in only]
            return [rules[name] for name in names]

    def _fresh(self, tx: Tx, bus: BusKey) -> Route | None:
        version = self._tables.version(tx, bus)
        route = self._routes.get(bus)
        if route is not None:
            if route.version == version:
                return route
            changed = self._tables.rules_changed_since(tx, bus, route.version)
            if changed is not None and self._renew(tx, bus, route, changed):
                route.version = version
                return route
            del self._routes[bus]
        return self._read(tx, bus, version)

    def _read(self, tx: Tx, bus: BusKey, version: int) -> Route | None:
        document = self._tables.find_bus(tx, bus)
        if document is None:
            return None
        route = Route(version, bus, document, {}, Matcher(), schema_wish(document))
        for rule in self._tables.list_rules(tx, bus):
            _put(route, bus, rule)
        if len(self._routes) >= BUSES_KEPT_MAX:
            self._routes.clear()
        self._routes[bus] = route
        return route

    def _renew(self, tx: Tx, bus: BusKey, route: Route, changed: set[str]) -> bool:
        """Bring a route up to date; False when its bus is gone."""
        document = self._tables.find_bus(tx, bus)
        if document is None:
            return False
        route.bus = document
        route.schemas = schema_wish(document)
        for name in changed:
            if not name:
                continue
            rule = self._tables.find_rule(tx, bus, name)
            if rule is None:
                _remove(route, name)
            else:
                _put(route, bus, rule)
        return True


def _put(route: Route, bus: BusKey, rule: Document) -> None:
    pattern = rule.get("pattern")
    if not pattern or rule["state"] == DISABLED:
        _remove(route, rule["name"])
        return
    try:
        compiled = compile_pattern(pattern)
    except InvalidPattern:  # taken by an older version of this program
        _remove(route, rule["name"])
        return
    route.matcher.put(rule["name"], compiled)
    route.rules[rule["name"]] = Rule(bus, rule)


def _remove(route: Route, name: str) -> None:
    route.matcher.remove(name)
    route.rules.pop(name, None)


def _facts_of(target: Mapping[str, Any]) -> dict[str, Any]:
    """What a target's configuration says for its kind, as `Sending.facts` carries it."""
    facts: dict[str, Any] = {}
    group = (target.get("SqsParameters") or _NO_FACTS).get("MessageGroupId")
    if group:
        facts["MessageGroupId"] = group
    key_path = (target.get("KinesisParameters") or _NO_FACTS).get("PartitionKeyPath")
    if key_path:
        facts["PartitionKeyPath"] = key_path
    for name in ("HttpParameters", "RetryPolicy", "DeadLetterConfig", "RoleArn"):
        value = target.get(name)
        if value:
            facts[name] = value
    return facts
