"""Identifiers: groups and streams by name or ARN, and the ARNs they are given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.aws.arn import find_arn, make_arn
from fogline.aws.call import Call
from fogline.services.logs.errors import InvalidParameterException, ResourceNotFoundException
from fogline.services.logs.tables import Stream, Tables
from fogline.store.documents import Document
from fogline.store.store import Tx

_FRONT = "log-group:"
_RESERVED = "aws/"


def group_arn(call: Call, name: str) -> str:
    return make_arn("logs", call.region, call.account, f"{_FRONT}{name}")


def stream_arn(call: Call, group: str, stream: str) -> str:
    return make_arn("logs", call.region, call.account, f"{_FRONT}{group}:log-stream:{stream}")


def group_name_from(call: Call, identifier: str) -> str:
    """The group's name, given by that name or by its ARN."""
    arn = find_arn(identifier)
    if arn is None:
        return identifier
    if arn.service != "logs" or not arn.resource.startswith(_FRONT):
        raise InvalidParameterException(reason="The specified ARN is not a log group.")
    if (arn.account, arn.region) != (call.account, call.region):
        raise ResourceNotFoundException(resource="log group")
    return arn.resource.removeprefix(_FRONT)


def requested_group(call: Call, request: Mapping[str, Any]) -> str:
    """The name of the group a request is about, which it gives in one of two members."""
    name, identifier = request.get("logGroupName"), request.get("logGroupIdentifier")
    if name and identifier:
        raise InvalidParameterException(
            reason="LogGroup name and LogGroup identifier are mutually exclusive parameters."
        )
    if identifier:
        return group_name_from(call, identifier)
    if not name:
        raise InvalidParameterException(
            reason="Must provide either logGroupName or logGroupIdentifier."
        )
    return str(name)


def require_group(tables: Tables, tx: Tx, call: Call, name: str) -> Document:
    group = tables.groups.find(tx, call.account, call.region, name)
    if group is None:
        raise ResourceNotFoundException(resource="log group")
    return group


def require_stream(tables: Tables, tx: Tx, group: Document, name: str) -> Stream:
    stream = tables.find_stream(tx, group, name)
    if stream is None:
        raise ResourceNotFoundException(resource="log stream")
    return stream


def check_new_group_name(name: str) -> None:
    if name.lower().startswith(_RESERVED):
        raise InvalidParameterException(
            reason="Log groups starting with AWS/ are reserved for AWS."
        )


def check_tags(call: Call, tags: Mapping[str, str]) -> None:
    """Only AWS's own services, which call without a protocol, may give tags of AWS."""
    if call.protocol and any(key.lower().startswith("aws:") for key in tags):
        raise InvalidParameterException(reason="Tag keys starting with aws: are reserved for AWS.")
