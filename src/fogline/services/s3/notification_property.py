"""The property `NotificationConfiguration` of a bucket in a template, as the API has it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.ports.resources import ResourceRefused, boolean, text

_PLACES = (
    ("TopicConfigurations", "Topic", "TopicConfigurations", "TopicArn"),
    ("QueueConfigurations", "Queue", "QueueConfigurations", "QueueArn"),
    ("LambdaConfigurations", "Function", "LambdaFunctionConfigurations", "LambdaFunctionArn"),
)


def notification_configuration(value: object) -> dict[str, Any]:
    """What PutBucketNotificationConfiguration is asked. Raises ResourceRefused for what has another shape."""
    given = _object(value)
    made: dict[str, Any] = {}
    for member, place, name, arn in _PLACES:
        entries = [_entry(_object(each), place, arn) for each in _array(given.get(member))]
        if entries:
            made[name] = entries
    bridge = given.get("EventBridgeConfiguration")
    if bridge is not None and boolean(_object(bridge).get("EventBridgeEnabled", True)):
        made["EventBridgeConfiguration"] = {}
    return made


def _entry(entry: Mapping[str, Any], place: str, arn: str) -> dict[str, Any]:
    """An entry: of one event here, of many in the API."""
    event = entry.get("Event")
    made: dict[str, Any] = {
        arn: _text(entry.get(place)),
        "Events": [] if event is None else [text(event)],
    }
    key = _object(_object(entry.get("Filter")).get("S3Key"))
    rules = [_object(rule) for rule in _array(key.get("Rules"))]
    if rules:
        told = [{name: _text(rule.get(name)) for name in ("Name", "Value")} for rule in rules]
        made["Filter"] = {"Key": {"FilterRules": told}}
    return made


def _text(value: object) -> str | None:
    return None if value is None else text(value)


def _object(value: object) -> Mapping[str, Any]:
    """An object; an empty one if there is none."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise ResourceRefused(f"expected type: JSONObject, found: {text(value)}")
    return value


def _array(value: object) -> list[Any]:
    """An array; an empty one if there is none."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise ResourceRefused(f"expected type: JSONArray, found: {text(value)}")
    return value
