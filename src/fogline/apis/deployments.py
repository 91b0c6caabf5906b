"""Deployments: what an API is at one moment, kept as it was, and the stages that point to it."""

from __future__ import annotations

from typing import Protocol

from fogline.apis.errors import NotFoundException
from fogline.apis.parts import inside
from fogline.aws.call import Call
from fogline.store.documents import Document, Documents
from fogline.store.store import Tx


class Tables(Protocol):
    """Where a service keeps them. All are inside their API."""

    @property
    def deployments(self) -> Documents: ...

    @property
    def snapshots(self) -> Documents: ...

    @property
    def stages(self) -> Documents: ...


def require_deployment(tables: Tables, tx: Tx, call: Call, api_id: str, id: str) -> Document:
    """Raises NotFoundException."""
    found = tables.deployments.find(tx, call.account, call.region, inside(api_id, id))
    if found is None:
        raise NotFoundException(kind="Deployment")
    return found


def snapshot_of(
    tables: Tables, tx: Tx, call: Call, api_id: str, deployment_id: str
) -> Document | None:
    """The API as it was when it was deployed. Never to be changed."""
    return tables.snapshots.find(tx, call.account, call.region, inside(api_id, deployment_id))


def find_stage(tables: Tables, tx: Tx, call: Call, api_id: str, name: str) -> Document | None:
    return tables.stages.find(tx, call.account, call.region, inside(api_id, name))


def require_stage(tables: Tables, tx: Tx, call: Call, api_id: str, name: str) -> Document:
    """Raises NotFoundException."""
    found = find_stage(tables, tx, call, api_id, name)
    if found is None:
        raise NotFoundException(kind="stage")
    return found
