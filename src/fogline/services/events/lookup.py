"""The bus or the rule that a request names."""

from __future__ import annotations

from functools import lru_cache

from fogline.aws.arn import find_arn
from fogline.aws.call import Call
from fogline.services.events.errors import (
    EndpointDoesNotExist,
    EventBusDoesNotExist,
    ManagedRuleException,
    RuleDoesNotExist,
)
from fogline.services.events.service import Events
from fogline.services.events.tables import DEFAULT, BusKey
from fogline.store.documents import Document
from fogline.store.store import Tx

_FRONT = "event-bus/"


def bus_key(call: Call, name_or_arn: str | None) -> BusKey:
    """Where the bus is that a request names, by name or by ARN."""
    return _key(call.account, call.region, name_or_arn or DEFAULT)


@lru_cache(4_096)
def _key(account: str, region: str, text: str) -> BusKey:
    arn = find_arn(text) if text.startswith("arn:") else None
    if arn is None:
        return BusKey(account, region, text)
    return BusKey(arn.account, arn.region, arn.resource.removeprefix(_FRONT))


def require_bus(events: Events, tx: Tx, bus: BusKey) -> Document:
    """The bus. Raises EventBusDoesNotExist."""
    found = events.tables.find_bus(tx, bus)
    if found is None:
        raise EventBusDoesNotExist(name=bus.name)
    return found


def require_rule(events: Events, tx: Tx, bus: BusKey, name: str) -> Document:
    """The rule. Raises EventBusDoesNotExist, RuleDoesNotExist."""
    require_bus(events, tx, bus)
    found = events.tables.find_rule(tx, bus, name)
    if found is None:
        raise RuleDoesNotExist(name=name, bus=bus.name)
    return found


def require_endpoint(events: Events, tx: Tx, call: Call, id: str) -> None:
    """Raises EndpointDoesNotExist unless the account has that global endpoint, in whatever region."""
    for account, _, _, endpoint in events.tables.endpoints.every(tx):
        if account == call.account and endpoint["id"] == id:
            return
    raise EndpointDoesNotExist(id=id)


def manager_of(call: Call) -> str:
    """The service of AWS that asks from within, in its own name; "" for everyone else. It manages what it makes."""
    is_service = not call.protocol and call.principal.arn.endswith(".amazonaws.com")
    return call.principal.arn if is_service else ""


def require_changeable(rule: Document, call: Call | None = None) -> None:
    """Raises ManagedRuleException for a rule that belongs to a service of AWS, unless that makes the `call`."""
    manager = rule.get("managed_by")
    if manager and (call is None or manager != manager_of(call)):
        raise ManagedRuleException(by=manager)
