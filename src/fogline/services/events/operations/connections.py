"""Connections: how one authorizes at HTTP endpoints. Secrets go in and never come out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.call import Call
from fogline.aws.errors import NotImplementedByFogline
from fogline.aws.members import given
from fogline.services.events import tokens
from fogline.services.events.connections import (
    AUTHORIZED,
    AUTHORIZING,
    DEAUTHORIZED,
    complete,
    connection_arn,
    merged,
    secret_arn,
    shown,
    summary,
)
from fogline.services.events.errors import (
    LimitExceededException,
    ResourceAlreadyExistsException,
    ResourceNotFoundException,
)
from fogline.services.events.listing import page_of
from fogline.services.events.service import Events
from fogline.store.documents import Document
from fogline.store.store import Tx

if TYPE_CHECKING:
    from types_boto3_events.type_defs import (
        CreateConnectionRequestTypeDef,
        DeauthorizeConnectionRequestTypeDef,
        DeleteConnectionRequestTypeDef,
        DescribeConnectionRequestTypeDef,
        ListConnectionsRequestTypeDef,
        UpdateConnectionRequestTypeDef,
    )

_OAUTH = "OAUTH_CLIENT_CREDENTIALS"


def create_connection(
    events: Events, call: Call, request: CreateConnectionRequestTypeDef
) -> Mapping[str, Any]:
    _refuse_private(request)
    name, kind = request["Name"], request["AuthorizationType"]
    parameters = complete(kind, request["AuthParameters"])
    calls = events.tables.calls
    with events.store.write() as tx:
        calls.lock_connection(tx, call.account, call.region, name)
        if calls.connections.find(tx, call.account, call.region, name) is not None:
            raise ResourceAlreadyExistsException(f"Connection {name} already exists.")
        if calls.connections.count(tx, call.account, call.region) >= events.limits.connections_max:
            raise LimitExceededException()
        document = given(
            {
                "name": name,
                "id": events.ids.uuid(),
                "secret_id": f"{events.ids.uuid()}-{events.ids.hex(6)}",
                "type": kind,
                "parameters": parameters,
                "description": request.get("Description"),
                "key": request.get("KmsKeyIdentifier"),
                "created_at": call.now,
                "authorized_at": call.now,
                "modified_at": call.now,
                "state": AUTHORIZING if kind == _OAUTH else AUTHORIZED,
            }
        )
        _save(events, tx, call, document)
    return _stands(call, document, "LastAuthorizedTime")


def describe_connection(
    events: Events, call: Call, request: DescribeConnectionRequestTypeDef
) -> Mapping[str, Any]:
    with events.store.read() as tx:
        document = _require(events, tx, call, request["Name"], "describe")
    answer = summary(call.account, call.region, document)
    parameters = document["parameters"]
    answer |= given(
        {
            "Description": document.get("description") or None,
            "KmsKeyIdentifier": document.get("key"),
            "AuthParameters": shown(parameters) if parameters else None,
        }
    )
    if parameters:
        answer["SecretArn"] = secret_arn(call.account, call.region, document)
    return answer


def update_connection(
    events: Events, call: Call, request: UpdateConnectionRequestTypeDef
) -> Mapping[str, Any]:
    _refuse_private(request)
    name = request["Name"]
    with events.store.write() as tx:
        events.tables.calls.lock_connection(tx, call.account, call.region, name)
        document = dict(_require(events, tx, call, name, "update"))
        kind = request.get("AuthorizationType", document["type"])
        before = document["parameters"] if kind == document["type"] else {}
        keeps = {"InvocationHttpParameters"} & document["parameters"].keys()
        before = {**{each: document["parameters"][each] for each in keeps}, **before}
        parameters = merged(before, request.get("AuthParameters", {}))
        document |= given(
            {
                "type": kind,
                "parameters": complete(kind, parameters),
                "description": request.get("Description"),
                "key": request.get("KmsKeyIdentifier"),
                "modified_at": max(call.now, document["modified_at"] + 1),
                "state": AUTHORIZING if kind == _OAUTH else AUTHORIZED,
            }
        )
        if kind != _OAUTH:
            document["authorized_at"] = call.now
        document.pop("reason", None)
        _save(events, tx, call, document)
    return _stands(call, document)


def deauthorize_connection(
    events: Events, call: Call, request: DeauthorizeConnectionRequestTypeDef
) -> Mapping[str, Any]:
    name = request["Name"]
    with events.store.write() as tx:
        events.tables.calls.lock_connection(tx, call.account, call.region, name)
        document = dict(_require(events, tx, call, name, "deauthorize"))
        document |= {
            "parameters": {},
            "state": DEAUTHORIZED,
            "modified_at": max(call.now, document["modified_at"] + 1),
        }
        document.pop("reason", None)
        events.tables.calls.connections.save(tx, call.account, call.region, name, document)
        events.tables.calls.tokens.remove(tx, call.account, call.region, name)
    return _stands(call, {**document, "state": "DEAUTHORIZING"})


def delete_connection(
    events: Events, call: Call, request: DeleteConnectionRequestTypeDef
) -> Mapping[str, Any]:
    name = request["Name"]
    with events.store.write() as tx:
        events.tables.calls.lock_connection(tx, call.account, call.region, name)
        document = _require(events, tx, call, name, "delete")
        events.tables.calls.connections.remove(tx, call.account, call.region, name)
        events.tables.calls.tokens.remove(tx, call.account, call.region, name)
    return _stands(call, {**document, "state": "DELETING"})


def list_connections(
    events: Events, call: Call, request: ListConnectionsRequestTypeDef
) -> Mapping[str, Any]:
    state = request.get("ConnectionState")
    with events.store.read() as tx:
        found, token = page_of(
            events.tables.calls.connections,
            tx,
            call,
            request,
            lambda document: state is None or document["state"] == state,
        )
    return {"Connections": [summary(call.account, call.region, each) for each in found], **token}


def _require(events: Events, tx: Tx, call: Call, name: str, verb: str) -> Document:
    found = events.tables.calls.connections.find(tx, call.account, call.region, name)
    if found is None:
        raise ResourceNotFoundException(
            f"Failed to {verb} the connection(s). Connection '{name}' does not exist."
        )
    return found


def _save(events: Events, tx: Tx, call: Call, document: Document) -> None:
    """Keep it without the token of before, and, where it needs one, promise to get one."""
    calls = events.tables.calls
    calls.connections.save(tx, call.account, call.region, document["name"], document)
    calls.tokens.remove(tx, call.account, call.region, document["name"])
    if document["type"] == _OAUTH:
        tokens.promise(events, tx, call, document)


def _stands(call: Call, document: Document, *without: str) -> dict[str, Any]:
    answer = {
        "ConnectionArn": connection_arn(call.account, call.region, document),
        "ConnectionState": document["state"],
        "CreationTime": document["created_at"],
        "LastModifiedTime": document["modified_at"],
        "LastAuthorizedTime": document["authorized_at"],
    }
    return {name: value for name, value in answer.items() if name not in without}


def _refuse_private(request: Mapping[str, Any]) -> None:
    oauth = request.get("AuthParameters", {})
    if "InvocationConnectivityParameters" in request or "ConnectivityParameters" in oauth:
        raise NotImplementedByFogline(
            "Fogline does not implement private connections (VPC Lattice resource configurations). "
            "Local endpoints are reached without one."
        )
