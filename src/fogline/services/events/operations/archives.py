"""Archives: the events of a bus, kept as long as one likes, to be replayed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.call import Call
from fogline.aws.members import given
from fogline.services.events import archiving
from fogline.services.events.archive_tables import oldest_number
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
        CreateArchiveRequestTypeDef,
        DeleteArchiveRequestTypeDef,
        DescribeArchiveRequestTypeDef,
        ListArchivesRequestTypeDef,
        UpdateArchiveRequestTypeDef,
    )

_ENABLED = "ENABLED"


def create_archive(
    events: Events, call: Call, request: CreateArchiveRequestTypeDef
) -> Mapping[str, Any]:
    name, pattern = request["ArchiveName"], request.get("EventPattern")
    archiving.check_pattern(pattern)
    archives = events.tables.archives
    with events.store.write() as tx:
        archives.lock_archive(tx, call.account, call.region, name)
        if archives.archives.find(tx, call.account, call.region, name) is not None:
            raise ResourceAlreadyExistsException(f"Archive {name} already exists.")
        if archives.archives.count(tx, call.account, call.region) >= events.limits.archives_max:
            raise LimitExceededException()
        document = given(
            {
                "name": name,
                "number": events.ids.ordered(call.now),
                "source": request["EventSourceArn"],
                "created_at": call.now,
                "days": request.get("RetentionDays", 0),
                "description": request.get("Description"),
                "pattern": pattern,
                "key": request.get("KmsKeyIdentifier"),
            }
        )
        archiving.save_rule(events, tx, call, document)
        archives.archives.save(tx, call.account, call.region, name, document)
        tx.stir(archiving.TOPIC)
    return _stands(call, document)


def describe_archive(
    events: Events, call: Call, request: DescribeArchiveRequestTypeDef
) -> Mapping[str, Any]:
    with events.store.read() as tx:
        document = require_archive(events, tx, call, request["ArchiveName"])
        answer = _summary(events, tx, call, document)
    return answer | given(
        {
            "ArchiveArn": archiving.arn_of(call.account, call.region, document["name"]),
            "Description": document.get("description") or None,
            "EventPattern": document.get("pattern"),
            "KmsKeyIdentifier": document.get("key"),
        }
    )


def update_archive(
    events: Events, call: Call, request: UpdateArchiveRequestTypeDef
) -> Mapping[str, Any]:
    name, pattern = request["ArchiveName"], request.get("EventPattern")
    archiving.check_pattern(pattern)
    archives = events.tables.archives
    with events.store.write() as tx:
        archives.lock_archive(tx, call.account, call.region, name)
        old = require_archive(events, tx, call, name)
        document = {
            **old,
            **given(
                {
                    "days": request.get("RetentionDays"),
                    "description": request.get("Description"),
                    "pattern": pattern,
                    "key": request.get("KmsKeyIdentifier"),
                }
            ),
        }
        if document["days"] != old["days"]:
            # What is over does not come back because others may stay longer.
            archives.remove_events(
                tx, old["number"], oldest_number(old, call.now), events.limits.events_removed_max
            )
        if pattern is not None:
            archiving.save_rule(events, tx, call, document)
        archives.archives.save(tx, call.account, call.region, name, document)
        tx.stir(archiving.TOPIC)
    return _stands(call, document)


def delete_archive(
    events: Events, call: Call, request: DeleteArchiveRequestTypeDef
) -> Mapping[str, Any]:
    name = request["ArchiveName"]
    archives = events.tables.archives
    with events.store.write() as tx:
        archives.lock_archive(tx, call.account, call.region, name)
        document = require_archive(events, tx, call, name)
        archiving.remove_rule(events, tx, call, document)
        archives.archives.remove(tx, call.account, call.region, name)
        # A large archive is emptied step by step, by a loop.
        archives.discard(tx, document["number"])
        tx.stir(archiving.TOPIC)
    return {}


def list_archives(
    events: Events, call: Call, request: ListArchivesRequestTypeDef
) -> Mapping[str, Any]:
    source, state = request.get("EventSourceArn"), request.get("State")
    with events.store.read() as tx:
        found, token = page_of(
            events.tables.archives.archives,
            tx,
            call,
            request,
            lambda document: (
                (source is None or document["source"] == source)
                and (state is None or state == _ENABLED)
            ),
        )
        shown = [_summary(events, tx, call, each) for each in found]
    return {"Archives": shown, **token}


def require_archive(events: Events, tx: Tx, call: Call, name: str) -> Document:
    found = events.tables.archives.archives.find(tx, call.account, call.region, name)
    if found is None:
        raise ResourceNotFoundException(f"Archive {name} does not exist.")
    return found


def _stands(call: Call, document: Document) -> dict[str, Any]:
    return {
        "ArchiveArn": archiving.arn_of(call.account, call.region, document["name"]),
        "CreationTime": document["created_at"],
        "State": _ENABLED,
    }


def _summary(events: Events, tx: Tx, call: Call, document: Document) -> dict[str, Any]:
    count, size = events.tables.archives.measure(tx, document, call.now)
    return {
        "ArchiveName": document["name"],
        "CreationTime": document["created_at"],
        "EventCount": count,
        "EventSourceArn": document["source"],
        "RetentionDays": document["days"],
        "SizeBytes": size,
        "State": _ENABLED,
    }
