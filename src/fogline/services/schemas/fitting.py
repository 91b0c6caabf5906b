"""Fitting: where and why an event does not fit the newest version of its schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.aws.json_schema import InvalidSchema
from fogline.services.schemas import discovered
from fogline.services.schemas.content import schema_to_check
from fogline.services.schemas.service import Schemas
from fogline.services.schemas.tables import Place
from fogline.store.documents import Document
from fogline.store.store import Tx


class Fitting:
    """Answers `ports/event_schemas.py`."""

    def __init__(self, schemas: Schemas) -> None:
        self._schemas = schemas

    def misfits(
        self, tx: Tx, account: str, region: str, registry: str, event: Mapping[str, Any]
    ) -> list[str]:
        source, detail_type = event.get("source"), event.get("detail-type")
        if not isinstance(source, str) or not isinstance(detail_type, str):
            return []
        place = (account, region)
        schema = self._find(tx, place, registry, source, detail_type)
        if schema is None:
            return []
        key = f"{registry}/{schema['name']}"
        version = self._schemas.tables.find_version(tx, place, key, schema["newest"])
        assert version is not None, f"{key} has lost its newest version"
        is_discovered = registry == discovered.REGISTRY
        try:
            validator = schema_to_check(version["type"], version["content"], is_discovered)
        except InvalidSchema as broken:
            return [f"$: the schema {schema['name']} cannot be used: {broken}"]
        return [] if validator.fits(event) else validator.errors(event)

    def _find(
        self, tx: Tx, place: Place, registry: str, source: str, detail_type: str
    ) -> Document | None:
        """The schema under the name that AWS would give it, or under one that only leaves out spaces."""
        plain = f"{source}@{detail_type.replace(' ', '')}"
        for name in dict.fromkeys((discovered.schema_name(source, detail_type), plain)):
            found = self._schemas.tables.schemas.find(tx, *place, f"{registry}/{name}")
            if found is not None:
                return found
        return None
