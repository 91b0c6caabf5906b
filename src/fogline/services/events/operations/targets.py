"""Targets of a rule: put, listed and removed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.call import Call
from fogline.aws.pages import next_token, page_start
from fogline.services.events.errors import LimitExceededException
from fogline.services.events.lookup import bus_key, require_changeable, require_rule
from fogline.services.events.service import Events
from fogline.services.events.target_checks import check_target

if TYPE_CHECKING:
    from types_boto3_events import type_defs as types

Result = Mapping[str, Any]

_NOTHING_FAILED = {"FailedEntryCount": 0, "FailedEntries": []}


def put_targets(events: Events, call: Call, request: types.PutTargetsRequestTypeDef) -> Result:
    bus = bus_key(call, request.get("EventBusName"))
    with events.store.write() as tx:
        events.tables.lock(tx, bus)
        rule = require_rule(events, tx, bus, request["Rule"])
        require_changeable(rule, call)
        for target in request["Targets"]:
            check_target(target, events.targets)
        targets = {target["Id"]: target for target in rule["targets"]}
        targets.update({target["Id"]: target for target in request["Targets"]})
        if len(targets) > events.limits.targets_max:
            raise LimitExceededException()
        events.tables.save_rule(tx, bus, {**rule, "targets": list(targets.values())}, call.now)
    return _NOTHING_FAILED


def remove_targets(
    events: Events, call: Call, request: types.RemoveTargetsRequestTypeDef
) -> Result:
    bus = bus_key(call, request.get("EventBusName"))
    gone = set(request["Ids"])
    with events.store.write() as tx:
        events.tables.lock(tx, bus)
        rule = require_rule(events, tx, bus, request["Rule"])
        if not request.get("Force"):
            require_changeable(rule, call)
        targets = [target for target in rule["targets"] if target["Id"] not in gone]
        if len(targets) < len(rule["targets"]):
            events.tables.save_rule(tx, bus, {**rule, "targets": targets}, call.now)
    return _NOTHING_FAILED


def list_targets_by_rule(
    events: Events, call: Call, request: types.ListTargetsByRuleRequestTypeDef
) -> Result:
    bus = bus_key(call, request.get("EventBusName"))
    limit = request.get("Limit") or events.limits.page_results_max
    after = page_start(request.get("NextToken"))
    with events.store.read() as tx:
        rule = require_rule(events, tx, bus, request["Rule"])
    # Pages go by the ids, so that a target that is removed meanwhile shifts no other out of sight.
    targets = sorted(rule["targets"], key=lambda target: target["Id"])
    page = [target for target in targets if target["Id"] > after]
    result: dict[str, Any] = {"Targets": page[:limit]}
    if len(page) > limit:
        result["NextToken"] = next_token(page[limit - 1]["Id"])
    return result
