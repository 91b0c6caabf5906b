"""What is kept of HTTP and WebSocket APIs: an API as one document, deployments as snapshots of it, and stages."""

from __future__ import annotations

from fogline.apis.domains import Domains
from fogline.apis.parts import inside, parts_of, remove_parts, thawed
from fogline.store.documents import Documents
from fogline.store.store import Store

__all__ = ["Tables", "inside", "parts_of", "remove_parts", "thawed"]


class Tables:
    """Reads and writes. Everything is by account and region, with members as requests and answers name them.

    An API, by its id: `api` (what GetApi shows, without its address), and by their ids `routes` and `integrations`
    (each with its `responses`, by their ids), `authorizers` and `models`.

    A snapshot is an API as it was when it was deployed; it never changes. A deployment is what GetDeployment shows
    of it, a stage what GetStage shows. All three are inside their API.
    """

    def __init__(self, store: Store, domains: Domains) -> None:
        self.apis = Documents(store, "apigatewayv2.api")
        self.snapshots = Documents(store, "apigatewayv2.snapshot")
        self.deployments = Documents(store, "apigatewayv2.deployment")
        self.stages = Documents(store, "apigatewayv2.stage")
        self.vpc_links = Documents(store, "apigatewayv2.vpc-link")
        self.domains = domains
        """The very same that REST APIs have: what is remembered of them must be forgotten in one place."""
