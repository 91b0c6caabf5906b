"""Versions: what the content of a schema was, and is; a new one begins whenever the content changes."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

from fogline.aws.arn import make_arn
from fogline.aws.call import Trace
from fogline.aws.dates import iso_seconds
from fogline.ports.targets import Sending, TargetUnavailable
from fogline.services.schemas.content import write_content
from fogline.services.schemas.service import Schemas
from fogline.services.schemas.tables import Place
from fogline.store.documents import Document
from fogline.store.store import Tx


def new_schema(registry: str, name: str, kind: str, tags: Mapping[str, str]) -> dict[str, Any]:
    """A schema that has no version yet."""
    return {
        "registry": registry,
        "name": name,
        "type": kind,
        "description": "",
        "tags": dict(tags),
        "newest": 0,
        "given": 0,
        "count": 0,
        "modified": 0,
    }


def add_version(
    schemas: Schemas,
    tx: Tx,
    place: Place,
    schema: Mapping[str, Any],
    content: str,
    now: int,
    trace: Trace,
) -> tuple[Document, Document]:
    """Make this content the newest version; the schema and the version as they are then.

    Whoever calls holds the registry's lock. The default event bus hears of it, as on AWS.
    """
    number = schema["given"] + 1
    version = {"number": number, "type": schema["type"], "content": content, "created": now}
    changed = {
        **schema,
        "newest": number,
        "given": number,
        "count": schema["count"] + 1,
        "modified": now,
    }
    key = f"{schema['registry']}/{schema['name']}"
    schemas.tables.save_version(tx, place, key, version)
    schemas.tables.schemas.save(tx, *place, key, changed)
    if number == 1:
        _announce(schemas, tx, place, changed, version, trace, "Schema Created")
    _announce(schemas, tx, place, changed, version, trace, "Schema Version Created")
    return changed, version


def remove_version(
    schemas: Schemas, tx: Tx, place: Place, schema: Document, number: int, now: int
) -> bool:
    """Remove one of several versions; False if there was none of that number. The registry's lock is held."""
    key = f"{schema['registry']}/{schema['name']}"
    if not schemas.tables.remove_version(tx, place, key, number):
        return False
    assert schema["count"] > 1, "the only version goes with its schema"
    changed = {**schema, "count": schema["count"] - 1, "modified": now}
    if number == schema["newest"]:
        newest = schemas.tables.versions(tx, place, key)[-1]
        changed |= {"newest": newest["number"], "type": newest["type"]}
    schemas.tables.schemas.save(tx, *place, key, changed)
    return True


def _announce(
    schemas: Schemas,
    tx: Tx,
    place: Place,
    schema: Document,
    version: Document,
    trace: Trace,
    what: str,
) -> None:
    """https://docs.aws.amazon.com/eventbridge/latest/userguide/event-reference.html"""
    account, region = place
    now = version["created"]
    resource = f"schema/{schema['registry']}/{schema['name']}"
    detail = {
        "SchemaName": schema["name"],
        "SchemaType": version["type"],
        "RegistryName": schema["registry"],
        "CreationDate": iso_seconds(now),
        "Version": str(version["number"]),
    }
    facts = {
        "Source": "aws.schemas",
        "DetailType": what,
        "Resources": [make_arn("schemas", region, account, resource)],
    }
    bus = make_arn("events", region, account, "event-bus/default")
    # Nobody's request fails because nobody could be told.
    with contextlib.suppress(TargetUnavailable):
        schemas.targets.send(tx, Sending(bus, write_content(detail), trace, now, facts=facts))
