"""Discoverers: each watches one event bus, through a rule that EventBridge manages on it."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.arn import Arn, find_arn, make_arn
from fogline.aws.call import Call, Principal
from fogline.aws.errors import AwsError
from fogline.services.schemas.discovering import ensure_registry
from fogline.services.schemas.errors import (
    BadRequestException,
    ConflictException,
    NotFoundException,
)
from fogline.services.schemas.lookup import page_after, page_limit, page_of, stored_text
from fogline.services.schemas.operations.tags import check_tags
from fogline.services.schemas.service import Schemas
from fogline.store.documents import Document
from fogline.store.store import Tx

if TYPE_CHECKING:
    from types_boto3_schemas import type_defs as types

Result = Mapping[str, Any]

_MANAGER = "schemas.amazonaws.com"
# What AWS's own services send is not discovered, except what comes from partners.
_PATTERN = (
    '{ "source": [ { "prefix": "aws.partner/" }, { "anything-but": { "prefix": "aws." } } ] }'
)
_TARGET = "schemas-discoverer"
_RULE_NAME_CHARACTERS_MAX = 64


def create_discoverer(
    schemas: Schemas, call: Call, request: types.CreateDiscovererRequestTypeDef
) -> Result:
    bus = _bus_of(call, request["SourceArn"])
    tags = request.get("Tags") or {}
    check_tags(schemas, tags, call)
    discoverer_id = f"events-{bus.resource.replace('/', '-')}"
    discoverer = {
        "id": discoverer_id,
        "source": str(bus),
        "description": request.get("Description", ""),
        "cross_account": request.get("CrossAccount", True),
        "state": "STARTED",
        "tags": dict(tags),
    }
    place = (call.account, call.region)
    with schemas.store.write() as tx:
        tx.lock(f"schemas:{call.account}:{call.region}:{discoverer_id}")
        if schemas.tables.discoverers.find(tx, *place, discoverer_id) is not None:
            raise ConflictException(thing=f"A discoverer of {bus}")
        ensure_registry(schemas, tx, place)
        schemas.tables.discoverers.save(tx, *place, discoverer_id, discoverer)
        _add_rule(schemas, call, discoverer)
    return _described(call, discoverer)


def describe_discoverer(
    schemas: Schemas, call: Call, request: types.DescribeDiscovererRequestTypeDef
) -> Result:
    with schemas.store.read() as tx:
        return _described(call, _require(schemas, tx, call, request["DiscovererId"]))


def update_discoverer(
    schemas: Schemas, call: Call, request: types.UpdateDiscovererRequestTypeDef
) -> Result:
    with schemas.store.write() as tx:
        discoverer = dict(_require_locked(schemas, tx, call, request["DiscovererId"]))
        if "Description" in request:
            discoverer["description"] = request["Description"]
        if "CrossAccount" in request:
            discoverer["cross_account"] = request["CrossAccount"]
        _save(schemas, tx, call, discoverer)
    return _described(call, discoverer)


def delete_discoverer(
    schemas: Schemas, call: Call, request: types.DeleteDiscovererRequestTypeDef
) -> Result:
    with schemas.store.write() as tx:
        discoverer = _require_locked(schemas, tx, call, request["DiscovererId"])
        schemas.tables.discoverers.remove(tx, call.account, call.region, discoverer["id"])
        _remove_rule(schemas, call, discoverer)
    return {}


def list_discoverers(
    schemas: Schemas, call: Call, request: types.ListDiscoverersRequestTypeDef
) -> Result:
    limit, source = page_limit(schemas, request), request.get("SourceArnPrefix", "")
    with schemas.store.read() as tx:
        found = schemas.tables.discoverers.page(
            tx,
            call.account,
            call.region,
            prefix=stored_text(request.get("DiscovererIdPrefix", "")),
            after=page_after(request),
        )
    entries = [
        (name, _summary(call, discoverer))
        for name, discoverer in found
        if discoverer["source"].startswith(source)
    ]
    return page_of("Discoverers", entries, limit)


def start_discoverer(
    schemas: Schemas, call: Call, request: types.StartDiscovererRequestTypeDef
) -> Result:
    return _change_state(schemas, call, request["DiscovererId"], "STARTED")


def stop_discoverer(
    schemas: Schemas, call: Call, request: types.StopDiscovererRequestTypeDef
) -> Result:
    return _change_state(schemas, call, request["DiscovererId"], "STOPPED")


def _change_state(schemas: Schemas, call: Call, name: str, state: str) -> Result:
    with schemas.store.write() as tx:
        discoverer = {**_require_locked(schemas, tx, call, name), "state": state}
        _save(schemas, tx, call, discoverer)
        # A rule that is disabled costs the bus nothing.
        operation = "EnableRule" if state == "STARTED" else "DisableRule"
        with contextlib.suppress(AwsError):  # the rule may be gone with its bus
            _manage(schemas, call, operation, _rule_of(discoverer))
    return {"DiscovererId": name, "State": state}


# ---- the rule


def _add_rule(schemas: Schemas, call: Call, discoverer: Document) -> None:
    """Let every event on the bus come to the discoverer. Raises BadRequestException if there is no such bus."""
    rule = _rule_of(discoverer)
    try:
        _manage(
            schemas,
            call,
            "PutRule",
            {
                **rule,
                "EventPattern": _PATTERN,
                "State": "ENABLED",
                "Description": "This rule is used to route Events to Schema Discoverer",
            },
        )
    except AwsError as refused:
        raise BadRequestException(
            f"The event bus {discoverer['source']} cannot be watched: {refused.text}"
        ) from refused
    target = {"Id": _TARGET, "Arn": _arn(call, discoverer["id"])}
    _manage(
        schemas,
        call,
        "PutTargets",
        {"Rule": rule["Name"], "EventBusName": rule["EventBusName"], "Targets": [target]},
    )


def _remove_rule(schemas: Schemas, call: Call, discoverer: Document) -> None:
    rule = _rule_of(discoverer)
    with contextlib.suppress(AwsError):  # the rule may be gone with its bus
        _manage(
            schemas,
            call,
            "RemoveTargets",
            {
                "Rule": rule["Name"],
                "EventBusName": rule["EventBusName"],
                "Ids": [_TARGET],
                "Force": True,
            },
        )
        _manage(schemas, call, "DeleteRule", {**rule, "Force": True})


def _rule_of(discoverer: Document) -> dict[str, Any]:
    bus = discoverer["source"].partition("event-bus/")[2]
    name = f"Schemas-{discoverer['id']}"[:_RULE_NAME_CHARACTERS_MAX]
    return {"Name": name, "EventBusName": bus}


def _manage(schemas: Schemas, call: Call, operation: str, request: Mapping[str, Any]) -> None:
    """Ask the event bus in this service's own name, so that the rule is known to be managed by it."""
    cause = call._replace(principal=Principal(call.account, _MANAGER, call.account))
    schemas.api.call("events", operation, request, cause)


