"""Discovering: what an event adds to the schema of its kind; for most events, nothing."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import orjson

from fogline.aws.call import Trace
from fogline.aws.json_schema import InvalidSchema, Validator, compile_schema
from fogline.services.schemas import discovered
from fogline.services.schemas.content import OPENAPI, write_content
from fogline.services.schemas.inference import TooDeep, infer, merge, strict
from fogline.services.schemas.lookup import lock_registry
from fogline.services.schemas.service import Schemas
from fogline.services.schemas.tables import Place
from fogline.services.schemas.versions import add_version, new_schema, remove_version
from fogline.store.documents import Document
from fogline.store.store import Tx

_COMPILED_MAX = 1_024


def discover(
    schemas: Schemas, tx: Tx, place: Place, event: Mapping[str, Any], now: int, trace: Trace
) -> None:
    """Let the newest version of the event's schema fit it, too."""
    name = discovered.schema_name(event["source"], event["detail-type"])
    key = f"{discovered.REGISTRY}/{name}"
    if _is_known(schemas, tx, place, key, event):
        return
    ensure_registry(schemas, tx, place)
    # Read again: another node may have learned as much in the meantime.
    if _is_known(schemas, tx, place, key, event):
        return
    schema = schemas.tables.schemas.find(tx, *place, key)
    before = None if schema is None else _newest(schemas, tx, place, key, schema)["content"]
    try:
        content = _grown(before, event)
    except (TooDeep, RecursionError):
        return
    # Objects that are used as maps would let a schema grow for ever.
    if content == before or len(content) > schemas.limits.content_characters_max:
        return
    if schema is None:
        schema = new_schema(discovered.REGISTRY, name, OPENAPI, {})
    changed, _ = add_version(schemas, tx, place, schema, content, now, trace)
    if changed["count"] > schemas.limits.versions_max:
        oldest = schemas.tables.versions(tx, place, key, limit=1)[0]
        remove_version(schemas, tx, place, changed, oldest["number"], now)


def ensure_registry(schemas: Schemas, tx: Tx, place: Place) -> None:
    """The registry of discovered schemas begins with the first discoverer. It is locked until the commit."""
    name = discovered.REGISTRY
    lock_registry(tx, place, name)
    if schemas.tables.registries.find(tx, *place, name) is None:
        registry = {"name": name, "description": "", "tags": {}}
        schemas.tables.registries.save(tx, *place, name, registry)


def _is_known(schemas: Schemas, tx: Tx, place: Place, key: str, event: Mapping[str, Any]) -> bool:
    """True if the newest version says all that the event could tell."""
    schema = schemas.tables.schemas.find(tx, *place, key)
    if schema is None:
        return False
    newest = _newest(schemas, tx, place, key, schema)
    exact = _exactly(newest["content"])
    return exact is not None and exact.fits(event)


def _newest(schemas: Schemas, tx: Tx, place: Place, key: str, schema: Document) -> Document:
    newest = schemas.tables.find_version(tx, place, key, schema["newest"])
    assert newest is not None, f"{key} has lost its newest version"
    return newest


def _grown(before: str | None, event: Mapping[str, Any]) -> str:
    """The content that fits what the one before fitted, and the event."""
    shape = infer(event)
    if before is not None:
        shape = merge(discovered.read_event(orjson.loads(before)), shape)
    return write_content(discovered.write_event(event["source"], event["detail-type"], shape))


@lru_cache(_COMPILED_MAX)
def _exactly(content: str) -> Validator | None:
    """What fits exactly what these discovered contents have seen. None where that cannot be compiled."""
    try:
        return compile_schema(strict(discovered.read_event(orjson.loads(content))))
    except (InvalidSchema, RecursionError):
        return None
