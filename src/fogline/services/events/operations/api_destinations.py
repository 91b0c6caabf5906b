"""API destinations: HTTP endpoints that events are delivered to, each with a connection and a rate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.call import Call
from fogline.aws.members import given
from fogline.services.events import destinations
from fogline.services.events.connections import find_connection, require_url
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
        CreateApiDestinationRequestTypeDef,
        DeleteApiDestinationRequestTypeDef,
        DescribeApiDestinationRequestTypeDef,
        ListApiDestinationsRequestTypeDef,
        UpdateApiDestinationRequestTypeDef,
    )


def create_api_destination(
    events: Events, call: Call, request: CreateApiDestinationRequestTypeDef
) -> Mapping[str, Any]:
    name = request["Name"]
    require_url("InvocationEndpoint", request["InvocationEndpoint"])
    documents = events.tables.calls.destinations
    with events.store.write() as tx:
        _lock(tx, call, name)
        _require_connection(events, tx, request["ConnectionArn"])
        if documents.find(tx, call.account, call.region, name) is not None:
            raise ResourceAlreadyExistsException(f"An api-destination '{name}' already exists.")
        if documents.count(tx, call.account, call.region) >= events.limits.api_destinations_max:
            raise LimitExceededException()
        document = given(
            {
                "name": name,
                "id": events.ids.uuid(),
                "connection": request["ConnectionArn"],
                "method": request["HttpMethod"],
                "endpoint": request["InvocationEndpoint"],
                "rate": request.get(
                    "InvocationRateLimitPerSecond", events.limits.invocations_per_second
                ),
                "description": request.get("Description"),
                "created_at": call.now,
                "modified_at": call.now,
            }
        )
        documents.save(tx, call.account, call.region, name, document)
        return _stands(events, tx, call, document)


def describe_api_destination(
    events: Events, call: Call, request: DescribeApiDestinationRequestTypeDef
) -> Mapping[str, Any]:
    with events.store.read() as tx:
        document = _require(events, tx, call, request["Name"], "describe")
        answer = _summary(events, tx, call, document)
    return answer | given({"Description": document.get("description") or None})


def update_api_destination(
    events: Events, call: Call, request: UpdateApiDestinationRequestTypeDef
) -> Mapping[str, Any]:
    name = request["Name"]
    if "InvocationEndpoint" in request:
        require_url("InvocationEndpoint", request["InvocationEndpoint"])
    calls = events.tables.calls
    with events.store.write() as tx:
        _lock(tx, call, name)
        document = dict(_require(events, tx, call, name, "update"))
        if "ConnectionArn" in request:
            _require_connection(events, tx, request["ConnectionArn"])
        rate = document["rate"]
        document |= given(
            {
                "connection": request.get("ConnectionArn"),
                "method": request.get("HttpMethod"),
                "endpoint": request.get("InvocationEndpoint"),
                "rate": request.get("InvocationRateLimitPerSecond"),
                "description": request.get("Description"),
                "modified_at": call.now,
            }
        )
        if document["rate"] != rate:
            calls.forget_places(tx, destinations.arn_of(call.account, call.region, document))
        calls.destinations.save(tx, call.account, call.region, name, document)
        return _stands(events, tx, call, document)


def delete_api_destination(
    events: Events, call: Call, request: DeleteApiDestinationRequestTypeDef
) -> Mapping[str, Any]:
    name = request["Name"]
    with events.store.write() as tx:
        _lock(tx, call, name)
        document = _require(events, tx, call, name, "delete")
        events.tables.calls.destinations.remove(tx, call.account, call.region, name)
        events.tables.calls.forget_places(
            tx, destinations.arn_of(call.account, call.region, document)
        )
    return {}


def list_api_destinations(
    events: Events, call: Call, request: ListApiDestinationsRequestTypeDef
) -> Mapping[str, Any]:
    connection = request.get("ConnectionArn")
    with events.store.read() as tx:
        found, token = page_of(
            events.tables.calls.destinations,
            tx,
            call,
            request,
            lambda document: connection is None or document["connection"] == connection,
        )
        shown = [_summary(events, tx, call, each) for each in found]
    return {"ApiDestinations": shown, **token}


def _lock(tx: Tx, call: Call, name: str) -> None:
    tx.lock(f"events-api-destination:{call.account}:{call.region}:{name}")


def _require(events: Events, tx: Tx, call: Call, name: str, verb: str) -> Document:
    found = events.tables.calls.destinations.find(tx, call.account, call.region, name)
    if found is None:
        raise ResourceNotFoundException(
            f"Failed to {verb} the api-destination(s). An api-destination '{name}' does not exist."
        )
    return found


def _require_connection(events: Events, tx: Tx, arn: str) -> None:
    if find_connection(events, tx, arn) is None:
        name = arn.split("/")[1]
        raise ResourceNotFoundException(f"Connection '{name}' does not exist.")


def _stands(events: Events, tx: Tx, call: Call, document: Document) -> dict[str, Any]:
    return {
        "ApiDestinationArn": destinations.arn_of(call.account, call.region, document),
        "ApiDestinationState": destinations.state_of(events, tx, document),
        "CreationTime": document["created_at"],
        "LastModifiedTime": document["modified_at"],
    }


def _summary(events: Events, tx: Tx, call: Call, document: Document) -> dict[str, Any]:
    return {
        **_stands(events, tx, call, document),
        "Name": document["name"],
        "ConnectionArn": document["connection"],
        "InvocationEndpoint": document["endpoint"],
        "HttpMethod": document["method"],
        "InvocationRateLimitPerSecond": document["rate"],
    }