# ---- what requests name


def _bus_of(call: Call, source: str) -> Arn:
    """The event bus of that ARN. Raises BadRequestException."""
    bus = find_arn(stored_text(source))
    if bus is None or bus.service != "events" or not bus.resource.startswith("event-bus/"):
        raise BadRequestException("SourceArn must be the ARN of an event bus.")
    if (bus.account, bus.region) != (call.account, call.region):
        raise BadRequestException("The event bus must be in the same account and region.")
    return bus


def _require(schemas: Schemas, tx: Tx, call: Call, name: str) -> Document:
    discoverer = schemas.tables.discoverers.find(tx, call.account, call.region, stored_text(name))
    if discoverer is None:
        raise NotFoundException(thing=f"Discoverer with id {name}")
    return discoverer


def _require_locked(schemas: Schemas, tx: Tx, call: Call, name: str) -> Document:
    tx.lock(f"schemas:{call.account}:{call.region}:{stored_text(name)}")
    return _require(schemas, tx, call, name)


def _save(schemas: Schemas, tx: Tx, call: Call, discoverer: Document) -> None:
    schemas.tables.discoverers.save(tx, call.account, call.region, discoverer["id"], discoverer)


def _arn(call: Call, name: str) -> str:
    return make_arn("schemas", call.region, call.account, f"discoverer/{name}")


def _summary(call: Call, discoverer: Document) -> dict[str, Any]:
    return {
        "DiscovererArn": _arn(call, discoverer["id"]),
        "DiscovererId": discoverer["id"],
        "SourceArn": discoverer["source"],
        "State": discoverer["state"],
        "CrossAccount": discoverer["cross_account"],
        "Tags": discoverer["tags"],
    }


def _described(call: Call, discoverer: Document) -> dict[str, Any]:
    described = _summary(call, discoverer)
    if discoverer["description"]:
        described["Description"] = discoverer["description"]
    return described
