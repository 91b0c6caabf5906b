"""Global endpoints: kept and told as AWS does. Traffic stays where it is: there is no second region to fail over to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.arn import find_arn, make_arn
from fogline.aws.call import Call
from fogline.aws.members import given
from fogline.services.events.errors import (
    LimitExceededException,
    ResourceAlreadyExistsException,
    ResourceNotFoundException,
    ValidationException,
)
from fogline.services.events.listing import page_of
from fogline.services.events.service import Events
from fogline.store.documents import Document
from fogline.store.store import Tx

if TYPE_CHECKING:
    from types_boto3_events.type_defs import (
        CreateEndpointRequestTypeDef,
        DeleteEndpointRequestTypeDef,
        DescribeEndpointRequestTypeDef,
        ListEndpointsRequestTypeDef,
        UpdateEndpointRequestTypeDef,
    )

_REPLICATED = {"State": "ENABLED"}


def create_endpoint(
    events: Events, call: Call, request: CreateEndpointRequestTypeDef
) -> Mapping[str, Any]:
    name = request["Name"]
    with events.store.write() as tx:
        _lock(tx, call, name)
        if events.tables.endpoints.find(tx, call.account, call.region, name) is not None:
            raise ResourceAlreadyExistsException(f"Endpoint {name} already exists.")
        if (
            events.tables.endpoints.count(tx, call.account, call.region)
            >= events.limits.endpoints_max
        ):
            raise LimitExceededException()
        document = given(
            {
                "name": name,
                "id": f"{events.ids.hex(10)}.{events.ids.hex(3)}",
                "description": request.get("Description"),
                "routing": request["RoutingConfig"],
                "replication": request.get("ReplicationConfig", _REPLICATED),
                "buses": request["EventBuses"],
                "role": request.get("RoleArn"),
                "created_at": call.now,
                "modified_at": call.now,
            }
        )
        _check(events, tx, call, document)
        events.tables.endpoints.save(tx, call.account, call.region, name, document)
    return _settings(call, document, "CREATING")


def describe_endpoint(
    events: Events, call: Call, request: DescribeEndpointRequestTypeDef
) -> Mapping[str, Any]:
    with events.store.read() as tx:
        return _summary(call, _require(events, tx, call, request["Name"]))


def update_endpoint(
    events: Events, call: Call, request: UpdateEndpointRequestTypeDef
) -> Mapping[str, Any]:
    name = request["Name"]
    with events.store.write() as tx:
        _lock(tx, call, name)
        document = {
            **_require(events, tx, call, name),
            **given(
                {
                    "description": request.get("Description"),
                    "routing": request.get("RoutingConfig"),
                    "replication": request.get("ReplicationConfig"),
                    "buses": request.get("EventBuses"),
                    "role": request.get("RoleArn"),
                    "modified_at": call.now,
                }
            ),
        }
        _check(events, tx, call, document)
        events.tables.endpoints.save(tx, call.account, call.region, name, document)
    answer = _settings(call, document, "UPDATING")
    return answer | {"EndpointId": document["id"], "EndpointUrl": _url(document)}


def delete_endpoint(
    events: Events, call: Call, request: DeleteEndpointRequestTypeDef
) -> Mapping[str, Any]:
    name = request["Name"]
    with events.store.write() as tx:
        _lock(tx, call, name)
        _require(events, tx, call, name)
        events.tables.endpoints.remove(tx, call.account, call.region, name)
    return {}


def list_endpoints(
    events: Events, call: Call, request: ListEndpointsRequestTypeDef
) -> Mapping[str, Any]:
    home = request.get("HomeRegion")
    with events.store.read() as tx:
        found, token = page_of(
            events.tables.endpoints,
            tx,
            call,
            request,
            lambda document: home is None or home == call.region,
        )
    return {"Endpoints": [_summary(call, each) for each in found], **token}


def _lock(tx: Tx, call: Call, name: str) -> None:
    tx.lock(f"events-endpoint:{call.account}:{call.region}:{name}")


def _require(events: Events, tx: Tx, call: Call, name: str) -> Document:
    found = events.tables.endpoints.find(tx, call.account, call.region, name)
    if found is None:
        raise ResourceNotFoundException(f"Endpoint '{name}' does not exist.")
    return found


def _check(events: Events, tx: Tx, call: Call, document: Document) -> None:
    """Two buses of one name and account: one here, one in the secondary region."""
    arns = [find_arn(each["EventBusArn"]) for each in document["buses"]]
    places = {(arn.account, arn.resource) for arn in arns if arn is not None}
    if len(places) != 1:
        raise _invalid("EventBuses", "The event buses must have the same name and account.")
    secondary = document["routing"]["FailoverConfig"]["Secondary"]["Route"]
    if sorted(arn.region for arn in arns if arn is not None) != sorted((call.region, secondary)):
        raise _invalid(
            "EventBuses", "There must be an event bus in the primary and in the secondary Region."
        )
    if document["replication"].get("State", "ENABLED") == "ENABLED" and "role" not in document:
        raise _invalid("RoleArn", "Event replication needs a role.")


def _invalid(parameter: str, reason: str) -> ValidationException:
    return ValidationException(f"Parameter {parameter} is not valid. Reason: {reason}")


def _url(document: Document) -> str:
    return f"https://{document['id']}.endpoint.events.amazonaws.com"


def _settings(call: Call, document: Document, state: str) -> dict[str, Any]:
    return given(
        {
            "Name": document["name"],
            "Arn": make_arn("events", call.region, call.account, f"endpoint/{document['name']}"),
            "RoutingConfig": document["routing"],
            "ReplicationConfig": document["replication"],
            "EventBuses": document["buses"],
            "RoleArn": document.get("role"),
            "State": state,
        }
    )


def _summary(call: Call, document: Document) -> dict[str, Any]:
    more = {
        "Description": document.get("description") or None,
        "EndpointId": document["id"],
        "EndpointUrl": _url(document),
        "CreationTime": document["created_at"],
        "LastModifiedTime": document["modified_at"],
    }
    return _settings(call, document, "ACTIVE") | given(more)
