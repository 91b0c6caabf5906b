"""Rules: put, switched on and off, described, listed and removed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.call import Call
from fogline.aws.pages import next_token, page_start
from fogline.aws.patterns import InvalidPattern, compile_pattern
from fogline.services.events import schedules
from fogline.services.events.errors import (
    InvalidEventPatternException,
    LimitExceededException,
    ValidationException,
)
from fogline.services.events.lookup import (
    bus_key,
    manager_of,
    require_bus,
    require_changeable,
    require_rule,
)
from fogline.services.events.routes import DISABLED
from fogline.services.events.service import Events
from fogline.services.events.tables import DEFAULT, BusKey
from fogline.services.events.tag_lists import read_tags
from fogline.store.documents import Document
from fogline.store.store import Tx

if TYPE_CHECKING:
    from types_boto3_events import type_defs as types

Result = Mapping[str, Any]

ENABLED = "ENABLED"

_SETTINGS = {
    "EventPattern": "pattern",
    "ScheduleExpression": "schedule",
    "Description": "description",
    "RoleArn": "role",
}


def put_rule(events: Events, call: Call, request: types.PutRuleRequestTypeDef) -> Result:
    bus = bus_key(call, request.get("EventBusName"))
    name = request["Name"]
    _check(bus, request)
    tags = read_tags(request.get("Tags"), call, events.limits)
    with events.store.write() as tx:
        events.tables.lock(tx, bus)
        require_bus(events, tx, bus)
        old = events.tables.find_rule(tx, bus, name)
        if old is not None:
            require_changeable(old, call)
        elif events.tables.count_rules(tx, bus) >= events.limits.rules_max:
            raise LimitExceededException()
        rule = {
            "name": name,
            "bus": bus.name,
            "state": request.get("State") or ENABLED,
            "targets": old["targets"] if old is not None else [],
            # Tags of a rule that exists are changed by TagResource alone.
            "tags": old["tags"] if old is not None else tags,
            "created_by": old["created_by"] if old is not None else call.account,
            "created_at": old["created_at"] if old is not None else call.now,
            "managed_by": manager_of(call),
            **{kept: request[given] for given, kept in _SETTINGS.items() if request.get(given)},  # type: ignore[literal-required]  # names of the request's members
        }
        _save(events, tx, call, bus, rule)
    return {"RuleArn": bus.rule_arn(name)}


def enable_rule(events: Events, call: Call, request: types.EnableRuleRequestTypeDef) -> Result:
    return _switch(events, call, request, ENABLED)


def disable_rule(events: Events, call: Call, request: types.DisableRuleRequestTypeDef) -> Result:
    return _switch(events, call, request, DISABLED)


def delete_rule(events: Events, call: Call, request: types.DeleteRuleRequestTypeDef) -> Result:
    bus = bus_key(call, request.get("EventBusName"))
    name = request["Name"]
    with events.store.write() as tx:
        events.tables.lock(tx, bus)
        require_bus(events, tx, bus)
        rule = events.tables.find_rule(tx, bus, name)
        if rule is None:
            return {}
        if not request.get("Force"):
            require_changeable(rule, call)
        if rule["targets"]:
            raise ValidationException("Rule can't be deleted since it has targets.")
        events.tables.remove_rule(tx, bus, name, call.now)
        schedules.forget(events, tx, bus, name)
    return {}


def describe_rule(events: Events, call: Call, request: types.DescribeRuleRequestTypeDef) -> Result:
    bus = bus_key(call, request.get("EventBusName"))
    with events.store.read() as tx:
        rule = require_rule(events, tx, bus, request["Name"])
    return {**_summary(bus, rule), "CreatedBy": rule["created_by"]}


def list_rules(events: Events, call: Call, request: types.ListRulesRequestTypeDef) -> Result:
    bus = bus_key(call, request.get("EventBusName"))
    limit = request.get("Limit") or events.limits.page_results_max
    after = page_start(request.get("NextToken"))
    with events.store.read() as tx:
        require_bus(events, tx, bus)
        page = events.tables.list_rules(tx, bus, request.get("NamePrefix", ""), after, limit + 1)
    result: dict[str, Any] = {"Rules": [_summary(bus, rule) for rule in page[:limit]]}
    if len(page) > limit:
        result["NextToken"] = next_token(page[limit - 1]["name"])
    return result


def list_rule_names_by_target(
    events: Events, call: Call, request: types.ListRuleNamesByTargetRequestTypeDef
) -> Result:
    bus = bus_key(call, request.get("EventBusName"))
    limit = request.get("Limit") or events.limits.page_results_max
    after = page_start(request.get("NextToken"))
    arn = request["TargetArn"]
    with events.store.read() as tx:
        require_bus(events, tx, bus)
        names = [
            rule["name"]
            for rule in events.tables.list_rules(tx, bus, after=after)
            if any(target["Arn"] == arn for target in rule["targets"])
        ]
    result: dict[str, Any] = {"RuleNames": names[:limit]}
    if len(names) > limit:
        result["NextToken"] = next_token(names[limit - 1])
    return result


def _check(bus: BusKey, request: Mapping[str, Any]) -> None:
    pattern, schedule = request.get("EventPattern"), request.get("ScheduleExpression")
    if not pattern and not schedule:
        raise ValidationException(
            "Parameter(s) EventPattern or ScheduleExpression must be specified."
        )
    if schedule:
        if bus.name != DEFAULT:
            raise ValidationException(
                "ScheduleExpression is supported only on the default event bus."
            )
        schedules.check(schedule)
    if pattern:
        try:
            compile_pattern(pattern)
        except InvalidPattern as invalid:
            raise InvalidEventPatternException(reason=invalid.reason) from None


def _switch(events: Events, call: Call, request: Mapping[str, Any], state: str) -> Result:
    bus = bus_key(call, request.get("EventBusName"))
    with events.store.write() as tx:
        events.tables.lock(tx, bus)
        rule = require_rule(events, tx, bus, request["Name"])
        require_changeable(rule, call)
        if rule["state"] != state:
            _save(events, tx, call, bus, {**rule, "state": state})
    return {}


def _save(events: Events, tx: Tx, call: Call, bus: BusKey, rule: Document) -> None:
    events.tables.save_rule(tx, bus, rule, call.now)
    schedules.plan(events, tx, bus, rule, call.now)


def _summary(bus: BusKey, rule: Document) -> dict[str, Any]:
    summary: dict[str, Any] = {
        "Name": rule["name"],
        "Arn": bus.rule_arn(rule["name"]),
        "State": rule["state"],
        "EventBusName": bus.name,
    }
    for member, kept in _SETTINGS.items():
        if rule.get(kept):
            summary[member] = rule[kept]
    if rule.get("managed_by"):
        summary["ManagedBy"] = rule["managed_by"]
    return summary
