"""The CloudFormation types of what leaves EventBridge or stays: connections, API destinations, archives, endpoints.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_Events.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from fogline.ports.resources import Context, Done, Properties, ResourceType

_NAME_CHARACTERS_MAX = 64
_ARCHIVE_NAME_CHARACTERS_MAX = 48
_EVERYTHING = '{"source": [{"prefix": ""}]}'


def _for_policy(arn: str) -> str:
    """The ARN as policies name it: without the part that AWS makes up."""
    return arn.rpartition("/")[0]


def _given(properties: Properties, *names: str) -> dict[str, Any]:
    return {name: properties.get(name) for name in names}


# ---- AWS::Events::Connection

_CONNECTION = ("Description", "AuthorizationType", "AuthParameters", "KmsKeyIdentifier")

_MORE = "InvocationHttpParameters"


def _create_connection(context: Context, properties: Properties) -> Done:
    name = properties.get("Name") or context.name(_NAME_CHARACTERS_MAX)
    context.ask("events", "CreateConnection", {"Name": name, **_given(properties, *_CONNECTION)})
    return _connection(context, name)


def _update_connection(context: Context, name: str, old: Properties, new: Properties) -> Done:
    changes = _given(new, *_CONNECTION)
    # What a template does not say any more is taken away.
    if _MORE in old["AuthParameters"] and _MORE not in new["AuthParameters"]:
        changes["AuthParameters"] = {**new["AuthParameters"], _MORE: {}}
    context.ask("events", "UpdateConnection", {"Name": name, "Description": "", **_set(changes)})
    return _connection(context, name)


def _connection(context: Context, name: str) -> Done:
    found = context.ask("events", "DescribeConnection", {"Name": name})
    arn = found["ConnectionArn"]
    return Done(
        name,
        {"Arn": arn, "ArnForPolicy": _for_policy(arn), "SecretArn": found.get("SecretArn", "")},
    )


def _delete_connection(context: Context, name: str, properties: Properties) -> None:
    context.ask("events", "DeleteConnection", {"Name": name})


# ---- AWS::Events::ApiDestination

_DESTINATION = (
    "Description",
    "ConnectionArn",
    "HttpMethod",
    "InvocationEndpoint",
    "InvocationRateLimitPerSecond",
)


def _create_destination(context: Context, properties: Properties) -> Done:
    name = properties.get("Name") or context.name(_NAME_CHARACTERS_MAX)
    request = {"Name": name, **_given(properties, *_DESTINATION)}
    context.ask("events", "CreateApiDestination", request)
    return _destination(context, name)


def _update_destination(context: Context, name: str, old: Properties, new: Properties) -> Done:
    defaults = {"Description": "", "InvocationRateLimitPerSecond": 300}
    request = {"Name": name, **defaults, **_set(_given(new, *_DESTINATION))}
    context.ask("events", "UpdateApiDestination", request)
    return _destination(context, name)


def _destination(context: Context, name: str) -> Done:
    arn = context.ask("events", "DescribeApiDestination", {"Name": name})["ApiDestinationArn"]
    return Done(name, {"Arn": arn, "ArnForPolicy": _for_policy(arn)})


def _delete_destination(context: Context, name: str, properties: Properties) -> None:
    context.ask("events", "DeleteApiDestination", {"Name": name})


# ---- AWS::Events::Archive


def _archive_settings(properties: Properties) -> dict[str, Any]:
    pattern = properties.get("EventPattern")
    if isinstance(pattern, Mapping):
        pattern = orjson.dumps(pattern).decode()
    settings = _given(properties, "Description", "RetentionDays", "KmsKeyIdentifier")
    return _set({**settings, "EventPattern": pattern})


def _create_archive(context: Context, properties: Properties) -> Done:
    name = properties.get("ArchiveName") or context.name(_ARCHIVE_NAME_CHARACTERS_MAX)
    source = {"ArchiveName": name, "EventSourceArn": properties["SourceArn"]}
    created = context.ask("events", "CreateArchive", {**source, **_archive_settings(properties)})
    return Done(name, {"Arn": created["ArchiveArn"], "ArchiveName": name})


def _update_archive(context: Context, name: str, old: Properties, new: Properties) -> Done:
    defaults = {"Description": "", "RetentionDays": 0, "EventPattern": _EVERYTHING}
    request = {"ArchiveName": name, **defaults, **_archive_settings(new)}
    updated = context.ask("events", "UpdateArchive", request)
    return Done(name, {"Arn": updated["ArchiveArn"], "ArchiveName": name})


def _delete_archive(context: Context, name: str, properties: Properties) -> None:
    context.ask("events", "DeleteArchive", {"ArchiveName": name})


# ---- AWS::Events::Endpoint

_ENDPOINT = ("Description", "EventBuses", "ReplicationConfig", "RoleArn", "RoutingConfig")


def _create_endpoint(context: Context, properties: Properties) -> Done:
    name = properties.get("Name") or context.name(_NAME_CHARACTERS_MAX)
    context.ask("events", "CreateEndpoint", {"Name": name, **_given(properties, *_ENDPOINT)})
    return _endpoint(context, name)


def _update_endpoint(context: Context, name: str, old: Properties, new: Properties) -> Done:
    request = {"Name": name, "Description": "", **_set(_given(new, *_ENDPOINT))}
    context.ask("events", "UpdateEndpoint", request)
    return _endpoint(context, name)


def _endpoint(context: Context, name: str) -> Done:
    found = context.ask("events", "DescribeEndpoint", {"Name": name})
    told = {key: found[key] for key in ("Arn", "EndpointId", "EndpointUrl", "State")}
    return Done(name, {**told, "StateReason": ""})


def _delete_endpoint(context: Context, name: str, properties: Properties) -> None:
    context.ask("events", "DeleteEndpoint", {"Name": name})


def _set(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


OUTGOING: tuple[ResourceType, ...] = (
    ResourceType(
        name="AWS::Events::Connection",
        properties=frozenset(("Name", *_CONNECTION)),
        required=frozenset(("AuthorizationType", "AuthParameters")),
        create_only=frozenset(("Name",)),
        not_built=frozenset(("InvocationConnectivityParameters",)),
        attributes=frozenset(("Arn", "ArnForPolicy", "SecretArn")),
        primary_identifier="Name",
        create=_create_connection,
        update=_update_connection,
        delete=_delete_connection,
    ),
    ResourceType(
        name="AWS::Events::ApiDestination",
        properties=frozenset(("Name", *_DESTINATION)),
        required=frozenset(("ConnectionArn", "HttpMethod", "InvocationEndpoint")),
        create_only=frozenset(("Name",)),
        attributes=frozenset(("Arn", "ArnForPolicy")),
        primary_identifier="Name",
        create=_create_destination,
        update=_update_destination,
        delete=_delete_destination,
    ),
    ResourceType(
        name="AWS::Events::Archive",
        properties=frozenset(
            (
                "ArchiveName",
                "Description",
                "EventPattern",
                "KmsKeyIdentifier",
                "RetentionDays",
                "SourceArn",
            )
        ),
        required=frozenset(("SourceArn",)),
        create_only=frozenset(("ArchiveName", "SourceArn")),
        attributes=frozenset(("Arn", "ArchiveName")),
        primary_identifier="ArchiveName",
        create=_create_archive,
        update=_update_archive,
        delete=_delete_archive,
    ),
    ResourceType(
        name="AWS::Events::Endpoint",
        properties=frozenset(("Name", *_ENDPOINT)),
        required=frozenset(("EventBuses", "RoutingConfig")),
        create_only=frozenset(("Name",)),
        attributes=frozenset(("Arn", "EndpointId", "EndpointUrl", "State", "StateReason")),
        primary_identifier="Name",
        create=_create_endpoint,
        update=_update_endpoint,
        delete=_delete_endpoint,
    ),
)
