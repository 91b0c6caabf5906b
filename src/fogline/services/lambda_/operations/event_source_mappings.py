"""Event source mappings: made, changed, shown, listed and removed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.call import Call
from fogline.aws.pages import next_token, page_start
from fogline.services.lambda_ import mappings, stream_polling
from fogline.services.lambda_.errors import (
    ResourceInUseException,
    ResourceNotFoundException,
)
from fogline.services.lambda_.names import read_reference
from fogline.services.lambda_.service import Lambda
from fogline.services.lambda_.stream_mappings import NOTHING_READ, is_stream
from fogline.services.lambda_.tables import MAPPINGS_TOPIC
from fogline.services.lambda_.tags import check_tags
from fogline.store.documents import Document
from fogline.store.store import Tx

if TYPE_CHECKING:
    from types_boto3_lambda import type_defs as types

Result = Mapping[str, Any]

_MAPPINGS_PER_PAGE_MAX = 100


def create_event_source_mapping(
    lambda_: Lambda, call: Call, request: types.CreateEventSourceMappingRequestTypeDef
) -> Result:
    given: Mapping[str, Any] = request
    source = mappings.check_source(given, lambda_.sources)
    tags = dict(given.get("Tags") or {})
    check_tags(tags, lambda_.limits)
    document: dict[str, Any] = {
        "UUID": lambda_.ids.uuid(),
        "EventSourceArn": source,
        **mappings.defaults(source, given),
        "FunctionResponseTypes": [],
        "is_enabled": given.get("Enabled") is not False,
        "tags": tags,
    }
    _set_function(document, call, given["FunctionName"])
    mappings.apply(document, given)
    # One that begins disabled is so at once.
    change = "Creating" if document["is_enabled"] else ""
    with lambda_.store.write() as tx:
        tx.lock(f"lambda-mappings:{call.account}:{call.region}")
        mappings.check_stands(lambda_, tx, document)
        others = lambda_.tables.mappings.page(tx, call.account, call.region)
        mappings.check_alone(others, document, call.now)
        if is_stream(source):
            stream_polling.begin_reading(lambda_, tx, document, call.now)
        _save(lambda_, tx, call, document, change)
        return _shown(lambda_, tx, call, document, is_answer=True)


def _shown(
    lambda_: Lambda, tx: Tx, call: Call, document: Document, *, is_answer: bool = False
) -> Result:
    if is_stream(document["EventSourceArn"]):
        result = lambda_.streams.positions.last_result(tx, stream_polling.reader_of(document))
        document = {**document, "LastProcessingResult": result or NOTHING_READ}
    return mappings.shown(document, call.region, call.account, call.now, is_answer=is_answer)


def _set_function(document: dict[str, Any], call: Call, text: str) -> None:
    reference = read_reference(call.account, call.region, text)
    document["FunctionArn"] = reference.arn
    document["account"], document["region"] = reference.account, reference.region
    document["name"], document["qualifier"] = reference.name, reference.qualifier


def _save(lambda_: Lambda, tx: Tx, call: Call, document: dict[str, Any], change: str) -> None:
    document["change"] = change
    document["changing_until"] = call.now + (lambda_.limits.transition_ms if change else 0)
    document["LastModified"] = call.now
    document["revision"] = lambda_.ids.hex(16)
    lambda_.tables.mappings.save(tx, call.account, call.region, document["UUID"], document)
    tx.stir(MAPPINGS_TOPIC)


def _require(lambda_: Lambda, tx: Tx, call: Call, uuid: str) -> Document:
    found = lambda_.tables.mappings.find(tx, call.account, call.region, uuid)
    if found is None or mappings.is_gone(found, call.now):
        raise ResourceNotFoundException("The resource you requested does not exist.")
    return found


def get_event_source_mapping(
    lambda_: Lambda, call: Call, request: types.GetEventSourceMappingRequestTypeDef
) -> Result:
    with lambda_.store.read() as tx:
        document = _require(lambda_, tx, call, request["UUID"])
        return _shown(lambda_, tx, call, document)


def update_event_source_mapping(
    lambda_: Lambda, call: Call, request: types.UpdateEventSourceMappingRequestTypeDef
) -> Result:
    given: Mapping[str, Any] = request
    mappings.check_built(given)
    with lambda_.store.write() as tx:
        tx.lock(f"lambda-mappings:{call.account}:{call.region}")
        document = dict(_require(lambda_, tx, call, given["UUID"]))
        if document["change"] == "Deleting":
            raise ResourceInUseException(action="update")
        was_enabled = document["is_enabled"]
        if given.get("Enabled") is not None:
            document["is_enabled"] = given["Enabled"]
        if given.get("FunctionName"):
            _set_function(document, call, given["FunctionName"])
        mappings.apply(document, given)
        if given.get("FunctionName"):
            mappings.check_stands(lambda_, tx, document)
            others = lambda_.tables.mappings.page(tx, call.account, call.region)
            mappings.check_alone(others, document, call.now)
        change = "Updating"
        if was_enabled != document["is_enabled"]:
            change = "Enabling" if document["is_enabled"] else "Disabling"
        if is_stream(document["EventSourceArn"]):
            reader, lanes = stream_polling.reader_of(document), document["ParallelizationFactor"]
            lambda_.streams.positions.set_lanes(tx, reader, lanes)
        _save(lambda_, tx, call, document, change)
        return _shown(lambda_, tx, call, document, is_answer=True)


def delete_event_source_mapping(
    lambda_: Lambda, call: Call, request: types.DeleteEventSourceMappingRequestTypeDef
) -> Result:
    with lambda_.store.write() as tx:
        document = dict(_require(lambda_, tx, call, request["UUID"]))
        if document["change"] == "Deleting":
            raise ResourceInUseException(action="delete")
        _save(lambda_, tx, call, document, "Deleting")
        return _shown(lambda_, tx, call, document, is_answer=True)


def list_event_source_mappings(
    lambda_: Lambda, call: Call, request: types.ListEventSourceMappingsRequestTypeDef
) -> Result:
    given: Mapping[str, Any] = request
    count = min(given.get("MaxItems") or _MAPPINGS_PER_PAGE_MAX, _MAPPINGS_PER_PAGE_MAX)
    after = page_start(given.get("Marker"))
    source, name = given.get("EventSourceArn"), given.get("FunctionName")
    arn = read_reference(call.account, call.region, name).arn if name else None
    with lambda_.store.read() as tx:
        found = [
            document
            for _, document in lambda_.tables.mappings.page(
                tx, call.account, call.region, after=after
            )
            if source in (None, document["EventSourceArn"])
            and arn in (None, document["FunctionArn"])
            and not mappings.is_gone(document, call.now)
        ]
        result: dict[str, Any] = {
            "EventSourceMappings": [
                _shown(lambda_, tx, call, document) for document in found[:count]
            ]
        }
    if len(found) > count:
        result["NextMarker"] = next_token(found[count - 1]["UUID"])
    return result
