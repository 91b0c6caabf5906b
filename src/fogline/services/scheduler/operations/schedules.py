"""Schedules: created, changed, looked at and deleted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.call import Call
from fogline.services.scheduler.definition import define
from fogline.services.scheduler.errors import ConflictException, ResourceNotFoundException
from fogline.services.scheduler.firing import next_due
from fogline.services.scheduler.groups import require_group
from fogline.services.scheduler.pages import after, member
from fogline.services.scheduler.schedule import DEFAULT_GROUP, Address, shown, summary
from fogline.services.scheduler.service import TOPIC, Scheduler
from fogline.services.scheduler.tables import Due
from fogline.services.scheduler.timing import Timing, is_timed_alike, keeps_expression
from fogline.store.documents import Document
from fogline.store.store import Tx

if TYPE_CHECKING:
    from types_boto3_scheduler import type_defs as types

Result = Mapping[str, Any]


def create_schedule(
    scheduler: Scheduler, call: Call, request: types.CreateScheduleInputTypeDef
) -> Result:
    address = _address(call, request)
    document = define(scheduler, call.region, request, None, call.now)
    with scheduler.store.write() as tx:
        _lock(tx, address)
        existing = scheduler.tables.find(tx, address)
        if existing is not None:
            if existing["ClientToken"] and existing["ClientToken"] == document["ClientToken"]:
                return {"ScheduleArn": address.arn}
            raise ConflictException(what="Schedule", name=address.name)
        require_group(scheduler, tx, call, address.group)
        scheduler.tables.save(tx, address, document)
        _plan(scheduler, tx, address, document, -1, call.now)
    return {"ScheduleArn": address.arn}


def update_schedule(
    scheduler: Scheduler, call: Call, request: types.UpdateScheduleInputTypeDef
) -> Result:
    address = _address(call, request)
    with scheduler.store.write() as tx:
        _lock(tx, address)
        scheduler.tables.hold(tx, address)
        before = _require(scheduler, tx, call, address)
        document = define(scheduler, call.region, request, before, call.now)
        scheduler.tables.save(tx, address, document)
        if not is_timed_alike(document, before):
            due = scheduler.tables.find_due(tx, address)
            made = due.made if due and keeps_expression(document, before) else -1
            _plan(scheduler, tx, address, document, made, call.now)
    return {"ScheduleArn": address.arn}


def get_schedule(
    scheduler: Scheduler, call: Call, request: types.GetScheduleInputTypeDef
) -> Result:
    address = _address(call, request)
    with scheduler.store.read() as tx:
        return shown(address, _require(scheduler, tx, call, address))


def delete_schedule(
    scheduler: Scheduler, call: Call, request: types.DeleteScheduleInputTypeDef
) -> Result:
    address = _address(call, request)
    with scheduler.store.write() as tx:
        _lock(tx, address)
        scheduler.tables.hold(tx, address)
        _require(scheduler, tx, call, address)
        scheduler.tables.remove(tx, address)
    return {}


def list_schedules(
    scheduler: Scheduler, call: Call, request: types.ListSchedulesInputTypeDef
) -> Result:
    limit = request.get("MaxResults", scheduler.limits.page_results_max)
    group, state = request.get("GroupName"), request.get("State")
    name_prefix = request.get("NamePrefix", "")
    prefix = f"{group}/{name_prefix}" if group else ""
    key = after(request.get("NextToken"))
    found: list[tuple[Address, Document]] = []
    with scheduler.store.read() as tx:
        if group:
            require_group(scheduler, tx, call, group)
        while len(found) <= limit:
            page = scheduler.tables.page(tx, call.account, call.region, prefix, key, limit + 1)
            found += [
                (address, document)
                for address, document in page
                if address.name.startswith(name_prefix) and state in (None, document["State"])
            ]
            if len(page) <= limit:
                break
            key = page[-1][0].key
    shown_ones = found[:limit]
    return {
        "Schedules": [summary(address, document) for address, document in shown_ones],
        **member(shown_ones[-1][0].key if len(found) > limit else None),
    }


def _address(call: Call, request: Mapping[str, Any]) -> Address:
    return Address(
        call.account, call.region, request.get("GroupName", DEFAULT_GROUP), request["Name"]
    )


def _lock(tx: Tx, address: Address) -> None:
    # One lock for a group: a schedule must not be made in a group that is going.
    tx.lock(f"scheduler:{address.account}:{address.region}:{address.group}")


def _require(scheduler: Scheduler, tx: Tx, call: Call, address: Address) -> Document:
    document = scheduler.tables.find(tx, address)
    if document is None:
        require_group(scheduler, tx, call, address.group)
        raise ResourceNotFoundException(what="Schedule", name=address.name)
    return document


def _plan(
    scheduler: Scheduler, tx: Tx, address: Address, document: Document, made: int, now: int
) -> None:
    """Keep when a schedule, new or changed, is due first."""
    if document["State"] == "DISABLED":
        scheduler.tables.save_due(tx, address, Due(made, None, made))
        return
    timing = Timing.of(document)
    due = next_due(scheduler, timing, timing.first(now, made), made)
    scheduler.tables.save_due(tx, address, due)
    tx.stir(TOPIC)
