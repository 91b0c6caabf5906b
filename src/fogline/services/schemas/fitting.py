"""Fitting: where and why an event does not fit the newest version of its schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.aws.json_schema import InvalidSchema
from fogline.services.schemas import discovered
from fogline.services.schemas.content import schema_to_check
from fogline.services.schemas.service import Schemas
from fogline.store.store import Tx


class Fitting:
    """Answers `ports/event_schemas.py`."""

    def __init__(self, schemas: Schemas) -> None:
        self._schemas = schemas

    def misfits(
        self, tx: Tx, account: str, region: str, registry: str, event: Mapping[str, Any]
    ) -> list[str]:
        tables, place = self._schemas.tables, (account, region)
        source, detail_type = event.get("source"), event.get("detail-type")
        if not isinstance(source, str) or not isinstance(detail_type, str):
            return []
        key = f"{registry}/{discovered.schema_name(source, detail_type)}"
        schema = tables.schemas.find(tx, *place, key)
        if schema is None:
            return []
        version = tables.find_version(tx, place, key, schema["newest"])
        assert version is not None, f"{key} has lost its newest version"
        is_discovered = registry == discovered.REGISTRY
        try:
            validator = schema_to_check(version["type"], version["content"], is_discovered)
        except InvalidSchema as broken:
            return [f"$: the schema {schema['name']} cannot be used: {broken}"]
        return [] if validator.fits(event) else validator.errors(event)
