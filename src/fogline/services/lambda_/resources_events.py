"""The CloudFormation types of what comes to a function by itself, and of where its outcomes go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.ports.resources import (
    Context,
    Done,
    Properties,
    ResourceType,
)
from fogline.services.lambda_.resource_changes import retag

_NAME_CHARACTERS_MAX = 64

# ---- AWS::Lambda::EventSourceMapping


_MAPPING_CHANGEABLE = (
    "BatchSize", "BisectBatchOnFunctionError", "DestinationConfig", "DocumentDBEventSourceConfig",
    "Enabled", "FilterCriteria", "FunctionName", "FunctionResponseTypes", "LoggingConfig",
    "MaximumBatchingWindowInSeconds", "MaximumRecordAgeInSeconds", "MaximumRetryAttempts",
    "MetricsConfig", "ParallelizationFactor", "ProvisionedPollerConfig", "ScalingConfig",
    "SourceAccessConfigurations", "TumblingWindowInSeconds",
)  # fmt: skip
_MAPPING_FIXED = (
    "AmazonManagedKafkaEventSourceConfig", "EventSourceArn", "Queues", "SelfManagedEventSource",
    "SelfManagedKafkaEventSourceConfig", "StartingPosition", "StartingPositionTimestamp", "Topics",
)  # fmt: skip
# What stands for a property that was taken away.
_MAPPING_DEFAULTS: Mapping[str, Any] = {
    "BatchSize": 10,
    "Enabled": True,
    "FilterCriteria": {"Filters": []},
    "FunctionResponseTypes": [],
    "MaximumBatchingWindowInSeconds": 0,
    "ScalingConfig": {},
}


def _create_mapping(context: Context, properties: Properties) -> Done:
    made = context.ask(
        "lambda",
        "CreateEventSourceMapping",
        {
            **{each: properties.get(each) for each in (*_MAPPING_CHANGEABLE, *_MAPPING_FIXED)},
            "KMSKeyArn": properties.get("KmsKeyArn"),
            "Tags": context.tags(properties.get("Tags")),
        },
    )
    return _mapping(made)


def _mapping(made: Mapping[str, Any]) -> Done:
    uuid = made["UUID"]
    return Done(uuid, {"Id": uuid, "EventSourceMappingArn": made["EventSourceMappingArn"]})


def _update_mapping(context: Context, uuid: str, old: Properties, new: Properties) -> Done:
    changes = {
        each: new[each] if new.get(each) is not None else _MAPPING_DEFAULTS.get(each)
        for each in _MAPPING_CHANGEABLE
        if new.get(each) != old.get(each)
    }
    made = context.ask("lambda", "UpdateEventSourceMapping", {"UUID": uuid, **changes})
    before, after = context.tags(old.get("Tags")), context.tags(new.get("Tags"))
    retag(context, made["EventSourceMappingArn"], before, after)
    return _mapping(made)


def _delete_mapping(context: Context, uuid: str, properties: Properties) -> None:
    context.ask("lambda", "DeleteEventSourceMapping", {"UUID": uuid})


# ---- AWS::Lambda::EventInvokeConfig


def _put_invoke_config(context: Context, properties: Properties) -> None:
    context.ask(
        "lambda",
        "PutFunctionEventInvokeConfig",
        {
            each: properties.get(each)
            for each in (
                "FunctionName",
                "Qualifier",
                "MaximumRetryAttempts",
                "MaximumEventAgeInSeconds",
                "DestinationConfig",
            )
        },
    )


def _create_invoke_config(context: Context, properties: Properties) -> Done:
    _put_invoke_config(context, properties)
    return Done(context.name(_NAME_CHARACTERS_MAX))


def _update_invoke_config(
    context: Context, identifier: str, old: Properties, new: Properties
) -> Done:
    _put_invoke_config(context, new)
    return Done(identifier)


def _delete_invoke_config(context: Context, identifier: str, properties: Properties) -> None:
    context.ask(
        "lambda",
        "DeleteFunctionEventInvokeConfig",
        {"FunctionName": properties["FunctionName"], "Qualifier": properties["Qualifier"]},
    )


EVENTS: tuple[ResourceType, ...] = (
    ResourceType(
        name="AWS::Lambda::EventSourceMapping",
        properties=frozenset((*_MAPPING_CHANGEABLE, *_MAPPING_FIXED, "KmsKeyArn", "Tags")),
        required=frozenset(("FunctionName",)),
        create_only=frozenset(_MAPPING_FIXED),
        attributes=frozenset(("Id", "EventSourceMappingArn")),
        create=_create_mapping,
        update=_update_mapping,
        delete=_delete_mapping,
    ),
    ResourceType(
        name="AWS::Lambda::EventInvokeConfig",
        properties=frozenset(
            (
                "DestinationConfig",
                "FunctionName",
                "MaximumEventAgeInSeconds",
                "MaximumRetryAttempts",
                "Qualifier",
            )
        ),
        required=frozenset(("FunctionName", "Qualifier")),
        create_only=frozenset(("FunctionName", "Qualifier")),
        create=_create_invoke_config,
        update=_update_invoke_config,
        delete=_delete_invoke_config,
    ),
)
