"""What API Gateway keeps: an API as one document, deployments as snapshots of it, stages, and what accounts have."""

from __future__ import annotations

from fogline.apis.domains import Domains
from fogline.store.documents import Documents
from fogline.store.store import Store


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
        self.domains = Domains(store)
        self.domain_names = self.domains.names
        self.mappings = self.domains.mappings
        self.client_certificates = Documents(store, "apigateway.certificate")
        self.vpc_links = Documents(store, "apigateway.vpc-link")
        self.accounts = Documents(store, "apigateway.account")
