"""Replays: events of an archive brought to its bus once more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.arn import find_arn
from fogline.aws.call import Call
from fogline.aws.members import given
from fogline.services.events import replaying
from fogline.services.events.archiving import bus_of
from fogline.services.events.errors import (
    EventBusDoesNotExist,
    IllegalStatusException,
    LimitExceededException,
    ResourceAlreadyExistsException,
    ResourceNotFoundException,
    ValidationException,
)
from fogline.services.events.listing import page_of
from fogline.services.events.replaying import CANCELLING, RUNNING, STARTING
from fogline.services.events.service import Events
from fogline.store.documents import Document
from fogline.store.store import Tx

if TYPE_CHECKING:
    from types_boto3_events.type_defs import (
        CancelReplayRequestTypeDef,
        DescribeReplayRequestTypeDef,
        ListReplaysRequestTypeDef,
        StartReplayRequestTypeDef,
    )


def start_replay(
    events: Events, call: Call, request: StartReplayRequestTypeDef
) -> Mapping[str, Any]:
    name = request["ReplayName"]
    tables = events.tables.archives
    with events.store.write() as tx:
        tables.lock_replays(tx, call.account, call.region)
        archive = _require_source(events, tx, call, request)
        if tables.replays.find(tx, call.account, call.region, name) is not None:
            raise ResourceAlreadyExistsException(f"Replay {name} already exists.")
        if tables.running_count(tx, call.account, call.region) >= events.limits.replays_max:
            raise LimitExceededException()
        document = given(
            {
                "name": name,
                "description": request.get("Description"),
                "archive": request["EventSourceArn"],
                "number": archive["number"],
                "from": request["EventStartTime"],
                "until": request["EventEndTime"],
                "bus": request["Destination"]["Arn"],
                "rules": request["Destination"].get("FilterArns"),
                "state": STARTING,
                "started_at": call.now,
                "at": request["EventStartTime"],
                "after": 0,
                "cause": (call.trace.trace_id, call.trace.id),
            }
        )
        # One that has nothing to bring ends at once.
        has_events = tables.page_of_events(tx, archive, document, call.now, 1)
        due_at = call.now + (events.limits.replay_start_ms if has_events else 0)
        tables.save_replay(tx, call.account, call.region, document, due_at)
        tx.stir(replaying.TOPIC)
    return _stands(call, document) | {"ReplayStartTime": call.now}


def describe_replay(
    events: Events, call: Call, request: DescribeReplayRequestTypeDef
) -> Mapping[str, Any]:
    with events.store.read() as tx:
        document = _require(events, tx, call, request["ReplayName"])
    return _summary(document) | given(
        {
            "ReplayArn": replaying.arn_of(call.account, call.region, document["name"]),
            "Description": document.get("description") or None,
            "Destination": given({"Arn": document["bus"], "FilterArns": document.get("rules")}),
        }
    )


def cancel_replay(
    events: Events, call: Call, request: CancelReplayRequestTypeDef
) -> Mapping[str, Any]:
    tables = events.tables.archives
    with events.store.write() as tx:
        tables.lock_replays(tx, call.account, call.region)
        document = dict(_require(events, tx, call, request["ReplayName"]))
        if document["state"] not in (STARTING, RUNNING):
            raise IllegalStatusException(
                f"Replay {document['name']} is not in a valid state for this operation."
            )
        document["state"] = CANCELLING
        due_at = call.now + events.limits.replay_start_ms
        tables.save_replay(tx, call.account, call.region, document, due_at)
        tx.stir(replaying.TOPIC)
    return _stands(call, document)


def list_replays(
    events: Events, call: Call, request: ListReplaysRequestTypeDef
) -> Mapping[str, Any]:
    source, state = request.get("EventSourceArn"), request.get("State")
    with events.store.read() as tx:
        found, token = page_of(
            events.tables.archives.replays,
            tx,
            call,
            request,
            lambda document: (
                (source is None or document["archive"] == source)
                and (state is None or document["state"] == state)
            ),
        )
    return {"Replays": [_summary(each) for each in found], **token}


def _require(events: Events, tx: Tx, call: Call, name: str) -> Document:
    found = events.tables.archives.replays.find(tx, call.account, call.region, name)
    if found is None:
        raise ResourceNotFoundException(f"Replay {name} does not exist.")
    return found


def _require_source(
    events: Events, tx: Tx, call: Call, request: StartReplayRequestTypeDef
) -> Document:
    """The archive that a replay reads, after all that AWS checks, in its order (recorded)."""
    target = bus_of(request["Destination"]["Arn"])
    if target is None:
        raise _invalid("Destination.Arn", "Must contain an event bus ARN.")
    if events.tables.find_bus(tx, target) is None:
        raise EventBusDoesNotExist(name=target.name)
    source = find_arn(request["EventSourceArn"])
    name = source.resource.partition("/")[2] if source is not None else ""
    archive = events.tables.archives.archives.find(tx, call.account, call.region, name)
    is_own = source is not None and (source.account, source.region) == (call.account, call.region)
    if archive is None or not is_own:
        raise _invalid("EventSourceArn", f"Archive {name} does not exist.")
    times: Mapping[str, Any] = request
    if times["EventStartTime"] >= times["EventEndTime"]:
        raise _invalid("EventEndTime", "EventStartTime must be before EventEndTime.")
    if archive["source"] != request["Destination"]["Arn"]:
        raise _invalid("Destination.Arn", "Cross event bus replay is not permitted.")
    for arn in request["Destination"].get("FilterArns", ()):
        if not arn.startswith(f"{target.rule_arn('')}") or "/" in arn[len(target.rule_arn("")) :]:
            raise _invalid("Destination.FilterArns", f"{arn} is no rule of the event bus.")
    return archive


def _invalid(parameter: str, reason: str) -> ValidationException:
    return ValidationException(f"Parameter {parameter} is not valid. Reason: {reason}")


def _stands(call: Call, document: Document) -> dict[str, Any]:
    return {
        "ReplayArn": replaying.arn_of(call.account, call.region, document["name"]),
        "State": document["state"],
    }


def _summary(document: Document) -> dict[str, Any]:
    return given(
        {
            "ReplayName": document["name"],
            "EventSourceArn": document["archive"],
            "State": document["state"],
            "StateReason": document.get("reason"),
            "EventStartTime": document["from"],
            "EventEndTime": document["until"],
            "EventLastReplayedTime": document.get("last_at"),
            "ReplayStartTime": document["started_at"],
            "ReplayEndTime": document.get("ended_at"),
        }
    )
