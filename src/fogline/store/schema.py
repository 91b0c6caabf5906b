"""The versioned schema: each component's steps, applied in order, never back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fogline.store.store import SchemaTooNew, Store


@dataclass(frozen=True, slots=True)
class Schema:
    """The tables of one component. Each step is a tuple of statements; a released step never changes."""

    component: str
    steps: tuple[tuple[str, ...], ...]


def migrate(store: Store, schemas: Sequence[Schema]) -> None:
    """Bring the store to the present version of every component.

    Raises SchemaTooNew, having changed nothing, when any component's data is of a later version.
    """
    with store.write() as tx:
        tx.lock("schema")
        tx.run(
            "CREATE TABLE IF NOT EXISTS schema_versions"
            " (component TEXT PRIMARY KEY, version INTEGER NOT NULL)"
        )
        versions: dict[str, int] = dict(tx.rows("SELECT component, version FROM schema_versions"))
        for schema in schemas:
            if versions.get(schema.component, 0) > len(schema.steps):
                raise SchemaTooNew(
                    f"The data of '{schema.component}' has version {versions[schema.component]}; "
                    f"this Fogline knows versions up to {len(schema.steps)}. Use a newer Fogline, "
                    "or another data folder."
                )
        for schema in schemas:
            done = versions.get(schema.component, 0)
            for step in schema.steps[done:]:
                for statement in step:
                    tx.run(statement)
            if done < len(schema.steps):
                tx.run(
                    "INSERT INTO schema_versions (component, version) VALUES (?, ?)"
                    " ON CONFLICT (component) DO UPDATE SET version = excluded.version",
                    schema.component,
                    len(schema.steps),
                )
