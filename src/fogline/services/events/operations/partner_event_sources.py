"""Partner event sources from both sides: of the partner who offers them, and of the account that takes them in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.call import Call
from fogline.services.events import partner_sources
from fogline.services.events.entries import Refused, check_entry, check_size
from fogline.services.events.errors import (
    InvalidStateException,
    LimitExceededException,
    ResourceAlreadyExistsException,
    ResourceNotFoundException,
)
from fogline.services.events.event import make_document
from fogline.services.events.listing import page_of
from fogline.services.events.partner_sources import ACTIVE, arn_of, find_source, new_source
from fogline.services.events.putting import accept_event
from fogline.services.events.service import Events
from fogline.store.documents import Document
from fogline.store.store import Tx
from fogline.world.clock import DAY

if TYPE_CHECKING:
    from types_boto3_events import type_defs as types

Result = Mapping[str, Any]

_AGAIN_MS = 14 * DAY


# ---- the partner's side


def create_partner_event_source(
    events: Events, call: Call, request: types.CreatePartnerEventSourceRequestTypeDef
) -> Result:
    name, account = request["Name"], request["Account"]
    tables = events.tables
    with events.store.write() as tx:
        _lock(tx, call, name)
        offered = tables.partner_offers.find(tx, call.account, call.region, name)
        accounts = list(offered["accounts"]) if offered is not None else []
        if find_source(events, tx, account, call.region, name, call.now) is not None:
            raise ResourceAlreadyExistsException(f"Event source {name} already exists.")
        count = tables.event_sources.count(tx, account, call.region)
        if count >= events.limits.event_sources_max:
            raise LimitExceededException()
        if account not in accounts:
            accounts.append(account)
        offer = {"name": name, "accounts": sorted(accounts)}
        tables.partner_offers.save(tx, call.account, call.region, name, offer)
        source = new_source(name, call.now)
        tables.event_sources.save(tx, account, call.region, name, source)
    return {"EventSourceArn": arn_of(call.region, name)}


def delete_partner_event_source(
    events: Events, call: Call, request: types.DeletePartnerEventSourceRequestTypeDef
) -> Result:
    name, account = request["Name"], request["Account"]
    tables = events.tables
    with events.store.write() as tx:
        _lock(tx, call, name)
        offer = tables.partner_offers.find(tx, call.account, call.region, name)
        if offer is None or account not in offer["accounts"]:
            return {}
        left = [each for each in offer["accounts"] if each != account]
        if left:
            changed = {**offer, "accounts": left}
            tables.partner_offers.save(tx, call.account, call.region, name, changed)
        else:
            tables.partner_offers.remove(tx, call.account, call.region, name)
        tables.event_sources.remove(tx, account, call.region, name)
    return {}


def describe_partner_event_source(
    events: Events, call: Call, request: types.DescribePartnerEventSourceRequestTypeDef
) -> Result:
    with events.store.read() as tx:
        offer = _require_offer(events, tx, call, request["Name"])
    return {"Arn": arn_of(call.region, offer["name"]), "Name": offer["name"]}


def list_partner_event_sources(
    events: Events, call: Call, request: types.ListPartnerEventSourcesRequestTypeDef
) -> Result:
    with events.store.read() as tx:
        found, token = page_of(events.tables.partner_offers, tx, call, request)
    sources = [{"Arn": arn_of(call.region, each["name"]), "Name": each["name"]} for each in found]
    return {"PartnerEventSources": sources, **token}


def list_partner_event_source_accounts(
    events: Events, call: Call, request: types.ListPartnerEventSourceAccountsRequestTypeDef
) -> Result:
    """All accounts on one page: there are few."""
    with events.store.read() as tx:
        offer = _require_offer(events, tx, call, request["EventSourceName"])
        found = [
            {"Account": account, **_told(call, source)}
            for account in offer["accounts"]
            if (source := find_source(events, tx, account, call.region, offer["name"], call.now))
        ]
    return {"PartnerEventSourceAccounts": found}


def put_partner_events(
    events: Events, call: Call, request: types.PutPartnerEventsRequestTypeDef
) -> Result:
    entries = request["Entries"]
    check_size(entries, events.limits)
    answers: list[dict[str, Any]] = []
    failed = 0
    with events.store.write() as tx:
        for entry in entries:
            try:
                answers.append({"EventId": _put(events, tx, call, entry)})
            except Refused as refused:
                failed += 1
                answers.append({"ErrorCode": refused.code, "ErrorMessage": refused.message})
    return {"FailedEntryCount": failed, "Entries": answers}


def _put(events: Events, tx: Tx, call: Call, entry: Mapping[str, Any]) -> str:
    """Put one entry on the buses of all accounts that take its source in. Raises Refused."""
    name = entry.get("Source", "")
    # Nobody else may speak for AWS and its partners, so the source itself is checked here.
    detail = check_entry({**entry, "Source": "partner"})
    offer = events.tables.partner_offers.find(tx, call.account, call.region, name)
    if offer is None:
        raise Refused("InvalidArgument", f"Event source {name} does not exist.")
    id_ = events.ids.uuid()
    for account in offer["accounts"]:
        source = find_source(events, tx, account, call.region, name, call.now)
        if source is None or source[1] != ACTIVE:
            continue
        document = make_document(
            id=id_,
            source=name,
            detail_type=entry["DetailType"],
            account=account,
            region=call.region,
            at=entry.get("Time") or call.now,
            resources=list(entry.get("Resources") or ()),
            detail=detail,
        )
        accept_event(events, tx, account, call.region, name, document, call.now, call.trace)
    return id_


# ---- the account's side


def activate_event_source(
    events: Events, call: Call, request: types.ActivateEventSourceRequestTypeDef
) -> Result:
    name = request["Name"]
    with events.store.write() as tx:
        _lock(tx, call, name)
        source, _ = _require_source(events, tx, call, name)
        active = {key: value for key, value in source.items() if key != "is_off"}
        state = partner_sources.state_of(events, tx, call.account, call.region, active)
        if state != ACTIVE:
            raise InvalidStateException(f"Event source {name} has no event bus of its name.")
        events.tables.event_sources.save(tx, call.account, call.region, name, active)
    return {}


def deactivate_event_source(
    events: Events, call: Call, request: types.DeactivateEventSourceRequestTypeDef
) -> Result:
    name = request["Name"]
    with events.store.write() as tx:
        _lock(tx, call, name)
        source, state = _require_source(events, tx, call, name)
        if state != ACTIVE:
            raise InvalidStateException(f"Event source {name} is not active.")
        changed = {**source, "is_off": True, "expires_at": call.now + _AGAIN_MS}
        events.tables.event_sources.save(tx, call.account, call.region, name, changed)
    return {}


def describe_event_source(
    events: Events, call: Call, request: types.DescribeEventSourceRequestTypeDef
) -> Result:
    with events.store.read() as tx:
        found = _require_source(events, tx, call, request["Name"])
    return partner_sources.summary(call.region, *found)


def list_event_sources(
    events: Events, call: Call, request: types.ListEventSourcesRequestTypeDef
) -> Result:
    with events.store.read() as tx:
        page, token = page_of(events.tables.event_sources, tx, call, request)
        found = [
            find_source(events, tx, call.account, call.region, each["name"], call.now)
            for each in page
        ]
    shown = [partner_sources.summary(call.region, *each) for each in found if each is not None]
    return {"EventSources": shown, **token}


# ---- both


def _lock(tx: Tx, call: Call, name: str) -> None:
    tx.lock(f"events-partner-source:{call.region}:{name}")


def _require_offer(events: Events, tx: Tx, call: Call, name: str) -> Document:
    found = events.tables.partner_offers.find(tx, call.account, call.region, name)
    if found is None:
        raise ResourceNotFoundException(f"Event source {name} does not exist.")
    return found


def _require_source(events: Events, tx: Tx, call: Call, name: str) -> tuple[Document, str]:
    found = find_source(events, tx, call.account, call.region, name, call.now)
    if found is None:
        raise ResourceNotFoundException(f"Event source {name} does not exist.")
    return found


def _told(call: Call, source: tuple[Document, str]) -> dict[str, Any]:
    told = partner_sources.summary(call.region, *source)
    names = ("CreationTime", "ExpirationTime", "State")
    return {name: told[name] for name in names if name in told}
