"""The CloudFormation types that EventBridge owns: buses, their policies, and rules with their targets.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_Events.html
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

import orjson

from fogline.aws.policy.statements import without
from fogline.ports.resources import Context, Done, Properties, ResourceRefused, ResourceType
from fogline.services.events.errors import ResourceNotFoundException
from fogline.services.events.resources_outgoing import OUTGOING

_BUS_SETTINGS = ("Description", "KmsKeyIdentifier", "DeadLetterConfig", "LogConfig")
_RULE_SETTINGS = ("Description", "RoleArn", "ScheduleExpression", "State")
_DEFAULT = "default"


def _json(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _bus_of(properties: Properties) -> str:
    """The name of the bus that a template names by name or by ARN."""
    return str(properties.get("EventBusName") or _DEFAULT)


# ---- AWS::Events::EventBus


def _create_bus(context: Context, properties: Properties) -> Done:
    name = properties["Name"]
    request = {each: properties.get(each) for each in (*_BUS_SETTINGS, "EventSourceName")}
    tags = context.tag_list(properties.get("Tags"))
    context.ask("events", "CreateEventBus", {"Name": name, **request, "Tags": tags})
    if properties.get("Policy"):
        _put_policy(context, name, properties["Policy"])
    return _bus(context, name)


def _bus(context: Context, name: str) -> Done:
    found = context.ask("events", "DescribeEventBus", {"Name": name})
    return Done(name, {"Arn": found["Arn"], "Name": name, "Policy": found.get("Policy", "{}")})


def _update_bus(context: Context, name: str, old: Properties, new: Properties) -> Done:
    gone: dict[str, Any] = {"Description": "", "DeadLetterConfig": {}, "LogConfig": {}}
    settings = {
        each: new[each] if each in new else gone.get(each)
        for each in _BUS_SETTINGS
        if each in new or each in old
    }
    context.ask("events", "UpdateEventBus", {"Name": name, **settings})
    if new.get("Policy"):
        _put_policy(context, name, new["Policy"])
    elif old.get("Policy"):
        _remove_policy(context, name)
    done = _bus(context, name)
    _update_tags(context, done.attributes["Arn"], old, new)
    return done


def _update_tags(context: Context, arn: str, old: Properties, new: Properties) -> None:
    before, after = context.tags(old.get("Tags")), context.tags(new.get("Tags"))
    gone = [key for key in before if key not in after]
    if gone:
        context.ask("events", "UntagResource", {"ResourceARN": arn, "TagKeys": gone})
    tags = context.tag_list(new.get("Tags"))
    context.ask("events", "TagResource", {"ResourceARN": arn, "Tags": tags})


def _delete_bus(context: Context, name: str, properties: Properties) -> None:
    context.ask("events", "DeleteEventBus", {"Name": name})


def _put_policy(context: Context, bus: str, policy: Any) -> None:
    context.ask("events", "PutPermission", {"EventBusName": bus, "Policy": _json(policy)})


def _remove_policy(context: Context, bus: str) -> None:
    with contextlib.suppress(ResourceNotFoundException):  # somebody else has removed it
        context.ask(
            "events", "RemovePermission", {"EventBusName": bus, "RemoveAllPermissions": True}
        )


# ---- AWS::Events::EventBusPolicy


def _put_statement(context: Context, properties: Properties) -> Done:
    bus, id = _bus_of(properties), str(properties["StatementId"])
    statement = properties.get("Statement")
    if statement is None:
        request = {
            name: properties.get(name)
            for name in ("Action", "Principal", "StatementId", "Condition")
        }
        context.ask("events", "PutPermission", {"EventBusName": bus, **request})
        return Done(id)
    if isinstance(statement, str):
        statement = orjson.loads(statement)
    if not isinstance(statement, Mapping):
        raise ResourceRefused("Statement must be a policy statement.")
    found = context.ask("events", "DescribeEventBus", {"Name": bus}).get("Policy")
    empty = {"Version": "2012-10-17", "Statement": []}
    policy: dict[str, Any] = orjson.loads(found) if found else empty
    others = without(policy["Statement"], id)
    policy["Statement"] = [*others, {"Sid": id, **statement}]
    _put_policy(context, bus, policy)
    return Done(id)


def _update_statement(context: Context, id: str, old: Properties, new: Properties) -> Done:
    return _put_statement(context, new)


def _delete_statement(context: Context, id: str, properties: Properties) -> None:
    request = {"EventBusName": _bus_of(properties), "StatementId": id}
    context.ask("events", "RemovePermission", request)


# ---- AWS::Events::Rule


def _create_rule(context: Context, properties: Properties) -> Done:
    name = properties.get("Name") or context.name()
    _put_rule(context, name, properties)
    return _finish_rule(context, name, {}, properties)


def _put_rule(context: Context, name: str, properties: Properties) -> None:
    request: dict[str, Any] = {each: properties.get(each) for each in _RULE_SETTINGS}
    pattern = properties.get("EventPattern")
    if pattern is not None:
        request["EventPattern"] = _json(_with_types(pattern))
    tags = context.tag_list(properties.get("Tags"))
    context.ask(
        "events",
        "PutRule",
        {"Name": name, "EventBusName": _bus_of(properties), "Tags": tags, **request},
    )


def _finish_rule(context: Context, name: str, old: Properties, new: Properties) -> Done:
    """Bring the targets of a rule from what they were to what they shall be."""
    bus = _bus_of(new)
    place = {"Rule": name, "EventBusName": bus}
    after = [target["Id"] for target in new.get("Targets") or ()]
    gone = [target["Id"] for target in old.get("Targets") or () if target["Id"] not in after]
    if gone:
        context.ask("events", "RemoveTargets", {**place, "Ids": gone})
    if after:
        context.ask("events", "PutTargets", {**place, "Targets": new["Targets"]})
    found = context.ask("events", "DescribeRule", {"Name": name, "EventBusName": bus})
    return Done(_physical_id(bus, name), {"Arn": found["Arn"]})


def _update_rule(context: Context, id: str, old: Properties, new: Properties) -> Done:
    name = id.rpartition("|")[2]
    _put_rule(context, name, new)
    done = _finish_rule(context, name, old, new)
    _update_tags(context, done.attributes["Arn"], old, new)
    return done


def _delete_rule(context: Context, id: str, properties: Properties) -> None:
    name, bus = id.rpartition("|")[2], _bus_of(properties)
    place = {"Rule": name, "EventBusName": bus}
    try:
        found = context.ask("events", "ListTargetsByRule", place)["Targets"]
    except ResourceNotFoundException:
        return
    if found:
        ids = [target["Id"] for target in found]
        context.ask("events", "RemoveTargets", {**place, "Ids": ids})
    context.ask("events", "DeleteRule", {"Name": name, "EventBusName": bus})


def _physical_id(bus: str, name: str) -> str:
    """What Ref gives: the name, on a bus of its own with that bus before it."""
    bus = bus.rpartition("event-bus/")[2]
    return name if bus == _DEFAULT else f"{bus}|{name}"


def _with_types(pattern: Any) -> Any:
    """A pattern whose numbers and truths a template may have written as text."""
    if isinstance(pattern, list):
        return [_with_types(value) for value in pattern]
    if not isinstance(pattern, Mapping):
        return pattern
    typed = {name: _with_types(value) for name, value in pattern.items()}
    if typed.get("exists") in ("true", "false"):
        typed["exists"] = typed["exists"] == "true"
    range_ = typed.get("numeric")
    if isinstance(range_, list) and range_ and range_[0] in ("=", "<", "<=", ">", ">="):
        typed["numeric"] = [_number(value) for value in range_]
    return typed


def _number(value: Any) -> Any:
    with contextlib.suppress(ValueError):
        return orjson.loads(value) if isinstance(value, str) else value
    return value


def _check_rule(properties: Properties) -> str | None:
    targets = properties.get("Targets") or []
    if not isinstance(targets, list) or not all(
        isinstance(target, Mapping) and target.get("Id") and target.get("Arn") for target in targets
    ):
        return "Every target must have an Arn and an Id."
    return None


RESOURCES: tuple[ResourceType, ...] = (
    ResourceType(
        name="AWS::Events::EventBus",
        properties=frozenset((*_BUS_SETTINGS, "EventSourceName", "Name", "Policy", "Tags")),
        required=frozenset(("Name",)),
        create_only=frozenset(("Name", "EventSourceName")),
        attributes=frozenset(("Arn", "Name", "Policy")),
        primary_identifier="Name",
        create=_create_bus,
        update=_update_bus,
        delete=_delete_bus,
    ),
    ResourceType(
        name="AWS::Events::EventBusPolicy",
        properties=frozenset(
            ("Action", "Condition", "EventBusName", "Principal", "Statement", "StatementId")
        ),
        required=frozenset(("StatementId",)),
        create_only=frozenset(("EventBusName", "StatementId")),
        create=_put_statement,
        update=_update_statement,
        delete=_delete_statement,
    ),
    ResourceType(
        name="AWS::Events::Rule",
        properties=frozenset(
            (*_RULE_SETTINGS, "EventBusName", "EventPattern", "Name", "Tags", "Targets")
        ),
        create_only=frozenset(("EventBusName", "Name")),
        attributes=frozenset(("Arn",)),
        primary_identifier="Name",
        create=_create_rule,
        update=_update_rule,
        delete=_delete_rule,
        check=_check_rule,
    ),
    *OUTGOING,
)
