"""Tags of state machines and activities; versions and aliases have none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fogline.aws.call import Call
from fogline.services.stepfunctions.arns import (
    find_machine_arn,
    read_activity_arn,
    require_states_arn,
)
from fogline.services.stepfunctions.errors import ResourceNotFound
from fogline.services.stepfunctions.service import StepFunctions
from fogline.services.stepfunctions.tag_lists import check_count, read_tags, written_tags
from fogline.store.documents import Document, Documents
from fogline.store.store import Tx

if TYPE_CHECKING:
    from types_boto3_stepfunctions import type_defs as types

Result = Mapping[str, Any]
Tags = Mapping[str, str]


def list_tags_for_resource(
    service: StepFunctions, call: Call, request: types.ListTagsForResourceInputTypeDef
) -> Result:
    place = _place(service, request["resourceArn"])
    with service.store.read() as tx:
        document = _require(tx, call, place, request["resourceArn"])
    return {"tags": written_tags(document["tags"])}


def tag_resource(
    service: StepFunctions, call: Call, request: types.TagResourceInputTypeDef
) -> Result:
    added = read_tags(request["tags"], call, service.limits)
    _change(service, call, request["resourceArn"], lambda tags: {**tags, **added})
    return {}


def untag_resource(
    service: StepFunctions, call: Call, request: types.UntagResourceInputTypeDef
) -> Result:
    gone = set(request["tagKeys"])
    _change(
        service,
        call,
        request["resourceArn"],
        lambda tags: {key: value for key, value in tags.items() if key not in gone},
    )
    return {}


def _change(service: StepFunctions, call: Call, text: str, change: Callable[[Tags], Tags]) -> None:
    place = _place(service, text)
    with service.store.write() as tx:
        tx.lock(place.lock)
        document = _require(tx, call, place, text)
        tags = change(document["tags"])
        check_count(tags, service.limits)
        place.documents.save(
            tx, place.account, place.region, place.name, {**document, "tags": tags}
        )


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the document is kept that has the tags."""

    documents: Documents
    account: str
    region: str
    name: str
    lock: str


def _place(service: StepFunctions, text: str) -> _Place:
    """Raises InvalidArn, ResourceNotFound."""
    require_states_arn(text)
    machine = find_machine_arn(text)
    if machine is None:
        activity = read_activity_arn(text)
        kept = service.machines.activities
        return _Place(kept, activity.account, activity.region, activity.name, activity.lock)
    if machine.qualifier:
        raise _not_found(text)
    kept = service.machines.state_machines
    return _Place(kept, machine.account, machine.region, machine.name, machine.lock)


def _require(tx: Tx, call: Call, place: _Place, text: str) -> Document:
    """Raises ResourceNotFound."""
    document = place.documents.find(tx, place.account, place.region, place.name)
    if document is None or (place.account, place.region) != (call.account, call.region):
        raise _not_found(text)
    return document


def _not_found(text: str) -> ResourceNotFound:
    return ResourceNotFound(f"Resource not found: '{text}'", resource=text)
