"""The CloudFormation types that SQS owns.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_SQS.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from fogline.ports.resources import (
    Context,
    Done,
    Properties,
    ResourceRefused,
    ResourceType,
    boolean,
    text,
)
from fogline.services.sqs.attributes import DEFAULTS

_NAME_CHARACTERS_MAX = 80

_SETTINGS = frozenset((*DEFAULTS, "KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds"))
_DOCUMENTS = frozenset(("RedrivePolicy", "RedriveAllowPolicy"))
_FIFO = frozenset(
    ("FifoQueue", "ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit")
)

_WHEN_GONE = {
    "MaximumMessageSize": "262144",
    "ContentBasedDeduplication": "false",
    "KmsDataKeyReusePeriodSeconds": "300",
}
_STAYS = frozenset(
    ("FifoQueue", "DeduplicationScope", "FifoThroughputLimit", "SqsManagedSseEnabled")
)
"""Recorded: test_update_fifo_queue_remove_all_properties_except_queuename."""


def _json(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _settings(properties: Properties) -> dict[str, str]:
    """The queue attributes that a template sets."""
    settings: dict[str, str] = {}
    for name, value in properties.items():
        # The template's MessageRetentionPeriod and its like are the API's attributes by the same names.
        if name in _SETTINGS:
            settings[name] = text(value)
        elif name in _DOCUMENTS:
            settings[name] = _json(_with_numbers(value))
        elif name in _FIFO:
            settings[name] = text(value)
    return settings


def _with_numbers(value: Any) -> Any:
    """A policy whose count a template wrote as text, with the number it means."""
    if isinstance(value, Mapping) and str(value.get("maxReceiveCount", "")).isdigit():
        return {**value, "maxReceiveCount": int(value["maxReceiveCount"])}
    return value


def _tags(context: Context, own: object) -> dict[str, str]:
    """The tags of the template and the stack. A queue does not show CloudFormation's own (recorded)."""
    return {key: value for key, value in context.tags(own).items() if not key.startswith("aws:")}


# ---- AWS::SQS::Queue


def _create_queue(context: Context, properties: Properties) -> Done:
    is_fifo = boolean(properties.get("FifoQueue", False))
    name = properties.get("QueueName") or context.name(
        _NAME_CHARACTERS_MAX, suffix=".fifo" if is_fifo else ""
    )
    settings = _settings(properties)
    if not is_fifo:
        for key in ("FifoQueue", "ContentBasedDeduplication"):
            # A template may say that a queue is what it is anyway; the API may not.
            if settings.get(key, "").lower() == "false":
                del settings[key]
    created = context.ask(
        "sqs",
        "CreateQueue",
        {
            "QueueName": name,
            "Attributes": settings,
            "tags": _tags(context, properties.get("Tags")),
        },
    )
    return _queue(context, created["QueueUrl"], name)


def _queue(context: Context, url: str, name: str) -> Done:
    found = context.ask(
        "sqs", "GetQueueAttributes", {"QueueUrl": url, "AttributeNames": ["QueueArn"]}
    )
    return Done(url, {"Arn": found["Attributes"]["QueueArn"], "QueueName": name, "QueueUrl": url})


def _update_queue(context: Context, url: str, old: Properties, new: Properties) -> Done:
    before, after = _settings(old), _settings(new)
    # What a template no longer says goes back to what the type sets then.
    gone = {
        name: _WHEN_GONE.get(name, DEFAULTS.get(name, ""))
        for name in before
        if name not in after and name not in _STAYS
    }
    changes = {name: value for name, value in after.items() if before.get(name) != value}
    if gone or changes:
        context.ask(
            "sqs", "SetQueueAttributes", {"QueueUrl": url, "Attributes": {**gone, **changes}}
        )
    tags_before, tags_after = _tags(context, old.get("Tags")), _tags(context, new.get("Tags"))
    keys_gone = [key for key in tags_before if key not in tags_after]
    if keys_gone:
        context.ask("sqs", "UntagQueue", {"QueueUrl": url, "TagKeys": keys_gone})
    context.ask("sqs", "TagQueue", {"QueueUrl": url, "Tags": tags_after})
    return _queue(context, url, url.rsplit("/", 1)[1])


def _delete_queue(context: Context, url: str, properties: Properties) -> None:
    context.ask("sqs", "DeleteQueue", {"QueueUrl": url})


# ---- AWS::SQS::QueuePolicy and QueueInlinePolicy


def _queues_of(properties: Properties) -> list[str]:
    queues = properties.get("Queues") or properties.get("Queue") or ()
    return [queues] if isinstance(queues, str) else list(queues)


def _set_policy(context: Context, queues: list[str], policy: str) -> None:
    for url in queues:
        context.ask(
            "sqs", "SetQueueAttributes", {"QueueUrl": url, "Attributes": {"Policy": policy}}
        )


def _create_policy(context: Context, properties: Properties) -> Done:
    queues = _queues_of(properties)
    if not queues:
        raise ResourceRefused("Queues must name at least one queue.")
    _set_policy(context, queues, _json(properties["PolicyDocument"]))
    name = context.name()
    return Done(name, {"Id": name})


def _update_policy(context: Context, name: str, old: Properties, new: Properties) -> Done:
    gone = [url for url in _queues_of(old) if url not in _queues_of(new)]
    _set_policy(context, gone, "")
    _set_policy(context, _queues_of(new), _json(new["PolicyDocument"]))
    return Done(name, {"Id": name})


def _delete_policy(context: Context, name: str, properties: Properties) -> None:
    for url in _queues_of(properties):
        _set_policy(context, [url], "")


def _create_inline_policy(context: Context, properties: Properties) -> Done:
    queue = _queues_of(properties)[0]
    _set_policy(context, [queue], _json(properties["PolicyDocument"]))
    return Done(queue)


RESOURCES: tuple[ResourceType, ...] = (
    ResourceType(
        name="AWS::SQS::Queue",
        properties=frozenset((*_SETTINGS, *_DOCUMENTS, *_FIFO, "QueueName", "Tags")),
        create_only=frozenset(("QueueName", "FifoQueue")),
        attributes=frozenset(("Arn", "QueueName", "QueueUrl")),
        primary_identifier="QueueName",
        create=_create_queue,
        update=_update_queue,
        delete=_delete_queue,
    ),
    ResourceType(
        name="AWS::SQS::QueuePolicy",
        properties=frozenset(("PolicyDocument", "Queues")),
        required=frozenset(("PolicyDocument", "Queues")),
        attributes=frozenset(("Id",)),
        create=_create_policy,
        update=_update_policy,
        delete=_delete_policy,
    ),
    ResourceType(
        name="AWS::SQS::QueueInlinePolicy",
        properties=frozenset(("PolicyDocument", "Queue")),
        required=frozenset(("PolicyDocument", "Queue")),
        create_only=frozenset(("Queue",)),
        create=_create_inline_policy,
        update=_update_policy,
        delete=_delete_policy,
    ),
)
