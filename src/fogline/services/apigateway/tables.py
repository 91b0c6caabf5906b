"""What API Gateway keeps: an API as one document, deployments as snapshots of it, stages, and what accounts have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from fogline.aws.call import Call
from fogline.store.documents import Document, Documents
from fogline.store.store import Store, Tx

_BETWEEN = "|"  # no identifier has it in it


class Tables:
    """Reads and writes. Everything is by account and region.

    An API: `restApi` (what GetRestApi shows), and by their ids or names `resources` (with their `resourceMethods` as
    GetMethod shows them), `models`, `requestValidators`, `authorizers`, `gatewayResponses` (those that were put),
    `documentationParts` and `documentationVersions` (each with its `parts`).

    A snapshot is an API as it was when it was deployed; it never changes. A stage is what GetStage shows.
    """

    def __init__(self, store: Store) -> None:
        self.apis = Documents(store, "apigateway.api")
        self.deployments = Documents(store, "apigateway.deployment")
        self.snapshots = Documents(store, "apigateway.snapshot")
        self.stages = Documents(store, "apigateway.stage")
        self.api_keys = Documents(store, "apigateway.key")
        self.usage_plans = Documents(store, "apigateway.plan")
        self.plan_keys = Documents(store, "apigateway.plan-key")
        """Keys of plans, each inside its plan."""
        self.key_values = Documents(store, "apigateway.key-value")
        """Ids of keys (`id`), by what a caller sends."""
        self.key_plans = Documents(store, "apigateway.key-plan")
        """Plans, each inside a key that is in it."""
        self.usage = Documents(store, "apigateway.usage")
        self.domain_names = Documents(store, "apigateway.domain")
        self.mappings = Documents(store, "apigateway.mapping")
        self.client_certificates = Documents(store, "apigateway.certificate")
        self.vpc_links = Documents(store, "apigateway.vpc-link")
        self.accounts = Documents(store, "apigateway.account")


def inside(parent: str, name: str) -> str:
    """The name under which a part of something is kept: a stage of an API, a key of a plan."""
    return f"{parent}{_BETWEEN}{name}"


def parts_of(
    documents: Documents, tx: Tx, call: Call, parent: str
) -> Iterator[tuple[str, Document]]:
    """The names and documents of all parts of something."""
    front = parent + _BETWEEN
    for name, document in documents.page(tx, call.account, call.region, prefix=front):
        yield name.removeprefix(front), document


def remove_parts(documents: Documents, tx: Tx, call: Call, parent: str) -> None:
    for name, _ in parts_of(documents, tx, call, parent):
        documents.remove(tx, call.account, call.region, inside(parent, name))


def thawed(document: Mapping[str, Any]) -> dict[str, Any]:
    """A copy that may be changed: what documents hand out is shared."""
    copy: dict[str, Any] = orjson.loads(orjson.dumps(document))
    return copy
